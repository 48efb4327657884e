"""Sound on disk, a FLAC file a text: bounded in bytes, what was heard longest ago goes first.

The names are hashes, but the sound is what was said: the folder is as private as the history, and `clear` empties it.
"""

from __future__ import annotations

import io
import logging
import os
from collections import OrderedDict
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

log = logging.getLogger(__name__)
SUFFIX = ".flac"


class SpeechFolder:
    """One thread at a time. What can't be written or read is as if it were not there."""

    def __init__(self, folder: Path, most: int = 200_000_000) -> None:
        """`most`: bytes of all files together."""
        self._folder, self._most = folder, most
        self._sizes: OrderedDict[str, int] | None = None
        """Of the files, the one heard last at the end; None: not read yet."""

    @property
    def bytes(self) -> int:
        return sum(self._known().values())

    def get(self, key: str) -> tuple[NDArray[np.int16], int] | None:
        """Samples and rate (Hz). A file that is damaged goes."""
        if key not in self._known():
            return None
        path = self._path(key)
        try:
            samples, rate = sf.read(io.BytesIO(path.read_bytes()), dtype="int16")
            os.utime(path)
        except (OSError, sf.LibsndfileError, ValueError) as error:
            log.warning("%s: can't be read (%s); it is made anew", path, error)
            self._remove(key)
            return None
        self._known().move_to_end(key)
        return samples, rate

    def put(self, key: str, samples: NDArray[np.int16], rate: int) -> None:
        """Whole or not at all: a kill in the middle leaves no file of this name."""
        path = self._path(key)
        data = io.BytesIO()
        sf.write(data, samples, rate, subtype="PCM_16", format="FLAC")
        half = path.with_suffix(".half")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half.write_bytes(data.getvalue())
            half.replace(path)
        except OSError as error:
            log.warning("%s: can't be written (%s)", path, error)
            return
        self._known()[key] = len(data.getvalue())
        self._known().move_to_end(key)
        while self.bytes > self._most:
            self._remove(next(iter(self._known())))

    def clear(self) -> None:
        for key in list(self._known()):
            self._remove(key)

    def _known(self) -> OrderedDict[str, int]:
        if self._sizes is None:
            stats = [(path, path.stat()) for path in self._folder.glob(f"*/*{SUFFIX}")]
            stats.sort(key=lambda entry: entry[1].st_mtime)
            self._sizes = OrderedDict((path.stem, stat.st_size) for path, stat in stats)
        return self._sizes

    def _remove(self, key: str) -> None:
        self._known().pop(key, None)
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}{SUFFIX}"
