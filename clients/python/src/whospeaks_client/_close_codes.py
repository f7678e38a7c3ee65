"""What a close code of the WebSocket allows, as ``docs/protocol.md`` lists them."""

from __future__ import annotations

DONE = 1000
ABNORMAL = 1006
SESSION_UNKNOWN = 4004
FIRST_OF_SERVICE = 4000
_TOO_BIG = 1009
_RESTART = 1012
_TIMEOUT, _SEQUENCE, _SLOW_READER = 4002, 4005, 4010
_FULL, _LIMITED, _INTERNAL = 4013, 4029, 4500


def may_resume(code: int) -> bool:
    """Whether the session can go on over another connection."""
    if code in (_TIMEOUT, _SEQUENCE, _SLOW_READER):
        return True
    # What the network or a proxy did: 1001, 1005, 1006, 1011, 1013, 1014.
    return code < FIRST_OF_SERVICE and code not in (DONE, _TOO_BIG, _RESTART)


def may_restart(code: int) -> bool:
    """Whether a new session can help, after a while."""
    return code in (_RESTART, SESSION_UNKNOWN, _FULL, _LIMITED, _INTERNAL)
