"""A stream of the example meeting to the real service."""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import AsyncIterator
from typing import Any

import pytest
from helpers import AUDIO, CuttingProxy, RunningService, events_of, meeting_pcm, pieces, run_program

from whospeaks_client import Notice, StreamEvent, WhoSpeaks, WhoSpeaksError

CUTS = 200


def finals(events: list[Any]) -> list[dict[str, Any]]:
    """Without scores: they may differ in their last digits."""
    kept = ("turn", "startSample", "endSample", "atSample", "start", "end", "speaker", "known", "speech", "others")
    return [{field: event[field] for field in kept} for event in events if event["type"] == "final"]


async def test_a_recording_gives_the_same_finals_as_listen(client: WhoSpeaks) -> None:
    options = ["--enroll", str(AUDIO / "alice.wav"), "--enroll", str(AUDIO / "bob.wav"), "--json"]
    printed = run_program("listen", str(AUDIO / "meeting.wav"), *options)
    wanted = finals([json.loads(line) for line in printed.splitlines()])
    assert len(wanted) > 5

    events = await events_of(client.stream(pieces(meeting_pcm()), live=False))
    assert finals(events) == wanted
    assert events[-1]["type"] == "end"


async def test_samples_give_the_same_events_as_bytes(client: WhoSpeaks) -> None:
    pcm = meeting_pcm(12)
    samples = array("h", pcm)

    async def floats() -> AsyncIterator[array[float]]:
        for at in range(0, len(samples), 1000):
            yield array("f", (sample / 32_768 for sample in samples[at : at + 1000]))

    of_bytes = await events_of(client.stream(pieces(pcm), live=False))
    assert len(of_bytes) > 3
    assert await events_of(client.stream(floats(), live=False)) == of_bytes
    assert await events_of(client.stream(floats(), live=False, encoding="f32le")) == of_bytes


@pytest.mark.parametrize("live", [False, True])
async def test_a_stream_that_is_cut_200_times_gives_what_an_uncut_one_gives(
    enrolled: RunningService, client: WhoSpeaks, live: bool
) -> None:
    pcm = meeting_pcm()
    uncut = await events_of(client.stream(pieces(pcm), live=live, buffer_seconds=600))
    assert any(event["type"] == "final" and event["speaker"] == "bob" for event in uncut)

    draw = random.Random(11)
    # Few enough bytes a connection that the cuts are done before the recording is.
    mean = len(pcm) * 0.6 / CUTS
    proxy = CuttingProxy(enrolled.port, lambda: draw.uniform(1, 2 * mean) if proxy.cuts < CUTS else float("inf"))
    async with proxy, WhoSpeaks(f"http://127.0.0.1:{proxy.port}") as cut_client:
        stream = cut_client.stream(
            pieces(pcm), live=live, buffer_seconds=600, backoff_seconds=(0.001, 0.005), max_attempts=1000
        )
        cut = await events_of(stream)
    assert proxy.cuts == CUTS
    assert stream.dropped_seconds == 0
    assert cut == uncut


async def test_hears_each_channel_by_itself(client: WhoSpeaks) -> None:
    mono = array("h", meeting_pcm())
    # What is said before 15 s is on the first channel, the rest on the second.
    middle = 15 * 16_000
    stereo = array("h", (x for i, sample in enumerate(mono) for x in ((sample, 0) if i < middle else (0, sample))))
    events = await events_of(client.stream(pieces(stereo.tobytes()), live=False, channels=2, audio="channels"))
    channels = [event["channel"] for event in events if event["type"] == "final"]
    assert set(channels) == {0, 1}
    assert channels == sorted(channels)
    mixed = await events_of(client.stream(pieces(stereo.tobytes()), live=False, channels=2))
    assert all("channel" not in event for event in mixed)
    with pytest.raises(WhoSpeaksError) as refused:
        client.stream(audio="both")  # type: ignore[arg-type]
    assert refused.value.code == "invalid-option"


async def test_names_an_unknown_speaker_and_assigns_a_turn(client: WhoSpeaks) -> None:
    notices: list[Notice] = []
    events: list[StreamEvent] = []
    pcm = meeting_pcm()
    async with client.stream(live=False, buffer_seconds=3600, on_notice=notices.append) as stream:
        async for piece in pieces(pcm):
            await stream.send(piece)
        with pytest.raises(WhoSpeaksError) as refused:
            await stream.assign(900, "alice")
        assert refused.value.code == "turn-not-found"
        async for event in stream:
            events.append(event)
            if event["type"] == "final" and event["speaker"] == "unknown-1":
                break
        with pytest.raises(WhoSpeaksError) as refused:
            await stream.name("unknown-77", "carol", save=False)
        assert refused.value.code == "speaker-not-found"
        await stream.name("unknown-1", "carol", save=False)
        first = next(event for event in events if event["type"] == "final")
        await stream.assign(first["turn"], "bob")
        stream.end()
        events += await events_of(stream)
    named = next(event for event in events if event["type"] == "named")
    assert (named["label"], named["speaker"], named["how"]) == ("unknown-1", "carol", "enrolled")
    corrections = {event["turn"]: event["speaker"] for event in events if event["type"] == "correction"}
    assert corrections[first["turn"]] == "bob"
    assert "carol" in corrections.values()
    assert {notice["code"] for notice in notices if notice["type"] == "error"} == {
        "turn-not-found",
        "speaker-not-found",
    }
