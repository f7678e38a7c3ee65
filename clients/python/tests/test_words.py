"""Words of a recogniser, sent with a stream and heard back under names."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fake import FakeService
from helpers import CuttingProxy, RunningService, events_of, eventually, meeting_pcm

from whospeaks_client import Notice, Stream, StreamEvent, WhoSpeaks, WhoSpeaksError
from whospeaks_client._words import WordOutbox

FAST: dict[str, Any] = {"backoff_seconds": (0.001, 0.005), "max_attempts": 1000}
CUTS = 60


def a_word(text: str, start: float, end: float | None = None) -> Any:
    return {"text": text, "start": start, "end": start + 0.2 if end is None else end}


@pytest.fixture
async def fake() -> AsyncIterator[FakeService]:
    async with FakeService() as service:
        yield service


async def opened(stream: Stream) -> None:
    await eventually(lambda: stream.status["state"] == "open")


async def test_every_word_arrives_once_over_100_cuts_but_for_guesses_that_were_replaced(fake: FakeService) -> None:
    told: list[str] = []
    async with WhoSpeaks(fake.url) as client:
        stream = client.stream(words=True, channels=2, audio="channels", **FAST)
        await stream.send(bytes(128_000))
        for cuts in range(100):
            await eventually(lambda came=cuts: len(fake.hellos) > came)  # type: ignore[misc]
            await opened(stream)
            for _ in range(3):
                text = f"wörd-{len(told)}"
                stream.send_words([a_word(f"{text}?", 1)], final=False)
                stream.send_words([a_word(text, 1)], final=True)
                told.append(text)
            if cuts % 3 == 0:
                await eventually(lambda most=cuts: len(fake.session.words) > most)  # type: ignore[misc]
            fake.cut()
        assert all(hello["words"] and hello["audio"] == "channels" for hello in fake.hellos)
        stream.send_words([a_word("guess", 1)], final=False)
        stream.end()
        await events_of(stream)
        with pytest.raises(WhoSpeaksError) as late:
            stream.send_words([], final=True)
        assert late.value.code == "source-closed"
    words = fake.session.words
    assert [message["sequence"] for message in words] == list(range(len(words)))
    assert [word["text"] for message in words if message["final"] for word in message["words"]] == told
    assert (words[-1]["final"], words[-1]["words"][0]["text"]) == (False, "guess")


async def test_words_wait_for_their_audio_and_go_on_over_a_new_session(fake: FakeService) -> None:
    notices: list[Notice] = []
    events: list[StreamEvent] = []
    async with WhoSpeaks(fake.url) as client:
        stream = client.stream(words=True, on_notice=notices.append, **FAST)
        await stream.send(bytes(32_000))
        await opened(stream)
        stream.send_words([a_word("later", 1.5)], final=True)
        stream.send_words([a_word("far", 3)], final=True)
        await eventually(lambda: len(fake.session.audio) == 32_000)
        assert fake.session.words == []
        await stream.send(bytes(32_000))
        await eventually(lambda: len(fake.session.words) == 1)
        named = {"revision": 0, "speaker": "alice", "known": True, "probability": 1, "final": True}
        words = [{"word": 0, **a_word("later", 1.5), **named}]
        await fake.tell({"type": "words", "removed": [], "words": words})
        events.append(await anext(stream))
        stream.send_words([a_word("gone", 1)], final=True)
        fake.forget = True
        fake.cut()
        events.append(await anext(stream))
        events.append(await anext(stream))
        await stream.send(bytes(64_000))
        await eventually(lambda: len(fake.sessions) == 2 and len(fake.session.words) >= 1)
        sent = [word for message in fake.session.words for word in message["words"]]
        assert (sent[0]["text"], sent[0]["start"]) == ("far", 1)
        words = [{"word": 0, **a_word("far", 1), **named}]
        await fake.tell({"type": "words", "removed": [3], "words": words, "droppedBefore": 1})
        events.append(await anext(stream))
    first, restarted, dropped, second = events
    assert first["type"] == "words" and first["words"][0]["word"] == 0
    assert restarted == {"type": "restarted", "offsetSeconds": 2}
    assert dropped == {"type": "words", "removed": [], "words": [], "droppedBefore": 1}
    assert second["type"] == "words"
    assert (second["removed"], second.get("droppedBefore")) == ([4], 2)
    assert (second["words"][0]["word"], second["words"][0]["start"]) == (1, 3)


def test_messages_without_words_are_kept_only_if_one_withdraws_a_guess() -> None:
    box = WordOutbox()
    box.push([a_word("a", 1)], final=False)
    assert box.take(60) is not None
    for final in (True, True, False):
        box.push([], final)
    told = box.take(60)
    assert told is not None
    assert (told["sequence"], told["words"]) == (1, [])
    box.push([], final=True)
    assert box.empty
    # What the service has taken last may have been a guess.
    box.acknowledge(2)
    box.push([], final=True)
    assert not box.empty


def test_a_guess_stays_until_another_word_of_its_channel() -> None:
    box = WordOutbox()
    box.push([a_word("a", 1)], final=False, channel=0)
    box.push([a_word("b", 1)], final=False, channel=1)
    box.push([a_word("c", 1)], final=True, channel=0)
    box.push([], final=True, channel=0)
    sent = [box.take(60), box.take(60)]
    assert [(told and told["words"][0]["text"], told and told.get("channel")) for told in sent] == [("b", 1), ("c", 0)]
    assert box.empty
    box.push([], final=True, channel=1)
    box.resume(0)
    told = box.take(60)
    assert told is not None
    assert (told["words"][0]["text"], told["sequence"]) == ("c", 0)


async def test_a_stream_without_words_takes_and_asks_for_none(fake: FakeService) -> None:
    async with WhoSpeaks(fake.url) as client:
        stream = client.stream()
        with pytest.raises(WhoSpeaksError) as unasked:
            stream.send_words([], final=True)
        assert unasked.value.code == "invalid-option"
        await opened(stream)
    assert "words" not in fake.hellos[0]


@pytest.mark.parametrize(
    ("code", "words", "final"),
    [
        ("transcript-times", [{"text": "a", "start": 1}], True),
        ("transcript-times", [a_word("a", 2, 1)], True),
        ("transcript-times", [a_word("a", float("nan"))], True),
        ("transcript-format", [a_word("a", 1), a_word("", 1)], True),
        ("transcript-format", [a_word("\ud83d", 1)], True),
        ("transcript-limit", [a_word("\U0001f600" * 101, 1)], True),
        ("transcript-limit", [a_word("a", 1)] * 101, False),
        ("transcript-limit", [a_word("a", 1)] * 5001, True),
    ],
)
async def test_what_is_no_word_is_refused_before_it_is_sent(
    fake: FakeService, code: str, words: list[Any], final: bool
) -> None:
    async with WhoSpeaks(fake.url) as client:
        stream = client.stream(words=True)
        with pytest.raises(WhoSpeaksError) as refused:
            stream.send_words(words, final=final)
        assert refused.value.code == code
        stream.send_words([a_word("good", 0)], final=True)
        stream.end()
        await events_of(stream)
    assert [word["text"] for message in fake.session.words for word in message["words"]] == ["good"]


async def test_words_of_a_stream_that_is_cut_are_named_as_its_turns_are(enrolled: RunningService) -> None:
    pcm = meeting_pcm()
    draw = random.Random(5)
    mean = len(pcm) * 0.6 / CUTS
    proxy = CuttingProxy(enrolled.port, lambda: draw.uniform(1, 2 * mean) if proxy.cuts < CUTS else float("inf"))
    told: list[str] = []
    notices: list[Notice] = []
    async with proxy, WhoSpeaks(f"http://127.0.0.1:{proxy.port}") as client:
        stream = client.stream(live=False, words=True, buffer_seconds=600, on_notice=notices.append, **FAST)
        for at in range(len(pcm) // 32_000):
            await stream.send(pcm[at * 32_000 : (at + 1) * 32_000])
            said = [a_word(f"w{3 * at + i}", at + after) for i, after in enumerate((0.1, 0.4, 0.7))]
            stream.send_words(said[:2], final=False)
            stream.send_words(said, final=True)
            told += [word["text"] for word in said]
        stream.send_words([a_word("odd", 1) | {"confidence": 2}], final=True)
        stream.end()
        events = await events_of(stream)
    assert proxy.cuts == CUTS
    assert events[-1]["type"] == "end"
    words: dict[int, Any] = {}
    for event in events:
        if event["type"] == "words":
            for number in event["removed"]:
                del words[number]
            for word in event["words"]:
                assert word["revision"] == (words[word["word"]]["revision"] + 1 if word["word"] in words else 0)
                words[word["word"]] = word
    assert [word["text"] for word in words.values()] == told
    assert all(word["final"] for word in words.values())
    turns: dict[int, Any] = {}
    for event in events:
        if event["type"] in ("final", "correction"):
            turns[event["turn"]] = event
    # Well within a turn there is no doubt.
    sure = [
        (word["speaker"], turn["speaker"])
        for word in words.values()
        for turn in turns.values()
        if turn["start"] + 1 < word["start"] and word["end"] < turn["end"] - 1
    ]
    assert len(sure) > 40
    assert {"alice", "bob"} <= {speaker for _, speaker in sure}
    assert all(word == turn for word, turn in sure)
    assert [notice["code"] for notice in notices if notice["type"] == "error"] == ["transcript-format"]
