"""What standardised scores mean (`scoring` in config.json), fitted by `whospeaks calibrate`.

    python scoring.py export --whospeaks "node ../dist/cli/main.js"

The SDK's own command is run on recordings of the held-out speakers, so that gate, windows,
enrolment and cohort are those of the tracker; none of them is in the cohort. Speakers are enrolled from
clean recordings and heard in part in a simulated room with noise, as they are by users; on clean speech
alone the tail of strangers' scores would come out too short.
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import tempfile

import numpy as np
import torch

import calibrate
import data
import export
from rooms import shoebox_rir
from evaluate import add_noise

HEARD = 3  # recordings of a speaker that are not enrolled, at most
ROOM = 0.5  # share of those in a simulated room
NOISE_DB = (10, 30)  # speech over noise


def in_a_room(wave, noise, rng):
    """`wave` as it might be heard: in half of the cases in a room, always with noise."""
    if rng.random() < ROOM:
        size = 1 << (len(wave) + 8000).bit_length()
        wave = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(shoebox_rir(rng), size), size)[:len(wave)]
        wave = wave / max(1e-6, np.abs(wave).max()) * 0.5
    if noise is None:
        return wave.astype(np.float32)
    return add_noise(wave, noise.clip(int(rng.integers(len(noise)))), rng.uniform(*NOISE_DB))


def write_recordings(folder, corpus, speakers, noise, seed=15):
    """A folder a speaker: `1-enrolled-*.wav`, about 10 s in all, and as many `2-heard-*.wav`, one recording each.

    `whospeaks calibrate` enrols the first half of a speaker's recordings in order of name.
    """
    for speaker in speakers:
        rng = np.random.default_rng([seed, int(speaker)])
        enrol, others = calibrate.split_recordings(corpus, speaker, rng, HEARD)
        if not enrol or not others:
            continue
        place = pathlib.Path(folder) / f"s{speaker:05d}"
        place.mkdir(parents=True)
        known = np.concatenate(enrol)[:calibrate.ENROL]
        for index, (part, wave) in enumerate(zip(np.array_split(known, len(others)), others)):
            data.write_wav(place / f"1-enrolled-{index}.wav", part)
            data.write_wav(place / f"2-heard-{index}.wav", in_a_room(wave, noise, rng))


def fit(exported, corpus, speakers, noise, whospeaks, work):
    """What `whospeaks calibrate` says."""
    recordings = pathlib.Path(work) / "recordings"
    write_recordings(recordings, corpus, speakers, noise)
    command = [*whospeaks, "calibrate", str(recordings), "--model", str(exported), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="export")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--whospeaks", default="node ../dist/cli/main.js", help="the command, built")
    parser.add_argument("--work", help="keep the recordings in this new folder")
    args = parser.parse_args()
    torch.set_num_threads(1)
    speech, noise = data.load(args.data, args.cache)
    exported = pathlib.Path(args.folder)
    with tempfile.TemporaryDirectory() as scratch:
        summary = fit(exported, speech, calibrate.calibration_speakers(speech), noise,
                      shlex.split(args.whospeaks), args.work or scratch)
    print(json.dumps(summary))
    config = json.loads((exported / "config.json").read_text())
    config["scoring"] = summary["scoring"]
    export.write_config(exported, config)
    print(config["scoring"])


if __name__ == "__main__":
    main()
