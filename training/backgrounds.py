"""Sounds that disturb: recorded and coloured noise, babble, music-like sound, and single other voices."""
import numpy as np

BANK_SECONDS = 4


def coloured(samples, rng):
    """Noise whose spectrum falls by 0 to 6 dB an octave."""
    bins = samples // 2 + 1
    shape = np.maximum(np.arange(bins), 8) ** -rng.uniform(0, 1)
    phase = np.exp(2j * np.pi * rng.random(bins, np.float32))
    return np.fft.irfft(shape * phase, samples).astype(np.float32)


def music(samples, rng, rate=16000):
    """Chords of decaying harmonic notes on a beat, and in half of the pieces a drum."""
    out, beat = np.zeros(samples, np.float32), int(rng.uniform(0.2, 0.7) * rate)
    root, bright = rng.uniform(60, 220), rng.uniform(0.4, 1.2)
    drum = rng.random() < 0.5
    for first in range(0, samples, beat):
        length = min(samples - first, int(beat * rng.uniform(1, 3)))
        time = np.arange(length, dtype=np.float32) / rate
        fall = np.exp(-time * np.float32(rng.uniform(1, 8)))
        for step in rng.choice([0, 2, 4, 5, 7, 9, 12, 14, 16, 19], int(rng.integers(1, 5)), replace=False):
            pitch = root * 2 ** (step / 12) * (1 + 0.001 * rng.standard_normal())
            for harmonic in range(1, int(min(9, 7500 / pitch)) + 1):
                turn = np.float32(2 * np.pi * harmonic * pitch)
                out[first:first + length] += (harmonic ** -bright) * fall * np.sin(turn * time + rng.uniform(0, 6))
        if drum:
            hit = min(length, 3000)
            out[first:first + hit] += 2 * rng.standard_normal(hit) * np.exp(-np.arange(hit) / rng.uniform(100, 900))
    return out


class SoundBank:
    """Sounds of unit power, cut to any length.

    noise  a `Corpus` or None; speech  a callable (count, samples, rng) -> crops of equal level, or None
    """

    def __init__(self, noise, speech, seed, babbles=160, pieces=80):
        rng, samples = np.random.default_rng([seed, 8]), BANK_SECONDS * 16000
        self.noise, self.speech = noise, speech
        self.music = [even(music(samples, rng)).astype(np.float16) for _ in range(pieces)]
        self.babble = [] if speech is None else [
            even(np.asarray(speech(int(rng.integers(3, 8)), samples, rng)).sum(0)).astype(np.float16) for _ in range(babbles)]

    def draw(self, kind, samples, rng):
        """(samples,) of unit power; `kind` one of recorded, coloured, babble, music, voice. What is not at hand is coloured noise."""
        if kind == "recorded" and self.noise is not None:
            return cut(self.noise.clip(int(rng.integers(len(self.noise)))), samples, rng)
        if kind == "music" or (kind == "babble" and self.babble):
            bank = self.music if kind == "music" else self.babble
            return cut(bank[int(rng.integers(len(bank)))].astype(np.float32), samples, rng)
        if kind == "voice" and self.speech is not None:
            return interjection(np.asarray(self.speech(1, samples, rng))[0], rng)
        return even(coloured(samples, rng))


def even(wave):
    return wave / np.sqrt((wave ** 2).mean() + 1e-10)


def cut(wave, samples, rng):
    """A piece of `wave`, repeated if it is short, of unit power."""
    if len(wave) < samples:
        wave = np.tile(wave, samples // len(wave) + 1)
    first = int(rng.integers(len(wave) - samples + 1))
    return even(wave[first:first + samples])


def interjection(wave, rng):
    """Half of the time only a part of the other voice is heard: it starts later or stops earlier."""
    if rng.random() < 0.5:
        at = int(rng.uniform(0.2, 0.8) * len(wave))
        wave = wave.copy()
        if rng.random() < 0.5:
            wave[:at] = 0
        else:
            wave[at:] = 0
    return wave
