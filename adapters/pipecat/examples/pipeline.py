"""Who speaks in a wav file, through a Pipecat pipeline: ``python pipeline.py http://127.0.0.1:7979 meeting.wav``."""

import asyncio
import sys
import wave

from pipecat.frames.frames import EndFrame, Frame, InputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner
from whospeaks_client import WhoSpeaks

from whospeaks_pipecat import SpeakerFrame, SpeakerProcessor


class Printer(FrameProcessor):
    """Where a bot would have its language model."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, SpeakerFrame) and frame.settled:
            print(f"{frame.start_seconds:.1f} s: {frame.speaker}")
        await self.push_frame(frame, direction)


async def main(url: str, path: str) -> None:
    async with WhoSpeaks(url) as client:
        # Of a bot: Pipeline([transport.input(), SpeakerProcessor(client), stt, ...])
        worker = PipelineWorker(Pipeline([SpeakerProcessor(client), Printer()]), enable_rtvi=False)
        runner = WorkerRunner()
        await runner.add_workers(worker)

        async def play() -> None:
            with wave.open(path) as file:
                rate, channels = file.getframerate(), file.getnchannels()
                while audio := file.readframes(rate // 50):
                    await worker.queue_frame(InputAudioRawFrame(audio, rate, channels))
                    await asyncio.sleep(0.02)
            await worker.queue_frame(EndFrame())

        await asyncio.gather(runner.run(), play())


asyncio.run(main(*sys.argv[1:3]))
