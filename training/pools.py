"""Make pseudo-speakers: `python pools.py a b c`, each a pool of every training speaker with another vocal tract and pitch.

Formants move by one factor and pitch by another, drawn once a speaker and pool; tempo stays. So low adult voices
become higher ones and children's, and one person's two pools differ as two people do. Writes
`CACHE/pools/NAME/`: 16-bit audio, clips, edges and the teacher's embeddings, which `material.py` reads.
"""
import argparse
import math
import pathlib
import time

import numpy as np
import torch

import data
import material
import teacher
from augment import fft_size, resample

FFT, HOP = 1024, 256
QUEFRENCIES = 30  # of the cepstrum, that make the envelope: above the formants' spacing, below the pitch's
FORMANT_LOG = (-0.17, 0.2)  # least and most logarithm of the formants' factor
PITCH_FOLLOWS, PITCH_SPREAD, PITCH_LOG = 1.5, 0.12, (-0.35, 0.5)
TEMPO_LOG = 0.06


def draw_voice(name, pool):
    """(formant factor, pitch factor, tempo) of a speaker in a pool: from the names alone."""
    rng = np.random.default_rng(list(f"{name}{data.PSEUDO}{pool}".encode()))
    formants = rng.uniform(*FORMANT_LOG)
    formants += math.copysign(0.04, formants)  # far enough from the speaker's own
    pitch = np.clip(PITCH_FOLLOWS * formants + rng.normal(0, PITCH_SPREAD), *PITCH_LOG)
    return math.exp(formants), math.exp(pitch), math.exp(rng.normal(0, TEMPO_LOG))


def stretch(spectrum, rate):
    """(bins, frames) complex -> the same sound `rate` times as fast: a phase vocoder."""
    bins, frames = spectrum.shape
    at = torch.arange(0, frames - 1, rate)
    before = at.long()
    part = (at - before).float()
    first, second = spectrum[:, before], spectrum[:, before + 1]
    size = (1 - part) * first.abs() + part * second.abs()
    expected = (2 * math.pi * HOP / FFT) * torch.arange(bins)[:, None]
    turned = second.angle() - first.angle() - expected
    turned = expected + turned - 2 * math.pi * torch.round(turned / (2 * math.pi))
    phase = torch.cat([spectrum[:, :1].angle(), turned[:, :-1]], 1).double().cumsum(1)
    return torch.polar(size, torch.remainder(phase, 2 * math.pi).float())


def envelope_log(spectrum):
    """(bins, frames) complex -> the logarithm of its spectral envelope, by the cepstrum."""
    cepstrum = torch.fft.irfft(spectrum.abs().clamp_min(1e-6).log(), FFT, dim=0)
    cepstrum[QUEFRENCIES:FFT - QUEFRENCIES + 1] = 0
    return torch.fft.rfft(cepstrum, dim=0).real


def change_voice(wave, formants, pitch, tempo=1.0):
    """(samples,) float -> (about samples / tempo,): formants and pitch times their factors."""
    window = torch.hann_window(FFT)
    wave = torch.nn.functional.pad(wave, (0, max(0, 2 * FFT - len(wave))))
    spectrum = torch.stft(wave, FFT, HOP, window=window, return_complex=True)
    # After resampling by `pitch` the formants have moved with it; so first they are put where that takes them right.
    envelope = envelope_log(spectrum)
    place = torch.arange(len(envelope)) * (pitch / formants)
    low = place.long().clamp(max=len(envelope) - 2)
    part = (place - low).clamp(0, 1)[:, None]
    moved = (1 - part) * envelope[low] + part * envelope[low + 1]
    spectrum = spectrum * (moved - envelope).clamp(-6, 3).exp()
    spectrum = stretch(spectrum, tempo / pitch)
    longer = torch.istft(spectrum, FFT, HOP, window=window)
    samples = int(len(longer) / pitch)
    padded = fft_size(len(longer) + 400)
    longer = torch.nn.functional.pad(longer, (0, padded - len(longer)))
    out = resample(longer[None], int(padded / pitch) // 2 * 2)[0, :samples]
    return out / max(1.0, float(out.abs().max()) / 0.98)


def make(corpus, edges, speakers, pool, folder):
    """Write a pool's audio and clips; silent edges are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    files, names, lengths, began = [], [], [], time.time()
    with open(folder / material.AUDIO, "wb") as out:
        for turn, speaker in enumerate(speakers):
            name = str(corpus.speakers[speaker])
            voice = draw_voice(name, pool)
            for clip in corpus.clips_of[speaker]:
                wave = corpus.audio[int(edges[0][clip]):int(edges[0][clip] + edges[1][clip])].astype(np.float32) / 32768
                changed = change_voice(torch.from_numpy(wave), *voice).numpy()
                np.round(changed * 32767).astype(np.int16).tofile(out)
                files.append(corpus.files[clip])
                names.append(f"{name}{data.PSEUDO}{pool}")
                lengths.append(len(changed))
            if turn % 500 == 0:
                print(f"{pool}: speaker {turn} of {len(speakers)}, {time.time() - began:.0f} s", flush=True)
    lengths = np.array(lengths, np.int64)
    np.savez(folder / material.CLIPS, files=np.array(files), speakers=np.array(names), start=np.cumsum(lengths) - lengths,
             length=lengths)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", nargs="+", help="names; each draws voices of its own")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--teacher", default="runs/teacher.pt")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    corpus, _ = data.load(args.data, args.cache)
    train_speakers, _ = data.split_held_out(corpus)
    edges, net = material.edges_of(args.cache, corpus), teacher.Teacher(args.teacher).eval()
    for pool in args.pools:
        folder = material.pool_folder(args.cache, pool)
        if not (folder / material.CLIPS).exists():
            make(corpus, edges, train_speakers, pool, folder)
        made = material.load_pool(folder)
        np.save(folder / material.EDGES, np.stack([made.start, made.length]))
        heard = teacher.embed_corpus(net, made, np.load(folder / material.EDGES),
                                     lambda clip: print(f"{pool}: clip {clip} of {len(made)}", flush=True))
        np.save(pathlib.Path(folder) / material.TEACHER, heard)


if __name__ == "__main__":
    main()
