"""`repartee COMMAND`: each command is declared beside its body, in the module of its name; `commands` lists them."""

from .commands import app, main

__all__ = ["app", "main"]
