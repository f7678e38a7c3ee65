"""Events of a stream, as dictionaries with the fields that ``docs/events.md`` names.

Positions (``...Sample``) are samples at 16 kHz from the start of the stream, ends are exclusive; ``start``, ``end``
and ``at`` are the same in seconds. Tell events apart by ``type``: type checkers follow ``event["type"] == "final"``.
"""

from __future__ import annotations

from typing import Literal, TypedDict, Union

from .errors import ErrorCode


class _OfChannel(TypedDict, total=False):
    channel: int
    """Which channel, from 0, if each is heard by itself."""


class Stretch(TypedDict):
    """A stretch of speech."""

    startSample: int
    start: float
    endSample: int
    end: float


class OverlapStretch(Stretch):
    """A stretch in which two speakers talk at once."""

    other: str | None
    """Label of the second speaker; None if it cannot be determined."""


class _Turn(Stretch, _OfChannel):
    turn: int
    """Turns of a channel are numbered in order of time; no other channel has the number."""
    revision: int
    """Counts from 0 within the turn; a later one replaces an earlier one."""
    atSample: int
    """How far into the stream the decision was made."""
    at: float
    speaker: str
    """An enrolled name, ``unknown-1``, ``unknown-2`` ... (one unknown speaker each), or ``unknown``."""
    known: bool
    """Whether ``speaker`` is an enrolled name."""
    score: float
    """Cosine of the evidence with the speaker's voice, -1 to 1."""
    probability: float
    """Probability that the label is right; of unknown speakers, that no enrolled speaker talks."""


class TentativeEvent(_Turn):
    """The current best guess for a turn that is not settled. It withdraws earlier events of later turns."""

    type: Literal["tentative"]
    overlap: bool
    others: list[str]


class FinalEvent(_Turn):
    """A settled turn. Finals come in order of time, do not overlap and do not contradict each other."""

    type: Literal["final"]
    overlap: bool
    others: list[str]
    speech: list[Stretch]
    """Segments with speech, without pauses of 0.3 s and more."""
    overlaps: list[OverlapStretch]


class CorrectionEvent(_Turn):
    """A settled turn has another label now."""

    type: Literal["correction"]
    was: str
    """The label before."""


class NamedEvent(TypedDict):
    """An unknown speaker was named."""

    type: Literal["named"]
    atSample: int
    at: float
    label: str
    speaker: str
    how: Literal["enrolled", "adapted", "learnt", "merged"]


class SilenceEvent(_OfChannel):
    """No speaker is active."""

    type: Literal["silence"]
    startSample: int
    start: float
    atSample: int
    at: float


class LagEvent(TypedDict):
    """Live audio was dropped: the connection or the service was too slow."""

    type: Literal["lag"]
    startSample: int
    start: float
    lostSamples: int


class _NameCommand(TypedDict):
    type: Literal["name"]
    label: str
    speaker: str


class NameCommand(_NameCommand, total=False):
    """A command to name an unknown speaker."""

    learn: bool


class AssignCommand(TypedDict):
    """A command to set the speaker of a turn."""

    type: Literal["assign"]
    turn: int
    speaker: str


class SpeakersCommand(TypedDict):
    """A change of the enrolled speakers."""

    type: Literal["speakers"]


class _Warning(TypedDict):
    type: Literal["warning"]
    code: Literal["input-all-zero", "channels-alike", "command-refused"]
    startSample: int
    start: float
    message: str


class WarningEvent(_Warning, total=False):
    """A problem that does not end the stream."""

    reason: ErrorCode
    command: Union[NameCommand, AssignCommand, SpeakersCommand]


class EndEvent(TypedDict):
    """The stream has ended; only answers to earlier commands may follow."""

    type: Literal["end"]
    endSample: int
    end: float


class _NamedWord(TypedDict):
    word: int
    """Number of the word, in the order in which they were told."""
    revision: int
    """Counts from 0 within the word; a later one replaces an earlier one."""
    text: str
    start: float
    """Seconds of all audio given to the stream."""
    end: float
    speaker: str
    """A label of the turns; ``unknown`` where nobody talks within 2 s."""
    known: bool
    probability: float
    final: bool
    """The recogniser and the speaker's turn are settled. A correction of the turn may still rename the word."""


class NamedWord(_NamedWord, total=False):
    """A word under the name of whoever says it."""

    confidence: float
    """The recogniser's own."""
    channel: int
    """Which channel, from 0, if its words were sent as those of one."""


class _Words(TypedDict):
    type: Literal["words"]
    removed: list[int]
    """Numbers of guesses that are withdrawn, before ``words`` are told: the same number may come again."""
    words: list[NamedWord]
    """New ones, and those with a new revision."""


class WordsEvent(_Words, total=False):
    """What changed of the words of ``Stream.send_words``."""

    droppedBefore: int
    """Words before this number are corrected no more: there are too many, or their session was lost."""


class RestartedEvent(TypedDict):
    """Of this client: the session of a live stream was gone, and a new one began.

    Time restarts at 0, turns are numbered from 0, and ``unknown-1`` is another speaker. Words go on in number and time.
    """

    type: Literal["restarted"]
    offsetSeconds: float
    """Where in all the audio that was sent the new session begins."""


WireEvent = Union[
    TentativeEvent,
    FinalEvent,
    CorrectionEvent,
    NamedEvent,
    SilenceEvent,
    LagEvent,
    WarningEvent,
    EndEvent,
    WordsEvent,
]
"""What the service emits."""

StreamEvent = Union[WireEvent, RestartedEvent]
"""What a stream of this client emits."""
