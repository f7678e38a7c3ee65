"""The service's side of the protocol as docs/protocol.md has it, with no speech in it."""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


@dataclass
class Session:
    id: str
    audio: bytearray = field(default_factory=bytearray)
    skipped: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    next: int = 0
    words: list[dict[str, Any]] = field(default_factory=list)
    """As they came, each once."""


class FakeService:
    """Keeps what it is sent, tells the events that the test gives it, and breaks connections when told to."""

    def __init__(self, credit_bytes: int = 320_000, manual_acks: bool = False) -> None:
        self.credit_bytes = credit_bytes
        self.manual_acks = manual_acks
        self.sessions: list[Session] = []
        self.hellos: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.headers: list[str | None] = []
        self.socket: ServerConnection | None = None
        self.forget = False
        """Sessions that are forgotten cannot be resumed."""
        self.refuse_code, self.refuse_times = 0, 0
        """Close that many connections right away with this code."""
        self.elsewhere: str | None = None
        """Send whoever says hello to this address."""
        self.cut_after: list[int] = []
        """Break the connection once that many audio messages came."""
        self.over_credit_bytes = 0
        self._in_flight: list[tuple[int, int]] = []
        self._allowed = 0

    async def __aenter__(self) -> FakeService:
        self._server: Server = await serve(
            self._accept,
            "127.0.0.1",
            0,
            subprotocols=[Subprotocol("whospeaks.v1")],
            compression=None,
            ping_interval=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    @property
    def session(self) -> Session:
        return self.sessions[-1]

    async def tell(self, event: dict[str, Any]) -> None:
        self.session.events.append(event)
        await self.send({"type": "event", "id": len(self.session.events), "event": event})

    async def send(self, message: dict[str, Any]) -> None:
        if self.socket is not None:
            try:
                await self.socket.send(json.dumps(message))
            except ConnectionClosed:
                pass

    async def acknowledge(self, sequence: int, credit_bytes: int) -> None:
        self._in_flight = [sent for sent in self._in_flight if sent[0] > sequence]
        self._allowed = credit_bytes
        words = {"nextWords": len(self.session.words)} if self.hellos[-1].get("words") else {}
        await self.send({"type": "ack", "sequence": sequence, "creditBytes": credit_bytes, **words})

    def cut(self) -> None:
        """Break the connection as a network does."""
        if self.socket is not None:
            self.socket.transport.abort()

    async def _accept(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.headers.append(socket.request.headers.get("Authorization"))
        if self.refuse_times > 0:
            self.refuse_times -= 1
            await socket.close(self.refuse_code)
            return
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    await self._audio(data, socket)
                else:
                    await self._message(json.loads(data), socket)
        except (ConnectionClosed, ConnectionResetError):
            pass

    async def _message(self, message: dict[str, Any], socket: ServerConnection) -> None:
        self.received.append(message)
        if message["type"] == "hello":
            self.socket = socket
            await self._hello(message, socket)
        if message["type"] == "words":
            await self._words(message, socket)
        if message["type"] == "end":
            assert message["messages"] == self.session.next
            await self.tell({"type": "end", "endSample": 0, "end": 0})
            await socket.close(1000)

    async def _hello(self, hello: dict[str, Any], socket: ServerConnection) -> None:
        self.hellos.append(hello)
        if self.elsewhere is not None:
            full = {"type": "error", "code": "server-full", "message": "no room", "fatal": True}
            await self.send({**full, "elsewhere": self.elsewhere})
            await socket.close(4013)
            return
        resume = hello.get("resume")
        known = next((each for each in self.sessions if resume and each.id == resume["session"]), None)
        if resume and (known is None or self.forget or resume["token"] != "secret"):
            await self.send({"type": "error", "code": "session-unknown", "message": "nothing to resume", "fatal": True})
            await socket.close(4004)
            return
        if known is None:
            self.sessions.append(Session(f"s{len(self.sessions)}"))
        self._in_flight, self._allowed = [], self.credit_bytes
        session = known or self.session
        welcome = {"session": session.id, "resumeToken": "secret", "resumed": known is not None}
        welcome |= {"type": "welcome", "nextSequence": session.next, "creditBytes": self.credit_bytes}
        if hello.get("words"):
            welcome["nextWords"] = len(session.words)
        await self.send(welcome)
        for at, event in enumerate(session.events, 1):
            if resume and at > resume["lastEvent"]:
                await self.send({"type": "event", "id": at, "event": event})

    async def _words(self, message: dict[str, Any], socket: ServerConnection) -> None:
        words = self.session.words
        if message["sequence"] > len(words):
            await socket.close(4005)
            return
        if message["sequence"] == len(words):
            words.append(message)
        await self.acknowledge(self.session.next - 1, self.credit_bytes)

    async def _audio(self, data: bytes, socket: ServerConnection) -> None:
        sequence, skipped = struct.unpack_from("<II", data)
        if sequence != self.session.next:
            await socket.close(4005)
            return
        self._in_flight.append((sequence, len(data) - 8))
        over = sum(size for _, size in self._in_flight) - self._allowed
        self.over_credit_bytes = max(self.over_credit_bytes, over)
        self.session.next += 1
        self.session.audio += data[8:]
        self.session.skipped.append(skipped)
        if self.cut_after and self.session.next == self.cut_after[0]:
            del self.cut_after[0]
            await self.tell({"type": "silence", "startSample": sequence, "atSample": sequence})
            # What the client hears before the break, and what it does not, differs from cut to cut.
            await asyncio.sleep(0.001 * (sequence % 3))
            await self.tell({"type": "silence", "startSample": sequence, "atSample": sequence + 1})
            self.cut()
            # What else has come is lost.
            raise ConnectionResetError
        elif not self.manual_acks:
            await self.acknowledge(sequence, self.credit_bytes)
