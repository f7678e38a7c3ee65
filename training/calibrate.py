"""Threshold, calibration and cohort of exported weights, all of speakers that are never trained on.

A trial is one 1.5 s window (the loudest of a recording) against a speaker enrolled on about
10 s of other recordings. `threshold` is the cosine that one impostor trial in a hundred
reaches; `calibration` maps a cosine to log-odds, scale * cosine + offset, 0 at the threshold,
fitted by logistic regression; `cohort.safetensors` holds unit embeddings (n, 256) fp16.
"""
import argparse
import hashlib
import itertools
import json
import pathlib

import numpy as np
import torch

import data
import evaluate
import export
from tensors import write_tensors

WINDOW = 24000
ENROL = 160000
# Whole sentences, and languages of which there are enough people.
COHORT = ("commonvoice", "librispeech", "speechocean")
# Isolated words, a second or so of which are no enrolment.
WORDS = ("dspspeech", "speechcommands")


def calibration_speakers(corpus):
    """The held-out speakers of the trials, but for those of isolated words."""
    return [s for s in data.held_out_part(corpus, "trials") if corpus.corpus_of_speaker(s) not in WORDS]


def cohort_speakers(corpus):
    """Held-out speakers of whom there are no trials: nobody is measured against themselves."""
    return [s for s in data.held_out_part(corpus, "cohort") if corpus.corpus_of_speaker(s) in COHORT]


def split_recordings(corpus, speaker, rng, tests=8):
    """(recordings to enrol, about 10 s of speech; other recordings to test with), float32 each."""
    found = evaluate.recordings_of(corpus, speaker, WINDOW)
    found = [found[at] for at in rng.permutation(len(found))]
    enrol, have = [], 0
    while len(found) > 1 and have < ENROL:
        enrol.append(found.pop())
        have += min(len(enrol[-1]), ENROL - have)
    return enrol, found[:tests]


def windows(wave, limit):
    """Windows of 1.5 s every 0.75 s over at most `limit` samples."""
    wave = wave[:limit]
    return [wave[at:at + WINDOW] for at in range(0, len(wave) - WINDOW + 1, WINDOW // 2)]


def trials(net, corpus, speakers, seed=5):
    """(genuine, impostor) cosines of windows against enrolled speakers."""
    rng = np.random.default_rng(seed)
    models, tests, owners = [], [], []
    for speaker in speakers:
        enrol, others = split_recordings(corpus, speaker, rng)
        if not enrol:
            continue
        mean = evaluate.embed(net, [w for wave in enrol for w in windows(wave, ENROL)]).mean(0)
        tests += [evaluate.loudest(wave, WINDOW) for wave in others]
        owners += [len(models)] * len(others)
        models.append(mean / np.linalg.norm(mean))
    scores = evaluate.embed(net, tests) @ np.stack(models).T
    own = np.zeros(scores.shape, bool)
    own[np.arange(len(owners)), owners] = True
    return scores[own], scores[~own]


def logistic(genuine, impostor, rounds=50):
    """(scale, offset) of log-odds = scale * cosine + offset, both kinds weighing the same in all."""
    x = np.concatenate([genuine, impostor]).astype(np.float64)
    y = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostor))])
    weight = np.where(y > 0, 0.5 / len(genuine), 0.5 / len(impostor))
    design, at = np.stack([x, np.ones_like(x)], 1), np.zeros(2)
    for _ in range(rounds):  # Newton's method, damped a little by a ridge
        p = 1 / (1 + np.exp(-design @ at))
        slope = design.T @ (weight * (p - y)) + 1e-6 * at
        curve = (design * (weight * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        at = at - np.linalg.solve(curve, slope)
    return float(at[0]), float(at[1])


def cohort(net, corpus, speakers, each=200, seed=6):
    """(n, 256) unit embeddings of 1.5 s windows: `each` of every corpus's speakers, spread evenly over them.

    A voice is measured against those of the cohort that sound most like it. So there must be enough of every kind:
    children and adults, readers and people at their own microphones. Of a recording comes its loudest window; a
    speaker who has too few recordings gives several windows of each.
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for name in sorted({corpus.corpus_of_speaker(s) for s in speakers}):
        own = rng.permutation([s for s in speakers if corpus.corpus_of_speaker(s) == name])
        queues = []
        for speaker in own:
            found = evaluate.recordings_of(corpus, speaker, WINDOW)
            loud = [evaluate.loudest(found[at], WINDOW) for at in rng.permutation(len(found))]
            rest = [wave[at:at + WINDOW] for wave in found for at in range(0, len(wave) - WINDOW + 1, WINDOW)]
            queues.append(loud + [rest[at] for at in rng.permutation(len(rest))])
        chosen += [w for windows in itertools.zip_longest(*queues) for w in windows if w is not None][:each]
    return evaluate.embed(net, chosen)


def calibrate(folder, corpus, speakers, others):
    """Write `threshold` and `calibration`, from `speakers`, and `cohort`, of `others`, into an exported folder; returns the config."""
    folder = pathlib.Path(folder)
    net = export.load_exported(folder)
    genuine, impostor = trials(net, corpus, speakers)
    rate, even = evaluate.eer(genuine, impostor)
    scale, offset = logistic(genuine, impostor)
    write_tensors(folder / "cohort.safetensors", {"embeddings": cohort(net, corpus, others).astype(np.float16)})
    config = json.loads((folder / "config.json").read_text())
    config["threshold"] = round(float(np.quantile(impostor, 0.99)), 4)
    config["calibration"] = {
        # Even odds lie at the threshold and not where the fit has them (`fitted_offset`): among many enrolled
        # speakers a stranger has many chances to resemble one, so a window must clear 1 % to speak for a name.
        "scale": round(scale, 4), "offset": round(-scale * config["threshold"], 4),
        "fitted_offset": round(offset, 4), "window_seconds": 1.5, "enrolment_seconds": 10,
        "eer": round(rate, 4), "eer_threshold": round(even, 4),
        "miss_at_threshold": round(float((genuine < config["threshold"]).mean()), 4),
        "false_alarm_at_threshold": 0.01,
        "genuine_trials": len(genuine), "impostor_trials": len(impostor), "speakers": len(speakers),
    }
    config["cohort"] = {"file": "cohort.safetensors", "tensor": "embeddings",
                        "sha256": hashlib.sha256((folder / "cohort.safetensors").read_bytes()).hexdigest()}
    export.write_config(folder, config)
    return config


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="export")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    speech, _ = data.load(args.data, args.cache)
    config = calibrate(args.folder, speech, calibration_speakers(speech), cohort_speakers(speech))
    print({k: config[k] for k in ("threshold", "calibration")})


if __name__ == "__main__":
    main()
