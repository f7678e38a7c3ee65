"""Bad options are refused by name, with what was expected and what came."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import trouble_of

from whospeaks_client import WhoSpeaks, WhoSpeaksError

URL = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_rate_hz": 96_000}, '"sample_rate_hz": expected 8000 to 48000, received 96000'),
        ({"sample_rate_hz": "16000"}, "\"sample_rate_hz\": expected 8000 to 48000, received '16000'"),
        ({"channels": 1.5}, '"channels": expected a whole number, received 1.5'),
        ({"encoding": "mp3"}, "\"encoding\": expected s16le, f32le, mulaw or alaw, received 'mp3'"),
        ({"buffer_seconds": float("nan")}, '"buffer_seconds": expected 1 to 3600, received nan'),
        ({"max_attempts": 0}, '"max_attempts": expected 1 or more, received 0'),
        ({"backoff_seconds": 5}, '"backoff_seconds": expected two numbers, the first and the most, received 5'),
        ({"backoff_seconds": (5, 2)}, '"backoff_seconds": expected 5 to 600, received 2'),
        ({"live": "no"}, "\"live\": expected True or False, received 'no'"),
        ({"words": 1}, '"words": expected True or False, received 1'),
        ({"latency_seconds": 99}, '"latency_seconds": expected 0.5 to 10, received 99'),
        ({"stall_seconds": None}, '"stall_seconds": expected 1 to 600, received None'),
        ({"source": b"abc"}, "\"source\": expected an async iterable of sound, or None, received b'abc'"),
    ],
)
async def test_of_a_stream(options: dict[str, Any], message: str) -> None:
    async with WhoSpeaks(URL) as client:
        with pytest.raises(WhoSpeaksError) as refused:
            client.stream(**options)
    assert (refused.value.code, str(refused.value)) == ("invalid-option", f"stream: option {message}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "nonsense"}, "\"url\": expected an address such as http://127.0.0.1:7979, received 'nonsense'"),
        ({"url": 5}, '"url": expected an address such as http://127.0.0.1:7979, received 5'),
        (
            {"url": "http://h:99999"},
            "\"url\": expected an address such as http://127.0.0.1:7979, received 'http://h:99999'",
        ),
        ({"url": "ftp://host"}, "\"url\": expected an http, https, ws or wss address, received 'ftp://host'"),
        ({"token": 5}, '"token": expected a string or a function, received 5'),
        ({"ssl_context": True}, '"ssl_context": expected an ssl.SSLContext, received True'),
        ({"timeout_seconds": 0}, '"timeout_seconds": expected more than 0, received 0'),
    ],
)
def test_of_the_client(options: dict[str, Any], message: str) -> None:
    with pytest.raises(WhoSpeaksError) as refused:
        WhoSpeaks(**{"url": URL, **options})
    assert (refused.value.code, str(refused.value)) == ("invalid-option", f"WhoSpeaks: option {message}")


@pytest.mark.parametrize("token", ["schl\u00fcssel", "two\nlines"])
async def test_a_token_that_no_header_can_carry_is_not_repeated(token: str) -> None:
    async with WhoSpeaks(URL, token=token) as client:
        for error in (await trouble_of(client.stream()), await refusal_of(client)):
            assert error.code == "invalid-option"
            assert str(error) == 'WhoSpeaks: option "token": expected printable ASCII characters'


async def refusal_of(client: WhoSpeaks) -> WhoSpeaksError:
    with pytest.raises(WhoSpeaksError) as refused:
        await client.speakers.list()
    return refused.value


async def test_of_requests() -> None:
    async with WhoSpeaks(URL) as client:
        for asked, code in [
            (client.speakers.enroll("a", b"", existing="maybe"), "invalid-option"),  # type: ignore[arg-type]
            (client.speakers.enroll("a", "alice.wav"), "invalid-option"),  # type: ignore[arg-type]
            (client.speakers.enroll("a", []), "audio-empty"),
            (client.speakers.get(""), "speaker-name"),
            (client.recordings.get(""), "recording-unknown"),
            (client.recordings.transcript("a", "doc"), "invalid-option"),  # type: ignore[arg-type]
            (client.recordings.submit(b"", audio="left"), "invalid-option"),  # type: ignore[arg-type]
        ]:
            with pytest.raises(WhoSpeaksError) as refused:
                await asked
            assert refused.value.code == code


async def test_commands_that_the_service_would_end_the_stream_for() -> None:
    async with WhoSpeaks(URL) as client, client.stream() as stream:
        for command in [
            stream.name("unknown-1", ""),
            stream.name("", "carol"),
            stream.name("x" * 65, "carol"),
            stream.name("unknown-1", "x" * 257),
            stream.name("unknown-1", "\U0001f600" * 129),
            stream.assign(-1, "carol"),
            stream.assign(1.5, "carol"),  # type: ignore[arg-type]
        ]:
            with pytest.raises(WhoSpeaksError) as refused:
                await command
            assert refused.value.code == "speaker-name"
