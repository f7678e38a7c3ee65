"""Crops and their augmentation in a GPU's memory: what sampler.py and augment.py do, a whole batch at a time.

All speech lies on the device as 16 bits, and chance comes from one generator there, so a step
of a thousand crops waits for no processor core. Any torch device does, the CPU too.
"""
import math

import numpy as np
import torch

import channels
from augment import CARBON, CODEC, LOUD, MU_LAW, SOUNDS, UNTOUCHED, fft_size
from rooms import RIR_SAMPLES, room_bank
from sampler import NO_CLASS, speaker_chances
from backgrounds import BANK_SECONDS, even, music

TAPS = 24  # of the windowed sinc that changes speed
CURVES, PIECES = 4000, 300  # channels and pieces of music, drawn once


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
        self.corpus, self.speakers, self.span = corpus, np.asarray(speakers), span
        self.tracks = Tracks(corpus, [corpus.clips_of[s] for s in self.speakers], edges, device)
        self.chance = torch.from_numpy(speaker_chances(corpus, self.speakers, edges[1])).float().to(device)
        self.read_at_speed = self.tracks.read_at_speed  # which may be compiled

    @property
    def classes(self):
        return len(self.speakers)

    @property
    def names(self):
        return [str(name) for name in self.corpus.speakers[self.speakers]]

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
    """As `Augment`; the shares are counts of a batch, not chances of a crop, so that no step waits for what was drawn."""

    def __init__(self, noise, sampler, device, rooms=600, seed=11, roomy=0.4, noisy=0.6, untouched=UNTOUCHED, gaps=0.2):
        rng = np.random.default_rng([seed, 9])
        self.rirs, self.spectra = room_bank(rooms, seed).to(device), {}  # spectra of the bank, by FFT size
        self.curves = torch.from_numpy(np.stack([channels.channel_curve(rng) for _ in range(CURVES)])).float().to(device)
        self.music = torch.from_numpy(np.stack([even(music(BANK_SECONDS * 16000, rng)) for _ in range(PIECES)])).float().to(device)
        self.responses = channels.Responses(device)
        self.noise = Tracks(noise, [[c] for c in range(len(noise))], (noise.start, noise.length), device)
        self.sampler, self.roomy, self.noisy, self.untouched, self.gaps = sampler, roomy, noisy, untouched, gaps

    def filters(self, batch, size, chance):
        """(batch, size/2+1) complex: room and channel of each crop."""
        device = self.rirs.device
        if size not in self.spectra:
            self.spectra[size] = torch.fft.rfft(self.rirs, size)
        picked = torch.randint(len(self.curves), (batch,), generator=chance, device=device)
        response = self.responses(self.curves[picked], size).to(torch.complex64)
        rows = torch.randperm(batch, generator=chance, device=device)[:int(batch * self.roomy)]
        response[rows] *= self.spectra[size][torch.randint(len(self.rirs), (len(rows),), generator=chance, device=device)]
        return response

    def sounds_like(self, batch, samples, chance):
        """(batch, samples) and (batch,): sounds in the shares of `SOUNDS`, and their SNR in dB; batch > 4."""
        device = self.rirs.device

        def whole(most, *shape):
            return torch.randint(most, shape, generator=chance, device=device)

        counts = {kind: max(1, int(batch * share)) for kind, (share, _, _) in SOUNDS.items()}
        counts["recorded"] = batch - sum(counts.values()) + counts["recorded"]
        bins, most = samples // 2 + 1, 6
        slope = torch.rand(counts["coloured"], 1, generator=chance, device=device)
        shape = torch.arange(bins, device=device).clamp_min(8).float() ** -slope
        phase = 2 * math.pi * torch.rand(counts["coloured"], bins, generator=chance, device=device)
        voices = self.sampler.clean(counts["babble"] * most, samples, chance).view(counts["babble"], most, samples)
        heard = torch.arange(most, device=device) < 3 + whole(most - 2, counts["babble"], 1)
        place = whole(self.music.shape[1], counts["music"], 1) + torch.arange(samples, device=device)
        made = {
            "recorded": self.noise.read(whole(len(self.noise.track_at), counts["recorded"]), whole(1 << 30, counts["recorded"]), samples),
            "coloured": torch.fft.irfft(torch.polar(shape, phase), samples),
            "babble": (voices * heard[:, :, None]).sum(1),
            "music": self.music[whole(len(self.music), counts["music"])].gather(1, place % self.music.shape[1]),
            "voice": self.sampler.clean(counts["voice"], samples, chance),
        }
        decibels = torch.cat([low + (high - low) * torch.rand(counts[kind], generator=chance, device=device)
                              for kind, (_, low, high) in SOUNDS.items()])
        return torch.cat([made[kind] for kind in SOUNDS]), decibels

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

    def through_channels(self, wave, chance):
        batch, samples = wave.shape
        device, size = wave.device, fft_size(samples + RIR_SAMPLES // 2)
        wave = self.silence(wave, chance)
        wave = torch.fft.irfft(torch.fft.rfft(wave, size) * self.filters(batch, size, chance), size)[:, :samples]
        order = torch.randperm(batch, generator=chance, device=device)
        noisy = order[:int(batch * self.noisy)]
        if len(noisy) > len(SOUNDS):
            sound, snr = self.sounds_like(len(noisy), samples, chance)
            power = wave[noisy].pow(2).mean(1) / sound.pow(2).mean(1).clamp_min(1e-10)
            wave[noisy] += sound * (power / 10 ** (snr / 10)).sqrt()[:, None]
        wave = wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-5)
        draws = channels.DeviceChance(chance)
        kinds = draws.uniform(0, 1, batch, 1)
        wave = torch.where(kinds < MU_LAW, channels.mu_law(wave), wave)
        wave = torch.where(kinds > 1 - CARBON, channels.carbon(wave, draws), wave)
        coded = torch.randperm(batch, generator=chance, device=device)[:int(batch * CODEC)]
        if len(coded):
            wave[coded] = channels.codec(wave[coded], draws)
        return wave

    def __call__(self, wave, chance):
        batch = len(wave)
        wave = wave.clone()
        touched = torch.randperm(batch, generator=chance, device=wave.device)[int(batch * self.untouched):]
        wave[touched] = self.through_channels(wave[touched], chance)
        wave = wave / wave.abs().amax(1, keepdim=True).clamp_min(1e-5)
        draws = torch.rand(2, batch, 1, generator=chance, device=wave.device)
        level = 10 ** (-1.6 + 1.6 * draws[0]) * torch.where(draws[1] < LOUD, 3.0, 1.0)
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
