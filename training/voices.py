"""The held-out speakers as folders of recordings, laid out as `npm run accuracy -- --audio DIR` wants them.

    python voices.py /tmp/voices && cd .. && npm run accuracy -- --audio /tmp/voices --tune --only tracker

So settings of the tracker can be chosen on conversations of people who are neither trained on nor reported on. Common
Voice and LibriSpeech speakers go to `librispeech/`, as there is no other folder for clean reading; noise is the
training data's.
"""
import argparse
import pathlib

import calibrate
import data
import evaluate

LEAST_SAMPLES = 24000
LEAST_RECORDINGS, MOST_RECORDINGS = 4, 12
NOISES = 60


def write_voices(folder, speech, noise, speakers):
    """`librispeech/NAME/*.wav`, `speechocean/NAME/*.wav` and `noise/*.wav`; returns how many voices were written."""
    folder, written = pathlib.Path(folder), 0
    for speaker in speakers:
        recordings = evaluate.recordings_of(speech, speaker, LEAST_SAMPLES)
        if len(recordings) < LEAST_RECORDINGS:
            continue
        corpus = "speechocean" if speech.corpus_of_speaker(speaker) == "speechocean" else "librispeech"
        place = folder / corpus / str(speech.speakers[speaker]).replace(" ", "_")
        place.mkdir(parents=True, exist_ok=True)
        for index, wave in enumerate(recordings[:MOST_RECORDINGS]):
            data.write_wav(place / f"{index:02d}.wav", wave)
        written += 1
    (folder / "noise").mkdir(parents=True, exist_ok=True)
    for index in range(min(NOISES, len(noise))):
        data.write_wav(folder / "noise" / f"{index:03d}.wav", noise.clip(index))
    return written


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    speech, noise = data.load(args.data, args.cache)
    print(write_voices(args.folder, speech, noise, calibrate.calibration_speakers(speech)), "voices")


if __name__ == "__main__":
    main()
