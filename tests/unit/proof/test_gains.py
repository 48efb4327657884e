"""Every optimisation has a switch that exists, and a claim that stands in a profile."""

from __future__ import annotations

import pytest

from repartee.assembly.settings import Settings
from repartee.contract import load_profile
from repartee.core.errors import BadSettings
from repartee.proof.gains import OPTIMISATIONS, Gain, Measured, Optimisation, switched_off


@pytest.mark.parametrize("optimisation", OPTIMISATIONS, ids=lambda o: o.name)
def test_each_can_be_switched_off_and_is_on(optimisation: Optimisation) -> None:
    section, key = optimisation.setting.split(".")
    settings = Settings()
    off = switched_off(settings, optimisation)
    assert getattr(getattr(off, section), key) == optimisation.off
    assert getattr(getattr(settings, section), key) != optimisation.off, "it is on as it comes"
    assert optimisation.measure or optimisation.missing
    if optimisation.claim:
        assert optimisation.budget in list(load_profile(optimisation.claim.partition("/")[0]))


def test_a_switch_that_is_none_is_refused() -> None:
    with pytest.raises(BadSettings, match=r"no setting speed\.warp"):
        switched_off(Settings(), Optimisation("warp", "speed.warp", False, ""))


def test_gains_are_told_in_the_unit_of_the_claim() -> None:
    by = {o.name: o for o in OPTIMISATIONS}
    cached = Gain(by["cached_repeat"], Measured(20.0, 100.0, "µs", 30, ""))
    assert (cached.figure, cached.as_json()["claim_kept"]) == (80.0, True)
    fewer = Gain(by["parallel_plan"], Measured(70.0, 100.0, "ms", 30, ""))
    assert (fewer.figure, fewer.as_json()["claim_kept"]) == (30.0, False)
    times = Gain(by["pattern_set"], Measured(10.0, 55.0, "µs", 30, ""))
    assert (times.figure, times.as_json()["claim_kept"]) == (5.5, True)
    more = Gain(by["steered_recogniser"], Measured(90.0, 60.0, "%", 20, "", more=True))
    assert more.figure == 50.0
    assert Gain(by["warm_start"], None, "why").as_json()["reason"] == "why"
