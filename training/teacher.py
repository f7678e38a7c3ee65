"""The teacher: Resemblyzer's GE2E encoder (Apache-2.0), read from a CoreML blob store.

Front end and weight order are those of the training data's README: 16 kHz raised to
-30 dBFS where quieter; centred frames of 400, shift 160, periodic Hann; power
spectrum; 40 Slaney mel bands with Slaney normalisation, no logarithm; windows of 160
frames; three LSTM layers of 256 (gates i, f, o, g); linear, ReLU, L2.
"""
import struct

import numpy as np
import torch

from augment import resample

WINDOW_FRAMES = 160
SHIFT_SAMPLES = 160
HIDDEN = 256


def read_blobs(path):
    """The blobs of a CoreML blob store, version 2, as float32 arrays."""
    with open(path, "rb") as handle:
        raw = handle.read()
    count = struct.unpack_from("<I", raw, 0)[0]
    at, blobs = 64, []
    for _ in range(count):
        _, _, size, offset = struct.unpack_from("<IIQQ", raw, at)
        blobs.append(np.frombuffer(raw, "<f2", size // 2, offset).astype(np.float32))
        at = (offset + size + 63) // 64 * 64
    return blobs


def slaney_mel(bands=40, fft=400, rate=16000):
    """Slaney's mel bank (linear below 1 kHz, logarithmic above), area-normalised: (bands, fft/2+1)."""
    step = np.log(6.4) / 27

    def to_mel(hz):
        return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1e-9) / 1000) / step)

    def to_hz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(step * (mel - 15)))

    edges = to_hz(np.linspace(0, to_mel(np.array(rate / 2)), bands + 2))
    bins = np.arange(fft // 2 + 1) * rate / fft
    up = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    bank = np.maximum(0, np.minimum(up, down))
    return (bank * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


class Teacher(torch.nn.Module):
    """Waveform windows (batch, samples) -> GE2E embeddings (batch, 256), L2-normalised."""

    def __init__(self, path):
        super().__init__()
        blobs = [b for b in read_blobs(path)]
        weights = blobs[-11:]  # what precedes is the initial state: zeros
        self.lstm = torch.nn.LSTM(40, HIDDEN, 3, batch_first=True)
        # i, f, o, g in the file; i, f, g, o in PyTorch.
        order = np.concatenate([np.arange(256), np.arange(256, 512), np.arange(768, 1024), np.arange(512, 768)])
        with torch.no_grad():
            for layer in range(3):
                w_in, w_rec, bias = weights[3 * layer:3 * layer + 3]
                for name, value in (("weight_ih", w_in.reshape(1024, -1)), ("weight_hh", w_rec.reshape(1024, 256)),
                                    ("bias_ih", bias), ("bias_hh", np.zeros_like(bias))):
                    getattr(self.lstm, f"{name}_l{layer}").copy_(torch.from_numpy(np.ascontiguousarray(value[order])))
            self.linear = torch.nn.Linear(HIDDEN, HIDDEN)
            self.linear.weight.copy_(torch.from_numpy(weights[9].reshape(256, 256)))
            self.linear.bias.copy_(torch.from_numpy(weights[10]))
        self.register_buffer("mel", torch.from_numpy(slaney_mel()))
        self.register_buffer("window", torch.hann_window(400, periodic=True))

    def features(self, wave):
        """(batch, samples) -> (batch, frames, 40): mel power, centred frames."""
        level = wave.pow(2).mean(1, keepdim=True).clamp_min(1e-12)
        gain = (10 ** (-30 / 10) / level).clamp_min(1).sqrt()
        spectrum = torch.stft(wave * gain, 400, SHIFT_SAMPLES, 400, self.window, center=True,
                              pad_mode="constant", return_complex=True)
        power = spectrum.real ** 2 + spectrum.imag ** 2
        return torch.matmul(self.mel, power).transpose(1, 2)

    def embed_frames(self, mel):
        """(batch, WINDOW_FRAMES, 40) -> (batch, 256)."""
        _, (state, _) = self.lstm(mel)
        return torch.nn.functional.normalize(torch.relu(self.linear(state[-1])), dim=1)


def window_starts(frames, hop):
    """First frames of windows that cover `frames`; the last one ends at the end."""
    last = max(0, frames - WINDOW_FRAMES)
    starts = list(range(0, last, hop))
    if not starts or last - starts[-1] > hop // 4:
        starts.append(last)
    return starts


@torch.no_grad()
def embed_corpus(teacher, corpus, hop=160, batch=512, speed=1.0, bf16=True, progress=None):
    """Mean teacher embedding of every clip: (clips, 256), L2-normalised.

    Clips shorter than a window are repeated to fill one. `speed` changes speed and
    pitch first. `bf16` computes the LSTM in bfloat16, several times faster where the
    processor has it.
    """
    sums = torch.zeros(len(corpus), HIDDEN)
    pending, owners = [], []

    def flush():
        if pending:
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                got = teacher.embed_frames(torch.stack(pending)).float()
            sums.index_add_(0, torch.tensor(owners), got)
            pending.clear()
            owners.clear()

    for index in np.argsort(corpus.start):
        wave = corpus.clip(index)
        if speed != 1.0:
            samples = int(len(wave) / speed) // 2 * 2
            wave = resample(torch.from_numpy(wave)[None], samples)[0].numpy()
        least = WINDOW_FRAMES * SHIFT_SAMPLES
        if len(wave) < least:
            wave = np.tile(wave, least // max(1, len(wave)) + 1)[:least]
        mel = teacher.features(torch.from_numpy(wave)[None])[0]
        for first in window_starts(len(mel), hop):
            pending.append(mel[first:first + WINDOW_FRAMES])
            owners.append(int(index))
        if len(pending) >= batch:
            flush()
            if progress:
                progress(int(index))
    flush()
    return torch.nn.functional.normalize(sums, dim=1)


class Whitening:
    """Centre, divide by the within-speaker spread, and keep the axes that tell speakers apart.

    Fitted on one embedding a clip: `mean`, and `project` (256 -> kept axes).
    """

    def __init__(self, mean, project):
        self.mean, self.project = mean, project

    @classmethod
    def fit(cls, embeddings, speakers, shrink=1.0):
        """embeddings (clips, d) float, speakers (clips,) labels; speakers with one clip only add to the mean."""
        x = np.asarray(embeddings, np.float64)
        ids, inverse, counts = np.unique(np.asarray(speakers), return_inverse=True, return_counts=True)
        means = np.zeros((len(ids), x.shape[1]))
        np.add.at(means, inverse, x)
        means /= counts[:, None]
        centre = means.mean(0)
        several = counts[inverse] > 1
        weight = 1 / np.sqrt(counts[inverse][several])  # a speaker with many clips counts a little more, not in full
        spread = (x - means[inverse])[several] * np.sqrt(weight)[:, None]
        within = spread.T @ spread / weight.sum()
        within += shrink * np.trace(within) / len(within) * np.eye(len(within))
        values, vectors = np.linalg.eigh(within)
        white = vectors / np.sqrt(values) @ vectors.T
        return cls(centre.astype(np.float32), white.astype(np.float32))

    def __call__(self, embeddings):
        x = (np.asarray(embeddings, np.float32) - self.mean) @ self.project
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def corpus_means(vectors, corpus, usable):
    """(corpora, d) mean of the `usable` clips' vectors in each corpus: how it was recorded, to be taken away."""
    return np.stack([vectors[usable & (corpus.corpus == name)].mean(0) for name in range(len(corpus.corpora))])
