"""Recordings to send: bytes of a file, or its path."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Union

from ._options import shown
from .errors import WhoSpeaksError

AudioFile = Union[bytes, bytearray, memoryview, "os.PathLike[str]"]
"""A recording: the bytes of a file of any kind that the service reads (wav, flac, mp3, ogg, opus, m4a, webm), or a
``pathlib.Path``."""

_PIECE_BYTES = 256 * 1024
_BINARY = {"Content-Type": "application/octet-stream"}


async def one_body(recording: AudioFile) -> dict[str, Any]:
    """One recording as the arguments of a request; a file is read as it is sent.

    Raises ``file-not-found``, ``file-unreadable`` or ``invalid-option``.
    """
    if isinstance(recording, os.PathLike):
        path = Path(recording)
        size = await asyncio.to_thread(_size_of, path)
        return {"content": _pieces(path), "headers": {**_BINARY, "Content-Length": str(size)}}
    return {"content": _as_bytes(recording), "headers": _BINARY}


async def body_of(recordings: AudioFile | Sequence[AudioFile]) -> dict[str, Any]:
    """One or several recordings as the arguments of a request. Raises as ``one_body``."""
    if isinstance(recordings, (bytes, bytearray, memoryview, os.PathLike)):
        return await one_body(recordings)
    if not isinstance(recordings, (list, tuple)):
        raise _no_recording(recordings)
    if len(recordings) == 1:
        return await one_body(recordings[0])
    if not recordings:
        raise WhoSpeaksError("audio-empty", "expected one recording or more, received none")
    parts = [await asyncio.to_thread(_read, each) for each in recordings]
    return {"files": [("recording", (f"recording-{at}", part)) for at, part in enumerate(parts, 1)]}


async def form_of(files: dict[str, AudioFile]) -> dict[str, Any]:
    """Named files as the arguments of a request. Raises as ``one_body``."""
    return {"files": [(name, (name, await asyncio.to_thread(_read, each))) for name, each in files.items()]}


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _read(recording: AudioFile) -> bytes:
    if not isinstance(recording, os.PathLike):
        return _as_bytes(recording)
    _size_of(Path(recording))
    return Path(recording).read_bytes()


def _size_of(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        raise WhoSpeaksError("file-not-found", f"{path}: no such file") from error
    except OSError as error:
        raise WhoSpeaksError("file-unreadable", f"{path}: {error.strerror}") from error


def _as_bytes(recording: object) -> bytes:
    if isinstance(recording, (bytes, bytearray, memoryview)):
        return bytes(recording)
    raise _no_recording(recording)


def _no_recording(received: object) -> WhoSpeaksError:
    expected = "the bytes of a recording or a pathlib.Path"
    return WhoSpeaksError("invalid-option", f"expected {expected}, received {shown(received)}")
