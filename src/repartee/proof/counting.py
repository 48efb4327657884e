"""How much work a piece of our code is, in instructions of Python: the same on every machine, however busy it is.

Only code below the given folder counts, on the thread that calls. What a library in C does with what we hand it is not
seen; CPU time sees it (`gate.py`), where the machine is quiet enough.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import repartee

OURS = str(Path(repartee.__file__).parent)


def instructions(work: Callable[[], object], folder: str = OURS) -> int:
    """Executed by `work` in code whose file is below `folder`. Whatever watched this thread before watches on."""
    counted, ours = 0, dict[CodeType, bool]()

    def inside(_frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        counted += event == "opcode"
        return inside

    def begun(frame: FrameType, _event: str, _: Any) -> Any:
        code = frame.f_code
        known = ours.get(code)
        if known is None:
            known = ours[code] = code.co_filename.startswith(folder)
        if not known:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return inside

    before = sys.gettrace()
    sys.settrace(begun)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted
