"""Whole recordings of the token's group: who spoke when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal, cast, get_args
from urllib.parse import quote

import httpx

from ._audio import AudioFile, form_of, one_body
from ._http import Service
from ._options import check_choice, shown
from .errors import WhoSpeaksError, to_error_code
from .replies import Naming, Recording, RecordingList, TranscriptFormat

Audio = Literal["mix", "channels"]
"""Channels are mixed, or each is a recording of its own."""


class Recordings:
    """Sends recordings and follows them. Every method raises ``WhoSpeaksError``."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list(self) -> RecordingList:
        """All recordings of the group, the oldest first, without their results."""
        return cast(RecordingList, await self._service.json("GET", "v1/recordings"))

    async def submit(
        self,
        recording: AudioFile,
        *,
        speakers: int | None = None,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        audio: Audio | None = None,
        transcript: AudioFile | None = None,
    ) -> Recording:
        """Send a recording: the bytes of a file or its path, which is read as it is sent. It waits for its turn there.

        ``speakers`` says how many there are, if that is known; else ``min_speakers`` and ``max_speakers`` may bound it.
        ``transcript`` is what a recogniser wrote of it (the bytes of a file or its path): its words come back under
        names.
        """
        query = _query(speakers, min_speakers, max_speakers, audio)
        if transcript is None:
            body = await one_body(recording)
        else:
            body = await form_of({"recording": recording, "transcript": transcript})
        return cast(Recording, await self._service.json("POST", "v1/recordings", query=query, **body))

    async def submit_url(
        self,
        url: str,
        *,
        speakers: int | None = None,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        audio: Audio | None = None,
    ) -> Recording:
        """Let the service fetch a recording, if its operator allows the address; else as ``submit``."""
        query = _query(speakers, min_speakers, max_speakers, audio)
        return cast(Recording, await self._service.json("POST", "v1/recordings", query=query, json={"url": url}))

    async def get(self, recording: str) -> Recording:
        """How far a recording is, and its result when it is done. Raises ``recording-unknown``."""
        return cast(Recording, await self._service.json("GET", _path(recording)))

    async def progress(self, recording: str, *, every_seconds: float = 1) -> AsyncIterator[Recording]:
        """Every change, from now until the state is ``done`` or ``failed``: the last has the result."""
        last: Recording | None = None
        while last is None or last["state"] not in ("done", "failed"):
            if last is not None:
                await asyncio.sleep(every_seconds)
            now = await self.get(recording)
            if now != last:
                yield now
            last = now

    async def result(self, recording: str, *, every_seconds: float = 1) -> Recording:
        """Wait until a recording is done. Raises the error that it failed with."""
        async for now in self.progress(recording, every_seconds=every_seconds):
            last = now
        if last["state"] == "failed":
            failure = last.get("error", {"code": "server-failed", "message": "the recording failed"})
            raise WhoSpeaksError(to_error_code(failure["code"]), failure["message"])
        return last

    async def transcript(self, recording: str, format: TranscriptFormat = "txt") -> str:
        """Who spoke when, or with a transcript who said what, as the text of a file.

        Raises ``recording-unfinished`` before it is done.
        """
        check_choice("transcript", "format", format, get_args(TranscriptFormat))
        path = f"{_path(recording)}/transcript"
        answer = await self._service.request("GET", path, query={"format": format}, is_ours=_is_no_page)
        return answer.text

    async def name(self, recording: str, label: str, speaker: str, *, learn: bool = False) -> Naming:
        """Name an unknown speaker: a new name, an enrolled one (``learn``: it joins the profile), or another label."""
        body = {"label": label, "speaker": speaker, "learn": learn}
        return cast(Naming, await self._service.json("POST", f"{_path(recording)}/names", json=body))

    async def delete(self, recording: str) -> None:
        """Stop a recording, and delete its result."""
        await self._service.request("DELETE", _path(recording))


def _query(speakers: object, min_speakers: object, max_speakers: object, audio: Audio | None) -> dict[str, object]:
    if audio is not None:
        check_choice("submit", "audio", audio, get_args(Audio))
    return {"speakers": speakers, "minSpeakers": min_speakers, "maxSpeakers": max_speakers, "audio": audio}


def _path(recording: object) -> str:
    if not isinstance(recording, str) or not recording:
        raise WhoSpeaksError("recording-unknown", f"expected the id of a recording, received {shown(recording)}")
    return f"v1/recordings/{quote(recording, safe='')}"


def _is_no_page(response: httpx.Response) -> bool:
    """Formats are many; a page comes from another server."""
    return "html" not in response.headers.get("content-type", "")
