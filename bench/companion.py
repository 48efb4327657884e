"""The gains of the Companion profile, on and off in one run, on the assistant as it is installed here."""

from __future__ import annotations

import asyncio
import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from bench.figures import spread
from bench.record import machine, real, save
from repartee import contract
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.contract import Origin, Provenance
from repartee.proof.companion import measure_companion
from repartee.proof.recordings import Recordings
from repartee.proof.results import Taken
from repartee.proof.stages import Stand

PROFILE = Path(contract.__path__[0]) / "data" / "profiles" / "companion.toml"


async def measure(voice: str) -> list[Taken]:
    settings = read_settings(None, {"system": {"data": "-"}, "brain": {"tts": voice}})
    with tempfile.TemporaryDirectory() as folder:
        async with open_assistant(settings) as assistant:
            await assistant.models.voice.warm()
            where = Provenance(pace="text", engines=dict(assistant.engines), machine=machine())
            return await measure_companion(
                Stand(assistant, Recordings((), Origin.SYNTHETIC, None), where), Path(folder), print
            )


def rows(taken: list[Taken]) -> dict[str, Any]:
    budgets = tomllib.loads(PROFILE.read_text("utf-8"))["budget"].values()
    claims = {row["where"]["optimisation"][0]: row["claimed"] for row in budgets if "claimed" in row}
    found: dict[str, Any] = {}
    for one in taken:
        if one.metric == "gain":
            name = one.labels["optimisation"]
            row = {"percent": round(one.samples[-1], 1), "claimed": claims.get(name), "what": one.what}
            found[name] = row | {"origin": one.provenance.origin.value}
        else:
            found[one.metric] = {"what": one.what, "origin": one.provenance.origin.value, **spread(one.samples, 3)}
    return found


def main() -> None:
    figures = {voice: rows(asyncio.run(measure(voice))) for voice in ("espeak", "piper")}
    save("companion", figures, real(), ("onnxruntime", "xllamacpp"))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
