"""What this program is called on the package index. There `repartee`, the name of its command and of its import, is
somebody else's program: a hint that named it would install a stranger's."""

from __future__ import annotations

from typing import Final

NAME: Final = "repartee-voice"


EXTRAS: Final = frozenset(
    {
        "all",
        "gpu",
        "keyboard",
        "keyring",
        "llm",
        "mcp",
        "meaning",
        "memory",
        "microphone",
        "opentelemetry",
        "pocketsphinx",
        "profile",
        "report",
        "voice",
    }
)
"""Optional parts, as in pyproject.toml; a test compares."""


def remedy(engine: str) -> str:
    """How to get an engine whose package is not there."""
    return install(engine) if engine in EXTRAS else f"install it, or {NAME} again with all it needs"


def install(extra: str) -> str:
    """The command that adds an optional part."""
    return f"pip install '{NAME}[{extra}]'"
