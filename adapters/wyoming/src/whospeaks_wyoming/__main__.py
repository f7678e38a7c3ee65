"""``whospeaks-wyoming``: a Wyoming server in front of a whospeaks service."""

from __future__ import annotations

import argparse
import asyncio
import os
from functools import partial

from whospeaks_client import WhoSpeaks
from wyoming.server import AsyncServer

from .handler import SpeakerHandler, Upstream


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until it is cancelled."""
    upstream = None if arguments.asr is None else Upstream(arguments.asr)
    async with WhoSpeaks(arguments.service, token=os.environ.get("WHOSPEAKS_TOKEN")) as client:
        server = AsyncServer.from_uri(arguments.uri)
        print(f"listening on {arguments.uri}", flush=True)
        await server.run(partial(SpeakerHandler, client=client, upstream=upstream))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="whospeaks-wyoming", description=__doc__)
    parser.add_argument("--service", default="http://127.0.0.1:7979", help="address of `whospeaks serve`")
    parser.add_argument("--uri", default="tcp://127.0.0.1:10700", help="where to listen")
    parser.add_argument("--asr", help="a recogniser (tcp://127.0.0.1:10300) whose transcripts get the speaker's name")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
