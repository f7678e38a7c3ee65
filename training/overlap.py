"""A readout that tells whether two people speak at once, for exported weights.

    python overlap.py export

Statistics pooling keeps more of a window than its embedding does. Logistic regression on what the last layer reads,
(mean, std) over time of the last maps, estimates the share of a 1.5 s window in which two people are heard at once:
share = 1 / (1 + exp(-(weight . statistics + bias))). The network is not touched, and neither are its embeddings: an
engine runs the readout as one more row of the last layer.

Windows are mixed from training speakers, in rooms and noise as in training, a quarter of them through a telephone. One
in five holds two voices at once, the others one voice, with and without a pause, or one after another. Writes
`overlap.safetensors` and, with what it measured on the speakers held out, `overlap` in config.json.
"""
import argparse
import hashlib
import json
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

import data
import export
from augment import Augment
from frontend import FrontEnd
from sampler import EDGE_FRAME, Sampler, trim_edges
from tensors import write_tensors

WINDOW = 24000
BATCH = 50
RIDGE = 3e-3
BOTH, CHANGE = 0.2, 0.3  # shares of the windows: two at once; one after another
LEAST_SHARE, MOST_NONE = 0.4, 0.05  # of a window: what counts as two at once when it is measured, and as not


class Mixer:
    """Windows of one voice or two, and for each the share in which both are heard. `rng` is the only chance in it."""

    def __init__(self, speech, noise, speakers, edges, rooms=300):
        self.speech = speech
        self.sampler = Sampler(speech, speakers, edges)
        self.augment = Augment(noise, rooms=rooms, roomy=0, telephone=0.25, untouched=0)

    def clip_of(self, rng, but=None):
        """(speaker, one of his clips), not of the speaker `but`; mostly of the same corpus, whose sound is alike."""
        speakers = self.sampler.speakers
        while True:
            who = speakers[rng.choice(len(speakers), p=self.sampler.chance)]
            alike = but is None or self.speech.corpus_of_speaker(who) == self.speech.corpus_of_speaker(but)
            if who != but and (alike or rng.random() < 0.2 or len(self.speech.corpora) == 1):
                return who, int(rng.choice(self.speech.clips_of[who]))

    def say(self, track, clip, first, last, rng):
        """Put speech of `clip`, of a level of its own, into samples `first` to `last` of `track`."""
        room = min(last, len(track)) - max(first, 0)
        length = min(int(self.sampler.length[clip]), room)
        if length < EDGE_FRAME:
            return
        at = int(self.sampler.start[clip] + rng.integers(self.sampler.length[clip] - length + 1))
        wave = self.speech.audio[at:at + length].astype(np.float32)
        track[max(first, 0):max(first, 0) + length] = wave / (np.sqrt((wave ** 2).mean()) + 1)

    def tracks(self, rng):
        """(2, WINDOW): what either of two people says in one window."""
        both = np.zeros((2, WINDOW), np.float32)
        who, clip = self.clip_of(rng)
        kind = rng.random()
        if kind < BOTH + CHANGE:
            _, other = self.clip_of(rng, but=who)
            if kind < BOTH:
                length = int(rng.uniform(0.15, 1) * WINDOW)
                begin = int(rng.integers(-length // 3, WINDOW - length * 2 // 3))
                # Half of them interrupt and go on alone; the others say little while the first goes on.
                ends = (begin + length, WINDOW) if rng.random() < 0.5 else (WINDOW, begin + length)
            else:
                begin = int(rng.uniform(0.1, 0.9) * WINDOW)
                ends = (begin - int(max(0, rng.uniform(-0.1, 0.4)) * 16000), WINDOW)
            self.say(both[0], clip, 0, ends[0], rng)
            self.say(both[1], other, begin, ends[1], rng)
            both[1] *= 10 ** (rng.normal(0, 4) / 20)
        elif rng.random() < 0.6:
            self.say(both[0], clip, 0, WINDOW, rng)
        else:
            pause = int(rng.uniform(0, 0.9) * WINDOW)
            self.say(both[0], clip, 0, pause, rng)
            again = int(rng.choice(self.speech.clips_of[who]))
            self.say(both[0], again, pause + int(rng.uniform(0, 0.4) * 16000), WINDOW, rng)
        return both

    def batch(self, count, rng):
        """((count, WINDOW) waves, (count,) shares)."""
        tracks = np.stack([self.tracks(rng) for _ in range(count)])
        shares = (heard(tracks[:, 0]) & heard(tracks[:, 1])).mean(1)
        waves = torch.from_numpy(tracks)
        for one in np.flatnonzero(rng.random(count) < 0.5):
            # In one room, each from his own place.
            for voice in waves[one]:
                voice.copy_(reverberate(voice, self.augment.rirs[int(rng.integers(len(self.augment.rirs)))]))
        waves = waves.sum(1) + 1e-4 * torch.from_numpy(rng.standard_normal((count, WINDOW)).astype(np.float32))
        return self.augment(waves, rng), torch.from_numpy(shares.astype(np.float32))


def heard(tracks):
    """(batch, samples) -> (batch, frames): 10 ms frames within 30 dB of the loudest."""
    energy = (tracks.reshape(len(tracks), -1, EDGE_FRAME) ** 2).mean(2)
    return energy > np.maximum(energy.max(1, keepdims=True) * 1e-3, 1e-8)


def reverberate(wave, response):
    """`wave` in a room, as long and as loud as it was."""
    size = 1 << (len(wave) + len(response)).bit_length()
    wet = torch.fft.irfft(torch.fft.rfft(wave, size) * torch.fft.rfft(response, size), size)[:len(wave)]
    return wet * (wave.square().mean() / wet.square().mean().clamp_min(1e-12)).sqrt()


@torch.no_grad()
def statistics(net, mixer, count, seed):
    """((count, pooled) statistics, (count,) shares) of mixed windows."""
    front, pooled, shares = FrontEnd(), [], []
    for index in range(-(-count // BATCH)):
        waves, share = mixer.batch(BATCH, np.random.default_rng([seed, index]))
        pooled.append(net.statistics(front(waves)))
        shares.append(share)
    return torch.cat(pooled)[:count], torch.cat(shares)[:count]


def fit(pooled, shares, ridge=RIDGE):
    """(weight (pooled,), bias ()) of logistic regression on shares, of standardised statistics, by ridge."""
    mean, deviation = pooled.mean(0), pooled.std(0) + 0.01
    x = (pooled - mean) / deviation
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.logit(shares.mean()).clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ weight + bias, shares) + ridge * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    weight = weight.detach() / deviation
    return weight, bias.detach() - mean @ weight


def measure(logits, shares):
    """How well windows of two voices are told from windows of one; of windows in between nothing is asked."""
    two, one = logits[shares >= LEAST_SHARE], logits[shares < MOST_NONE]
    ranks = torch.cat([two, one]).argsort().argsort()[:len(two)].double()
    return {
        "auc": round(float((ranks.mean() - (len(two) - 1) / 2) / len(one)), 4),
        "recall_at_1_percent": round(float((two > one.quantile(0.99)).double().mean()), 4),
        "mean_share": round(float(shares.mean()), 4), "mean_estimate": round(float(logits.sigmoid().mean()), 4),
        "windows": len(shares),
    }


def write(folder, weight, bias, measured):
    """`overlap.safetensors` beside the weights, and what was measured in config.json."""
    folder = pathlib.Path(folder)
    tensors = {"overlap.weight": weight[None].numpy(), "overlap.bias": bias[None].numpy()}
    write_tensors(folder / "overlap.safetensors", tensors)
    config = json.loads((folder / "config.json").read_text())
    digest = hashlib.sha256((folder / "overlap.safetensors").read_bytes()).hexdigest()
    config["overlap"] = {"file": "overlap.safetensors", "sha256": digest, "held_out": measured}
    export.write_config(folder, config)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="export")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--windows", type=int, default=60000)
    parser.add_argument("--ridge", type=float, default=RIDGE)
    args = parser.parse_args()
    speech, noise = data.load(args.data, args.cache)
    trained, held_out = data.split_held_out(speech)
    edges, net = trim_edges(speech), export.load_exported(args.folder)
    pooled, shares = statistics(net, Mixer(speech, noise, trained, edges), args.windows, 1)
    weight, bias = fit(pooled, shares, args.ridge)
    pooled, shares = statistics(net, Mixer(speech, noise, held_out, edges), args.windows // 5, 2)
    measured = measure(pooled @ weight + bias, shares)
    write(args.folder, weight, bias, measured)
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
