"""Addresses: where the server listens unless it is told otherwise, and where a service is that an engine asks."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

HOST: Final = "127.0.0.1"
PORT: Final = 8765


class TcpAddress(NamedTuple):
    host: str
    port: int


def tcp_address(text: str) -> TcpAddress | None:
    """Of `tcp://HOST:PORT`; None for anything else."""
    try:
        told = urlsplit(text)
        host, port = told.hostname, told.port
    except ValueError:  # no port, or no address at all
        return None
    return TcpAddress(host, port) if told.scheme == "tcp" and host and port else None
