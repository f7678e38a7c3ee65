"""Batches of crops, balanced by corpus and by speaker."""
import numpy as np
import torch

NO_CLASS = -1  # of a crop whose speaker is no class of the softmax
EDGE_FRAME = 160

# How often a corpus's speakers are drawn; others share what their speakers' count gives.
CORPUS_WEIGHT = {"commonvoice": 0.42, "commonvoice-fa": 0.05, "speechocean": 0.24, "librispeech": 0.15,
                 "dspspeech": 0.05, "speechcommands": 0.09}


def trim_edges(corpus, below_db=35):
    """Start and length of each clip without its silent edges (frames far below its loud ones)."""
    start, length = corpus.start.copy(), corpus.length.copy()
    for index in range(len(corpus)):
        wave = corpus.clip(index)
        frames = len(wave) // EDGE_FRAME
        if frames < 20:
            continue
        energy = (wave[:frames * EDGE_FRAME].reshape(frames, EDGE_FRAME) ** 2).mean(1)
        heard = np.flatnonzero(energy > np.quantile(energy, 0.95) * 10 ** (-below_db / 10))
        first, last = max(0, heard[0] - 5), min(frames, heard[-1] + 6)
        start[index] += first * EDGE_FRAME
        length[index] = (last - first) * EDGE_FRAME
    return start, length


def speaker_chances(corpus, speakers, length, weights=None):
    """(speakers,) how often each is drawn: by corpus, then by the root of their seconds; `length` in samples a clip."""
    weights = CORPUS_WEIGHT if weights is None else weights
    names = np.array([corpus.corpus_of_speaker(s) for s in speakers])
    chance = np.zeros(len(speakers))
    for name in np.unique(names):
        here = names == name
        seconds = np.array([length[corpus.clips_of[s]].sum() / 16000 for s in speakers[here]])
        share = np.clip(seconds, 2, 40) ** 0.5
        chance[here] = weights.get(name, here.mean()) * share / share.sum()
    return chance / chance.sum()


class Sampler:
    """Draws speakers, then crops. All chance comes from the generator given to each call.

    speakers  indices into `corpus.speakers` that may be drawn; a class is a position in it
    """

    def __init__(self, corpus, speakers, edges=None, weights=None):
        self.corpus, self.speakers = corpus, np.asarray(speakers)
        self.start, self.length = edges if edges is not None else trim_edges(corpus)
        self.chance = speaker_chances(corpus, self.speakers, self.length, weights)

    @property
    def classes(self):
        return len(self.speakers)

    @property
    def names(self):
        """(classes,) what the speakers are called."""
        return [str(name) for name in self.corpus.speakers[self.speakers]]

    def cut(self, clips, samples, rng):
        """`samples` of int16 audio as float32 from the first of `clips`, and on from the next if short."""
        parts, have = [], 0
        for turn in range(64):
            clip = clips[turn % len(clips)]
            spare = self.length[clip] - (samples - have)
            first = self.start[clip]
            if spare > 0:
                first += int(rng.integers(spare + 1))
            piece = self.corpus.audio[first:first + min(self.length[clip], samples - have)]
            parts.append(piece)
            have += len(piece)
            if have >= samples:
                break
        wave = np.concatenate(parts).astype(np.float32) / 32768
        return wave if have >= samples else np.pad(wave, (0, samples - have))

    def clean(self, count, samples, rng):
        """(count, samples) clean crops of random speakers, of equal level."""
        out = np.empty((count, samples), np.float32)
        for index, who in enumerate(rng.choice(len(self.speakers), count, p=self.chance)):
            clips = rng.permutation(self.corpus.clips_of[self.speakers[who]])
            out[index] = self.cut(clips, samples, rng)
            out[index] /= np.sqrt((out[index] ** 2).mean()) + 1e-4
        return out

    def batch(self, people, crops, samples, rng):
        """(people * crops, samples) waves, class labels, and the clip each crop starts in.

        Crops of one person come from different clips where there are enough.
        """
        drawn = rng.choice(len(self.speakers), people, replace=False, p=self.chance)
        waves = np.empty((people * crops, samples), np.float32)
        firsts = np.empty(people * crops, np.int64)
        for person in range(people):
            clips = rng.permutation(self.corpus.clips_of[self.speakers[drawn[person]]])
            for crop in range(crops):
                turned = np.roll(clips, -crop)
                waves[person * crops + crop] = self.cut(turned, samples, rng)
                firsts[person * crops + crop] = turned[0]
        return torch.from_numpy(waves), torch.from_numpy(np.repeat(drawn, crops)), firsts
