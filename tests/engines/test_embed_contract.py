"""What every embedder must do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.assembly.engines import names
from repartee.core.errors import EngineMissing
from repartee.engines.embed import fake, minilm
from repartee.engines.embed.minilm.network import Network
from repartee.engines.embed.minilm.weights import weights
from repartee.engines.embed.minilm.wordpiece import WordPiece


def made(name: str) -> Any:
    try:
        return {"fake": fake, "minilm": minilm}[name].Engine()
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=names("embed"))
def engine(request: pytest.FixtureRequest) -> Any:
    return made(request.param)


@pytest.mark.real_time
async def test_a_row_a_text_each_of_length_one(engine: Any) -> None:
    rows = await engine.embed(["turn on the lamp", "where are my keys", ""])
    assert rows.shape == (3, engine.width)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows[:2], axis=1) == pytest.approx(1, abs=1e-4)
    assert (await engine.embed([])).shape == (0, engine.width)


@pytest.mark.real_time
@pytest.mark.parametrize("text", ["", "\0", "🙂", "日本語", "x" * 20_000, "word " * 5_000, "\ud800"])
async def test_any_text_has_a_vector(engine: Any, text: str) -> None:
    assert np.isfinite(await engine.embed([text])).all()


@pytest.mark.real_time
async def test_company_changes_nothing_that_matters(engine: Any) -> None:
    """int8 scales are taken over the whole batch, so the last digits differ."""
    texts = [f"a text with {'many ' * n}words" for n in range(20)]
    together = await engine.embed(texts)
    alone = np.concatenate(await asyncio.gather(*(engine.embed([text]) for text in texts)))
    assert (together * alone).sum(1).min() > 0.97


@pytest.mark.real_time
async def test_what_means_the_same_lies_close() -> None:
    rows = await made("minilm").embed(["where did I put my keys", "your keys are in the drawer", "play some jazz"])
    assert rows[0] @ rows[1] > 0.5 > 0.3 > rows[0] @ rows[2]


def test_our_network_computes_what_onnxruntime_computes() -> None:
    """On texts of different lengths, so that the mask matters."""
    path = made("minilm")._path
    pieces = [WordPiece().encode(text, 128) for text in ("where are my keys", "yes", "Tall One, a light in Hall " * 9)]
    ids = np.zeros((3, max(map(len, pieces))), np.int64)
    mask = np.zeros_like(ids)
    for row, numbers in enumerate(pieces):
        ids[row, : len(numbers)], mask[row, : len(numbers)] = numbers, 1
    ours, theirs = Network(weights(path)).states(ids, mask), minilm.in_onnxruntime(path)(ids, mask)
    spoken = mask > 0
    assert np.abs(ours - theirs)[spoken].max() < 1e-4


MEMORY = """
import asyncio, psutil
from repartee.engines.embed.minilm import Engine
import numpy
before = psutil.Process().memory_info().rss
asyncio.run(Engine().embed(["where did I put the keys"]))
print(psutil.Process().memory_info().rss - before)
"""


def test_it_takes_no_more_memory_than_it_may() -> None:
    made("minilm")
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)  # noqa: S603
    assert int(done.stdout) < 40_000_000


@pytest.mark.parametrize("content", [b"", b"GGUF", b"\x3a" * 5_000, bytes(range(256)) * 40])
def test_what_is_no_model_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(EngineMissing):
        Network(weights(tmp_path / "model.onnx"))


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="nowhere"):
        minilm.Engine(tmp_path / "nowhere.onnx")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello, the Küche's lamp is 21.5° (on)!", [7592, 1010, 1996, 13970, 5403, 1005, 1055, 10437, 2003, 2538, 1012,
                                                     1019, 7737, 1006, 2006, 1007, 999]),
        ("日本語 test naïve", [1864, 1876, 1950, 3231, 15743]),
    ],
)  # fmt: skip
def test_words_are_cut_as_the_model_learned_them(text: str, pieces: list[int]) -> None:
    """Numbers as Hugging Face's `tokenizers` gives them for this model."""
    assert WordPiece().encode(text, 100) == [101, *pieces, 102]
