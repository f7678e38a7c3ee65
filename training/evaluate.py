"""Equal error rates on labelled recordings: one window a recording, all pairs, cosine."""
import pathlib

import numpy as np
import torch

from frontend import FrontEnd


def read(path):
    """(samples,) of a 16 kHz file, channels averaged."""
    import soundfile
    wave, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate != 16000:
        raise ValueError(f"{path}: expected 16000 Hz, received {rate}")
    return wave.mean(1)


def read_folder(folder):
    """(waves, speakers) of a folder of folders of one speaker each, in name order."""
    folder = pathlib.Path(folder)
    files = sorted(f for f in folder.glob("*/*") if f.suffix in (".flac", ".wav", ".ogg", ".opus"))
    if not files:
        raise ValueError(f"{folder}: no recordings in folders of speakers")
    return [read(f) for f in files], [f"{folder.name}/{f.parent.name}" for f in files]


def add_noise(wave, noise, decibels):
    """`wave` and `noise`, repeated if it is short, at an SNR; of peak 1 at most."""
    noise = np.tile(noise, len(wave) // len(noise) + 1)[:len(wave)]
    gain = np.sqrt((wave ** 2).mean() / max(1e-10, (noise ** 2).mean()) / 10 ** (decibels / 10))
    mixed = wave + gain * noise
    return (mixed / max(1.0, np.abs(mixed).max())).astype(np.float32)


def telephone(wave, low_hz=300, high_hz=3400):
    """`wave` in the telephone band, through 8-bit mu-law."""
    hz = np.fft.rfftfreq(len(wave), 1 / 16000)
    gain = 1 / (1 + np.exp(np.clip((low_hz - hz) / 30, -30, 30))) / (1 + np.exp(np.clip((hz - high_hz) / 60, -30, 30)))
    narrow = np.fft.irfft(np.fft.rfft(wave) * gain, len(wave))
    narrow = narrow / max(1e-5, np.abs(narrow).max())
    law = np.round(127 * np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)) / 127
    return (0.5 * np.sign(law) * np.expm1(np.abs(law) * np.log(256)) / 255).astype(np.float32)


def loudest(wave, samples, heard=None):
    """The window of `samples` with most energy, on a grid of 0.1 s; a shorter recording whole.

    Chosen on `wave`, and cut from `heard` (the same length) where that is given.
    """
    heard = wave if heard is None else heard
    if samples is None or len(wave) <= samples:
        return heard
    energy = np.concatenate([[0], np.cumsum(wave.astype(np.float64) ** 2)])
    starts = np.arange(0, len(wave) - samples + 1, 1600)
    first = starts[np.argmax(energy[starts + samples] - energy[starts])]
    return heard[first:first + samples]


def embed(model, waves, batch=32):
    """Unit embeddings (n, d) of waveforms of any lengths; equal lengths share a batch."""
    vectors = embed_raw(model, waves, batch)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@torch.no_grad()
def embed_raw(model, waves, batch=32):
    """Embeddings (n, d) as the network gives them."""
    device = next(model.parameters()).device
    front_end = FrontEnd().to(device)
    out, groups = [None] * len(waves), {}
    for index, wave in enumerate(waves):
        groups.setdefault(len(wave), []).append(index)
    for rows in groups.values():
        for at in range(0, len(rows), batch):
            part = rows[at:at + batch]
            feats = front_end(torch.from_numpy(np.stack([waves[i] for i in part])).float().to(device))
            for row, vector in zip(part, model(feats).float().cpu()):
                out[row] = vector
    return torch.stack(out).numpy()


def pair_scores(embeddings, speakers, others=None):
    """(genuine, impostor) cosines over all pairs of unit rows; of each row with each later one of `others` if given."""
    speakers = np.asarray(speakers)
    scores = embeddings @ (embeddings if others is None else others).T
    upper = np.triu(np.ones(scores.shape, bool), 1)
    same = speakers[:, None] == speakers[None]
    return scores[upper & same], scores[upper & ~same]


def eer(genuine, impostor):
    """Equal error rate in [0, 1] and its threshold, where the two step curves cross."""
    scores = np.concatenate([genuine, impostor])
    order = np.argsort(scores, kind="stable")
    own = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostor))])[order]
    miss = np.concatenate([[0], np.cumsum(own)]) / len(genuine)
    alarm = 1 - np.concatenate([[0], np.cumsum(1 - own)]) / len(impostor)
    at = int(np.argmin(np.abs(miss - alarm)))
    return float((miss[at] + alarm[at]) / 2), float(scores[order[min(at, len(scores) - 1)]])


def recordings_of(corpus, speaker, least_samples=24000):
    """A speaker's recordings, each of at least `least_samples`.

    Words are joined until they last 3 s; a speaker with one long clip has its two halves.
    """
    long, words = [], []
    for clip in corpus.clips_of[speaker]:
        if corpus.length[clip] >= least_samples:
            long.append(corpus.clip(clip))
        elif words and len(words[-1]) < 2 * least_samples:
            words[-1] = np.concatenate([words[-1], corpus.clip(clip)])
        else:
            words.append(corpus.clip(clip))
    found = long + [wave for wave in words if len(wave) >= least_samples]
    if len(found) == 1 and len(found[0]) >= 4 * least_samples:
        return np.array_split(found[0], 2)
    return found


def by_corpus(corpus, speakers, most_speakers=None, most_recordings=None, seed=3):
    """{corpus: (waves, speakers)} of speakers with two recordings or more; by seed where there are more than asked for."""
    rng, found = np.random.default_rng(seed), {}
    for name in sorted({corpus.corpus_of_speaker(s) for s in speakers}):
        own, waves, names = [s for s in speakers if corpus.corpus_of_speaker(s) == name], [], []
        for who in rng.permutation(own)[:most_speakers].tolist():
            recordings = recordings_of(corpus, who)
            if len(recordings) > 1:
                chosen = sorted(rng.permutation(len(recordings))[:most_recordings].tolist())
                waves += [recordings[at] for at in chosen]
                names += [str(corpus.speakers[who])] * len(chosen)
        if len(set(names)) > 1:
            found[name] = (waves, names)
    return found


def window_eer(embed_waves, waves, speakers, seconds):
    """(EER, genuine, impostor) of one window a recording, the loudest; `seconds` None takes recordings whole."""
    vectors = embed_waves([loudest(wave, seconds and int(seconds * 16000)) for wave in waves])
    genuine, impostor = pair_scores(vectors, speakers)
    return eer(genuine, impostor)[0], len(genuine), len(impostor)
