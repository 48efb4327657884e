"""Runs in an environment that has Pipecat: a real pipeline with our observer; prints the monitor's summary as JSON."""

import asyncio
import json

from pipecat.frames.frames import (
    EndFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineTask
from pipecat.processors.frame_processor import FrameProcessor

from repartee.observe.monitor import Monitor
from repartee.proof.adapters import pipecat


class PassOn(FrameProcessor):
    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


async def main():
    monitor = Monitor()
    task = PipelineTask(Pipeline([PassOn(), PassOn()]), observers=[pipecat.observer(monitor)])

    async def speak():
        for frame in (
            UserStoppedSpeakingFrame(),
            TranscriptionFrame("turn on the lamp", "somebody", "now"),
            LLMTextFrame("Done."),
            TTSAudioRawFrame(b"\0\0" * 160, 16000, 1),
        ):
            await task.queue_frame(frame)
            await asyncio.sleep(0.1)
        await task.queue_frame(EndFrame())

    await asyncio.gather(PipelineRunner(handle_sigint=False).run(task), speak())
    print(json.dumps(monitor.summary()))


asyncio.run(main())
