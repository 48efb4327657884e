"""Files for this user alone, whatever the umask: secrets, settings, what was said at home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from .errors import BadInput

MODE = 0o600


def write_private(path: Path, text: str) -> None:
    """A new file in place of whatever was there: an old one may be readable by others. On disk when it returns."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def open_private(path: Path) -> TextIO:
    """To be written, by the name a person gave. Raises `BadInput` where that can't be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}") from error
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
