"""One Wyoming connection: audio in, who speaks out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from whospeaks_client import Stream, WhoSpeaks, WhoSpeaksError
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.server import AsyncEventHandler
from wyoming.user_event import UserEvent

# Nothing is dropped: a voice command comes in one go, and its end must be heard.
_LIVE = False
_FIELDS = ("turn", "speaker", "known", "probability", "start", "end")


class Upstream:
    """A recogniser behind this service: what comes in goes to it too, and its transcript gets the speaker's name."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    async def info(self) -> Info:
        """What the recogniser offers. Raises ``OSError`` where it cannot be reached."""
        async with AsyncClient.from_uri(self.uri) as client:
            await client.write_event(Describe().event())
            while (event := await client.read_event()) is not None:
                if Info.is_type(event.type):
                    return Info.from_event(event)
        raise ConnectionError(f"{self.uri} closed the connection before it sent its info")


class SpeakerHandler(AsyncEventHandler):
    """Answers ``audio-start``, ``audio-chunk`` and ``audio-stop`` with who spoke.

    The protocol has no event for a speaker. So each settled turn is a ``user-event`` with the name ``speaker``, and the
    end of the audio one with the name ``speakers``, with all turns and the speaker who spoke the longest. With an
    upstream recogniser its transcript follows, with that speaker in ``context``.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        client: WhoSpeaks,
        upstream: Upstream | None = None,
    ) -> None:
        super().__init__(reader, writer)
        self._client = client
        self._upstream = upstream
        self._recogniser: AsyncClient | None = None
        self._stream: Stream | None = None
        self._telling: asyncio.Task[None] | None = None
        self._turns: dict[int, dict[str, Any]] = {}
        # What asks for the transcript comes before the audio.
        self._request: Event | None = None

    async def handle_event(self, event: Event) -> bool:
        """Returns false where the connection is to be closed."""
        try:
            if Describe.is_type(event.type):
                await self.write_event((await self._info()).event())
            elif AudioStart.is_type(event.type):
                await self._start(AudioStart.from_event(event))
                await self._forward(event)
            elif AudioChunk.is_type(event.type):
                await self._hear(AudioChunk.from_event(event))
                await self._forward(event)
            elif AudioStop.is_type(event.type):
                await self._forward(event)
                await self._end()
            elif event.type == "transcribe":
                self._request = event
        except WhoSpeaksError as error:
            await self._refuse(str(error), error.code)
        except KeyError as error:
            await self._refuse(f"{event.type}: {error} is missing", "protocol-message")
        except OSError as error:
            await self._refuse(f"the recogniser cannot be reached: {error}", "server-unreachable")
        return True

    async def disconnect(self) -> None:
        """The peer is gone: what it was to be told is not needed any more."""
        await self._abandon()

    async def _info(self) -> Info:
        return Info() if self._upstream is None else await self._upstream.info()

    async def _start(self, start: AudioStart) -> None:
        await self._abandon()
        if start.width != 2:
            raise WhoSpeaksError("audio-format", f"expected samples of 2 bytes, received {start.width}")
        stream = self._client.stream(sample_rate_hz=start.rate, channels=start.channels, live=_LIVE)
        self._stream = stream
        self._turns = {}
        self._telling = asyncio.create_task(self._tell(stream))
        if self._upstream is not None:
            self._recogniser = AsyncClient.from_uri(self._upstream.uri)
            await self._recogniser.connect()
            if self._request is not None:
                await self._recogniser.write_event(self._request)

    async def _hear(self, chunk: AudioChunk) -> None:
        if self._stream is None:
            raise WhoSpeaksError("protocol-message", "audio-chunk came before audio-start")
        await self._stream.send(chunk.audio)

    async def _end(self) -> None:
        if self._stream is None or self._telling is None:
            raise WhoSpeaksError("protocol-message", "audio-stop came before audio-start")
        self._stream.end()
        await self._telling
        seconds: defaultdict[str, float] = defaultdict(float)
        for turn in self._turns.values():
            seconds[turn["speaker"]] += turn["end"] - turn["start"]
        speaker = max(seconds, key=lambda name: seconds[name], default=None)
        turns = [self._turns[number] for number in sorted(self._turns)]
        await self.write_event(UserEvent("speakers", data={"speaker": speaker, "turns": turns}).event())
        if self._recogniser is not None:
            await self._transcript(self._recogniser, speaker)
        await self._abandon()

    async def _tell(self, stream: Stream) -> None:
        async for event in stream:
            if event["type"] not in ("final", "correction"):
                continue
            told = {key: value for key, value in event.items() if key in _FIELDS}
            self._turns[event["turn"]] = told
            await self.write_event(UserEvent("speaker", data=told).event())

    async def _transcript(self, recogniser: AsyncClient, speaker: str | None) -> None:
        while (event := await recogniser.read_event()) is not None:
            if not Transcript.is_type(event.type):
                await self.write_event(event)
                continue
            transcript = Transcript.from_event(event)
            transcript.context = {**(transcript.context or {}), "speaker": speaker}
            await self.write_event(transcript.event())
            return
        raise ConnectionError("it closed the connection before it sent a transcript")

    async def _forward(self, event: Event) -> None:
        if self._recogniser is not None:
            await self._recogniser.write_event(event)

    async def _refuse(self, text: str, code: str) -> None:
        await self._abandon()
        await self.write_event(Error(text=text, code=code).event())

    async def _abandon(self) -> None:
        stream, telling, recogniser = self._stream, self._telling, self._recogniser
        self._stream = self._telling = self._recogniser = None
        if stream is not None:
            await stream.close()
        if telling is not None:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        if recogniser is not None:
            await recogniser.disconnect()
