"""Noise of many kinds: recordings at another speed, forwards or backwards, and sounds that are made."""
import numpy as np

from network import RATE


def resampled(x, speed):
    """The same sound so much faster, and higher."""
    count = max(2, round(len(x) / speed))
    spectrum = np.fft.rfft(x)[: count // 2 + 1]
    wide = np.zeros(count // 2 + 1, complex)
    wide[: len(spectrum)] = spectrum
    return (np.fft.irfft(wide, count) * (count / len(x))).astype(np.float32)


def coloured(rng, x):
    """A random tilt and a random low or high cut, applied in the frequency domain."""
    spectrum = np.fft.rfft(x)
    hz = np.maximum(np.fft.rfftfreq(len(x), 1 / RATE), 30)
    shape = (hz / 1000) ** rng.uniform(-0.4, 0.4)
    if rng.random() < 0.3:
        shape = shape / (1 + (rng.uniform(60, 300) / hz) ** 4)
    if rng.random() < 0.3:
        shape = shape / (1 + (hz / rng.uniform(3000, 7000)) ** 8)
    return np.fft.irfft(spectrum * shape, len(x)).astype(np.float32)


def recorded(rng, noises, n):
    a = noises[rng.integers(len(noises))]
    a = np.roll(a, rng.integers(len(a)))
    if rng.random() < 0.6:
        a = resampled(a, np.exp(rng.uniform(-0.6, 0.6)))
    if rng.random() < 0.3:
        a = a[::-1]
    return np.resize(a, n)


def hiss(rng, n):
    x = rng.standard_normal(n).astype(np.float32)
    return np.cumsum(x) * 0.02 - np.linspace(0, 1, n) * np.sum(x) * 0.02 if rng.random() < 0.2 else x


def harmonics(rng, hz, seconds_of):
    """A tone and some of its harmonics; `hz` may change from sample to sample."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hz, seconds_of.shape)) / RATE
    fall, out = rng.uniform(0.3, 2.5), np.sin(phase)
    for k in range(2, int(rng.integers(2, 16))):
        if np.max(hz) * k < 7500 and rng.random() < 0.8:
            out = out + np.sin(k * phase + rng.uniform(0, 6.28)) / k**fall
    return out


def engine(rng, n):
    """A hum whose pitch and loudness wander."""
    t = np.arange(n) / RATE
    wander = 1 + rng.uniform(0, 0.1) * np.sin(2 * np.pi * rng.uniform(0.05, 2) * t)
    beat = 1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * rng.uniform(0.5, 30) * t)
    return harmonics(rng, np.exp(rng.uniform(np.log(35), np.log(600))) * wander, t) * beat


def notes(rng, n):
    """Tones in a row or together, struck or held: an instrument, a bell, a ringing tone."""
    out, base, at = np.zeros(n), np.exp(rng.uniform(np.log(90), np.log(1200))), 0
    pace, decay, chord = rng.uniform(0.08, 0.9), rng.uniform(0.05, 3), int(rng.integers(1, 4))
    while at < n:
        count = min(n - at, int(rng.uniform(0.7, 1.3) * pace * RATE))
        t = np.arange(count) / RATE
        shape = np.minimum(1, t / 0.005) * np.exp(-t / decay) * np.minimum(1, (count / RATE - t) / 0.005)
        for _ in range(chord):
            out[at : at + count] += shape * harmonics(rng, base * 2 ** (rng.integers(-12, 13) / 12), t)
        at += count + int(rng.choice([0, rng.uniform(0, 1.5)]) * RATE)
    return out


def sweep(rng, n):
    """A siren, a whistle."""
    t = np.arange(n) / RATE
    hz = np.exp(rng.uniform(np.log(250), np.log(2500)) + rng.uniform(0.1, 0.7) * np.sin(2 * np.pi * rng.uniform(0.1, 6) * t))
    return harmonics(rng, hz, t)


def knocks(rng, n):
    """Short strokes on something that rings: steps, keys, plates."""
    out, pace = np.zeros(n), np.exp(rng.uniform(np.log(0.06), np.log(1.5)))
    at = int(rng.uniform(0, pace) * RATE)
    while at < n:
        count = min(n - at, int(rng.uniform(0.02, 0.4) * RATE))
        t = np.arange(count) / RATE
        ring = sum(np.sin(2 * np.pi * rng.uniform(100, 6000) * t) for _ in range(3)) + rng.standard_normal(count)
        out[at : at + count] += gain(rng.uniform(-15, 0)) * ring * np.exp(-t / rng.uniform(0.003, 0.08))
        at += max(1, int(rng.exponential(pace) * RATE))
    return out


MADE = [(0.5, hiss), (0.15, engine), (0.15, notes), (0.07, sweep), (0.13, knocks)]


def gain(db):
    return np.float32(10 ** (db / 20))


def level(x):
    return 10 * np.log10(np.mean(np.square(x)) + 1e-12)


def levelled(x):
    return x * gain(-max(level(x), -70))


def one(rng, noises, n):
    if rng.random() < 0.65:
        return recorded(rng, noises, n)
    kind = MADE[rng.choice(len(MADE), p=[p for p, _ in MADE])][1]
    return kind(rng, n)


def switched(rng, x):
    """Heard now and then only."""
    out, at, edge = np.zeros(len(x)), 0, int(0.01 * RATE)
    while at < len(x):
        at += int(rng.uniform(0, 2.5) * RATE)
        count = min(len(x) - at, int(rng.uniform(0.2, 3) * RATE))
        if count > 2 * edge:
            ramp = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / edge)
            out[at : at + count] = x[at : at + count] * ramp
        at += max(count, 1)
    return out


def noise(rng, noises, n):
    """n samples at a mean level of 0 dB."""
    out = levelled(one(rng, noises, n))
    while rng.random() < 0.3:
        out = out + levelled(one(rng, noises, n)) * gain(rng.uniform(-15, 5))
    if rng.random() < 0.25:
        out = switched(rng, out)
    return levelled(coloured(rng, out))
