"""The process that has the model: `python -m repartee.engines.llm.llama.child`. Requests come in, tokens go out.

A line of JSON each way. First comes what to load; then requests (`id`, `body` as of OpenAI's chat) and cancellations
(`cancel`). It ends when its standard input does. xllamacpp always opens a listener: it gets a Unix socket
in a folder that only this user enters and that is gone before the first request, and a key that is not passed on.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import sys
import tempfile
import threading
from typing import Any, TextIO

NATIVE = (RuntimeError, MemoryError, ValueError, TypeError, LookupError, ArithmeticError, OSError)
"""What Cython makes of a C++ exception, and what a request that makes no sense raises."""


def main() -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever the library prints is no answer
    try:
        server = load(json.loads(sys.stdin.readline()))
    except (ImportError, *NATIVE) as error:  # the other process says what became of it
        tell(out, {"failed": str(error)})
        return
    tell(out, {"ready": True})
    requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=listen, args=(requests, cancelled), daemon=True).start()
    while (request := requests.get()) is not None:
        try:
            generate(server, request, cancelled, out)
        except NATIVE as error:  # one request that breaks does not end the process
            tell(out, {"id": request["id"], "failed": str(error)})
        cancelled.discard(request["id"])
    os._exit(0)  # the library's threads would be waited for


def load(wanted: dict[str, Any]) -> Any:
    """`file`, `context` (tokens), `threads`. Raises where the file is no model."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = wanted["file"]
    params.n_ctx, params.n_parallel, params.n_gpu_layers = wanted["context"], 1, wanted["gpu_layers"]
    params.n_batch = params.n_ubatch = wanted["batch"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted["threads"]
    params.warmup, params.ui, params.endpoint_slots, params.cache_ram_mib = False, False, False, 0
    params.api_keys = [secrets.token_hex(32)]
    with tempfile.TemporaryDirectory() as folder:
        params.hostnames = [f"{folder}/closed.sock"]
        return xllamacpp.Server(params)


def listen(requests: queue.SimpleQueue[dict[str, Any] | None], cancelled: set[int]) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "cancel" in message:
            cancelled.add(message["cancel"])
        else:
            requests.put(message)
    os._exit(0)


def generate(server: Any, request: dict[str, Any], cancelled: set[int], out: TextIO) -> None:
    number, usage, failures = request["id"], dict[str, Any](), list[str]()

    def said(chunk: Any) -> bool:
        """Whether to stop; asked for every token. What it raises is lost in the library."""
        if not isinstance(chunk, dict) or "error" in chunk:
            failures.append(_reason(chunk))
            return True
        usage.update(chunk.get("timings") or {})
        for choice in chunk.get("choices") or []:
            if text := (choice.get("delta") or {}).get("content"):
                tell(out, {"id": number, "text": text})
        return number in cancelled

    if number not in cancelled:
        server.handle_chat_completions(request["body"], said)
    if failures:
        tell(out, {"id": number, "failed": failures[0]})
        return
    read, reused, made = (usage.get(name, 0) for name in ("prompt_n", "cache_n", "predicted_n"))
    tell(out, {"id": number, "done": True, "read": read, "reused": reused, "made": made})


def _reason(chunk: Any) -> str:
    error = chunk.get("error") if isinstance(chunk, dict) else None
    return str(error.get("message") if isinstance(error, dict) else chunk)[:300]


def tell(out: TextIO, message: dict[str, Any]) -> None:
    try:
        out.write(json.dumps(message) + "\n")
        out.flush()
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    main()
