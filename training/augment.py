"""Augmentation of a batch of waveforms, most of it in one pass of FFTs.

Rooms (simulated shoeboxes and synthetic decays), spectral tilt, telephone and narrow
bands are one filter a crop; then noise, babble and a competing voice at a random SNR;
then mu-law, clipping, level and 16-bit rounding. Speed is changed when a crop is cut.
"""
import math

import numpy as np
import torch

RIR_SAMPLES = 8000
SPEED_OF_SOUND = 343.0
# Shares of the crops: heard through a telephone, in another narrow band, tilted, through mu-law, far too loud.
TELEPHONE, NARROW, TILTED, CODED, LOUD = 0.08, 0.08, 0.3, 0.06, 0.05
# Shares of the noise: one other voice, babble, coloured noise; the rest is recorded.
ONE_VOICE, BABBLE, COLOURED = 0.07, 0.23, 0.15
SNR_DB = (3, 25)


def resample(wave, samples):
    """(batch, n) -> (batch, samples), the same sound faster or slower, band-limited, by FFT."""
    spectrum = torch.fft.rfft(wave)
    return torch.fft.irfft(spectrum[:, :samples // 2 + 1] if wave.shape[1] > samples else spectrum,
                           samples) * (samples / wave.shape[1])


def mu_law(wave):
    """Through 8-bit mu-law and back."""
    law = torch.sign(wave) * torch.log1p(255 * wave.abs()) / math.log(256)
    law = torch.round(law * 127) / 127
    return torch.sign(law) * torch.expm1(law.abs() * math.log(256)) / 255


def shoebox_rir(rng, rate=16000, length=RIR_SAMPLES):
    """Image-source response of a random shoebox room (Allen and Berkley 1979), direct path at sample 0."""
    size = rng.uniform([2.5, 2.5, 2.2], [9, 7, 4])
    source = rng.uniform(0.4, size - 0.4)
    ear = rng.uniform(0.4, size - 0.4)
    seconds = rng.uniform(0.15, 0.7)
    volume, area = size.prod(), 2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    reflect = math.sqrt(max(0.05, 1 - min(0.95, 0.161 * volume / (area * seconds))))
    reach = 6
    grid = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    mirror = np.stack(np.meshgrid(*[[0, 1]] * 3, indexing="ij"), -1).reshape(1, -1, 3)
    images = (1 - 2 * mirror) * source + 2 * grid * size
    bounces = (np.abs(grid - mirror) + np.abs(grid)).sum(-1)
    distance = np.linalg.norm(images - ear, axis=-1).ravel()
    at = ((distance - np.linalg.norm(source - ear)) / SPEED_OF_SOUND * rate).astype(int)
    gain = reflect ** bounces.ravel() / np.maximum(distance, 0.1) * rng.choice([1, 1, 1, -1], at.size)
    rir = np.zeros(length, np.float32)
    keep = (at >= 0) & (at < length)
    np.add.at(rir, at[keep], gain[keep])
    return rir / np.abs(rir[0] if rir[0] else rir).max()


def decay_rir(rng, rate=16000, length=RIR_SAMPLES):
    """A unit impulse, then noise that falls by 60 dB in a random time."""
    seconds = rng.uniform(0.1, 0.9)
    time = np.arange(length) / rate
    tail = rng.standard_normal(length) * 10 ** (-3 * time / seconds)
    tail[:int(rng.uniform(0.001, 0.01) * rate)] = 0
    ratio = 10 ** (rng.uniform(-2, 15) / 10)
    rir = tail / math.sqrt((tail ** 2).sum() * ratio + 1e-9)
    rir[0] = 1
    return rir.astype(np.float32)


def room_bank(rooms, seed):
    """(rooms, RIR_SAMPLES) responses, half of them of shoeboxes."""
    rng = np.random.default_rng(seed)
    return torch.from_numpy(np.stack([shoebox_rir(rng) if i % 2 else decay_rir(rng) for i in range(rooms)]))


class Augment:
    """Callable on (batch, samples) float tensors; `rng` is a NumPy generator and the only chance in it.

    noise   a `Corpus` of noise or None; speech  a callable (count, samples) -> clean crops, for babble;
    roomy   the share of crops that are heard in a room; noisy  in noise; telephone  in its band.
    """

    def __init__(self, noise=None, speech=None, rooms=200, seed=11, roomy=0.3, noisy=0.5, telephone=TELEPHONE):
        self.rirs = room_bank(rooms, seed)
        self.spectra = {}  # of the bank, by FFT size
        self.noise, self.speech, self.roomy, self.noisy, self.telephone = noise, speech, roomy, noisy, telephone

    def filters(self, batch, size, rng):
        """(batch, size/2+1) complex: room, tilt and band of each crop."""
        response = torch.ones(batch, size // 2 + 1, dtype=torch.complex64)
        roomy = np.flatnonzero(rng.random(batch) < self.roomy)
        if len(roomy):
            picked = torch.from_numpy(rng.integers(0, len(self.rirs), len(roomy)))
            if size not in self.spectra:
                self.spectra[size] = torch.fft.rfft(self.rirs, size)
            response[torch.from_numpy(roomy)] = self.spectra[size][picked]
        hz = torch.arange(size // 2 + 1) * (16000 / size)
        for index in range(batch):
            draw = rng.random()
            if draw < self.telephone:
                low, high = rng.uniform(150, 350), rng.uniform(3300, 3900)
                response[index] *= 0.003 + 0.997 * torch.sigmoid((hz - low) / 30) * torch.sigmoid((high - hz) / 60)
            elif draw < self.telephone + NARROW:
                response[index] *= 0.001 + 0.999 * torch.sigmoid((rng.uniform(4000, 7500) - hz) / 100)
            if rng.random() < TILTED:
                points = np.cumsum(rng.normal(0, 2.5, 6))
                decibels = np.interp(np.sqrt(hz.numpy() / 8000), np.linspace(0, 1, 6), points - points.mean())
                response[index] *= torch.from_numpy(10 ** (decibels / 20)).float()
        return response

    def noise_like(self, batch, samples, rng):
        """(batch, samples): recorded noise, coloured noise, babble or one other voice."""
        out = torch.zeros(batch, samples)
        for index in range(batch):
            kind = rng.random()
            if self.noise is not None and kind < 1 - ONE_VOICE - BABBLE - COLOURED:
                clip = self.noise.clip(int(rng.integers(len(self.noise))))
                if len(clip) < samples:
                    clip = np.tile(clip, samples // len(clip) + 1)
                first = rng.integers(0, len(clip) - samples + 1)
                out[index] = torch.from_numpy(clip[first:first + samples].copy())
            elif self.speech is not None and kind < 1 - COLOURED:
                voices = 1 if kind < 1 - BABBLE - COLOURED else int(rng.integers(3, 7))
                out[index] = self.speech(voices, samples).sum(0)
            else:
                bins = samples // 2 + 1
                shape = np.maximum(np.arange(bins), 8) ** -rng.uniform(0, 1)
                phase = np.exp(2j * np.pi * rng.random(bins, np.float32))
                out[index] = torch.fft.irfft(torch.from_numpy((shape * phase).astype(np.complex64)), samples)
        return out

    def __call__(self, wave, rng):
        batch, samples = wave.shape
        size = 1 << (samples + RIR_SAMPLES // 2 - 1).bit_length()
        if size > 1.5 * (samples + RIR_SAMPLES // 2):
            size = size * 3 // 4
        wave = torch.fft.irfft(torch.fft.rfft(wave, size) * self.filters(batch, size, rng), size)[:, :samples]
        noisy = np.flatnonzero(rng.random(batch) < self.noisy)
        if len(noisy):
            where = torch.from_numpy(noisy)
            noise = self.noise_like(len(noisy), samples, rng)
            snr = torch.from_numpy(rng.uniform(*SNR_DB, len(noisy)).astype(np.float32))
            power = wave[where].pow(2).mean(1) / noise.pow(2).mean(1).clamp_min(1e-10)
            wave[where] += noise * (power / 10 ** (snr / 10)).sqrt()[:, None]
        peak = wave.abs().amax(1, keepdim=True).clamp_min(1e-5)
        wave = wave / peak
        coded = torch.from_numpy(np.flatnonzero(rng.random(batch) < CODED))
        if len(coded):
            wave[coded] = mu_law(wave[coded])
        level = 10 ** rng.uniform(-1.6, 0, (batch, 1)) * np.where(rng.random((batch, 1)) < LOUD, 3, 1)
        wave = (wave * torch.from_numpy(level.astype(np.float32))).clamp(-1, 1)
        return torch.round(wave * 32767) / 32768


def mask(feats, rng, chance=0.35):
    """SpecAugment, lightly: at most 8 bins and 12 frames set to the mean, in some crops. In place."""
    batch, frames, bins = feats.shape
    for index in np.flatnonzero(rng.random(batch) < chance):
        width, first = int(rng.integers(1, 9)), int(rng.integers(0, bins - 8))
        feats[index, :, first:first + width] = 0
        width, first = int(rng.integers(1, 13)), int(rng.integers(0, max(1, frames - 12)))
        feats[index, first:first + width] = 0
    return feats
