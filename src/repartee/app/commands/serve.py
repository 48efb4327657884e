"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

from repartee.assembly.settings import Settings


def run(settings: Settings) -> None:
    raise NotImplementedError
