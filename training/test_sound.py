"""Augmentation, pseudo-speakers and batches on a device: `python3 -m pytest training` or this file, in seconds."""
import pathlib
import sys
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import augment  # noqa: E402
import backgrounds  # noqa: E402
import channels  # noqa: E402
import device_batches  # noqa: E402
import evaluate  # noqa: E402
import held_out  # noqa: E402
import pools  # noqa: E402
import sampler  # noqa: E402
import tiny  # noqa: E402
import train_gpu  # noqa: E402
from tiny import tiny_corpus  # noqa: E402

torch.set_num_threads(1)


def test_augmentation_repeats_and_stays_in_range():
    corpus = tiny_corpus()
    draw = sampler.Sampler(corpus, np.arange(6))
    change = augment.Augment(corpus, draw.clean, rooms=8)
    waves, labels, clips = draw.batch(5, 2, 24240, np.random.default_rng(3))
    first = change(waves, np.random.default_rng(4))
    again = change(waves, np.random.default_rng(4))
    assert torch.equal(first, again) and torch.isfinite(first).all()
    assert first.shape == waves.shape and first.abs().max() <= 1
    assert (labels.view(-1, 2)[:, 0] == labels.view(-1, 2)[:, 1]).all() and labels.max() < draw.classes
    assert (corpus.speaker[clips] == labels.numpy()).all()


def test_resampling_moves_a_tone():
    tone = torch.sin(2 * torch.pi * 400 * torch.arange(16000) / 16000)[None]
    faster = augment.resample(tone, 14400)
    spectrum = torch.fft.rfft(faster[0]).abs()
    assert abs(spectrum.argmax().item() * 16000 / 14400 - 400 * 16000 / 14400) < 2
    assert abs(faster.abs().max().item() - 1) < 0.05


def on_device(span=(0.8, 1.25)):
    """(a sampler as on a GPU of the tiny corpus, the corpus, a generator)."""
    corpus = tiny_corpus()
    draw = device_batches.DeviceSampler(corpus, np.arange(6), (corpus.start, corpus.length), torch.device("cpu"), span)
    return draw, corpus, torch.Generator().manual_seed(3)


def test_speed_on_the_device_is_that_of_the_fourier_transform():
    draw, corpus, _ = on_device()
    tracks, who, begin = draw.tracks, torch.tensor([2]), torch.tensor([1500])
    own = torch.from_numpy(np.concatenate([corpus.clip(c) for c in corpus.clips_of[2]]))[None]
    assert torch.equal(tracks.read(who, begin, 9000), own[:, 1500:10500])
    # Past the end it begins anew.
    assert torch.equal(tracks.read(who, begin + own.shape[1] - 2000, 600), torch.cat([own[:, -500:], own[:, :100]], 1))
    assert (tracks.read_at_speed(who, begin, 9000, torch.ones(1)) - own[:, 1500:10500]).abs().max() < 1e-5
    for speed in (0.8, 1.25):
        want = augment.resample(own[:, 1500:1500 + int(8000 * speed)], 8000)[:, 500:-500]
        got = tracks.read_at_speed(who, begin, 8000, torch.tensor([speed]))[:, 500:-500]
        assert (got - want).pow(2).mean() < 1e-3 * want.pow(2).mean(), speed


def test_batches_on_the_device():
    draw, corpus, chance = on_device()
    for changed in (0.0, 1.0):
        waves, labels, clips = draw.batch(5, 4, 24240, changed, chance)
        assert waves.shape == (20, 24240) and torch.isfinite(waves).all() and waves.abs().max() > 0.1
        people = corpus.speaker[clips].reshape(5, 4)
        assert (people == people[:, :1]).all() and len(set(people[:, 0])) == 5
        assert all(len(set(row)) == 4 for row in clips.view(5, 4).tolist()), "each crop is of another clip"
        named = people.ravel() if changed == 0 else np.full(20, sampler.NO_CLASS)
        assert (labels.numpy() == named).all()


def device_augment(corpus, draw):
    with mock.patch.object(device_batches, "CURVES", 20), mock.patch.object(device_batches, "PIECES", 3):
        return device_batches.DeviceAugment(corpus, draw, torch.device("cpu"), rooms=4)


def test_augmentation_on_the_device_repeats_and_stays_in_range():
    draw, corpus, chance = on_device()
    waves, _, _ = draw.batch(6, 4, 24240, 0.5, chance)
    before = waves.clone()
    change = device_augment(corpus, draw)
    first, again, other = (change(waves, torch.Generator().manual_seed(seed)) for seed in (4, 4, 5))
    assert torch.equal(first, again) and not torch.equal(first, other) and torch.equal(waves, before)
    assert first.shape == waves.shape and torch.isfinite(first).all() and first.abs().max() <= 1
    sounds, snr = change.sounds_like(20, 8000, chance)
    assert sounds.shape == (20, 8000) and (sounds.pow(2).mean(1) > 0).all() and snr.shape == (20,)
    quiet = change.silence(waves.clone(), torch.Generator().manual_seed(6))
    assert int(((quiet - waves).abs().amax(1) > 0).sum()) == int(24 * change.gaps)


def test_masks_on_the_device_are_small_and_in_some_crops():
    masked = device_batches.mask_on_device(torch.ones(400, 148, 80), torch.Generator().manual_seed(1)) == 0
    some = masked.flatten(1).any(1)
    assert 0.25 < some.float().mean() < 0.45
    bins, frames = masked.all(1).sum(1), masked.all(2).sum(1)
    assert bins.max() <= 8 and frames.max() <= 12 and (bins[some] > 0).all() and (frames[some] > 0).all()


def test_targets_of_a_person():
    each = torch.nn.functional.normalize(torch.randn(8, 16))
    target = train_gpu.person_targets(each, 4)
    mean = torch.nn.functional.normalize(each[:4].mean(0, keepdim=True))
    assert torch.allclose(target[:4], torch.nn.functional.normalize(each[:4] + 2 * mean), atol=1e-6)


def test_pitch_and_the_voice_of_a_pseudo_speaker():
    rng = np.random.default_rng(5)
    low, formants = torch.from_numpy(tiny.voice(rng, 120, [500, 1500, 2500], 2.0)), []
    assert abs(np.median(held_out.frame_pitches(low.numpy())) - 120) < 6
    for factor, pitch in ((1.0, 1.4), (1.2, 1.0), (0.85, 0.8)):
        changed = pools.change_voice(low, factor, pitch).numpy()
        assert abs(len(changed) / len(low) - 1) < 0.03
        got = np.median(held_out.frame_pitches(changed))
        assert abs(got / (120 * pitch) - 1) < 0.06, (factor, pitch, got)
        # The formant at 1500 Hz: the mean frequency between 1 and 2.1 kHz of its size.
        power = np.abs(np.fft.rfft(changed)) ** 2
        hz = np.fft.rfftfreq(len(changed), 1 / 16000)
        near = (hz > 1500 * factor - 350) & (hz < 1500 * factor + 350)
        formants.append((hz[near] * power[near]).sum() / power[near].sum() / factor)
    assert np.abs(np.array(formants) / 1500 - 1).max() < 0.06, formants
    assert pools.draw_voice("s1", "a") == pools.draw_voice("s1", "a") != pools.draw_voice("s1", "b")


def test_channels_bend_and_blur_but_keep_the_speech():
    corpus = tiny_corpus()
    wave = torch.from_numpy(np.stack([corpus.clip(c)[:24240] for c in range(4)]))
    wave = wave / wave.abs().amax(1, keepdim=True)
    for chance in (channels.Chance(np.random.default_rng(1)), channels.DeviceChance(torch.Generator().manual_seed(1))):
        for change in (channels.carbon, channels.codec):
            got = change(wave.clone(), chance)
            likeness = torch.nn.functional.cosine_similarity(got, wave)
            assert got.shape == wave.shape and likeness.min() > 0.6 and (got - wave).abs().max() > 0.01, likeness
    gains = channels.Responses()(torch.from_numpy(channels.band_curve(np.random.default_rng(2), True)[None]).float(), 2048)[0]
    assert gains[int(1000 / 7.8125)] > 0.9 and gains[int(60 / 7.8125)] < 0.1 and gains[int(5000 / 7.8125)] < 0.05
    narrow = evaluate.telephone(corpus.clip(0))
    power = np.abs(np.fft.rfft(narrow)) ** 2
    assert power[int(len(power) * 4500 / 8000):].sum() < 0.01 * power.sum()


def test_sounds_have_unit_power():
    corpus = tiny_corpus()
    draw = sampler.Sampler(corpus, np.arange(6))
    bank = backgrounds.SoundBank(corpus, draw.clean, 1, babbles=2, pieces=2)
    for kind in augment.SOUNDS:
        sound = bank.draw(kind, 80000, np.random.default_rng(3))
        assert sound.shape == (80000,) and 0.3 < np.sqrt((sound.astype(np.float64) ** 2).mean()) < 1.1, kind
    assert augment.fft_size(28240) in range(28240, 30721)


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
