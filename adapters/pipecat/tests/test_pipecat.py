"""A whospeaks service, and the processor in a pipeline of Pipecat's own test helpers."""

from __future__ import annotations

import asyncio

import pytest
from helpers import RunningService, meeting_pcm
from pipecat.frames.frames import ErrorFrame, Frame, InputAudioRawFrame, TextFrame, TranscriptionFrame
from pipecat.tests.utils import SleepFrame, run_test
from whospeaks_client import WhoSpeaks

from whospeaks_pipecat import SpeakerFrame, SpeakerProcessor


def audio(pcm: bytes, channels: int = 1, rate: int = 16_000) -> list[Frame]:
    size = rate // 50 * 2 * channels
    return [
        InputAudioRawFrame(audio=pcm[at : at + size], sample_rate=rate, num_channels=channels)
        for at in range(0, len(pcm), size)
    ]


def told(frames: object) -> list[SpeakerFrame]:
    assert isinstance(frames, list)
    return [frame for frame in frames if isinstance(frame, SpeakerFrame)]


async def test_tells_who_speaks_and_passes_everything_on(client: WhoSpeaks) -> None:
    sent = [*audio(meeting_pcm(15)), TextFrame("as it is")]
    down, up = await run_test(SpeakerProcessor(client), frames_to_send=sent)
    speakers = told(down)
    assert [frame.speaker for frame in speakers if frame.settled] == ["alice", "bob", "alice"]
    assert all(frame.known for frame in speakers if frame.settled)
    assert all(frame.end_seconds > frame.start_seconds for frame in speakers if frame.end_seconds is not None)
    # The first guess comes before the turn is settled.
    assert (speakers[0].turn, speakers[0].settled) == (0, False)
    passed = [frame for frame in down if not isinstance(frame, SpeakerFrame)]
    assert {frame.id for frame in passed} >= {frame.id for frame in sent}
    assert list(up) == []


async def test_names_transcriptions_only_where_it_is_to(client: WhoSpeaks) -> None:
    for names in (True, False):
        words = TranscriptionFrame("good morning", user_id="caller", timestamp="0")
        processor = SpeakerProcessor(client, name_transcriptions=names)
        await run_test(processor, frames_to_send=[*audio(meeting_pcm(4)), SleepFrame(sleep=3), words])
        assert words.user_id == ("alice" if names else "caller")
        assert processor.speaker == "alice"


async def test_two_channels_of_another_rate(client: WhoSpeaks) -> None:
    mono = meeting_pcm(8)
    stereo = b"".join(mono[at : at + 2] * 2 for at in range(0, len(mono), 4))
    down, _ = await run_test(SpeakerProcessor(client), frames_to_send=audio(stereo, channels=2, rate=8000))
    assert [frame.speaker for frame in told(down) if frame.settled][:1] == ["alice"]


@pytest.mark.parametrize("fault", ["no service", "another format"])
async def test_goes_on_without_names_after_a_fault(enrolled: RunningService, fault: str) -> None:
    url = "http://127.0.0.1:1" if fault == "no service" else enrolled.url
    async with WhoSpeaks(url) as client:
        sent = audio(meeting_pcm(2))
        if fault == "another format":
            sent += audio(meeting_pcm(1), channels=2)
            sent += audio(meeting_pcm(1))
        last = TextFrame("still here")
        down, up = await asyncio.wait_for(
            run_test(SpeakerProcessor(client), frames_to_send=[*sent, SleepFrame(sleep=1), last]), 60
        )
        assert last.id in {frame.id for frame in down}
        if fault == "another format":
            (error,) = [frame for frame in up if isinstance(frame, ErrorFrame)]
            assert "[audio-format]" in error.error


async def test_without_audio_nothing_is_opened(client: WhoSpeaks) -> None:
    down, up = await run_test(
        SpeakerProcessor(client), frames_to_send=[TextFrame("a")], expected_down_frames=[TextFrame]
    )
    assert (len(down), list(up)) == (1, [])
