"""Events between the connection and whoever iterates."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .events import StreamEvent

MOST_UNREAD = 4096


class EventQueue:
    """Keeps events in order. At ``MOST_UNREAD`` the connection is read no further until one is taken.

    It goes on nevertheless while ``is_awaited`` says so: whoever waits for the answer to a command takes none.
    """

    def __init__(self, is_awaited: Callable[[], bool]) -> None:
        self._is_awaited = is_awaited
        self._events: deque[StreamEvent] = deque()
        self._changed = asyncio.Event()
        self._closed = False
        self._error: BaseException | None = None

    async def put(self, event: StreamEvent) -> None:
        """Add one, and wait while there are too many."""
        self._events.append(event)
        self.wake()
        while len(self._events) >= MOST_UNREAD and not self._is_awaited():
            await self._change()

    def close(self, error: BaseException | None) -> None:
        """No more events will come; the iteration ends after those that are here, with the error if there is one."""
        self._closed = True
        self._error = error
        self.wake()

    async def take(self) -> StreamEvent | None:
        """The next event; None at the end. Raises the error that the stream ended with, once."""
        while not self._events:
            if self._closed:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                return None
            await self._change()
        self.wake()
        return self._events.popleft()

    def wake(self) -> None:
        """What the waiting depends on has changed."""
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
