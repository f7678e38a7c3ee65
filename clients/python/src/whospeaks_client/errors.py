"""The one error class of this client, and its codes."""

from __future__ import annotations

from typing import Literal, cast, get_args

ErrorCode = Literal[
    "invalid-option",
    "file-not-found",
    "file-unreadable",
    "audio-empty",
    "audio-truncated",
    "audio-corrupt",
    "audio-unsupported",
    "audio-not-finite",
    "audio-format",
    "audio-limit",
    "microphone-unavailable",
    "microphone-failed",
    "microphone-suspended",
    "source-closed",
    "model-not-found",
    "model-corrupt",
    "model-unsupported",
    "model-shape",
    "model-unsafe",
    "model-download",
    "model-hash",
    "model-offline",
    "model-mismatch",
    "model-unwritable",
    "addon-missing",
    "engine-unavailable",
    "engine-closed",
    "engine-failed",
    "speaker-name",
    "speaker-exists",
    "speaker-not-found",
    "turn-not-found",
    "speaker-changed",
    "speech-too-short",
    "invalid-snapshot",
    "store-corrupt",
    "store-locked",
    "store-unwritable",
    "store-full",
    "store-exposed",
    "store-key",
    "store-unencrypted",
    "server-config",
    "server-listen",
    "server-unauthorized",
    "server-forbidden",
    "server-not-found",
    "server-full",
    "server-limit",
    "server-timeout",
    "server-draining",
    "server-starting",
    "server-failed",
    "server-unreachable",
    "server-tls",
    "server-lost",
    "protocol-version",
    "protocol-message",
    "protocol-sequence",
    "protocol-credit",
    "session-unknown",
    "recording-unknown",
    "recording-unfinished",
    "session-superseded",
    "client-too-slow",
    "fleet-unavailable",
    "fleet-unreachable",
    "fleet-refused",
    "fleet-foreign",
    "fleet-failed",
    "transcript-format",
    "transcript-times",
    "transcript-limit",
    "transcript-ahead",
    "annotation-format",
    "annotation-empty",
]
"""What went wrong. Codes are stable: none is ever renamed or reused; ``docs/errors.md`` says what each means."""

_CODES = frozenset(get_args(ErrorCode))


class WhoSpeaksError(Exception):
    """Every error that this client raises on purpose.

    ``str(error)`` is one line that says what is wrong and what to do next.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        """Stable, for programs."""


class RequestError(WhoSpeaksError):
    """The service refused a request, or there was no answer."""

    def __init__(
        self, code: ErrorCode, message: str, status: int = 0, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(code, message)
        self.status = status
        """HTTP status; 0 if no answer came."""
        self.retry_after_seconds = retry_after_seconds
        """When the service wants to be asked again, if it says so."""

    @property
    def temporary(self) -> bool:
        """Whether another attempt can help."""
        return self.code != "server-tls" and (self.status in (0, 429) or self.status >= 500)


def to_error_code(code: object) -> ErrorCode:
    """A code that this version knows; a newer service may have others, which become ``server-failed``."""
    return cast(ErrorCode, code) if code in _CODES else "server-failed"


def ended() -> WhoSpeaksError:
    """Something was asked of a stream that is over."""
    return WhoSpeaksError("source-closed", "the stream has ended; open another one")


def lost_later(why: str) -> WhoSpeaksError:
    """A connection that had been there broke, and did not come back."""
    return WhoSpeaksError("server-lost", f"the connection was lost: {why}; connect again")
