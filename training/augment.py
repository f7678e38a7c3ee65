"""Augmentation of a batch of waveforms: every crop goes through a channel of its own.

Room, device, tilt and band are one filter a crop, applied by FFT; then sounds that disturb, at a random SNR; then
bent characteristics, codecs and lost packets; then level and 16 bits. Two crops of one person share no channel,
so that the channel is not what they are known by.
"""
import numpy as np
import torch

import channels
from rooms import RIR_SAMPLES, room_bank
from backgrounds import SoundBank

# Shares of the crops. `UNTOUCHED` ones only change in level, as enrolment often is.
UNTOUCHED = 0.12
CARBON, MU_LAW, CODEC, LOST, LOUD, SILENT = 0.06, 0.06, 0.1, 0.03, 0.05, 0.15
# {sound: (share of the disturbed crops, least and most SNR in dB)}
SOUNDS = {"recorded": (0.36, 0, 25), "coloured": (0.12, 0, 25), "babble": (0.18, 2, 25), "music": (0.12, 2, 25),
          "voice": (0.22, 1, 20)}


def fft_size(least):
    """The smallest size of few small factors that holds `least` samples."""
    power = max(0, (least - 1).bit_length() - 5)
    return min(part << shift for shift in (power, power + 1) for part in (16, 18, 20, 24, 25, 27, 30, 32)
               if part << shift >= least)


class Augment:
    """Callable on (batch, samples) float tensors; `rng` is a NumPy generator and the only chance in it.

    noise   a `Corpus` of noise or None; speech  a callable (count, samples, rng) -> clean crops, or None;
    roomy   the share of crops that are heard in a room; noisy  that something disturbs; telephone  in its band.
    """

    def __init__(self, noise=None, speech=None, rooms=200, seed=11, roomy=0.4, noisy=0.6, telephone=channels.TELEPHONE,
                 untouched=UNTOUCHED):
        self.rirs, self.spectra = room_bank(rooms, seed), {}
        self.sounds, self.responses = SoundBank(noise, speech, seed), channels.Responses()
        self.roomy, self.noisy, self.telephone, self.untouched = roomy, noisy, telephone, untouched

    def filters(self, batch, size, rng):
        """(batch, size/2+1) complex: room, device, tilt and band of each crop."""
        curves = np.stack([channels.channel_curve(rng, self.telephone) for _ in range(batch)])
        response = self.responses(torch.from_numpy(curves).float(), size).to(torch.complex64)
        roomy = np.flatnonzero(rng.random(batch) < self.roomy)
        if len(roomy):
            picked = torch.from_numpy(rng.integers(0, len(self.rirs), len(roomy)))
            if size not in self.spectra:
                self.spectra[size] = torch.fft.rfft(self.rirs, size)
            response[torch.from_numpy(roomy)] *= self.spectra[size][picked]
        return response

    def disturb(self, wave, rng):
        """Add a sound to some of the crops, in place."""
        kinds, shares = list(SOUNDS), np.array([share for share, _, _ in SOUNDS.values()])
        for index in np.flatnonzero(rng.random(len(wave)) < self.noisy):
            kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
            snr = rng.uniform(*SOUNDS[kind][1:])
            sound = torch.from_numpy(np.ascontiguousarray(self.sounds.draw(kind, wave.shape[1], rng), np.float32))
            wave[index] += sound * wave[index].pow(2).mean().sqrt() * 10 ** (-snr / 20)
        return wave

    def distort(self, wave, rng):
        """Bent characteristics, codecs and lost packets, in place; crops of peak 1."""
        chance = channels.Chance(rng)
        for share, change in ((CARBON, lambda part: channels.carbon(part, chance)), (MU_LAW, channels.mu_law),
                              (CODEC, lambda part: channels.codec(part, chance)),
                              (LOST, lambda part: channels.lose_packets(part, rng))):
            rows = torch.from_numpy(np.flatnonzero(rng.random(len(wave)) < share))
            if len(rows):
                wave[rows] = change(wave[rows])
        return wave

    def __call__(self, wave, rng):
        batch, samples = wave.shape
        wave = wave.clone()
        touched = torch.from_numpy(np.flatnonzero(rng.random(batch) >= self.untouched))
        if len(touched):
            wave[touched] = self.through_channels(wave[touched], rng)
        wave = wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-5)
        level = 10 ** rng.uniform(-1.6, 0, (batch, 1)) * np.where(rng.random((batch, 1)) < LOUD, 3, 1)
        wave = (wave * torch.from_numpy(level.astype(np.float32))).clamp(-1, 1)
        return torch.round(wave * 32767) / 32768

    def through_channels(self, wave, rng):
        batch, samples = wave.shape
        size = fft_size(samples + RIR_SAMPLES // 2)
        wave = silence(wave, rng)
        wave = torch.fft.irfft(torch.fft.rfft(wave, size) * self.filters(batch, size, rng), size)[:, :samples]
        wave = self.disturb(wave, rng)
        return self.distort(wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-5), rng)


def silence(wave, rng, share=SILENT):
    """0.1 to 0.6 s at the beginning or end of some crops fall silent, as where a window begins before a turn; in place."""
    samples = wave.shape[1]
    for index in np.flatnonzero(rng.random(len(wave)) < share):
        length = int(rng.uniform(1600, 9600))
        quiet = slice(0, length) if rng.random() < 0.5 else slice(samples - length, samples)
        hiss = torch.from_numpy(rng.standard_normal(length, np.float32))
        wave[index, quiet] = hiss * wave[index].pow(2).mean().sqrt() * 10 ** (-rng.uniform(30, 60) / 20)
    return wave


def resample(wave, samples):
    """(batch, n) -> (batch, samples), the same sound faster or slower, band-limited, by FFT."""
    spectrum = torch.fft.rfft(wave)
    return torch.fft.irfft(spectrum[:, :samples // 2 + 1] if wave.shape[1] > samples else spectrum,
                           samples) * (samples / wave.shape[1])


def mask(feats, rng, chance=0.35):
    """SpecAugment, lightly: at most 8 bins and 12 frames set to the mean, in some crops. In place."""
    batch, frames, bins = feats.shape
    for index in np.flatnonzero(rng.random(batch) < chance):
        width, first = int(rng.integers(1, 9)), int(rng.integers(0, bins - 8))
        feats[index, :, first:first + width] = 0
        width, first = int(rng.integers(1, 13)), int(rng.integers(0, max(1, frames - 12)))
        feats[index, first:first + width] = 0
    return feats
