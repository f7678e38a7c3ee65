"""Sound, as programs have it, to bytes of the stream's encoding."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Union, cast

from ._options import shown
from .errors import WhoSpeaksError
from .messages import Encoding


class NumericArray(Protocol):
    """An array of NumPy, or one that is like it."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """Where its numbers are."""


Sound = Union[bytes, bytearray, memoryview, "array[float]", "array[int]", Sequence[float], NumericArray]
"""Bytes in the stream's encoding, cut anywhere; or samples, channels interleaved: floats of -1 to 1 or 16-bit
integers, in any array with the buffer protocol (``array``, NumPy) or a list of floats."""


def to_bytes(sound: Sound, encoding: Encoding) -> bytes:
    """Bytes in the encoding. Floats become 16-bit samples clipped, NaN as silence. Raises ``audio-format``."""
    if isinstance(sound, (bytes, bytearray)):
        return bytes(sound)
    try:
        view = memoryview(cast(Any, sound))
    except TypeError:
        return _from_floats(_listed(sound), encoding)
    kind = view.format.lstrip("<=@")
    if kind in ("B", "b", "c"):
        return view.tobytes()
    if kind not in ("f", "d", "h"):
        raise _unusable(f"an array of format {view.format!r}")
    samples = array(kind)
    samples.frombytes(view.tobytes())
    if kind == "h":
        return _little_endian(samples) if encoding == "s16le" else _from_floats((s / 32_768 for s in samples), encoding)
    if kind == "f" and encoding == "f32le":
        return _little_endian(samples)
    return _from_floats(samples, encoding)


def _from_floats(samples: Iterable[float], encoding: Encoding) -> bytes:
    if encoding in ("mulaw", "alaw"):
        raise WhoSpeaksError("audio-format", f"a stream of {encoding} takes bytes")
    if encoding == "f32le":
        return _little_endian(array("f", samples))
    return _little_endian(array("h", map(_to_int16, samples)))


def _to_int16(sample: float) -> int:
    if sample != sample:  # NaN
        return 0
    return min(32_767, round(max(-1.0, min(1.0, sample)) * 32_768))


def _listed(sound: object) -> list[float]:
    if isinstance(sound, (list, tuple)) and all(type(sample) in (int, float) for sample in sound):
        return list(sound)
    raise _unusable(shown(sound))


def _unusable(what: str) -> WhoSpeaksError:
    return WhoSpeaksError("audio-format", f"expected bytes, floats of -1 to 1 or 16-bit integers, received {what}")


def _little_endian(samples: array[Any]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
