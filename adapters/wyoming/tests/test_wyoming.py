"""A whospeaks service, the adapter in front of it, and the `wyoming` package as its peer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from helpers import AUDIO, RunningService, meeting_pcm
from whospeaks_client import WhoSpeaks
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient, AsyncTcpClient
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler, AsyncTcpServer, HandlerFactory
from wyoming.user_event import UserEvent

from whospeaks_wyoming import SpeakerHandler, Upstream

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "who.py"


class Recogniser(AsyncEventHandler):
    """Hears how many bytes came, and in which language it was asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.heard = 0
        self.language: str | None = None

    async def handle_event(self, event: Event) -> bool:
        maker = Attribution(name="test", url="")
        if Describe.is_type(event.type):
            model = AsrModel("m", maker, True, None, None, languages=["en"])
            await self.write_event(Info(asr=[AsrProgram("fake", maker, True, None, None, models=[model])]).event())
        elif Transcribe.is_type(event.type):
            self.language = Transcribe.from_event(event).language
        elif AudioChunk.is_type(event.type):
            self.heard += len(AudioChunk.from_event(event).audio)
        elif AudioStop.is_type(event.type):
            await self.write_event(Transcript(f"{self.heard} {self.language}", context={"room": "hall"}).event())
        return True


async def listening(server: AsyncTcpServer, handler: HandlerFactory) -> int:
    await server.start(handler)
    (socket, *_) = server._server.sockets  # type: ignore[union-attr]
    return int(socket.getsockname()[1])


@pytest_asyncio.fixture(loop_scope="session")
async def port(enrolled: RunningService) -> AsyncIterator[int]:
    server = AsyncTcpServer("127.0.0.1", 0)
    async with WhoSpeaks(enrolled.url) as client:
        yield await listening(server, partial(SpeakerHandler, client=client))
        await server.stop()


async def told(client: AsyncClient, until: str) -> list[Event]:
    events: list[Event] = []
    while (event := await asyncio.wait_for(client.read_event(), 60)) is not None:
        events.append(event)
        if event.type == until or (UserEvent.is_type(event.type) and UserEvent.from_event(event).name == until):
            return events
    raise AssertionError(f"closed before {until}: {events[-3:]}")


async def say(client: AsyncClient, pcm: bytes, rate: int = 16_000) -> None:
    await client.write_event(AudioStart(rate=rate, width=2, channels=1).event())
    for at in range(0, len(pcm), 3200):
        await client.write_event(AudioChunk(rate=rate, width=2, channels=1, audio=pcm[at : at + 3200]).event())
    await client.write_event(AudioStop().event())


async def test_tells_who_speaks_turn_by_turn(port: int) -> None:
    async with AsyncTcpClient("127.0.0.1", port) as client:
        for _ in range(2):  # A connection takes one command after the other.
            await say(client, meeting_pcm(15))
            events = [UserEvent.from_event(event) for event in await told(client, "speakers")]
            assert [(event.data or {})["speaker"] for event in events[:3]] == ["alice", "bob", "alice"]
            whole = events[-1].data or {}
            assert whole["speaker"] == "alice"
            assert [turn["speaker"] for turn in whole["turns"]] == ["alice", "bob", "alice"]
            assert all(turn["end"] > turn["start"] for turn in whole["turns"])


async def test_offers_nothing_without_a_recogniser(port: int) -> None:
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Describe().event())
        (event,) = await told(client, "info")
        assert Info.from_event(event).asr == []


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([AudioStart(rate=16_000, width=4, channels=1).event()], "audio-format"),
        ([AudioStart(rate=1000, width=2, channels=1).event()], "invalid-option"),
        ([AudioStop().event()], "protocol-message"),
        ([AudioChunk(rate=16_000, width=2, channels=1, audio=b"ab").event()], "protocol-message"),
        ([Event("audio-start", {"rate": 16_000})], "protocol-message"),
    ],
)
async def test_refuses_with_a_code_and_goes_on(port: int, events: list[Event], code: str) -> None:
    async with AsyncTcpClient("127.0.0.1", port) as client:
        for event in events:
            await client.write_event(event)
        assert (await told(client, "error"))[-1].data["code"] == code
        await say(client, meeting_pcm(3))
        await told(client, "speakers")


async def test_adds_the_speaker_to_a_transcript(enrolled: RunningService) -> None:
    recogniser, server = AsyncTcpServer("127.0.0.1", 0), AsyncTcpServer("127.0.0.1", 0)
    behind = await listening(recogniser, Recogniser)
    async with WhoSpeaks(enrolled.url) as whospeaks:
        upstream = Upstream(f"tcp://127.0.0.1:{behind}")
        front = await listening(server, partial(SpeakerHandler, client=whospeaks, upstream=upstream))
        async with AsyncTcpClient("127.0.0.1", front) as client:
            await client.write_event(Describe().event())
            assert [program.name for program in Info.from_event((await told(client, "info"))[-1]).asr] == ["fake"]
            await client.write_event(Transcribe(language="en").event())
            await say(client, meeting_pcm(4))
            transcript = Transcript.from_event((await told(client, "transcript"))[-1])
            assert transcript.text == f"{len(meeting_pcm(4))} en"
            assert transcript.context == {"room": "hall", "speaker": "alice"}
        await server.stop()
        await recogniser.stop()


async def test_a_recogniser_that_is_not_there(enrolled: RunningService) -> None:
    server = AsyncTcpServer("127.0.0.1", 0)
    async with WhoSpeaks(enrolled.url) as whospeaks:
        handler = partial(SpeakerHandler, client=whospeaks, upstream=Upstream("tcp://127.0.0.1:1"))
        async with AsyncTcpClient("127.0.0.1", await listening(server, handler)) as client:
            await client.write_event(Describe().event())
            assert (await told(client, "error"))[-1].data["code"] == "server-unreachable"
        await server.stop()


async def test_the_example(port: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        f"tcp://127.0.0.1:{port}",
        str(AUDIO / "meeting.wav"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert [line.split(": ")[1] for line in output.decode().splitlines()][:3] == ["alice", "bob", "alice"]
