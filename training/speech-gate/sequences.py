"""Ten seconds of people who talk and pause, made worse, and where they talk."""
import math

import numpy as np

import truth
from network import RATE, SHIFT
from noise import coloured, gain, level, noise, resampled

SECONDS = 10
# Share of the sequences that hold noise alone.
NO_SPEECH = 0.25
# Share of the sequences that went through a telephone, or were sampled at 8 kHz.
TELEPHONE = 0.3
# Share of the crops that are spoken faster and higher, or slower and deeper, and how much (natural logarithm).
OTHER_PITCH, PITCH_RANGE = 0.4, (-0.2, 0.35)
# Speech so far below the noise is not heard at all, and so far below it as well as any (dB).
INAUDIBLE_DB, AUDIBLE_DB = -12, -3
FRAMES = truth.frame_count(SECONDS * RATE)


def crop_of(rng, sounds):
    """(samples, probability of speech of each frame) of a piece of a clip, at a level of its own."""
    clip, told = sounds.draw(rng)
    count = min(len(clip), int(rng.uniform(0.8, 6) * RATE))
    start = rng.integers((len(clip) - count) // SHIFT + 1)
    clip, told = clip[start * SHIFT :][:count], told[start:][: truth.frame_count(count)]
    if rng.random() < OTHER_PITCH:
        speed = np.exp(rng.uniform(*PITCH_RANGE))
        clip = resampled(clip, speed)
        at = np.minimum((np.arange(truth.frame_count(len(clip))) * speed).astype(int), len(told) - 1)
        told = told[at] if len(told) else told
    return clip * gain(rng.uniform(-32, -18) - max(level(clip), -60)), told


def clean_sequence(rng, sounds):
    """Crops of different clips with pauses."""
    x, told = np.zeros(SECONDS * RATE, np.float32), np.zeros(FRAMES, np.float32)
    at = int(rng.choice([0, rng.uniform(0, 3)]) * RATE / SHIFT)
    while at < FRAMES:
        clip, p = crop_of(rng, sounds)
        clip, p = clip[: len(x) - at * SHIFT], p[: FRAMES - at]
        x[at * SHIFT :][: len(clip)] += clip
        told[at:][: len(p)] = np.maximum(told[at:][: len(p)], p)
        at += len(p) + int(rng.choice([0.05, rng.uniform(0.1, 1), rng.uniform(0.5, 4)]) * RATE / SHIFT)
    return x, told


def echoed(rng, x):
    """A decaying noise tail behind the direct sound: a crude room."""
    seconds = rng.uniform(0.1, 0.6)
    n = int(seconds * RATE)
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail[: int(0.002 * RATE)] = 0
    tail *= gain(rng.uniform(-15, 0)) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    size = 1 << math.ceil(math.log2(len(x) + n))
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)].astype(np.float32)


def telephone(rng, x):
    """The band of a call, 8 kHz, often the mu-law of G.711, and back to 16 kHz: the upper bins are empty."""
    hz = np.fft.rfftfreq(len(x), 1 / RATE)
    low, high = rng.choice([0, rng.uniform(150, 350)]), rng.uniform(3200, 3900)
    # A cut steep as a converter's, 200 Hz wide.
    cut = np.clip((high + 100 - hz) / 200, 0, 1)
    narrow = np.fft.irfft(np.fft.rfft(x) * cut * np.clip((hz - low + 50) / 100, 0, 1), len(x))[::2]
    if rng.random() < 0.7:
        level_of = np.round(np.sign(narrow) * np.log1p(255 * np.minimum(np.abs(narrow), 1)) / np.log(256) * 127) / 127
        narrow = np.sign(level_of) * np.expm1(np.abs(level_of) * np.log(256)) / 255
    sparse = np.zeros(len(x))
    sparse[::2] = 2 * narrow
    return np.fft.irfft(np.fft.rfft(sparse) * cut, len(x)).astype(np.float32)


def audible(speech, noise_over_it):
    """0 to 1 for each frame: what lies far below the noise is said, but nobody could hear it."""
    over = truth.levels(speech) - truth.levels(noise_over_it)
    return np.clip((over - INAUDIBLE_DB) / (AUDIBLE_DB - INAUDIBLE_DB), 0, 1).astype(np.float32)


def worsened(rng, clean, noises):
    """(what a microphone hears of it, how far each of its frames is audible)."""
    x = coloured(rng, clean) if rng.random() < 0.7 else clean
    if rng.random() < 0.5:
        x = echoed(rng, x)
    loud = level(x[np.abs(x) > 1e-4]) if np.any(np.abs(x) > 1e-4) else -25
    snr = rng.choice([rng.uniform(0, 15), rng.uniform(10, 30), rng.uniform(30, 60)])
    over_it = noise(rng, noises, len(x)) * gain(loud - snr)
    heard = audible(x, over_it)
    x = np.clip((x + over_it) * gain(rng.uniform(-30, 15)), -1, 1)
    if rng.random() < TELEPHONE:
        x = telephone(rng, x)
    return (np.round(x * 32768) / 32768 if rng.random() < 0.7 else x).astype(np.float32), heard


def sequence(rng, sounds, audible_only=False):
    """(samples, probability of speech of each frame); with `audible_only` what the noise covers is no speech."""
    if rng.random() < NO_SPEECH:
        clean, told = np.zeros(SECONDS * RATE, np.float32), np.zeros(FRAMES, np.float32)
    else:
        clean, told = clean_sequence(rng, sounds)
    x, heard = worsened(rng, clean, sounds.noises)
    return x, told * heard if audible_only else told
