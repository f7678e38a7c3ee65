"""The client of a whospeaks service."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, Callable
from types import TracebackType
from typing import cast

from ._audio import AudioFile, body_of
from ._http import Service
from ._options import StreamOptions, Token
from ._pcm import Sound
from .messages import AudioMode, Encoding, Notice, Status
from .recordings import Recordings
from .replies import Identification, Verification
from .speakers import Speakers
from .stream import Stream


class WhoSpeaks:
    """A service, with its streams, speakers and recordings. Use it as ``async with WhoSpeaks(url) as client``.

    ``url`` is ``https://host``, ``ws://127.0.0.1:7979`` and the like; a path before ``/v1`` is kept. ``token`` is left
    out if the service has none; it may be a function, called before each request. It travels in a header, never in a
    URL. ``ssl_context`` trusts a certificate of your own (``ssl.create_default_context(cafile=...)``).
    ``timeout_seconds`` bounds how long the service may take to answer a request. Raises ``invalid-option``.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token = None,
        ssl_context: ssl.SSLContext | None = None,
        timeout_seconds: float = 300,
    ) -> None:
        self._service = Service(url, token, ssl_context, timeout_seconds)
        self._streams: set[Stream] = set()
        self.speakers = Speakers(self._service)
        self.recordings = Recordings(self._service)

    def stream(
        self,
        source: AsyncIterable[Sound] | None = None,
        *,
        encoding: Encoding = "s16le",
        sample_rate_hz: int = 16_000,
        channels: int = 1,
        audio: AudioMode = "mix",
        live: bool = True,
        latency_seconds: float | None = None,
        words: bool = False,
        buffer_seconds: float = 30,
        max_attempts: int = 10,
        backoff_seconds: tuple[float, float] = (0.5, 15),
        stall_seconds: float = 10,
        on_notice: Callable[[Notice], None] | None = None,
        on_status: Callable[[Status], None] | None = None,
    ) -> Stream:
        """Open a stream of the source's audio; iterate over its events. Without a source, use its ``send`` and ``end``.

        - ``source``: bytes in ``encoding``, cut anywhere, or samples: floats of -1 to 1 or 16-bit integers; channels
          interleaved. 8000 to 48000 Hz, 1 to 8 channels.
        - ``audio``: ``channels`` hears each channel by itself, and events say their ``channel``; default: a mix.
        - ``live``: audio that the connection cannot carry is dropped, the oldest first, and shows as a ``lag`` event.
          False: a recording, of which nothing is dropped; the source is read as fast as the service hears it.
        - ``latency_seconds``: how long after a turn its ``final`` may come, 0.5 to 10; default the service's.
        - ``words``: words of a recogniser are sent too (``send_words``), and come back as ``words`` events.
        - ``buffer_seconds``: audio that may wait here for the connection.
        - ``max_attempts``, ``backoff_seconds``: attempts to connect in a row before it gives up; ceilings of the first
          and of every wait between them, seconds.
        - ``stall_seconds``: silence of the service, while it owes an answer, after which the connection counts as dead.
        - ``on_notice``, ``on_status``: called with what the service says beside events, and with changes of the
          connection.

        Raises ``invalid-option``, or ``source-closed`` after ``close``. Call it in a running event loop.
        """
        self._service.check_open()
        options = StreamOptions(
            encoding=encoding,
            sample_rate_hz=sample_rate_hz,
            channels=channels,
            audio=audio,
            live=live,
            latency_seconds=latency_seconds,
            words=words,
            buffer_seconds=buffer_seconds,
            max_attempts=max_attempts,
            backoff_seconds=backoff_seconds,
            stall_seconds=stall_seconds,
        )
        stream = Stream(self._service, source, options, on_notice, on_status)
        self._streams.add(stream)
        stream.on_closed(lambda: self._streams.discard(stream))
        return stream

    async def verify(
        self,
        a: AudioFile,
        b: AudioFile | None = None,
        *,
        speaker: str | None = None,
        false_accept_rate: float | None = None,
        prior: float | None = None,
    ) -> Verification:
        """Whether two recordings, or a recording and an enrolled ``speaker``, are one person's. Nothing is kept.

        ``false_accept_rate``: share of pairs of different people that may be called the same, 0 to 1; default 0.01.
        ``prior``: probability of one person before anything is heard; default 0.5.
        """
        query = {"speaker": speaker, "falseAcceptRate": false_accept_rate, "prior": prior}
        body = await body_of([a] if b is None else [a, b])
        return cast(Verification, await self._service.json("POST", "v1/verify", query=query, **body))

    async def identify(
        self, recording: AudioFile, *, count: int | None = None, false_accept_rate: float | None = None
    ) -> Identification:
        """Whose voice a recording has, of the group's speakers: the ``count`` likeliest first. Nothing is kept."""
        query = {"count": count, "falseAcceptRate": false_accept_rate}
        body = await body_of(recording)
        return cast(Identification, await self._service.json("POST", "v1/identify", query=query, **body))

    async def close(self) -> None:
        """Abandon the streams, and close the connections."""
        for stream in list(self._streams):
            await stream.close()
        await self._service.http.aclose()

    async def __aenter__(self) -> WhoSpeaks:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
