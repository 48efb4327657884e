"""What all tests share: coroutines run on virtual time, and test data is found outside the project."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import hypothesis
import pytest

from tests import virtual_time

pytest_plugins = ["tests.homes.fixtures"]
CI = os.environ.get("CI") == "true"
hypothesis.settings.register_profile("repartee", deadline=None, derandomize=CI)
"""No deadline: the machine is shared, time is judged elsewhere. New examples are looked for by people, not by CI."""
hypothesis.settings.load_profile("repartee")
SHARED = Path(os.environ.get("REPARTEE_SHARED", Path(__file__).parents[2] / "shared")).resolve()


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test may be a coroutine: on virtual time, unless it is marked `real_time`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
    real = pyfuncitem.get_closest_marker("real_time") is not None
    virtual_time.run(pyfuncitem.obj(**arguments), real=real)
    return True


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings, sentences and homes. Absent: a skip; in CI a failure."""
    if SHARED.is_dir():
        return SHARED
    reason = f"no test data at {SHARED}; set REPARTEE_SHARED to the folder that holds audio/, nlu/ and homes/"
    if CI:
        pytest.fail(reason)
    pytest.skip(reason)
