"""What other systems call a stage, and what we call it."""

from __future__ import annotations

from collections.abc import Mapping

HEAR, THINK, SPEAK, LISTEN, ACT, WAKE, TURN = "hear", "understand", "speak", "listen", "act", "wake_word", "turn"
NAMES: Mapping[str, Mapping[str, str]] = {
    "home assistant": {"wake_word": WAKE, "stt": HEAR, "intent": THINK, "tts": SPEAK},
    "livekit": {
        "user_turn": HEAR, "eou_detection": LISTEN, "llm_node": THINK, "llm_request": THINK, "tts_node": SPEAK,
        "tts_request": SPEAK, "function_tool": ACT, "agent_turn": TURN,
    },
    "pipecat": {"stt": HEAR, "llm": THINK, "tts": SPEAK, "turn": TURN},
    "any": {
        "asr": HEAR, "transcribe": HEAR, "transcription": HEAR, "speech_to_text": HEAR, "stt": HEAR,
        "llm": THINK, "chat": THINK, "nlu": THINK, "intent": THINK, "chat.completions": THINK,
        "text_to_speech": SPEAK, "synthesize": SPEAK, "tts": SPEAK, "speech": SPEAK,
        "vad": LISTEN, "endpointing": LISTEN, "turn_detection": LISTEN, "tool": ACT, "function_call": ACT,
        "wakeword": WAKE, "wake_word": WAKE, "turn": TURN, "conversation_turn": TURN,
    },
}  # fmt: skip
"""System to its stage to ours."""


def ours(name: str, own: Mapping[str, str] | None = None) -> str | None:
    """By what a person says (`own`), then by each system's names: all of it, its end, its beginning; None: unknown."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    for known in (own or {}, *NAMES.values()):
        for said in (name, plain, plain.rsplit(".", 1)[-1], plain.split("_", 1)[0]):
            if said in known:
                return known[said]
    return None
