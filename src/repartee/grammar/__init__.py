"""The grammar of a home: one automaton that parses, knows when a sentence is over, and says what may follow."""

from .compiled import CompiledHome, compile_home

__all__ = ["CompiledHome", "compile_home"]
