"""Options of the client and of a stream, checked once."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Union, get_args
from urllib.parse import urlsplit

from .errors import WhoSpeaksError
from .messages import AudioMode, Encoding

Token = Union[str, Callable[[], Union[str, Awaitable[str]]], None]
"""A bearer token, or a function that gives the current one: it is called before each request and connection."""

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@dataclass(frozen=True)
class StreamOptions:
    """Options of one stream, as ``WhoSpeaks.stream`` describes them. Raises ``invalid-option``."""

    encoding: Encoding
    sample_rate_hz: int
    channels: int
    audio: AudioMode
    live: bool
    latency_seconds: float | None
    words: bool
    buffer_seconds: float
    max_attempts: int
    backoff_seconds: tuple[float, float]
    stall_seconds: float

    def __post_init__(self) -> None:
        check_choice("stream", "encoding", self.encoding, get_args(Encoding))
        _check_whole("sample_rate_hz", self.sample_rate_hz, 8000, 48_000)
        _check_whole("channels", self.channels, 1, 8)
        check_choice("stream", "audio", self.audio, get_args(AudioMode))
        if not isinstance(self.live, bool):
            raise invalid("stream", "live", "True or False", self.live)
        if not isinstance(self.words, bool):
            raise invalid("stream", "words", "True or False", self.words)
        if self.latency_seconds is not None:
            _check_number("latency_seconds", self.latency_seconds, 0.5, 10)
        _check_number("buffer_seconds", self.buffer_seconds, 1, 3600)
        _check_whole("max_attempts", self.max_attempts, 1, math.inf)
        if not isinstance(self.backoff_seconds, (tuple, list)) or len(self.backoff_seconds) != 2:
            raise invalid("stream", "backoff_seconds", "two numbers, the first and the most", self.backoff_seconds)
        first, most = self.backoff_seconds
        _check_number("backoff_seconds", first, 0.001, 600)
        _check_number("backoff_seconds", most, first, 600)
        _check_number("stall_seconds", self.stall_seconds, 1, 600)


def service_url(url: object) -> str:
    """The service's base by http or https, with a path that ends in a slash. Raises ``invalid-option``."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        # A port that is out of range is a ValueError too.
        is_address = parts is not None and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if parts is None or not is_address:
        raise invalid("WhoSpeaks", "url", "an address such as http://127.0.0.1:7979", url)
    if parts.scheme not in _SCHEMES:
        raise invalid("WhoSpeaks", "url", "an http, https, ws or wss address", url)
    place = parts.netloc.rpartition("@")[2]
    return f"{_SCHEMES[parts.scheme]}://{place}{parts.path.rstrip('/')}/"


def check_choice(where: str, name: str, value: object, known: Sequence[str]) -> None:
    """Raises ``invalid-option`` if the value is none of the known ones."""
    if value not in known:
        raise invalid(where, name, f"{', '.join(known[:-1])} or {known[-1]}", value)


def invalid(where: str, name: str, expected: str, received: object) -> WhoSpeaksError:
    """The error for an option that cannot be used."""
    return WhoSpeaksError(
        "invalid-option", f'{where}: option "{name}": expected {expected}, received {shown(received)}'
    )


def shown(value: object) -> str:
    """A value in a few words, for a message."""
    if isinstance(value, (str, bytes)):
        return repr(value[:60])
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    return f"an object of {type(value).__name__}"


def _check_number(name: str, value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        expected = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:g}"
        raise invalid("stream", name, expected, value)


def _check_whole(name: str, value: object, least: float, most: float) -> None:
    _check_number(name, value, least, most)
    if not isinstance(value, int):
        raise invalid("stream", name, "a whole number", value)
