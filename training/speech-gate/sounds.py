"""What the gate is trained on: clips of speech with the probability of speech of their frames, and clips of noise."""
import os
import pathlib
import re

import numpy as np

import truth  # its network adds the folder above, where the rest is

import data
from held_out import EARLIER

# How often a clip of each corpus is drawn.
SHARES = {"commonvoice": 0.3, "commonvoice-fa": 0.08, "speechocean": 0.3, "librispeech": 0.2, "speechcommands": 0.06,
          "dspspeech": 0.06}
# A freesound recording in the name of an ESC clip: "…/1-100032-A.ogg" -> "1-100032".
RECORDING = re.compile(r"(\d-\d+)-[A-Z]\.\w+$")
# Every so many of the recordings of noise are kept to validate on.
HELD_NOISE = 12


class Speech:
    """Clips of one corpus and the probability of speech in their frames."""

    def __init__(self, corpus, clips, probabilities):
        self.corpus, self.clips, self.probabilities = corpus, clips, probabilities

    def draw(self, rng):
        """(samples, probability of each frame) of one clip."""
        i = rng.integers(len(self.clips))
        return self.corpus.clip(self.clips[i]), self.probabilities[i].astype(np.float32) / 255


class Sounds:
    """`speech`: of each corpus; `noises`: float32 arrays."""

    def __init__(self, speech, noises):
        self.names = [n for n in SHARES if n in speech and len(speech[n].clips)]
        shares = np.array([SHARES[n] for n in self.names])
        self.speech, self.shares, self.noises = speech, shares / shares.sum(), noises

    def draw(self, rng):
        return self.speech[self.names[rng.choice(len(self.names), p=self.shares)]].draw(rng)


def load(folder, audio_cache, truth_cache, exclude):
    """(sounds to train on, sounds to validate on). The speakers that versions 1 to 5 held out, and some noise, are of the
    second; recordings named in the folder `exclude` are of neither."""
    speech, noise = data.load(folder, audio_cache)
    if not os.path.exists(truth_cache):
        told = truth.probabilities(speech)
        pathlib.Path(truth_cache).parent.mkdir(parents=True, exist_ok=True)
        np.savez(truth_cache, flat=np.concatenate(told), counts=[len(t) for t in told])
    kept = np.load(truth_cache)
    told = np.split(kept["flat"], np.cumsum(kept["counts"])[:-1])
    _, held = data.split_speakers(speech, EARLIER)
    is_held = np.isin(speech.speaker, held)

    def sounds(wanted, noises):
        parts = {}
        for index, name in enumerate(speech.corpora):
            clips = np.flatnonzero((speech.corpus == index) & (is_held == wanted))
            # Where the teacher hears nobody, who knows.
            clips = [c for c in clips if told[c].max(initial=0) > 127]
            parts[str(name)] = Speech(speech, clips, [told[c] for c in clips])
        return Sounds(parts, noises)

    train_noise, held_noise = split_noise(folder, noise, exclude)
    return sounds(False, train_noise), sounds(True, held_noise)


def split_noise(folder, noise, exclude):
    """(noises to train on, noises to validate on): of recordings of which nothing is in the folder `exclude`."""
    rows = [r for r in data.read_manifest(pathlib.Path(folder) / "clips.tsv") if r["speaker"] == data.NOISE_LABEL]
    recording = [RECORDING.search(r["source"])[1] for r in rows]
    measured = os.listdir(exclude)
    parts = [], []
    names = sorted(set(recording))
    for i, name in enumerate(recording):
        if not any(f"-{name}-" in n for n in measured):
            parts[names.index(name) % HELD_NOISE == 0].append(noise.clip(i))
    return parts
