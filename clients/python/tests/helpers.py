"""What the tests share: programs to start, sound, and a proxy that cuts connections."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whospeaks_client import Stream, StreamEvent, WhoSpeaksError

ROOT = Path(__file__).resolve().parents[3]
AUDIO = ROOT / "examples" / "audio"
PROGRAM = ["node", str(ROOT / "dist" / "cli" / "main.js")]
START_SECONDS = 120


@dataclass(frozen=True)
class RunningService:
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].partition("/")[0])


@contextmanager
def run_service(folder: Path, settings: dict[str, Any]) -> Iterator[RunningService]:
    """Start `whospeaks serve` on a free port, with its speakers in the folder; stop it afterwards."""
    config, log = folder / "config.json", folder / "log"
    # The machine of a test may be busy with others.
    config.write_text(json.dumps({"port": 0, "dataFolder": str(folder), "refuseWhenBehind": False, **settings}))
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--config", str(config), "--log-format", "json"], stdout=sink, stderr=sink, cwd=ROOT
        )
    try:
        yield RunningService(_listening(process, log))
    finally:
        process.kill()
        process.wait()


def _listening(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"msg":"listening"' in line:
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{log.read_text()}")


def run_program(*arguments: str) -> str:
    """What `whospeaks` prints."""
    done = subprocess.run([*PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def meeting_pcm(seconds: float | None = None) -> bytes:
    """The example meeting: 16 kHz, mono, 16 bits."""
    pcm = (AUDIO / "meeting.wav").read_bytes()[44:]
    return pcm if seconds is None else pcm[: int(seconds * 32_000)]


async def pieces(data: bytes, size: int = 3200, every_seconds: float = 0) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
        await asyncio.sleep(every_seconds)


async def events_of(stream: Stream) -> list[StreamEvent]:
    return [event async for event in stream]


async def trouble_of(stream: Stream) -> WhoSpeaksError:
    """What a stream ends with."""
    try:
        events = await events_of(stream)
    except WhoSpeaksError as error:
        return error
    raise AssertionError(f"it ended well: {events}")


async def eventually(is_so: Callable[[], bool], seconds: float = 20) -> None:
    async def poll() -> None:
        while not is_so():
            await asyncio.sleep(0.002)

    await asyncio.wait_for(poll(), seconds)


def types_of(events: Sequence[StreamEvent]) -> list[str]:
    return [event["type"] for event in events]


class CuttingProxy:
    """Forwards bytes both ways, and cuts a connection after as many of them as ``next_cut`` says."""

    def __init__(self, target_port: int, next_cut: Callable[[], float]) -> None:
        self.cuts = 0
        self._target_port = target_port
        self._next_cut = next_cut
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> CuttingProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target = await asyncio.open_connection("127.0.0.1", self._target_port)
        ends = {writer, target}
        self._writers |= ends
        left = self._next_cut()

        async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal left
            while data := await source.read(65_536):
                if len(data) < left:
                    left -= len(data)
                    sink.write(data)
                    continue
                if left <= 0:
                    return
                # The last bytes still go out, so that a message is cut anywhere.
                sink.write(data[: int(left)])
                left = 0
                self.cuts += 1
                await asyncio.sleep(0)
                return

        both = [asyncio.create_task(forward(reader, target)), asyncio.create_task(forward(target_reader, writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        await asyncio.gather(*both, return_exceptions=True)
        self._writers -= ends
