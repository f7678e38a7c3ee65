"""The words of a mono 16 kHz wav file and their times, by PocketSphinx, as JSON of the shape that OpenAI's API has.

    python pocketsphinx-words.py meeting.wav
"""

import json
import re
import sys
import wave

from pocketsphinx import Decoder

with wave.open(sys.argv[1]) as recording:
    if (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) != (1, 2, 16000):
        sys.exit(f"{sys.argv[1]}: expected mono, 16 bits, 16000 Hz")
    samples = recording.readframes(recording.getnframes())

decoder = Decoder(samprate=16000, loglevel="FATAL")
decoder.start_utt()
decoder.process_raw(samples, full_utt=True)
decoder.end_utt()
# Silence and noise stand in angle or square brackets, variants of a word in round ones. Frames are 10 ms.
words = [
    {"word": re.sub(r"\(\d+\)$", "", s.word), "start": s.start_frame / 100, "end": (s.end_frame + 1) / 100}
    for s in decoder.seg()
    if s.word[0] not in "<["
]
json.dump({"text": " ".join(w["word"] for w in words), "words": words}, sys.stdout)
