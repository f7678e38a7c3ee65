"""Waits between attempts to connect."""

from __future__ import annotations


def backoff_seconds(attempt: int, first: float, most: float, share: float) -> float:
    """Wait before attempt ``attempt`` (0, 1, 2 ...), seconds.

    Between half of a ceiling and the ceiling, as ``share`` (0 to 1, at random) says; the ceiling doubles each time from
    ``first`` to ``most``. So the clients of a service that was restarted do not come back all at once.
    """
    ceiling: float = min(most, first * 2 ** min(attempt, 30))
    return ceiling * (0.5 + 0.5 * share)
