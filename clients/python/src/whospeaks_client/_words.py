"""Words of a recogniser on their way to the service, and back under names, without a socket or a clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import WhoSpeaksError
from .events import NamedWord, WordsEvent
from .messages import Word, WordsMessage

_MOST_WORDS = 100
"""Words of one message."""
_MOST_CHARACTERS = 200
"""Characters of one word, in units of UTF-16."""
_MOST_WAITING = 5000
"""Words that wait to be sent or taken; a recogniser tells as many in half an hour."""


@dataclass(frozen=True)
class _Told:
    words: tuple[Word, ...]
    final: bool
    channel: int | None


class WordOutbox:
    """Holds words back until their audio is sent, numbers them, and keeps those that were not taken for a resume.

    A guess that another message follows is not sent any more. Times are seconds of all audio given to the stream.
    """

    def __init__(self) -> None:
        self._unsent: deque[_Told] = deque()
        self._sent: deque[tuple[int, _Told]] = deque()
        self._next = 0
        self._offset_seconds = 0.0

    @property
    def unacknowledged(self) -> bool:
        """Whether the service has not taken words that were sent."""
        return bool(self._sent)

    @property
    def empty(self) -> bool:
        """Whether all words were sent."""
        return not self._unsent

    def push(self, words: Iterable[Word], final: bool, channel: int | None = None) -> None:
        """Add what a recogniser tells. Raises ``transcript-...``, and then nothing changes."""
        checked = sorted((_checked(word, at) for at, word in enumerate(words, 1)), key=lambda word: word["start"])
        if not final and len(checked) > _MOST_WORDS:
            raise _limit(f"a guess of {len(checked)} words is too long; at most {_MOST_WORDS} are taken")
        waiting = sum(len(told.words) for told in (*self._unsent, *(told for _, told in self._sent)))
        if waiting + len(checked) > _MOST_WAITING:
            raise _limit(f"{waiting} words wait for the connection; send these again when it is back")
        # What follows a guess on its channel takes its place.
        self._unsent = deque(told for told in self._unsent if told.final or told.channel != channel)
        waiting_or_sent = (*(told for _, told in self._sent), *self._unsent)
        before = next((told for told in reversed(waiting_or_sent) if told.channel == channel), None)
        # There is no guess that it would withdraw; a recogniser that hears silence tells nothing without end.
        if not checked and before is not None and before.final:
            return
        for at in range(0, max(1, len(checked)), _MOST_WORDS):
            self._unsent.append(_Told(tuple(checked[at : at + _MOST_WORDS]), final, channel))

    def take(self, sent_seconds: float) -> WordsMessage | None:
        """The next message, in the time of the session, if audio up to ``sent_seconds`` was sent before its words."""
        if not self._unsent or any(word["end"] > sent_seconds for word in self._unsent[0].words):
            return None
        told = self._unsent.popleft()
        self._sent.append((self._next, told))
        self._next += 1
        words = [self._in_session(word) for word in told.words]
        message: WordsMessage = {"type": "words", "sequence": self._next - 1, "words": words, "final": told.final}
        if told.channel is not None:
            message["channel"] = told.channel
        return message

    def acknowledge(self, next_words: int) -> None:
        """The service has taken the messages before this number."""
        while self._sent and self._sent[0][0] < next_words:
            self._sent.popleft()

    def resume(self, next_words: int) -> None:
        """The session continues: what the service lacks is sent again."""
        self.acknowledge(next_words)
        waiting = [*(told for _, told in self._sent), *self._unsent]
        self._unsent = deque(
            told
            for at, told in enumerate(waiting, 1)
            if told.final or all(later.channel != told.channel for later in waiting[at:])
        )
        self._sent.clear()
        self._next = next_words

    def restart(self, offset_seconds: float) -> int:
        """A new session begins there. Returns how many final words were of audio before it, and are lost."""
        self.resume(0)
        self._offset_seconds = offset_seconds
        lost = 0
        kept: deque[_Told] = deque()
        for told in self._unsent:
            words = tuple(word for word in told.words if word["end"] > offset_seconds)
            lost += len(told.words) - len(words) if told.final else 0
            kept.append(_Told(words, told.final, told.channel))
        self._unsent = kept
        return lost

    def _in_session(self, word: Word) -> Word:
        placed = word.copy()
        placed["start"] = max(0.0, word["start"] - self._offset_seconds)
        placed["end"] = max(0.0, word["end"] - self._offset_seconds)
        return placed


class SessionWords:
    """Named words in the numbers and the time of the whole stream: a new session begins both again."""

    def __init__(self) -> None:
        self._offset_seconds = 0.0
        self._first = 0
        self._next = 0

    def placed(self, event: WordsEvent) -> WordsEvent:
        """The event as the whole stream counts."""
        words: list[NamedWord] = []
        for told in event["words"]:
            word = told.copy()
            word["word"] += self._first
            word["start"] += self._offset_seconds
            word["end"] += self._offset_seconds
            self._next = max(self._next, word["word"] + 1)
            words.append(word)
        removed = [number + self._first for number in event["removed"]]
        placed: WordsEvent = {"type": "words", "removed": removed, "words": words}
        if "droppedBefore" in event:
            placed["droppedBefore"] = event["droppedBefore"] + self._first
        return placed

    def restart(self, offset_seconds: float) -> WordsEvent | None:
        """A new session begins: words of the one before stay as they are."""
        self._offset_seconds = offset_seconds
        self._first = self._next
        if self._first == 0:
            return None
        return {"type": "words", "removed": [], "words": [], "droppedBefore": self._first}


def _checked(word: Mapping[str, Any], at: int) -> Word:
    """The word, as the protocol bounds it: no message is refused for what can be known here."""
    text: Any = word.get("text")
    start: Any = word.get("start")
    end: Any = word.get("end")
    if not isinstance(text, str) or text == "" or not _is_unicode(text):
        raise WhoSpeaksError("transcript-format", f'word {at} has no "text"')
    if len(text.encode("utf-16-le")) // 2 > _MOST_CHARACTERS:
        raise _limit(f"word {at} has {len(text)} characters, and is no word")
    if not (_is_number(start) and _is_number(end) and 0 <= start <= end):
        raise WhoSpeaksError(
            "transcript-times",
            f"word {at} ({text[:40]!r}) is from {start!r} to {end!r} s; times are seconds of the stream",
        )
    checked: Word = {"text": text, "start": start, "end": end}
    if word.get("confidence") is not None:
        checked["confidence"] = word["confidence"]
    return checked


def _is_unicode(text: str) -> bool:
    """Half a character cannot be sent."""
    return all(not "\ud800" <= character <= "\udfff" for character in text)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _limit(message: str) -> WhoSpeaksError:
    return WhoSpeaksError("transcript-limit", message)
