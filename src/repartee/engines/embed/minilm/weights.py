"""The numbers in an ONNX file, mapped and not loaded: what nobody looks at takes no memory.

Of the protobuf in it no more is read than the table of initializers: name, shape, type and where the bytes are.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import EngineMissing

GRAPH, INITIALIZER = 7, 5
"""Fields of ModelProto and GraphProto."""
DIMS, DATA_TYPE, NAME, RAW = 1, 2, 8, 9
"""Fields of TensorProto."""
TYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 3: np.dtype("i1"), 7: np.dtype("<i8")}
VARINT, LONG, BYTES, SHORT = 0, 1, 2, 5
"""Wire types."""


def weights(path: Path) -> dict[str, NDArray[Any]]:
    """By name, in the order of the file. Raises `EngineMissing` for what is no ONNX file."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return dict(_tensors(data))
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise EngineMissing("minilm", f"{path} can't be read as an ONNX file: {error}") from error


def _tensors(data: mmap.mmap) -> Iterator[tuple[str, NDArray[Any]]]:
    for field, start, stop in _fields(data, 0, len(data)):
        if field == GRAPH:
            for inner, begin, end in _fields(data, start, stop):
                if inner == INITIALIZER and (tensor := _tensor(data, begin, end)):
                    yield tensor


def _tensor(data: mmap.mmap, start: int, stop: int) -> tuple[str, NDArray[Any]] | None:
    """None for one whose type no weight has."""
    name, kind, shape, raw = "", 0, list[int](), (0, 0)
    for field, begin, end in _fields(data, start, stop):
        if field == DIMS:
            shape += _varints(data, begin, end)
        elif field == DATA_TYPE:
            kind = _varint(data, begin)[0]
        elif field == NAME:
            name = data[begin:end].decode()
        elif field == RAW:
            raw = (begin, end)
    dtype = TYPES.get(kind)
    if dtype is None:
        return None
    return name, np.frombuffer(data, dtype, (raw[1] - raw[0]) // dtype.itemsize, raw[0]).reshape(shape or -1)


def _fields(data: mmap.mmap, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Number, first byte and byte after the last of each field's value."""
    while at < stop:
        key, at = _varint(data, at)
        wire = key & 7
        if wire == BYTES:
            length, at = _varint(data, at)
        else:
            length = {VARINT: _varint(data, at)[1] - at, LONG: 8, SHORT: 4}[wire]
        yield key >> 3, at, at + length
        at += length


def _varints(data: mmap.mmap, at: int, stop: int) -> Iterator[int]:
    while at < stop:
        value, at = _varint(data, at)
        yield value


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number without an end")
