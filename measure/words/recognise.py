"""Words and their times in recordings, by PocketSphinx and the English model that it brings.

    python recognise.py FILE... > words.jsonl

A line a recording: {"path", "words": [{"text", "start", "end"}]}, times in seconds. The words are
what the recogniser takes them for: their times are good, their spelling need not be.
"""

import json
import re
import sys

import soundfile
from pocketsphinx import Decoder

RATE_HZ = 16000


def words_of(decoder, path):
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != RATE_HZ or samples.ndim != 1:
        raise SystemExit(f"{path}: expected mono at {RATE_HZ} Hz, received {samples.ndim} channels at {rate} Hz")
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    frame_seconds = 1 / decoder.config["frate"]
    for segment in decoder.seg():
        # Silence, noise and the ends of an utterance stand in angle or square brackets, variants in round ones.
        if segment.word[0] in "<[":
            continue
        yield {
            "text": re.sub(r"\(\d+\)$", "", segment.word),
            "start": round(segment.start_frame * frame_seconds, 3),
            "end": round((segment.end_frame + 1) * frame_seconds, 3),
        }


def main(paths):
    decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL", bestpath=True)
    for path in paths:
        print(json.dumps({"path": path, "words": list(words_of(decoder, path))}), flush=True)


main(sys.argv[1:])
