"""A processor that hears the input audio of a pipeline, and tells who speaks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    SystemFrame,
    TranscriptionFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from whospeaks_client import Stream, WhoSpeaks, WhoSpeaksError

# The last turn is settled when its sound is heard to the end: so long the end of the pipeline waits for it.
_END_SECONDS = 10.0


@dataclass
class SpeakerFrame(SystemFrame):
    """Who speaks in a turn. A frame for the same turn replaces the one before it.

    ``settled``: false for the best guess about a turn that still goes on. ``known``: whether the label is the name of
    an enrolled speaker. Times are seconds from the first audio of the pipeline.
    """

    turn: int
    speaker: str
    known: bool
    probability: float
    settled: bool
    start_seconds: float
    end_seconds: float | None


class SpeakerProcessor(FrameProcessor):
    """Put it behind the transport's input: every frame goes on as it is, and ``SpeakerFrame`` come in between.

    ``client`` is the service; whoever made it closes it. ``name_transcriptions`` writes the label of the present turn
    as ``user_id`` of transcriptions. All audio of the pipeline is one stream, so speakers share one input here. If the
    service cannot be had any more, an ``ErrorFrame`` says so and the pipeline goes on without names.
    """

    def __init__(
        self,
        client: WhoSpeaks,
        *,
        latency_seconds: float | None = None,
        name_transcriptions: bool = False,
    ) -> None:
        super().__init__()
        self._client = client
        self._latency_seconds = latency_seconds
        self._names_transcriptions = name_transcriptions
        self._format: tuple[int, int] | None = None
        self._stream: Stream | None = None
        self._telling: asyncio.Task[None] | None = None
        self._speaker: str | None = None

    @property
    def speaker(self) -> str | None:
        """Label of the present turn, or of the last one; None before anybody spoke."""
        return self._speaker

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Hear audio; the end of the pipeline waits for the last turn."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            await self._hear(frame)
        elif isinstance(frame, EndFrame):
            await self._end()
        elif isinstance(frame, CancelFrame):
            await self._close()
        elif isinstance(frame, TranscriptionFrame) and self._names_transcriptions and self._speaker is not None:
            frame.user_id = self._speaker
        await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """The pipeline is over."""
        await super().cleanup()  # type: ignore[no-untyped-call]  # Pipecat says no type here.
        await self._close()

    async def _hear(self, frame: InputAudioRawFrame) -> None:
        given = (frame.sample_rate, frame.num_channels)
        try:
            if self._format is None:
                self._format = given
                stream = self._client.stream(
                    sample_rate_hz=frame.sample_rate,
                    channels=frame.num_channels,
                    latency_seconds=self._latency_seconds,
                )
                self._stream = stream
                self._telling = self.create_task(self._tell(stream))
            if self._stream is None:
                return
            if given != self._format:
                raise WhoSpeaksError("audio-format", f"the audio began as {self._format} and is {given} now")
            # A live stream takes it at once.
            await self._stream.send(frame.audio)
        except WhoSpeaksError as error:
            await self._fail(error)

    async def _tell(self, stream: Stream) -> None:
        offset = 0.0
        try:
            async for event in stream:
                if event["type"] == "restarted":
                    offset = event["offsetSeconds"]
                elif event["type"] in ("tentative", "final", "correction"):
                    self._speaker = event["speaker"]
                    end = event.get("end")
                    await self.push_frame(
                        SpeakerFrame(
                            turn=event["turn"],
                            speaker=event["speaker"],
                            known=event["known"],
                            probability=event["probability"],
                            settled=event["type"] != "tentative",
                            start_seconds=offset + event["start"],
                            end_seconds=None if end is None else offset + end,
                        )
                    )
        except WhoSpeaksError as error:
            await self._fail(error)

    async def _fail(self, error: WhoSpeaksError) -> None:
        self._stream = None
        await self.push_error(f"{error} [{error.code}]", exception=error)

    async def _end(self) -> None:
        if self._stream is not None and self._telling is not None:
            self._stream.end()
            await asyncio.wait([self._telling], timeout=_END_SECONDS)
        await self._close()

    async def _close(self) -> None:
        stream, telling = self._stream, self._telling
        self._stream = self._telling = None
        if stream is not None:
            await stream.close()
        if telling is not None and not telling.done():
            await self.cancel_task(telling)
