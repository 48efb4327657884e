"""Where the server listens unless it is told otherwise."""

from __future__ import annotations

from typing import Final

HOST: Final = "127.0.0.1"
PORT: Final = 8765
