"""Who speaks in a wav file, asked of a Wyoming server: ``python who.py tcp://127.0.0.1:10700 meeting.wav``."""

import asyncio
import sys
import wave

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.user_event import UserEvent


async def main(uri: str, path: str) -> None:
    async with AsyncClient.from_uri(uri) as client:
        with wave.open(path) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            await client.write_event(AudioStart(rate=rate, width=width, channels=channels).event())
            while audio := file.readframes(rate // 10):
                await client.write_event(AudioChunk(rate=rate, width=width, channels=channels, audio=audio).event())
        await client.write_event(AudioStop().event())
        while (event := await client.read_event()) is not None:
            if event.type == "error":
                sys.exit(f"{event.data['text']} [{event.data['code']}]")
            if not UserEvent.is_type(event.type):
                continue
            told = UserEvent.from_event(event)
            if told.name == "speakers":
                return
            turn = told.data or {}
            print(f"{turn['start']:.1f} to {turn['end']:.1f} s: {turn['speaker']}")


asyncio.run(main(*sys.argv[1:3]))
