"""The enrolled speakers of the token's group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast, get_args
from urllib.parse import quote

from ._audio import AudioFile, body_of
from ._http import Service
from ._options import check_choice, shown
from .errors import WhoSpeaksError
from .replies import Enrollment, RemovedList, SpeakerInfo, SpeakerList

Existing = Literal["refuse", "replace", "append"]
"""What an enrolment does with a speaker of that name."""


class Speakers:
    """Enrols, lists, renames, removes and restores speakers. Every method raises ``WhoSpeaksError``."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list(self) -> SpeakerList:
        """All speakers of the group."""
        return cast(SpeakerList, await self._service.json("GET", "v1/speakers"))

    async def get(self, name: str) -> SpeakerInfo:
        """One speaker. Raises ``speaker-not-found``."""
        return cast(SpeakerInfo, await self._service.json("GET", _path(name)))

    async def enroll(
        self,
        name: str,
        recordings: AudioFile | Sequence[AudioFile],
        *,
        existing: Existing = "refuse",
        dry_run: bool = False,
    ) -> Enrollment:
        """Enrol a speaker from recordings of that voice alone: bytes of files or paths, one or a list.

        A name that is taken is refused (``speaker-exists``), replaced or added to, as ``existing`` says. ``dry_run``
        stores nothing. The ``report`` says how good the enrolment is. Raises ``speech-too-short`` and others.
        """
        check_choice("enroll", "existing", existing, get_args(Existing))
        query = {"existing": existing, "dryRun": dry_run}
        path, body = _path(name), await body_of(recordings)
        return cast(Enrollment, await self._service.json("PUT", path, query=query, **body))

    async def rename(self, name: str, new_name: str) -> SpeakerInfo:
        """Rename a speaker; its ``id`` stays. Raises ``speaker-not-found`` or ``speaker-exists``."""
        return cast(SpeakerInfo, await self._service.json("PATCH", _path(name), json={"name": new_name}))

    async def delete(self, name: str, *, erase: bool = False) -> None:
        """Remove a speaker from every stream. It can be restored for some days; ``erase`` leaves nothing of it."""
        await self._service.request("DELETE", _path(name), query={"erase": erase})

    async def removed(self) -> RemovedList:
        """Speakers that can be restored, the last removed first."""
        return cast(RemovedList, await self._service.json("GET", "v1/removed-speakers"))

    async def restore(self, name: str) -> SpeakerInfo:
        """Bring back the speaker of this name that was removed last."""
        path = f"{_path(name, 'v1/removed-speakers')}/restore"
        return cast(SpeakerInfo, await self._service.json("POST", path))


def _path(name: object, folder: str = "v1/speakers") -> str:
    if not isinstance(name, str) or not name:
        raise WhoSpeaksError("speaker-name", f"expected the name of a speaker, received {shown(name)}")
    return f"{folder}/{quote(name, safe='')}"
