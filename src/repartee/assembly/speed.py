"""Settings of what makes the assistant faster: each can be switched off; `repartee bench --gains` says what it gains.

Other optimisations have a setting of their own kind: a size, a number at once (`repartee.proof.gains` lists them all).
"""

from __future__ import annotations

from pydantic import Field

from .section import Section


class Speed(Section):
    """What makes it faster; switch one off to see what it gains."""

    steer: bool = Field(True, description="The recogniser follows the sentences of this home.")
    prepare: bool = Field(True, description="The likely reply's sound is made while the person still speaks.")
    gather: bool = Field(True, description="In a quiet room sound is looked at in fewer, longer pieces.")
    stream: bool = Field(True, description="A sentence is heard before all of it is made.")
    warm: bool = Field(True, description="Models are loaded at the start, not with the first sentence.")
