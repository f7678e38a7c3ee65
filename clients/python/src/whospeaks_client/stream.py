"""One stream to the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import suppress
from types import TracebackType

from ._connection import Connection
from ._http import Service
from ._options import StreamOptions, invalid
from ._pcm import Sound
from .events import StreamEvent
from .messages import Notice, Status, Word


class Stream:
    """Events of one stream, in order: none is lost or repeated, however often the connection breaks.

    Iterate over it (``async for event in stream``); the iteration ends after the last event, and raises
    ``WhoSpeaksError`` if the stream cannot continue. An error of the audio source is raised as it is. ``async with``
    closes it; so does the client's end. ``WhoSpeaks.stream`` makes one; it connects at once.
    """

    def __init__(
        self,
        service: Service,
        source: AsyncIterable[Sound] | None,
        options: StreamOptions,
        on_notice: Callable[[Notice], None] | None,
        on_status: Callable[[Status], None] | None,
    ) -> None:
        if source is not None and not isinstance(source, AsyncIterable):
            raise invalid("stream", "source", "an async iterable of sound, or None", source)
        self._options = options
        self._connection = Connection(service, options, on_notice or _ignore, on_status or _ignore)
        self._running = asyncio.create_task(self._connection.run())
        self._feeding = None if source is None else asyncio.create_task(self._feed(source))
        self._running.add_done_callback(self._over)

    @property
    def status(self) -> Status:
        """State of the connection: connecting, open, waiting or closed."""
        return self._connection.status

    @property
    def position_seconds(self) -> float:
        """Time of the newest audio given to the stream, seconds of the present session."""
        frames = self._connection.outbox.pushed_frames - self._connection.session_start_frame
        return frames / self._options.sample_rate_hz

    @property
    def dropped_seconds(self) -> float:
        """Live audio that the connection could not carry, seconds; 0 for a recording."""
        return self._connection.outbox.dropped_frames / self._options.sample_rate_hz

    async def send(self, sound: Sound) -> None:
        """Audio of a stream without a source: bytes in its encoding, cut anywhere, or samples.

        Await it for a recording: it returns when there is room, so iterate over the events meanwhile. Raises
        ``audio-format``, ``source-closed`` after the end, or what the stream ended with.
        """
        await self._connection.send(sound)

    def send_words(self, words: Iterable[Word], *, final: bool, channel: int | None = None) -> None:
        """What a recogniser tells of this sound: final words, or a guess that the next call replaces.

        A word is ``{"text": "hello", "start": 1.2, "end": 1.5}``, in seconds of all audio given to the stream. Words
        wait for their audio to be sent, so send them whenever they come; the last ones before ``end``. They come back
        under names as ``words`` events. Of a stream with ``audio="channels"``, ``channel`` is the one that they are of,
        from 0; a guess is replaced by its own channel's. Words that the service refuses are an error to ``on_notice``,
        with a code that begins with ``transcript-``.

        Raises ``invalid-option`` without the option ``words``; ``source-closed`` after the end; ``transcript-format``,
        ``transcript-times`` or ``transcript-limit`` for words that are none or too many.
        """
        self._connection.send_words(words, final, channel)

    def end(self) -> None:
        """End the audio of a stream without a source. The remaining events follow.

        Bytes that end inside a sample give ``audio-truncated`` to ``on_notice``.
        """
        self._connection.end()

    async def name(self, label: str, speaker: str, *, learn: bool = False, save: bool = True) -> None:
        """Name an unknown speaker of this stream (``unknown-1``). Earlier turns are corrected.

        A new name enrols it. An enrolled name merges it with that speaker: its speech becomes an adaptation, or part of
        the profile with ``learn``. Another unknown label merges the two. ``save`` stores it. Returns when the service
        has obeyed; raises ``WhoSpeaksError`` if it refuses.
        """
        # A service that does not know `learn` takes a name without it.
        if learn:
            await self._connection.command(
                {"type": "name", "label": label, "speaker": speaker, "learn": True, "save": save}
            )
        else:
            await self._connection.command({"type": "name", "label": label, "speaker": speaker, "save": save})

    async def assign(self, turn: int, speaker: str) -> None:
        """Set the speaker of a turn: an enrolled name, an unknown label, or ``unknown``.

        Later evidence does not change it. Raises ``WhoSpeaksError`` if the service refuses.
        """
        await self._connection.command({"type": "assign", "turn": turn, "speaker": speaker})

    async def close(self) -> None:
        """Abandon the stream at once; the iteration ends after the events that came in."""
        self._running.cancel()
        tasks = [task for task in (self._running, self._feeding) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    def on_closed(self, listener: Callable[[], None]) -> None:
        """Call the listener when the stream is over."""
        self._running.add_done_callback(lambda _: listener())

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> StreamEvent:
        event = await self._connection.events.take()
        if event is None:
            raise StopAsyncIteration
        return event

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _over(self, _: object) -> None:
        self._connection.finish()
        if self._feeding is not None:
            self._feeding.cancel()

    async def _feed(self, source: AsyncIterable[Sound]) -> None:
        try:
            async for sound in source:
                await self._connection.send(sound)
                # A source that never waits must not keep the connection from being read.
                await asyncio.sleep(0)
            self._connection.end()
        except Exception as error:
            self._connection.finish(error)
            self._running.cancel()
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                with suppress(RuntimeError):  # It is closed, or another task reads it.
                    await close()


def _ignore(_: object) -> None:
    """Whoever gave no listener does not want to know."""
