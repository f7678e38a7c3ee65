"""Crops and their augmentation in a GPU's memory: what sampler.py and augment.py do, a whole batch at a time.

All speech lies on the device as 16 bits, and chance comes from one generator there, so a step
of a thousand crops waits for no processor core. Any torch device does, the CPU too.
"""
import math

import numpy as np
import torch

from augment import (BABBLE, CODED, COLOURED, LOUD, NARROW, ONE_VOICE, RIR_SAMPLES, SNR_DB, TELEPHONE, TILTED, mu_law,
                     room_bank)
from sampler import NO_CLASS, speaker_chances

TAPS = 24  # of the windowed sinc that changes speed
TILT_POINTS = 6


class Tracks:
    """Recordings in device memory, each group's clips laid end to end as one track that repeats.

    groups  clip indices of each track; edges  (start, length) of every clip of the corpus, in samples
    """

    def __init__(self, corpus, groups, edges, device):
        start, length = edges
        clips = np.concatenate(groups)
        self.audio = torch.from_numpy(np.concatenate([corpus.audio[start[c]:start[c] + length[c]] for c in clips])).to(device)
        counts = np.array([len(g) for g in groups])
        clip_at = np.cumsum(length[clips]) - length[clips]
        first = np.cumsum(counts) - counts
        sizes = np.add.reduceat(length[clips], first)

        def on_device(values):
            return torch.from_numpy(np.asarray(values, np.int64)).to(device)

        self.track_at, self.track_size = on_device(clip_at[first]), on_device(sizes)
        self.first_clip, self.clip_count = on_device(first), on_device(counts)
        self.clip_at, self.clip_size = on_device(clip_at - np.repeat(clip_at[first], counts)), on_device(length[clips])
        self.clip = on_device(clips)

    def read(self, track, begin, samples):
        """(n, samples) in [-1, 1) from sample `begin` of each track on."""
        at = begin[:, None] + torch.arange(samples, device=begin.device)
        return self.audio[self.track_at[track][:, None] + at % self.track_size[track][:, None]].float() / 32768

    def read_at_speed(self, track, begin, samples, speed):
        """As `read`, `speed` times as fast: a Hann-windowed sinc, cut off at the lower of the two Nyquist rates."""
        # float64: after 1.5 s float32 would place a sample to a 250th only
        at = torch.arange(samples, device=begin.device).double() * speed.double()[:, None]
        whole = at.floor()
        part = (at - whole).float()
        whole = whole.long() + begin[:, None]
        base, size = self.track_at[track][:, None], self.track_size[track][:, None]
        cut = (1 / speed).clamp(max=1).float()[:, None]
        out = torch.zeros_like(part)
        for tap in range(1 - TAPS // 2, TAPS // 2 + 1):
            away = part - tap
            weight = cut * torch.special.sinc(cut * away) * torch.cos(math.pi / TAPS * away) ** 2
            out = out + self.audio[base + (whole + tap) % size].float() * weight
        return out / 32768


class DeviceSampler:
    """Draws people, then crops of each; the chances are those of `Sampler`."""

    def __init__(self, corpus, speakers, edges, device, span):
        """span (slowest, fastest): people at another speed get any between these, and are of no class."""
        self.corpus, self.speakers, self.speeds, self.span = corpus, np.asarray(speakers), (1.0,), span
        self.tracks = Tracks(corpus, [corpus.clips_of[s] for s in self.speakers], edges, device)
        self.chance = torch.from_numpy(speaker_chances(corpus, self.speakers, edges[1])).float().to(device)
        self.read_at_speed = self.tracks.read_at_speed  # which may be compiled

    @property
    def classes(self):
        return len(self.speakers)

    def places(self, who, turn, need, chance):
        """(clip, begin) of one crop of `need` samples a person; another `turn`, another clip where there are several."""
        tracks = self.tracks
        clip = tracks.first_clip[who] + (turn % tracks.clip_count[who])
        spare = (tracks.clip_size[clip] - need).clamp_min(0)
        draw = torch.rand(len(who), generator=chance, device=who.device)
        return tracks.clip[clip], tracks.clip_at[clip] + (draw * (spare + 1)).long().clamp(max=spare)

    def batch(self, people, crops, samples, changed, chance):
        """(people * crops, samples) waves, labels (`NO_CLASS` at another speed) and the clip each crop begins in."""
        device = self.chance.device
        who = torch.multinomial(self.chance, people, replacement=False, generator=chance)
        draws = torch.rand(3, people, generator=chance, device=device)
        other = draws[0] < changed
        low, high = math.log(self.span[0]), math.log(self.span[1])
        speed = torch.where(other, torch.exp(low + (high - low) * draws[1]), torch.ones_like(draws[1]))
        begun = (draws[2] * self.tracks.clip_count[who]).long()
        turns = [self.places(who, begun + crop, (samples * speed).long() + 1, chance) for crop in range(crops)]
        clips, begins = (torch.stack(x, 1).flatten() for x in zip(*turns))
        waves = self.read_at_speed(who.repeat_interleave(crops), begins, samples, speed.repeat_interleave(crops))
        labels = torch.where(other, torch.full_like(who, NO_CLASS), who)
        return waves, labels.repeat_interleave(crops), clips

    def clean(self, count, samples, chance):
        """(count, samples) crops of random people at their own speed, of equal level."""
        who = torch.multinomial(self.chance, count, replacement=True, generator=chance)
        turn = torch.randint(1 << 30, (count,), generator=chance, device=who.device)
        _, begins = self.places(who, turn, torch.full_like(who, samples), chance)
        waves = self.tracks.read(who, begins, samples)
        return waves / (waves.pow(2).mean(1, keepdim=True).sqrt() + 1e-4)


class DeviceAugment:
    """As `Augment`, and in some crops part of the speech is silence, as where a window begins before a turn.

    The shares are counts of a batch, not chances of a crop, so that no step waits for what was drawn.
    """

    def __init__(self, noise, sampler, device, rooms=600, seed=11, roomy=0.4, noisy=0.6, gaps=0.2):
        self.rirs = room_bank(rooms, seed).to(device)
        self.spectra = {}  # of the bank, by FFT size
        self.noise = Tracks(noise, [[c] for c in range(len(noise))], (noise.start, noise.length), device)
        self.sampler, self.roomy, self.noisy, self.gaps = sampler, roomy, noisy, gaps

    def filters(self, batch, size, chance):
        """(batch, size/2+1) complex: room, tilt and band of each crop."""
        device = self.rirs.device

        def uniform(low, high, *shape):
            return low + (high - low) * torch.rand(*shape, generator=chance, device=device)

        if size not in self.spectra:
            self.spectra[size] = torch.fft.rfft(self.rirs, size)
        response = torch.ones(batch, size // 2 + 1, dtype=torch.complex64, device=device)
        rows = torch.randperm(batch, generator=chance, device=device)[:int(batch * self.roomy)]
        response[rows] = self.spectra[size][torch.randint(len(self.rirs), (len(rows),), generator=chance, device=device)]
        hz = torch.arange(size // 2 + 1, device=device) * (16000 / size)
        gain = torch.ones(batch, size // 2 + 1, device=device)
        order = torch.randperm(batch, generator=chance, device=device)
        phones = int(batch * TELEPHONE)
        phone, narrow = order[:phones], order[phones:int(batch * (TELEPHONE + NARROW))]
        low, high = uniform(150, 350, len(phone), 1), uniform(3300, 3900, len(phone), 1)
        gain[phone] = 0.003 + 0.997 * torch.sigmoid((hz - low) / 30) * torch.sigmoid((high - hz) / 60)
        gain[narrow] = 0.001 + 0.999 * torch.sigmoid((uniform(4000, 7500, len(narrow), 1) - hz) / 100)
        tilted = torch.randperm(batch, generator=chance, device=device)[:int(batch * TILTED)]
        points = (2.5 * torch.randn(len(tilted), TILT_POINTS, generator=chance, device=device)).cumsum(1)
        place = (hz / 8000).sqrt() * (TILT_POINTS - 1)
        between = (1 - (place - torch.arange(TILT_POINTS, device=device)[:, None]).abs()).clamp_min(0)
        gain[tilted] *= 10 ** ((points - points.mean(1, keepdim=True)) @ between / 20)
        return response * gain

    def noise_like(self, batch, samples, chance):
        """(batch, samples): recorded noise, one other voice, babble or coloured noise, in the shares of `Augment`; batch > 3."""
        device = self.rirs.device
        single, babble, coloured = (max(1, int(batch * share)) for share in (ONE_VOICE, BABBLE, COLOURED))
        recorded = batch - single - babble - coloured
        clips = torch.randint(len(self.noise.track_at), (recorded,), generator=chance, device=device)
        begin = torch.randint(1 << 30, (recorded,), generator=chance, device=device)
        most = 6
        voices = self.sampler.clean(babble * most, samples, chance).view(babble, most, samples)
        count = torch.randint(3, most + 1, (babble, 1), generator=chance, device=device)
        heard = torch.arange(most, device=device) < count
        bins = samples // 2 + 1
        slope = torch.rand(coloured, 1, generator=chance, device=device)
        shape = torch.arange(bins, device=device).clamp_min(8).float() ** -slope
        phase = 2 * math.pi * torch.rand(coloured, bins, generator=chance, device=device)
        return torch.cat([self.noise.read(clips, begin, samples), self.sampler.clean(single, samples, chance),
                          (voices * heard[:, :, None]).sum(1),
                          torch.fft.irfft(torch.polar(shape, phase), samples)])

    def silence(self, wave, chance):
        """0.1 to 0.6 s at the beginning or end of some crops faded to faint hiss, in place."""
        batch, samples = wave.shape
        rows = torch.randperm(batch, generator=chance, device=wave.device)[:int(batch * self.gaps)]
        draws = torch.rand(3, len(rows), 1, generator=chance, device=wave.device)
        ramp = ((torch.arange(samples, device=wave.device) - (1600 + 8000 * draws[0])) / 160).clamp(0, 1)
        ramp = torch.where(draws[1] < 0.5, ramp, ramp.flip(1))
        hiss = torch.randn(len(rows), samples, generator=chance, device=wave.device)
        level = wave[rows].pow(2).mean(1, keepdim=True).sqrt() * 10 ** (-(30 + 30 * draws[2]) / 20)
        wave[rows] = wave[rows] * ramp + hiss * level * (1 - ramp)
        return wave

    def __call__(self, wave, chance):
        batch, samples = wave.shape
        device = wave.device
        size = 1 << (samples + RIR_SAMPLES // 2 - 1).bit_length()
        wave = self.silence(wave.clone(), chance)
        wave = torch.fft.irfft(torch.fft.rfft(wave, size) * self.filters(batch, size, chance), size)[:, :samples]
        noisy = torch.randperm(batch, generator=chance, device=device)[:int(batch * self.noisy)]
        if len(noisy):
            noise = self.noise_like(len(noisy), samples, chance)
            snr = SNR_DB[0] + (SNR_DB[1] - SNR_DB[0]) * torch.rand(len(noisy), generator=chance, device=device)
            power = wave[noisy].pow(2).mean(1) / noise.pow(2).mean(1).clamp_min(1e-10)
            wave[noisy] += noise * (power / 10 ** (snr / 10)).sqrt()[:, None]
        wave = wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-5)
        draws = torch.rand(3, batch, 1, generator=chance, device=device)
        wave = torch.where(draws[0] < CODED, mu_law(wave), wave)
        level = 10 ** (-1.6 + 1.6 * draws[1]) * torch.where(draws[2] < LOUD, 3.0, 1.0)
        return torch.round((wave * level).clamp(-1, 1) * 32767) / 32768


def mask_on_device(feats, chance, share=0.35):
    """As `augment.mask`: up to 8 bins and up to 12 frames set to the mean, in some crops."""
    batch, frames, bins = feats.shape
    draws = torch.rand(5, batch, 1, generator=chance, device=feats.device)
    some = draws[4] < share
    at = torch.arange(bins, device=feats.device)
    first = (draws[0] * (bins - 8)).floor()
    bands = some & (at >= first) & (at < first + 1 + (draws[1] * 8).floor())
    at = torch.arange(frames, device=feats.device)
    first = (draws[2] * (frames - 12)).floor()
    times = some & (at >= first) & (at < first + 1 + (draws[3] * 12).floor())
    return feats * ~bands[:, None, :] * ~times[:, :, None]
