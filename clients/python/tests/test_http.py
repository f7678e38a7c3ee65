"""Speakers, recordings and comparisons, at the real service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers import AUDIO, RunningService, eventually

from whospeaks_client import Notice, WhoSpeaks, WhoSpeaksError

ALICE, BOB = AUDIO / "alice.wav", AUDIO / "bob.wav"


async def test_enrols_lists_renames_removes_and_restores_speakers(client: WhoSpeaks) -> None:
    dry = await client.speakers.enroll("carol", ALICE, dry_run=True)
    assert (dry["saved"], dry["speaker"]["name"]) == (False, "carol")
    made = await client.speakers.enroll("carol & één?", [ALICE.read_bytes(), BOB])
    assert (made["saved"], made["replaced"], made["speaker"]["recordings"]) == (True, False, 2)
    assert made["speaker"]["name"] == "carol & één?"
    assert made["report"]["advice"] != []
    with pytest.raises(WhoSpeaksError) as refused:
        await client.speakers.enroll("carol & één?", ALICE)
    assert refused.value.code == "speaker-exists"
    assert (await client.speakers.enroll("carol & één?", [ALICE], existing="replace"))["replaced"]

    renamed = await client.speakers.rename("carol & één?", "carol")
    assert renamed["id"] == made["speaker"]["id"]
    assert await client.speakers.get("carol") == renamed
    assert {speaker["name"] for speaker in (await client.speakers.list())["speakers"]} == {"alice", "bob", "carol"}

    await client.speakers.delete("carol")
    assert [speaker["name"] for speaker in (await client.speakers.removed())["removed"]] == ["carol"]
    assert (await client.speakers.restore("carol"))["name"] == "carol"
    await client.speakers.delete("carol", erase=True)
    assert (await client.speakers.removed())["removed"] == []
    with pytest.raises(WhoSpeaksError) as refused:
        await client.speakers.get("carol")
    assert refused.value.code == "speaker-not-found"


async def test_a_stream_hears_of_new_speakers(client: WhoSpeaks) -> None:
    notices: list[Notice] = []
    async with client.stream(on_notice=notices.append) as stream:
        await eventually(lambda: stream.status["state"] == "open")
        await client.speakers.enroll("dora", BOB)
        await eventually(
            lambda: any(notice["type"] == "speakers" and "dora" in notice["speakers"] for notice in notices)
        )
    await client.speakers.delete("dora", erase=True)


async def test_follows_a_recording_to_its_result(client: WhoSpeaks) -> None:
    sent = await client.recordings.submit(AUDIO / "meeting.wav", max_speakers=5)
    states = [now["state"] async for now in client.recordings.progress(sent["recording"], every_seconds=0.05)]
    assert states[-1] == "done"
    done = await client.recordings.result(sent["recording"])
    assert {"alice", "bob"} <= {speaker["label"] for speaker in done["speakers"]}
    assert done["segments"][0]["speaker"] == "alice"
    assert [each["recording"] for each in (await client.recordings.list())["recordings"]] == [sent["recording"]]
    assert (await client.recordings.transcript(sent["recording"], "rttm")).startswith("SPEAKER ")

    unknown = next(speaker["label"] for speaker in done["speakers"] if not speaker["known"])
    named = await client.recordings.name(sent["recording"], unknown, "erin")
    assert (named["how"], named["speaker"]["name"]) == ("enrolled", "erin")
    await client.speakers.delete("erin", erase=True)
    await client.recordings.delete(sent["recording"])
    with pytest.raises(WhoSpeaksError) as gone:
        await client.recordings.get(sent["recording"])
    assert gone.value.code == "recording-unknown"


async def test_a_recording_with_a_transcript_has_its_words_under_names(client: WhoSpeaks, tmp_path: Path) -> None:
    path = tmp_path / "meeting.json"
    told = [{"word": f"w{at}", "start": at + 0.6, "end": at + 0.9} for at in range(20)]
    path.write_text(json.dumps({"text": "", "words": told}))
    sent = await client.recordings.submit(AUDIO / "meeting.wav", transcript=path)
    done = await client.recordings.result(sent["recording"], every_seconds=0.05)
    transcript = done["transcript"]
    assert (transcript["format"], transcript["estimatedWords"], transcript["isDoubtful"]) == ("openai", 0, False)
    assert [word["text"] for word in transcript["words"]] == [word["word"] for word in told]
    assert {"alice", "bob"} <= {word["speaker"] for word in transcript["words"]}
    assert "**bob**" in await client.recordings.transcript(sent["recording"], "md")
    await client.recordings.delete(sent["recording"])
    with pytest.raises(WhoSpeaksError) as refused:
        await client.recordings.submit(AUDIO / "meeting.wav", transcript=tmp_path / "none.json")
    assert refused.value.code == "file-not-found"
    sent = await client.recordings.submit(AUDIO / "meeting.wav", transcript=b"what is this")
    with pytest.raises(WhoSpeaksError) as refused:
        await client.recordings.result(sent["recording"], every_seconds=0.05)
    assert refused.value.code == "transcript-format"
    await client.recordings.delete(sent["recording"])


async def test_a_recording_that_fails_or_is_refused(client: WhoSpeaks, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(ALICE.read_bytes()[:60])
    with pytest.raises(WhoSpeaksError) as failed:
        sent = await client.recordings.submit(broken)
        await client.recordings.result(sent["recording"], every_seconds=0.05)
    assert failed.value.code.startswith("audio-")
    for asked, code in [
        (client.recordings.submit(tmp_path / "none.wav"), "file-not-found"),
        (client.recordings.submit(tmp_path), "file-unreadable"),
        (client.recordings.submit(ALICE, speakers=0), "invalid-option"),
        (client.recordings.submit(ALICE, min_speakers=3, max_speakers=2), "invalid-option"),
        (client.recordings.submit_url("http://127.0.0.1:9/a.wav"), "server-forbidden"),
    ]:
        with pytest.raises(WhoSpeaksError) as refused:
            await asked
        assert refused.value.code == code


async def test_verifies_and_identifies(client: WhoSpeaks) -> None:
    same = await client.verify(ALICE, speaker="alice")
    assert same["same"] is True
    different = await client.verify(ALICE, BOB, false_accept_rate=0.001, prior=0.1)
    assert different["same"] is False
    assert different["probability"] is not None and different["probability"] < 0.1
    found = await client.identify(BOB, count=1)
    assert (found["named"], [each["speaker"] for each in found["speakers"]]) == ("bob", ["bob"])
    for asked, code in [
        (client.verify(ALICE), "invalid-option"),
        (client.verify(ALICE, BOB, prior=2), "invalid-option"),
        (client.verify(ALICE, BOB, false_accept_rate=2), "invalid-option"),
        (client.identify(ALICE, count=0), "invalid-option"),
        (client.identify(ALICE, false_accept_rate=2), "invalid-option"),
        (client.verify(ALICE, speaker="nobody"), "speaker-not-found"),
    ]:
        with pytest.raises(WhoSpeaksError) as refused:
            await asked
        assert refused.value.code == code


async def test_a_client_that_is_closed_asks_nothing_more(enrolled: RunningService) -> None:
    async with WhoSpeaks(enrolled.url) as client:
        stream = client.stream()
        await client.speakers.list()
    assert stream.status["state"] == "closed"
    with pytest.raises(WhoSpeaksError, match="the client is closed") as refused:
        await client.speakers.list()
    assert refused.value.code == "source-closed"
    with pytest.raises(WhoSpeaksError, match="the client is closed"):
        client.stream()
