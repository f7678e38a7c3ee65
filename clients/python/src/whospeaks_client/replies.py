"""Answers of the HTTP interface, as ``docs/openapi.json`` describes them. Times of day are ISO 8601."""

from __future__ import annotations

from typing import Literal, TypedDict

from .errors import ErrorCode
from .messages import ModelInfo

TranscriptFormat = Literal["txt", "rttm", "json", "srt", "vtt", "csv", "textgrid", "audacity", "md", "ctm", "stm"]
"""Formats that a file of a recording can have; the last three are of words alone."""


class _SpeakerInfo(TypedDict):
    name: str
    speechSeconds: float
    """Net speech at enrolment."""
    recordings: int
    consistency: float
    """Mean cosine of the enrolment's windows with their centre; low if they do not sound alike."""
    model: ModelInfo
    usable: bool
    """Whether the service's model can name the speaker; False if another model made the profile."""


class SpeakerInfo(_SpeakerInfo, total=False):
    """An enrolled speaker."""

    id: str
    """Stays with the speaker under any name."""
    createdAt: str


class SpeakerList(TypedDict):
    """The speakers of a group."""

    group: str
    speakers: list[SpeakerInfo]
    damaged: list[str]
    """Names of stored speakers that could not be read; enrol them again."""


class RemovedSpeaker(TypedDict):
    """A speaker that can be restored until then."""

    name: str
    removedAt: str
    until: str


class RemovedList(TypedDict):
    """The last removed first."""

    removed: list[RemovedSpeaker]


class ClosestSpeaker(TypedDict):
    """The enrolled speaker that sounds most alike."""

    name: str
    cosine: float
    probability: float


class _EnrollmentReport(TypedDict):
    speechSeconds: float
    recordings: int
    clippedShare: float
    consistency: float
    secondVoiceShare: float
    advice: list[str]
    """What would make the enrolment better; empty if all is well."""


class EnrollmentReport(_EnrollmentReport, total=False):
    """How good an enrolment is."""

    signalToNoiseDb: float
    overlapShare: float
    closest: ClosestSpeaker


class Enrollment(TypedDict):
    """What came of an enrolment."""

    speaker: SpeakerInfo
    replaced: bool
    appended: bool
    saved: bool
    """False after a dry run."""
    report: EnrollmentReport


class _Naming(TypedDict):
    label: str
    how: Literal["enrolled", "adapted", "learnt", "merged"]
    saved: bool


class Naming(_Naming, total=False):
    """What came of naming an unknown speaker of a recording."""

    speaker: SpeakerInfo
    """Absent if two unknown speakers were merged."""


class Verification(TypedDict):
    """Whether two voices are one person's. All but the seconds and the advice is None with too little speech."""

    same: bool | None
    cosine: float | None
    logLikelihoodRatio: float | None
    """Natural logarithm: how much likelier the sound is of one person than of two."""
    probability: float | None
    secondsA: float
    secondsB: float
    advice: list[str]


class FoundSpeaker(TypedDict):
    """How likely it is that a voice is this speaker's."""

    speaker: str
    cosine: float
    logLikelihoodRatio: float
    probability: float


class Identification(TypedDict):
    """Whose voice it is, of the group's speakers."""

    named: str | None
    """The speaker to name, or None."""
    speakers: list[FoundSpeaker]
    """The likeliest first."""
    strangerProbability: float | None
    seconds: float
    """Net speech."""


class _Segment(TypedDict):
    speaker: str
    known: bool
    startSeconds: float
    endSeconds: float
    probability: float


class Segment(_Segment, total=False):
    """A segment of a recording with one speaker."""

    channel: int
    """Which one, from 0, if channels are recordings of their own."""


class _RecordedSpeaker(TypedDict):
    label: str
    known: bool
    seconds: float


class RecordedSpeaker(_RecordedSpeaker, total=False):
    """A speaker of a recording, and the seconds of speech."""

    channel: int


class Failure(TypedDict):
    """Why a recording failed."""

    code: ErrorCode
    message: str


class _RecordedWord(TypedDict):
    text: str
    startSeconds: float
    endSeconds: float
    speaker: str
    """A label of the segments; ``unknown`` where nobody talks within 2 s."""
    known: bool
    probability: float
    """Probability that the word is this speaker's."""


class RecordedWord(_RecordedWord, total=False):
    """A word under the name of whoever says it."""

    confidence: float
    """The recogniser's own."""
    channel: int


class RecordedTranscript(TypedDict):
    """A recogniser's transcript of a recording, with its words under names."""

    format: str
    """Which recogniser's it is."""
    estimatedWords: int
    """Words whose times are estimated."""
    isDoubtful: bool
    """Its words hardly lie in speech: it is likely another recording's."""
    words: list[RecordedWord]


class _Recording(TypedDict):
    recording: str
    """Its id."""
    state: Literal["fetching", "queued", "running", "done", "failed"]
    createdAt: str


class Recording(_Recording, total=False):
    """A whole recording at the service: how far it is, and what came of it."""

    expiresAt: str
    """Once it is over: when the result is deleted."""
    ahead: int
    """While it waits: recordings before it."""
    positionSeconds: float
    """While it runs: how far it is."""
    durationSeconds: float
    error: Failure
    segments: list[Segment]
    """When it is done: in order of start, then of end."""
    speakers: list[RecordedSpeaker]
    """When it is done: in order of first speech."""
    transcript: RecordedTranscript
    """When it is done, if a transcript came with it."""


class RecordingList(TypedDict):
    """The recordings of a group, the oldest first, without their results."""

    recordings: list[Recording]
    maxRecordings: int
    """How many of the group may wait or run at once; 0: the service takes none."""
    maxRecordingBytes: int
