"""Commands that the service has not answered yet."""

from __future__ import annotations

import asyncio
import unicodedata

from .errors import WhoSpeaksError
from .events import StreamEvent
from .messages import AssignAnswer, CommandMessage, NameAnswer, WordsAnswer

_MOST_TURN = 2**53 - 1


class PendingCommands:
    """Keeps commands until they are answered; they are repeated after a resume."""

    def __init__(self) -> None:
        self._pending: list[tuple[CommandMessage, asyncio.Future[None]]] = []

    @property
    def unanswered(self) -> list[CommandMessage]:
        """In the order in which they were given."""
        return [message for message, _ in self._pending]

    def add(self, message: CommandMessage) -> asyncio.Future[None]:
        """Done when the service obeys, failed when it refuses."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((message, answer))
        return answer

    def hear(self, event: StreamEvent) -> None:
        """The event may be an answer."""
        for at, (message, answer) in enumerate(self._pending):
            if _answers(event, message):
                del self._pending[at]
                if not answer.done():
                    answer.set_result(None)
                return

    def refuse(self, which: NameAnswer | AssignAnswer | WordsAnswer, error: WhoSpeaksError) -> None:
        """The service does not obey that one, if it is a command."""
        for at, (message, answer) in enumerate(self._pending):
            if all(message.get(field) == value for field, value in which.items()):
                del self._pending[at]
                _fail(answer, error)
                return

    def refuse_all(self, error: BaseException) -> None:
        """The stream is over."""
        for _, answer in self._pending:
            _fail(answer, error)
        self._pending.clear()


def check_command(message: CommandMessage) -> None:
    """Raises ``speaker-name`` beyond the bounds of the protocol: the service would end the stream."""
    fits = _fits(message["speaker"], 256)
    if message["type"] == "name":
        fits = fits and _fits(message["label"], 64)
    else:
        turn: object = message["turn"]
        fits = fits and isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn <= _MOST_TURN
    if not fits:
        raise WhoSpeaksError("speaker-name", "a label has 1 to 64 characters, a name 1 to 256, and a turn a number")


def _fits(text: object, most: int) -> bool:
    # As the service counts: in units of UTF-16.
    return isinstance(text, str) and 1 <= len(text.encode("utf-16-le", "surrogatepass")) // 2 <= most


def _answers(event: StreamEvent, asked: CommandMessage) -> bool:
    if asked["type"] == "name":
        if event["type"] != "named" or event["label"] != asked["label"]:
            return False
    else:
        if event["type"] not in ("correction", "tentative") or event.get("turn") != asked["turn"]:
            return False
    # The service has names as they are enrolled: perhaps with other capitals.
    return _key(str(event.get("speaker"))) == _key(asked["speaker"])


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().lower()


def _fail(answer: asyncio.Future[None], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # Whoever does not await it hears of a lost stream from the events.
