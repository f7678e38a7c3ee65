"""Audio on its way to the service, without a socket or a clock."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

_HEADER = struct.Struct("<II")


@dataclass(frozen=True)
class _Parcel:
    """Whole frames. Positions count frames from the first push."""

    start_frame: int
    end_frame: int
    payload: bytes


@dataclass(frozen=True)
class _Sent:
    parcel: _Parcel
    sequence: int
    skipped_frames: int


class Outbox:
    """Numbers audio, holds it back without credit, keeps what was not acknowledged for a resume.

    A frame is one sample of each channel. Beyond ``max_frames`` unsent ones, a live stream (``drop_oldest``) drops
    its oldest audio and declares the gap; a recording's sender waits while the outbox is ``full``.
    """

    def __init__(self, frame_bytes: int, max_frames: int, max_message_frames: int, drop_oldest: bool) -> None:
        self._frame_bytes = frame_bytes
        self._max_frames = max_frames
        self._message_bytes = max_message_frames * frame_bytes
        self._drop_oldest = drop_oldest
        self._unsent: deque[_Parcel] = deque()
        self._sent: deque[_Sent] = deque()
        self._partial = b""
        self._waiting = 0
        self._in_flight_bytes = 0
        self._credit_bytes = 0
        self._sent_frame = 0
        self.messages = 0
        """Messages of the session so far: the next sequence number."""
        self.pushed_frames = 0
        """Frames given to this outbox, over the life of the stream."""
        self.dropped_frames = 0

    @property
    def full(self) -> bool:
        """Whether a recording's sender should wait."""
        return self._waiting >= self._max_frames

    @property
    def unacknowledged(self) -> bool:
        """Whether the service has not acknowledged audio that was sent."""
        return bool(self._sent)

    @property
    def sent_frame(self) -> int:
        """Frame up to which audio was sent, or skipped."""
        return self._sent_frame

    @property
    def empty(self) -> bool:
        """Whether all audio was sent."""
        return not self._unsent

    @property
    def partial_bytes(self) -> int:
        """Bytes of a frame that is not complete."""
        return len(self._partial)

    def push(self, data: bytes) -> None:
        """Add bytes, which may end inside a frame."""
        data = self._partial + data
        whole = len(data) - len(data) % self._frame_bytes
        for at in range(0, whole, self._message_bytes):
            payload = data[at : min(whole, at + self._message_bytes)]
            start = self.pushed_frames
            self.pushed_frames += len(payload) // self._frame_bytes
            self._waiting += self.pushed_frames - start
            self._unsent.append(_Parcel(start, self.pushed_frames, payload))
        self._partial = data[whole:]
        while self._drop_oldest and self._waiting > self._max_frames:
            oldest = self._unsent.popleft()
            self._waiting -= oldest.end_frame - oldest.start_frame
            self.dropped_frames += oldest.end_frame - oldest.start_frame

    def take(self) -> bytes | None:
        """The next message for the wire, which counts as sent; None while the credit does not allow one."""
        if not self._unsent or self._in_flight_bytes + len(self._unsent[0].payload) > self._credit_bytes:
            return None
        parcel = self._unsent.popleft()
        self._waiting -= parcel.end_frame - parcel.start_frame
        self._in_flight_bytes += len(parcel.payload)
        sent = _Sent(parcel, self.messages, parcel.start_frame - self._sent_frame)
        self._sent.append(sent)
        self._sent_frame = parcel.end_frame
        self.messages += 1
        return _HEADER.pack(sent.sequence, sent.skipped_frames) + parcel.payload

    def acknowledge(self, sequence: int, credit_bytes: int) -> None:
        """The service has messages up to ``sequence`` and takes ``credit_bytes`` of payload beyond."""
        while self._sent and self._sent[0].sequence <= sequence:
            self._in_flight_bytes -= len(self._sent.popleft().parcel.payload)
        self._credit_bytes = credit_bytes

    def resume(self, next_sequence: int, credit_bytes: int) -> None:
        """The session continues: what the service lacks is sent again from ``next_sequence`` on."""
        self.acknowledge(next_sequence - 1, credit_bytes)
        if self._sent:
            self._sent_frame = self._sent[0].parcel.start_frame - self._sent[0].skipped_frames
        for again in reversed(self._sent):
            self._waiting += again.parcel.end_frame - again.parcel.start_frame
            self._unsent.appendleft(again.parcel)
        self._sent.clear()
        self._in_flight_bytes = 0
        self.messages = next_sequence

    def restart(self, credit_bytes: int) -> int:
        """A new session begins with the oldest audio that is still here; returns the frame where that is."""
        self.resume(0, credit_bytes)
        self._sent_frame = self._unsent[0].start_frame if self._unsent else self.pushed_frames
        return self._sent_frame
