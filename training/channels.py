"""What lies between a room and the file: microphones, handsets, bands and codecs, for a batch of waveforms.

Frequency responses are drawn as decibels at `POINTS` frequencies, dense where hearing is, and interpolated.
"""
import math

import numpy as np
import torch

POINTS_HZ = 8000 * np.linspace(0, 1, 96) ** 2
CODEC_FFT = 512
# Shares of the crops with a device's response, with a tilt, and in a band that is not a telephone's.
DEVICE, TILTED, NARROW = 0.5, 0.3, 0.08
TELEPHONE = 0.14


def device_curve(rng):
    """Decibels of a random microphone or loudspeaker: a low corner, often a high one, and resonances."""
    octave = np.log2(np.maximum(POINTS_HZ, 20))
    decibels = -rng.uniform(6, 18) * np.maximum(0, math.log2(rng.uniform(50, 300)) - octave)
    if rng.random() < 0.4:
        decibels = decibels - rng.uniform(6, 30) * np.maximum(0, octave - math.log2(rng.uniform(3000, 7500)))
    for _ in range(int(rng.integers(1, 6))):
        centre, width = math.log2(math.exp(rng.uniform(math.log(150), math.log(7500)))), rng.uniform(0.1, 0.6)
        decibels = decibels + rng.uniform(-14, 9) * np.exp(-((octave - centre) / width) ** 2)
    return decibels


def tilt_curve(rng):
    """Decibels that wander slowly over the band."""
    points = np.cumsum(rng.normal(0, 2.5, 6))
    return np.interp(np.sqrt(POINTS_HZ / 8000), np.linspace(0, 1, 6), points - points.mean())


def band_curve(rng, telephone):
    """Decibels of the telephone band, or of another that ends between 4 and 7.5 kHz."""
    def edge(away_hz, width_hz):
        return 1 / (1 + np.exp(-np.clip(away_hz / width_hz, -30, 30)))

    if telephone:
        pass_band = edge(POINTS_HZ - rng.uniform(150, 350), 30) * edge(rng.uniform(3300, 3900) - POINTS_HZ, 60)
    else:
        pass_band = edge(rng.uniform(4000, 7500) - POINTS_HZ, 100)
    return 20 * np.log10(0.002 + 0.998 * pass_band)


def channel_curve(rng, telephone=TELEPHONE):
    """Decibels of a whole channel; `telephone` is the chance that it is of the telephone band."""
    decibels = np.zeros(len(POINTS_HZ))
    if rng.random() < DEVICE:
        decibels += device_curve(rng)
    if rng.random() < TILTED:
        decibels += tilt_curve(rng)
    kind = rng.random()
    if kind < telephone + NARROW:
        decibels += band_curve(rng, kind < telephone)
    return decibels


class Responses:
    """Interpolates curves at `POINTS_HZ` to the bins of an FFT."""

    def __init__(self, device="cpu"):
        self.between, self.device = {}, device

    def __call__(self, curves, size):
        """(batch, points) decibels, a tensor -> (batch, size/2+1) gains."""
        if size not in self.between:
            place = np.sqrt(np.arange(size // 2 + 1) / (size // 2)) * (len(POINTS_HZ) - 1)
            weight = np.maximum(0, 1 - np.abs(place - np.arange(len(POINTS_HZ))[:, None]))
            self.between[size] = torch.from_numpy(weight.astype(np.float32)).to(self.device)
        return 10 ** (curves @ self.between[size] / 20)


class Chance:
    """Tensors drawn from a NumPy generator; `DeviceChance` draws them on a device."""

    def __init__(self, rng):
        self.rng = rng

    def uniform(self, low, high, *shape):
        return torch.from_numpy(self.rng.uniform(low, high, shape).astype(np.float32))

    def normal(self, *shape):
        return torch.from_numpy(self.rng.standard_normal(shape, np.float32))


class DeviceChance:
    def __init__(self, generator):
        self.generator = generator

    def uniform(self, low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=self.generator, device=self.generator.device)

    def normal(self, *shape):
        return torch.randn(*shape, generator=self.generator, device=self.generator.device)


def carbon(wave, chance):
    """The bent characteristic of a carbon microphone or an overdriven loudspeaker; (batch, samples) of peak 1."""
    batch = len(wave)
    driven = wave * torch.exp(chance.uniform(math.log(0.5), math.log(4), batch, 1))
    bent = torch.tanh(driven + chance.uniform(-0.4, 0.4, batch, 1) * driven ** 2)
    return bent / bent.abs().amax(1, keepdim=True).clamp_min(1e-5)


def mu_law(wave):
    """Through 8-bit mu-law and back."""
    law = torch.sign(wave) * torch.log1p(255 * wave.abs()) / math.log(256)
    law = torch.round(law * 127) / 127
    return torch.sign(law) * torch.expm1(law.abs() * math.log(256)) / 255


def codec(wave, chance):
    """As a speech codec at a low rate: what is far below each frame's peak is lost, the rest is inexact."""
    batch, window = len(wave), torch.hann_window(CODEC_FFT, device=wave.device)
    spectrum = torch.stft(wave, CODEC_FFT, CODEC_FFT // 2, window=window, return_complex=True)
    power = spectrum.real ** 2 + spectrum.imag ** 2
    keep = 10 ** (-chance.uniform(25, 50, batch, 1, 1) / 10)
    inexact = 10 ** (-chance.uniform(6, 20, batch, 1, 1) / 20) / math.sqrt(2)
    error = chance.normal(2, *spectrum.shape) * inexact
    spectrum = spectrum * torch.complex(1 + error[0], error[1]) * (power > keep * power.amax(1, keepdim=True))
    return torch.istft(spectrum, CODEC_FFT, CODEC_FFT // 2, window=window, length=wave.shape[1])


def lose_packets(wave, rng):
    """One to four gaps of 20 to 60 ms a crop, in place."""
    for row in wave:
        for _ in range(int(rng.integers(1, 5))):
            first = int(rng.integers(max(1, len(row) - 960)))
            row[first:first + int(rng.integers(1, 4)) * 320] = 0
    return wave
