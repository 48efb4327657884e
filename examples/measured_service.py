"""A FastAPI program, measured: each request is a stage, `/report` tells. `uvicorn examples.measured_service:app`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from repartee.observe import Monitor, correlated

monitor = Monitor()
app = FastAPI()


@app.middleware("http")
async def measured(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Routes, not addresses: there are few of them, and nobody can make up more."""
    with correlated() as turn, monitor.measure(request.method):
        response = await answer(request)
    response.headers["x-turn"] = turn
    return response


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/report")
async def report() -> HTMLResponse:
    return HTMLResponse(monitor.report("html"))
