"""Messages of the WebSocket, as ``docs/asyncapi.json`` describes them."""

from __future__ import annotations

from typing import Literal, TypedDict, Union

from .errors import ErrorCode, WhoSpeaksError
from .events import WireEvent

Encoding = Literal["s16le", "f32le", "mulaw", "alaw"]
"""PCM: 16-bit integers, 32-bit floats of -1 to 1 (both little-endian), or G.711 mu-law."""


AudioMode = Literal["mix", "channels"]
"""Channels are mixed to one, or each is heard by itself and events say which."""


class Resume(TypedDict):
    """Which session to continue, and the last event that came in."""

    session: str
    token: str
    lastEvent: int


class _Hello(TypedDict):
    type: Literal["hello"]
    version: Literal[1]
    encoding: Encoding
    sampleRateHz: int


class Hello(_Hello, total=False):
    """The first message of a client."""

    channels: int
    audio: AudioMode
    live: bool
    group: str
    latencySeconds: float
    framing: Literal["sequenced", "raw"]
    words: bool
    resume: Resume


class EndMessage(TypedDict):
    """All audio was sent."""

    type: Literal["end"]
    messages: int


class _NameMessage(TypedDict):
    type: Literal["name"]
    label: str
    speaker: str


class NameMessage(_NameMessage, total=False):
    """Name an unknown speaker of this stream."""

    learn: bool
    save: bool


class AssignMessage(TypedDict):
    """Set the speaker of a turn of this stream."""

    type: Literal["assign"]
    turn: int
    speaker: str


class ReceivedMessage(TypedDict):
    """Events up to this id came in: the service may forget them."""

    type: Literal["received"]
    event: int


class _Word(TypedDict):
    text: str
    start: float
    """Seconds of the stream."""
    end: float


class Word(_Word, total=False):
    """A word as a recogniser tells it."""

    confidence: float
    """The recogniser's own, 0 to 1: that the word is right."""


class _Words(TypedDict):
    type: Literal["words"]
    sequence: int
    words: list[Word]
    final: bool


class WordsMessage(_Words, total=False):
    """Words that stay, or a guess that the next message of its channel replaces."""

    channel: int


class ModelInfo(TypedDict):
    """The speaker model of the service."""

    name: str
    fingerprint: str


class _Welcome(TypedDict):
    type: Literal["welcome"]
    version: Literal[1]
    session: str
    resumeToken: str
    """Secret: whoever has it can take the session over."""
    resumeWindowSeconds: float
    resumed: bool
    nextSequence: int
    creditBytes: int
    maxMessageBytes: int
    idleTimeoutSeconds: float
    latencySeconds: float
    group: str
    speakers: list[str]
    model: ModelInfo


class Welcome(_Welcome, total=False):
    """The session is open."""

    nextWords: int
    """The next words message that the service expects, of a stream with words."""


class _Ack(TypedDict):
    type: Literal["ack"]
    sequence: int
    creditBytes: int


class Ack(_Ack, total=False):
    """The service has the audio up to ``sequence`` (-1: none), and takes ``creditBytes`` of payload beyond."""

    nextWords: int
    """The service has taken the words messages before this one."""


class EventMessage(TypedDict):
    """One event; ids are 1, 2, 3 ... over the session."""

    type: Literal["event"]
    id: int
    event: WireEvent


class LagMessage(TypedDict):
    """How far the events of a live stream are behind its audio."""

    type: Literal["lag"]
    behindSeconds: float
    droppedSeconds: float


class SpeakersMessage(TypedDict):
    """The group's speakers changed."""

    type: Literal["speakers"]
    speakers: list[str]


class DrainMessage(TypedDict):
    """The service shuts down within this time."""

    type: Literal["drain"]
    deadlineSeconds: float


class NameAnswer(TypedDict):
    """Which ``name`` was refused."""

    label: str
    speaker: str


class AssignAnswer(TypedDict):
    """Which ``assign`` was refused."""

    turn: int
    speaker: str


class WordsAnswer(TypedDict):
    """Which ``words`` were refused."""

    type: Literal["words"]
    sequence: int


class _Error(TypedDict):
    type: Literal["error"]
    code: ErrorCode
    message: str
    fatal: bool


class ErrorMessage(_Error, total=False):
    """An error; if it is fatal, a close follows."""

    retryAfterSeconds: float
    elsewhere: str
    """Another server of the same fleet, which has room: this client connects there."""
    answers: Union[NameAnswer, AssignAnswer, WordsAnswer]


CommandMessage = Union[NameMessage, AssignMessage]
ClientMessage = Union[Hello, EndMessage, NameMessage, AssignMessage, ReceivedMessage, WordsMessage]
ServerMessage = Union[Welcome, Ack, EventMessage, LagMessage, SpeakersMessage, DrainMessage, ErrorMessage]
Notice = Union[LagMessage, SpeakersMessage, DrainMessage, ErrorMessage]
"""What the service says beside events.

Two errors are this client's: ``audio-truncated``, the audio ended inside a sample; ``session-unknown``, words are of a
session that was lost.
"""


class Connecting(TypedDict):
    """An attempt to connect runs; 0 is the first."""

    state: Literal["connecting"]
    attempt: int


class Open(TypedDict):
    """The session is open."""

    state: Literal["open"]
    welcome: Welcome


class Waiting(TypedDict):
    """The connection is lost; the next attempt comes after ``retryInSeconds``."""

    state: Literal["waiting"]
    attempt: int
    retryInSeconds: float
    reason: WhoSpeaksError


class Closed(TypedDict):
    """The stream is over; ``error`` is None if it ended as it should."""

    state: Literal["closed"]
    error: BaseException | None


Status = Union[Connecting, Open, Waiting, Closed]
"""State of a stream's connection."""
