"""A session over as many WebSockets as it takes."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import cast

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ._backoff import backoff_seconds
from ._close_codes import ABNORMAL, DONE, FIRST_OF_SERVICE, SESSION_UNKNOWN, may_restart, may_resume
from ._event_queue import EventQueue
from ._http import Service
from ._options import StreamOptions, service_url
from ._outbox import Outbox
from ._pcm import Sound, to_bytes
from ._pending import PendingCommands, check_command
from ._socket import WELCOME_SECONDS, open_socket
from ._words import SessionWords, WordOutbox
from .errors import RequestError, WhoSpeaksError, ended, lost_later, to_error_code
from .events import RestartedEvent, WireEvent
from .messages import (
    ClientMessage,
    CommandMessage,
    ErrorMessage,
    Hello,
    Notice,
    ServerMessage,
    Status,
    Welcome,
    Word,
)

_MESSAGE_SECONDS = 0.1
_MESSAGE_BYTES = 32_768
_FRAME_BYTES = {"s16le": 2, "f32le": 4, "mulaw": 1, "alaw": 1}
_RECEIVED_EVERY = 16
"""Events after which the service is told that it may forget them."""
_LOOK_SECONDS = 1.0
"""How often a silent connection is looked at."""


class Connection:
    """Connects, waits, resumes, begins anew, and gives up where that makes no sense.

    ``run`` is the life of it; what it hears goes into ``events`` and the two listeners.
    """

    def __init__(
        self,
        service: Service,
        options: StreamOptions,
        on_notice: Callable[[Notice], None],
        on_status: Callable[[Status], None],
    ) -> None:
        self._service = service
        self._base = service.url
        """Of the server that is asked next."""
        self._options = options
        self._on_notice = on_notice
        self._on_status = on_status
        self.status: Status = {"state": "connecting", "attempt": 0}
        frame_bytes = _FRAME_BYTES[options.encoding] * options.channels
        self.outbox = Outbox(
            frame_bytes=frame_bytes,
            max_frames=math.ceil(options.buffer_seconds * options.sample_rate_hz),
            max_message_frames=int(min(_MESSAGE_SECONDS * options.sample_rate_hz, _MESSAGE_BYTES / frame_bytes)),
            drop_oldest=options.live,
        )
        self._word_outbox = WordOutbox()
        self._session_words = SessionWords()
        self._commands = PendingCommands()
        self.events = EventQueue(lambda: bool(self._commands.unanswered))
        self.session_start_frame = 0
        """Frame of all audio at which the time of the present session begins."""
        self._texts: deque[str] = deque()
        self._to_write = asyncio.Event()
        self._room = asyncio.Event()
        self._welcome: Welcome | None = None
        self._is_open = False
        self._was_open = False
        self._last_event = 0
        self._attempt = 0
        self._heard_at = 0.0
        self._ending = False
        self._end_told = False
        self._end_heard = False
        self._fatal: ErrorMessage | None = None
        self._failure: BaseException | None = None

    @property
    def closed(self) -> bool:
        """Whether the stream is over."""
        return self.status["state"] == "closed"

    async def send(self, sound: Sound) -> None:
        """Audio to send; of a recording, returns when there is room for more.

        Raises ``audio-format``, or ``source-closed`` after the end.
        """
        if self._ending or self.closed:
            raise ended()
        self.outbox.push(to_bytes(sound, self._options.encoding))
        self._to_write.set()
        while not self._options.live and self.outbox.full and not self.closed:
            self._room.clear()
            await self._room.wait()
        if self._failure is not None:
            raise self._failure

    def send_words(self, words: Iterable[Word], final: bool, channel: int | None) -> None:
        """What a recogniser tells. Raises as ``Stream.send_words``."""
        if not self._options.words:
            raise WhoSpeaksError("invalid-option", 'stream: option "words": expected True, for a stream with words')
        if self._ending or self.closed:
            raise ended()
        self._word_outbox.push(words, final, channel)
        self._to_write.set()

    def end(self) -> None:
        """No more audio; the remaining events follow."""
        if self._ending:
            return
        self._ending = True
        if self.outbox.partial_bytes > 0:
            message = "the sound ended in the middle of a sample; check its encoding and channels"
            self._on_notice({"type": "error", "code": "audio-truncated", "message": message, "fatal": False})
        self._to_write.set()

    async def command(self, message: CommandMessage) -> None:
        """Wait until the service obeys. Raises what it answers, or ``source-closed``."""
        if self.closed:
            raise ended()
        check_command(message)
        if self._is_open:
            self._tell(message)
        answer = self._commands.add(message)
        self.events.wake()
        await answer

    async def run(self) -> None:
        """Connect until the stream is over; after a cancellation, ``finish`` it."""
        try:
            await self._keep_connected()
        except Exception as error:
            self.finish(error)
        else:
            self.finish()

    def finish(self, error: BaseException | None = None) -> None:
        """The stream is over, with the error or as it should."""
        if self.closed:
            return
        self._failure = error or ended()
        self._commands.refuse_all(self._failure)
        self.status = {"state": "closed", "error": error}
        self._room.set()
        self.events.close(error)
        self._on_status(self.status)

    async def _keep_connected(self) -> None:
        while True:
            self._fatal = None
            self._tell_status({"state": "connecting", "attempt": self._attempt})
            retry_after: float | None
            try:
                code = await self._one_socket()
            except RequestError as error:
                if not error.temporary:
                    raise
                self._base = self._service.url
                lost = self._was_open and error.status == 0
                reason: WhoSpeaksError = lost_later(str(error)) if lost else error
                retry_after = error.retry_after_seconds
            else:
                # A service that shuts down ends a stream before we did: that is not the end.
                if self._end_heard and self._ending:
                    return
                reason = self._cause_of(code)
                retry_after = self._fatal.get("retryAfterSeconds") if self._fatal else None
                elsewhere = self._elsewhere()
                # A server that is not there any more is asked for by the address that was given.
                self._base = elsewhere or self._service.url
                if elsewhere is None and not may_resume(code):
                    if not may_restart(code) or not self._may_start_anew():
                        raise reason
                    self._welcome = None
                    if code == SESSION_UNKNOWN:
                        retry_after = None
            await self._wait(reason, retry_after or 0)

    def _elsewhere(self) -> str | None:
        """Where a full server says that there is room; None if that is no address, or not as safe as the one given."""
        try:
            url = service_url(self._fatal.get("elsewhere") if self._fatal else None)
        except WhoSpeaksError:
            return None
        return None if self._service.url.startswith("https:") and not url.startswith("https:") else url

    def _cause_of(self, code: int) -> WhoSpeaksError:
        url = self._base
        if self._fatal is not None:
            return WhoSpeaksError(to_error_code(self._fatal["code"]), self._fatal["message"])
        if code < FIRST_OF_SERVICE:
            return lost_later(f"{url} closed it or the network broke ({code})")
        return WhoSpeaksError("server-failed", f"{url} ended the connection ({code}); see its log")

    def _may_start_anew(self) -> bool:
        """With a session its audio is gone: a recording would have a gap."""
        return not self._ending if self._options.live else not self._was_open

    async def _wait(self, reason: WhoSpeaksError, retry_after_seconds: float) -> None:
        self._attempt += 1
        if self._attempt >= self._options.max_attempts:
            raise reason
        wait = backoff_seconds(self._attempt - 1, *self._options.backoff_seconds, random.random())
        wait = max(wait, retry_after_seconds)
        self._tell_status({"state": "waiting", "attempt": self._attempt, "retryInSeconds": wait, "reason": reason})
        await asyncio.sleep(wait)

    async def _one_socket(self) -> int:
        """From the hello to the close; returns its code."""
        socket = await open_socket(self._service, self._base)
        clock = asyncio.get_running_loop().time
        self._heard_at = clock()
        self._texts.clear()
        helpers = [asyncio.create_task(self._write(socket)), asyncio.create_task(self._watch(socket))]
        try:
            self._tell(self._hello())
            while True:
                text = await socket.recv()
                # Events may wait here to be read: the service is not silent then.
                self._heard_at = math.inf
                if isinstance(text, str):
                    await self._hear(_parse(text))
                self._heard_at = clock()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else ABNORMAL
        except BaseException:
            await socket.close(DONE)
            raise
        finally:
            self._is_open = False
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    def _hello(self) -> Hello:
        options = self._options
        hello: Hello = {
            "type": "hello",
            "version": 1,
            "encoding": options.encoding,
            "sampleRateHz": options.sample_rate_hz,
            "channels": options.channels,
            "live": options.live,
        }
        if options.audio == "channels":
            # A service of before refuses what it does not know.
            hello["audio"] = options.audio
        if options.latency_seconds is not None:
            hello["latencySeconds"] = options.latency_seconds
        # A service that knows no words takes a hello without them.
        if options.words:
            hello["words"] = True
        if self._welcome is not None:
            session, token = self._welcome["session"], self._welcome["resumeToken"]
            hello["resume"] = {"session": session, "token": token, "lastEvent": self._last_event}
        return hello

    async def _watch(self, socket: ClientConnection) -> None:
        """Break a connection that only looks alive: the service owes an answer and says nothing."""
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            is_owed = self.outbox.unacknowledged or self._word_outbox.unacknowledged or self._ending
            if self._is_open and not is_owed:
                self._heard_at = max(self._heard_at, clock())
            limit = self._options.stall_seconds if self._is_open else WELCOME_SECONDS
            if clock() - self._heard_at > limit:
                # A close with a code would end the session.
                socket.transport.abort()
                return

    async def _hear(self, message: ServerMessage) -> None:
        if message["type"] == "ack":
            self.outbox.acknowledge(message["sequence"], message["creditBytes"])
            self._word_outbox.acknowledge(message.get("nextWords", 0))
            self._to_write.set()
        elif message["type"] == "event":
            await self._hear_event(message["id"], message["event"])
        elif message["type"] == "welcome":
            await self._opened(message)
        elif message["type"] == "error":
            if message["fatal"]:
                self._fatal = message
            elif "answers" in message:
                answers = message["answers"]
                error = WhoSpeaksError(to_error_code(message["code"]), message["message"])
                self._commands.refuse(answers, error)
            self._on_notice(message)
        elif message["type"] in ("lag", "speakers", "drain"):
            self._on_notice(message)

    async def _opened(self, welcome: Welcome) -> None:
        self._attempt = 0
        self._end_told = False
        if welcome["resumed"]:
            self.outbox.resume(welcome["nextSequence"], welcome["creditBytes"])
            self._word_outbox.resume(welcome.get("nextWords", 0))
        else:
            self.session_start_frame = self.outbox.restart(welcome["creditBytes"])
            self._last_event = 0
            self._end_heard = False
            offset = self.session_start_frame / self._options.sample_rate_hz
            lost = self._word_outbox.restart(offset)
            if self._was_open:
                await self.events.put(RestartedEvent(type="restarted", offsetSeconds=offset))
                dropped = self._session_words.restart(offset)
                if dropped is not None:
                    await self.events.put(dropped)
            if lost > 0:
                why = f"{lost} words are of the session that was lost, and get no names"
                self._on_notice({"type": "error", "code": "session-unknown", "message": why, "fatal": False})
        self._was_open = True
        self._welcome = welcome
        self._is_open = True
        self._tell_status({"state": "open", "welcome": welcome})
        for message in self._commands.unanswered:
            self._tell(message)
        self._to_write.set()

    async def _hear_event(self, number: int, event: WireEvent) -> None:
        if number <= self._last_event:
            return
        self._last_event = number
        self._end_heard = self._end_heard or event["type"] == "end"
        if event["type"] == "words":
            await self.events.put(self._session_words.placed(event))
        else:
            self._commands.hear(event)
            await self.events.put(event)
        if number % _RECEIVED_EVERY == 0:
            self._tell({"type": "received", "event": number})

    def _tell(self, message: ClientMessage) -> None:
        # Escaped, a word of another script would be several times as long, and too long together.
        self._texts.append(json.dumps(message, ensure_ascii=message["type"] != "words"))
        self._to_write.set()

    async def _write(self, socket: ClientConnection) -> None:
        """Send what may be sent; the reader hears of a close."""
        with suppress(ConnectionClosed):
            while True:
                self._to_write.clear()
                await self._write_texts(socket)
                while self._is_open and (message := self.outbox.take()) is not None:
                    await socket.send(message)
                    await self._write_texts(socket)
                if not self.outbox.full:
                    self._room.set()
                self._tell_words()
                await self._write_texts(socket)
                if self._is_open and self._ending and self.outbox.empty and not self._end_told:
                    self._end_told = True
                    self._tell({"type": "end", "messages": self.outbox.messages})
                await self._to_write.wait()

    def _tell_words(self) -> None:
        """Words follow their audio: the service knows then that it is there."""
        is_all_sent = self._ending and self.outbox.empty
        sent = math.inf if is_all_sent else self.outbox.sent_frame / self._options.sample_rate_hz
        while self._is_open and (message := self._word_outbox.take(sent)) is not None:
            self._tell(message)

    async def _write_texts(self, socket: ClientConnection) -> None:
        while self._texts:
            await socket.send(self._texts.popleft())

    def _tell_status(self, status: Status) -> None:
        self.status = status
        self._on_status(status)


def _parse(text: str) -> ServerMessage:
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise WhoSpeaksError("server-failed", "the answer is not of whospeaks' protocol; check the address")
    return cast(ServerMessage, message)
