"""Is this file a model? Asked before a native library sees it: a pipe would block it, a bad file can end the process.

What is damaged is as good as missing: `EngineMissing`, so that the next engine serves."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .errors import EngineMissing

LEAST, MOST = 512, 4_000_000_000
"""Bytes of a file that may be a model."""


def check_model(path: Path, engine: str, remedy: str, *, magic: bytes = b"", at: int = 0) -> Path:
    """The path itself. Raises `EngineMissing` that says what is wrong with the file and what to do.

    `magic`: the bytes that every file of its kind has at `at`.
    """

    def bad(why: str) -> EngineMissing:
        return EngineMissing(engine, f"{path} {why}; {remedy}")

    try:
        told = path.stat()
        if stat.S_ISDIR(told.st_mode):
            raise bad("is a folder, not a model")
        if not stat.S_ISREG(told.st_mode):
            raise bad("is no ordinary file")
        if not LEAST <= told.st_size <= MOST:
            raise bad(f"has {told.st_size} bytes: that is no model")
        with path.open("rb") as file:
            if file.read(at + len(magic))[at:] != magic:
                raise bad("is not a model of this kind")
    except OSError as error:
        raise bad(f"can't be read ({error.strerror})") from error
    return path


def check_installed(package: str, paths: Iterable[Path], engine: str) -> None:
    """Raises `EngineMissing` where a file of a package has not the size it was installed with: it is damaged."""
    try:
        sizes = {str(file.locate()): file.size for file in distribution(package).files or ()}
    except PackageNotFoundError:
        return  # not installed as a package: nothing is known about its files
    remedy = f"install {package} again"
    for path in paths:
        check_model(path, engine, remedy)
        wanted = sizes.get(str(path))
        if wanted is not None and path.stat().st_size != wanted:
            raise EngineMissing(engine, f"{path} has {path.stat().st_size} of its {wanted} bytes; {remedy}")
