"""A stream against a service without speech: what goes over the wire, and what a lost connection does."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from fake import FakeService
from helpers import events_of, eventually, pieces, trouble_of, types_of

from whospeaks_client import Notice, Status, Stream, StreamEvent, WhoSpeaks, WhoSpeaksError

AWAY = (0.2, 0.2)
MESSAGE_BYTES = 3200
"""A message of 100 ms."""


def some_bytes(length: int) -> bytes:
    return bytes((i * 31 + (i >> 8)) % 256 for i in range(length))


def silence(at: int) -> dict[str, Any]:
    return {"type": "silence", "startSample": at, "atSample": at, "start": at / 16_000, "at": at / 16_000}


class Case:
    """A fake service, and a client that comes back at once."""

    def __init__(self, service: FakeService, client: WhoSpeaks) -> None:
        self.service = service
        self.client = client

    def stream(self, source: Any = None, **options: Any) -> Stream:
        return self.client.stream(source, **{"backoff_seconds": (0.001, 0.005), **options})

    def has_messages(self, count: int) -> bool:
        return bool(self.service.sessions) and self.service.session.next >= count

    async def opened(self, stream: Stream) -> None:
        await eventually(lambda: stream.status["state"] == "open")


@pytest.fixture
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    async with FakeService(**getattr(request, "param", {})) as service, WhoSpeaks(service.url) as client:
        yield Case(service, client)


async def test_says_hello_sends_the_audio_whole_and_ends_after_the_last_event(case: Case) -> None:
    audio = some_bytes(10_000)
    stream = case.stream(sample_rate_hz=8000, latency_seconds=2)
    for at in range(0, len(audio), 777):
        await stream.send(audio[at : at + 777])
    await case.opened(stream)
    await case.service.tell(silence(100))
    stream.end()
    assert types_of(await events_of(stream)) == ["silence", "end"]
    assert case.service.session.audio == audio
    assert case.service.hellos == [
        {
            "type": "hello",
            "version": 1,
            "encoding": "s16le",
            "sampleRateHz": 8000,
            "channels": 1,
            "live": True,
            "latencySeconds": 2,
        }
    ]
    with pytest.raises(WhoSpeaksError) as late:
        await stream.send(audio)
    assert late.value.code == "source-closed"
    assert await events_of(stream) == []


@pytest.mark.parametrize("case", [{"credit_bytes": 4000}], indirect=True)
async def test_200_cuts_every_byte_arrives_once_and_every_event(case: Case) -> None:
    service, audio = case.service, some_bytes(600_000)
    service.cut_after = sorted(random.Random(12).sample(range(1, 1200), 200))
    events = await events_of(case.stream(pieces(audio, 500), live=False, max_attempts=1000))
    assert len(service.sessions) == 1
    assert len(service.hellos) == 201
    assert service.session.audio == audio
    assert len(events) == 401
    assert events == service.session.events
    assert service.over_credit_bytes <= 0


@pytest.mark.parametrize("case", [{"credit_bytes": 2 * MESSAGE_BYTES, "manual_acks": True}], indirect=True)
async def test_sends_as_much_as_the_credit_allows_and_no_more(case: Case) -> None:
    service, draw = case.service, random.Random(5)
    hearing = asyncio.create_task(events_of(case.stream(pieces(some_bytes(60 * MESSAGE_BYTES)), live=False)))
    credit_bytes, came = service.credit_bytes, 0
    while came < 60:
        came = min(60, came + credit_bytes // MESSAGE_BYTES)
        await eventually(partial(case.has_messages, came))
        await asyncio.sleep(0.005)
        assert service.session.next == came
        credit_bytes = draw.randrange(0, 6 * MESSAGE_BYTES)
        await service.acknowledge(came - 1, credit_bytes)
    await hearing
    assert service.over_credit_bytes <= 0


@pytest.mark.parametrize("case", [{"credit_bytes": 64_000, "manual_acks": True}], indirect=True)
async def test_a_recording_waits_for_room(case: Case) -> None:
    stream = case.stream(live=False, buffer_seconds=1)
    await stream.send(some_bytes(64_000))
    more = asyncio.create_task(stream.send(some_bytes(64_000)))
    await eventually(lambda: bool(case.service.sessions) and len(case.service.session.audio) == 64_000)
    await asyncio.sleep(0.05)
    assert not more.done()
    await case.service.acknowledge(case.service.session.next - 1, 64_000)
    await asyncio.wait_for(more, 5)
    waiting = asyncio.create_task(stream.send(some_bytes(640_000)))
    await asyncio.sleep(0.01)
    await stream.close()
    with pytest.raises(WhoSpeaksError) as over:
        await waiting
    assert over.value.code == "source-closed"


async def test_goes_where_a_full_server_says_that_there_is_room_and_comes_back_if_that_is_gone(case: Case) -> None:
    stream = case.stream(max_attempts=100)
    async with FakeService() as other:
        case.service.elsewhere = other.url
        await stream.send(some_bytes(3200))
        await eventually(lambda: bool(other.sessions) and len(other.session.audio) == 3200)
        assert not case.service.sessions
        case.service.elsewhere = "nowhere:0"
        other.cut()
    case.service.elsewhere, case.service.forget = None, True
    assert (await anext(stream))["type"] == "restarted"
    await stream.send(some_bytes(6400))
    await eventually(lambda: bool(case.service.sessions) and len(case.service.session.audio) == 6400)
    stream.end()
    assert types_of(await events_of(stream)) == ["end"]


async def test_a_live_stream_that_was_away_too_long_begins_anew(case: Case) -> None:
    stream = case.stream()
    await stream.send(some_bytes(32_000))
    await eventually(lambda: bool(case.service.sessions) and len(case.service.session.audio) == 32_000)
    case.service.forget = True
    case.service.cut()
    assert await anext(stream) == {"type": "restarted", "offsetSeconds": 1}
    await stream.send(some_bytes(3200))
    assert stream.position_seconds == pytest.approx(0.1)
    await eventually(lambda: len(case.service.session.audio) == 3200)
    assert len(case.service.sessions) == 2


async def test_a_recording_whose_session_is_gone_fails(case: Case) -> None:
    stream = case.stream(live=False)
    await stream.send(some_bytes(32_000))
    await eventually(lambda: bool(case.service.sessions) and len(case.service.session.audio) == 32_000)
    case.service.forget = True
    case.service.cut()
    assert (await trouble_of(stream)).code == "session-unknown"


async def test_buffers_while_away_and_declares_the_gap(case: Case) -> None:
    stream = case.stream(buffer_seconds=1, backoff_seconds=AWAY)
    await case.opened(stream)
    case.service.cut()
    await eventually(lambda: stream.status["state"] == "waiting")
    for _ in range(5):
        await stream.send(some_bytes(32_000))
    assert stream.dropped_seconds == pytest.approx(4)
    await eventually(lambda: len(case.service.session.audio) == 32_000)
    assert case.service.session.skipped[0] == 64_000


async def test_complains_of_sound_that_ends_inside_a_sample(case: Case) -> None:
    notices: list[Notice] = []
    stream = case.stream(on_notice=notices.append)
    await stream.send(some_bytes(641))
    stream.end()
    stream.end()
    assert types_of(await events_of(stream)) == ["end"]
    assert len(case.service.session.audio) == 640
    assert [notice.get("code") for notice in notices] == ["audio-truncated"]


async def test_floats_become_clipped_16_bit_samples(case: Case) -> None:
    stream = case.stream()
    await stream.send([0, 0.5, 1, -1, 7, float("nan")])
    stream.end()
    await events_of(stream)
    assert struct.unpack("<6h", case.service.session.audio) == (0, 16_384, 32_767, -32_768, 32_767, 0)


async def test_the_token_goes_into_a_header_for_each_connection(case: Case) -> None:
    tokens = iter(["first", "second"])

    async def token() -> str:
        return next(tokens)

    async with WhoSpeaks(case.service.url, token=token) as client:
        stream = client.stream(backoff_seconds=(0.001, 0.005))
        await case.opened(stream)
        case.service.cut()
        await eventually(lambda: len(case.service.hellos) == 2)
    assert case.service.headers == ["Bearer first", "Bearer second"]


async def test_tries_again_where_the_service_is_full_and_gives_up_in_the_end(case: Case) -> None:
    case.service.refuse_code, case.service.refuse_times = 4013, 2
    states: list[Status] = []
    await case.opened(case.stream(on_status=states.append))
    assert [state["state"] for state in states] == [
        "connecting",
        "waiting",
        "connecting",
        "waiting",
        "connecting",
        "open",
    ]
    case.service.refuse_times = 100
    assert (await trouble_of(case.stream(max_attempts=3))).code == "server-failed"
    assert case.service.refuse_times == 97


async def test_does_not_try_again_where_that_makes_no_sense(case: Case) -> None:
    case.service.refuse_code, case.service.refuse_times = 4006, 100
    assert (await trouble_of(case.stream())).code == "server-failed"
    assert case.service.refuse_times == 99


@pytest.mark.parametrize("case", [{"manual_acks": True}], indirect=True)
async def test_a_service_that_falls_silent_counts_as_gone(case: Case) -> None:
    stream = case.stream(stall_seconds=1)
    await stream.send(some_bytes(100))
    await eventually(lambda: len(case.service.hellos) == 2)
    assert case.service.hellos[1]["resume"] == {"session": "s0", "token": "secret", "lastEvent": 0}


async def test_tells_the_service_now_and_then_that_events_came_in(case: Case) -> None:
    await case.opened(case.stream())
    for at in range(40):
        await case.service.tell(silence(at))
    await eventually(lambda: [m["event"] for m in case.service.received if m["type"] == "received"] == [16, 32])


async def test_an_event_that_comes_twice_counts_once_and_a_resume_names_the_last(case: Case) -> None:
    stream = case.stream()
    await case.opened(stream)
    await case.service.tell(silence(1))
    await case.service.send({"type": "event", "id": 1, "event": silence(1)})
    await case.service.tell(silence(2))
    assert [await anext(stream), await anext(stream)] == [silence(1), silence(2)]
    case.service.cut()
    await eventually(lambda: len(case.service.hellos) == 2)
    assert case.service.hellos[1]["resume"]["lastEvent"] == 2
    stream.end()
    assert types_of(await events_of(stream)) == ["end"]


async def test_reads_no_further_while_too_many_events_are_unread(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whospeaks_client._event_queue.MOST_UNREAD", 10)
    stream = case.stream()
    await case.opened(stream)
    for at in range(40):
        await case.service.tell(silence(at))
    await asyncio.sleep(0.05)
    received = [message for message in case.service.received if message["type"] == "received"]
    assert received == []
    # Whoever waits for an answer takes no event meanwhile.
    naming = asyncio.create_task(stream.name("unknown-1", "carol"))
    named = {"type": "named", "atSample": 1, "at": 0, "label": "unknown-1", "speaker": "Carol", "how": "enrolled"}
    await eventually(lambda: case.service.received[-1]["type"] != "hello")
    await case.service.tell(named)
    await asyncio.wait_for(naming, 5)
    stream.end()
    assert len(await events_of(stream)) == 42


async def test_repeats_a_command_after_a_resume_and_tells_answers_apart(case: Case) -> None:
    service = case.service
    stream = case.stream()
    await case.opened(stream)
    carol = asyncio.create_task(stream.name("unknown-1", "carol", learn=True))
    await eventually(lambda: any(message["type"] == "name" for message in service.received))
    service.cut()
    await eventually(lambda: sum(message["type"] == "name" for message in service.received) == 2)
    wanted = {"type": "name", "label": "unknown-1", "speaker": "carol", "learn": True, "save": True}
    assert service.received[-1] == wanted
    erin = asyncio.create_task(stream.name("unknown-7", " erin ", save=False))
    other = asyncio.create_task(stream.name("unknown-8", "erin"))
    turn = asyncio.create_task(stream.assign(3, "Dave"))
    await eventually(lambda: service.received[-1] == {"type": "assign", "turn": 3, "speaker": "Dave"})
    told = {"startSample": 0, "endSample": 1, "atSample": 1, "start": 0, "end": 0, "at": 0, "revision": 1, "was": "x"}
    await service.tell({"type": "correction", "turn": 2, "speaker": "dave", **told})
    await service.tell(
        {"type": "named", "atSample": 1, "at": 0, "label": "unknown-7", "speaker": "erin", "how": "enrolled"}
    )
    await asyncio.wait_for(erin, 5)
    assert not (turn.done() or other.done() or carol.done())
    await service.tell({"type": "correction", "turn": 3, "speaker": "dave", **told})
    await asyncio.wait_for(turn, 5)
    refused = {"type": "error", "code": "speaker-exists", "message": "there is one", "fatal": False}
    await service.send({**refused, "answers": {"label": "unknown-8", "speaker": "erin"}})
    with pytest.raises(WhoSpeaksError, match="there is one") as error:
        await other
    assert error.value.code == "speaker-exists"
    await stream.close()
    with pytest.raises(WhoSpeaksError) as error:
        await carol
    assert error.value.code == "source-closed"


async def test_an_error_of_the_source_ends_the_stream_and_is_raised(case: Case) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield some_bytes(3200)
        raise OSError("the microphone is gone")

    with pytest.raises(OSError, match="the microphone is gone"):
        await events_of(case.stream(broken()))


async def test_what_is_no_sound_ends_the_stream(case: Case) -> None:
    async def texts() -> AsyncIterator[Any]:
        yield "sound"

    error = await trouble_of(case.stream(texts()))
    assert error.code == "audio-format"
    assert str(error) == "expected bytes, floats of -1 to 1 or 16-bit integers, received 'sound'"


async def test_closing_gives_the_session_up_and_stops_the_source(case: Case) -> None:
    stopped = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield some_bytes(320)
                await asyncio.sleep(0.001)
        finally:
            stopped.set()

    events: list[StreamEvent] = []
    async with case.stream(endless()) as stream:
        await case.opened(stream)
        await case.service.tell(silence(1))
        async for event in stream:
            events.append(event)
            break
    assert types_of(events) == ["silence"]
    await asyncio.wait_for(stopped.wait(), 5)
    assert case.service.socket is not None
    await case.service.socket.wait_closed()
    assert case.service.socket.close_code == 1000
    assert stream.status == {"state": "closed", "error": None}


async def test_a_stream_that_is_closed_at_once_ends(case: Case) -> None:
    stream = case.stream()
    await stream.close()
    assert await events_of(stream) == []


async def test_an_answer_of_another_protocol_ends_the_stream(case: Case) -> None:
    stream = case.stream()
    await case.opened(stream)
    await case.service.send([1, 2, 3])  # type: ignore[arg-type]
    assert (await trouble_of(stream)).code == "server-failed"
