"""Simulated room responses, direct path at sample 0."""
import math

import numpy as np
import torch

RIR_SAMPLES = 8000
SPEED_OF_SOUND = 343.0


def shoebox_rir(rng, rate=16000, length=RIR_SAMPLES):
    """Image-source response of a random shoebox room (Allen and Berkley 1979).

    Every wall reflects on its own, and a tenth of the rooms are halls. The source is anywhere between the mouth
    at the microphone and the far end of the room.
    """
    hall = rng.random() < 0.1
    size = rng.uniform([2.5, 2.5, 2.2], [16, 12, 6] if hall else [9, 7, 4])
    source = rng.uniform(0.4, size - 0.4)
    ear = rng.uniform(0.4, size - 0.4)
    ear = source + (ear - source) * rng.uniform(0.1, 1) ** 0.5
    seconds = rng.uniform(0.15, 1.2 if hall else 0.8)
    volume, area = size.prod(), 2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    lost = min(0.95, 0.161 * volume / (area * seconds))
    reflect = np.sqrt(np.maximum(0.02, 1 - np.minimum(0.98, lost * rng.uniform(0.3, 1.7, (2, 3)))))
    reach = 6
    grid = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    mirror = np.stack(np.meshgrid(*[[0, 1]] * 3, indexing="ij"), -1).reshape(1, -1, 3)
    images = (1 - 2 * mirror) * source + 2 * grid * size
    near, far = np.abs(grid - mirror), np.abs(grid)  # bounces off the walls at 0 and at `size`
    loss = (near * np.log(reflect[0]) + far * np.log(reflect[1])).sum(-1).ravel()
    distance = np.linalg.norm(images - ear, axis=-1).ravel()
    at = ((distance - np.linalg.norm(source - ear)) / SPEED_OF_SOUND * rate).astype(int)
    gain = np.exp(loss) / np.maximum(distance, 0.1) * rng.choice([1, 1, 1, -1], at.size)
    rir = np.zeros(length, np.float32)
    keep = (at >= 0) & (at < length)
    np.add.at(rir, at[keep], gain[keep])
    return rir / np.abs(rir[0] if rir[0] else rir).max()


def decay_rir(rng, rate=16000, length=RIR_SAMPLES):
    """A unit impulse, then noise that falls by 60 dB in a random time, the high bands faster."""
    seconds = rng.uniform(0.1, 0.9)
    time = np.arange(length) / rate
    tail = rng.standard_normal(length) * 10 ** (-3 * time / seconds)
    dull = np.convolve(rng.standard_normal(length), np.ones(4) / 2, "same") * 10 ** (-2 * time / seconds)
    tail = tail + rng.uniform(0, 1) * dull
    tail[:int(rng.uniform(0.001, 0.01) * rate)] = 0
    ratio = 10 ** (rng.uniform(-4, 15) / 10)
    rir = tail / math.sqrt((tail ** 2).sum() * ratio + 1e-9)
    rir[0] = 1
    return rir.astype(np.float32)


def room_bank(rooms, seed):
    """(rooms, RIR_SAMPLES) responses, half of them of shoeboxes."""
    rng = np.random.default_rng(seed)
    return torch.from_numpy(np.stack([shoebox_rir(rng) if i % 2 else decay_rir(rng) for i in range(rooms)]))
