"""What standardised scores mean (`scoring` in config.json), fitted by `whospeaks calibrate`.

    python scoring.py export --whospeaks "node ../dist/cli/main.js"

The SDK's own command is run on recordings of the held-out speakers, so that gate, windows,
enrolment and cohort are those of the tracker. Twice: each half of the speakers is scored
with a cohort of the other half, since nobody enrolled is in a user's cohort, and the two
fits are averaged. Speakers are enrolled from clean recordings and heard in part in a simulated room
with noise, as they are by users; on clean speech alone the tail of strangers' scores would
come out too short.
"""
import argparse
import json
import pathlib
import shlex
import shutil
import subprocess
import tempfile

import numpy as np
import torch

import calibrate
import data
import export
from augment import shoebox_rir
from measure import add_noise
from tensors import write_tensors

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
    """A folder a speaker: `1-enrolled-*.wav`, about 10 s in all, and as many `2-heard-*.wav`, one clip each.

    `whospeaks calibrate` enrols the first half of a speaker's recordings in order of name.
    """
    for speaker in speakers:
        rng = np.random.default_rng([seed, int(speaker)])
        enrol, others = calibrate.split_clips(corpus, speaker, rng, HEARD)
        if not enrol or not others:
            continue
        place = pathlib.Path(folder) / f"s{speaker:05d}"
        place.mkdir(parents=True)
        known = np.concatenate([corpus.clip(clip) for clip in enrol])[:calibrate.ENROL]
        for index, (part, clip) in enumerate(zip(np.array_split(known, len(others)), others)):
            data.write_wav(place / f"1-enrolled-{index}.wav", part)
            data.write_wav(place / f"2-heard-{index}.wav", in_a_room(corpus.clip(clip), noise, rng))


def write_model(folder, exported, cohort):
    """The exported weights with another cohort, (n, d) unit rows."""
    folder.mkdir(parents=True)
    shutil.copy(exported / "model.safetensors", folder)
    write_tensors(folder / "cohort.safetensors", {"embeddings": cohort.astype(np.float16)})
    config = json.loads((exported / "config.json").read_text())
    config.pop("scoring", None)
    config["cohort"] = {"file": "cohort.safetensors", "tensor": "embeddings"}
    export.write_config(folder, config)


def fit(exported, corpus, speakers, noise, whospeaks, work):
    """The `calibrate` summaries of both halves of the speakers."""
    net = export.load_exported(exported)
    summaries = []
    for half in (0, 1):
        place = pathlib.Path(work) / str(half)
        write_recordings(place / "recordings", corpus, speakers[half::2], noise)
        write_model(place / "model", exported, calibrate.cohort(net, corpus, speakers[1 - half::2]))
        command = [*whospeaks, "calibrate", str(place / "recordings"), "--model", str(place / "model"), "--json"]
        summaries.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    return summaries


def mean_scoring(summaries):
    """The mean of the fits, rounded."""
    fits = [summary["scoring"] for summary in summaries]
    return {key: np.mean([each[key] for each in fits], 0).round(4).tolist() for key in fits[0]}


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
        summaries = fit(exported, speech, calibrate.calibration_speakers(speech), noise,
                        shlex.split(args.whospeaks), args.work or scratch)
    for summary in summaries:
        print(json.dumps(summary))
    config = json.loads((exported / "config.json").read_text())
    config["scoring"] = mean_scoring(summaries)
    export.write_config(exported, config)
    print(config["scoring"])


if __name__ == "__main__":
    main()
