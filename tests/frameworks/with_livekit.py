"""Runs in an environment that has LiveKit Agents: its session and metrics; prints the monitor's summary as JSON."""

import asyncio
import json
import time

from livekit.agents import AgentSession, MetricsCollectedEvent
from livekit.agents.metrics import EOUMetrics, LLMMetrics, STTMetrics, TTSMetrics

from repartee.observe.monitor import Monitor
from repartee.proof.adapters import livekit

NOW = time.time()
ID = {"label": "test", "request_id": "r", "timestamp": NOW}


async def main():
    monitor, session = Monitor(), AgentSession()
    session.on("metrics_collected", livekit.Listener(monitor))
    for metrics in (
        STTMetrics(**ID, duration=0.2, audio_duration=2.0, streamed=False),
        EOUMetrics(
            timestamp=NOW, end_of_utterance_delay=0.5, transcription_delay=0.2, on_user_turn_completed_delay=0.0,
            speech_id="s",
        ),
        LLMMetrics(
            **ID, duration=1.0, ttft=0.3, cancelled=False, completion_tokens=5, prompt_tokens=9,
            prompt_cached_tokens=0, total_tokens=14, tokens_per_second=5.0, speech_id="s",
        ),
        TTSMetrics(
            **ID, ttfb=0.2, duration=0.4, audio_duration=1.0, cancelled=False, characters_count=5, streamed=True,
            speech_id="s",
        ),
    ):  # fmt: skip
        session.emit("metrics_collected", MetricsCollectedEvent(metrics=metrics))
    print(json.dumps(monitor.summary()))


asyncio.run(main())
