"""`python3 training/speech-gate/test_gate.py`: seconds; needs PyTorch and NumPy only."""
import pathlib
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import average  # noqa: E402
import network  # noqa: E402
import noise  # noqa: E402
import sequences  # noqa: E402
import sounds  # noqa: E402
import truth  # noqa: E402
from network import RATE, SHIFT  # noqa: E402

SHIPPED = pathlib.Path(__file__).parents[2] / "src/fbank/speech-gate-weights.ts"


def tone(seconds, db):
    x = np.sin(2 * np.pi * 300 * np.arange(int(seconds * RATE)) / RATE)
    return (x * np.sqrt(2) * 10 ** (db / 20)).astype(np.float32)


def hiss(seconds, db, seed=1):
    return (np.random.default_rng(seed).standard_normal(int(seconds * RATE)) * 10 ** (db / 20)).astype(np.float32)


def test_what_is_loud_in_a_clean_clip_is_said():
    clip = np.concatenate([hiss(0.5, -80), tone(0.5, -20), hiss(0.4, -80), tone(0.08, -20), hiss(0.5, -80), tone(0.3, -40)])
    said = truth.said_by_level(clip)
    assert said[60:95].all() and not said[5:45].any()
    assert not said[142:152].any(), "a click is not said"
    assert said[205:220].all(), "what is soft is said too"
    noisy = np.concatenate([hiss(0.5, -50), tone(0.5, -20), hiss(0.5, -50)])
    assert not truth.said_by_level(noisy).any(), "of a clip with noise nothing is known by its level"
    assert truth.said_by_level(np.zeros(100, np.float32)).shape == (0,)


def test_every_kind_of_noise_has_its_length_and_level():
    rng = np.random.default_rng(2)
    recorded = [hiss(1, -20), tone(0.3, -30)]
    for _, kind in noise.MADE:
        for _ in range(5):
            x = kind(rng, RATE)
            assert x.shape == (RATE,) and np.isfinite(x).all() and np.abs(x).max() > 0, kind
    some = [noise.noise(rng, recorded, 4 * RATE) for _ in range(50)]
    assert all(x.shape == (4 * RATE,) for x in some)
    # What is heard now and then only may be silent for as long.
    heard = [noise.level(x) for x in some if noise.level(x) > -100]
    assert len(heard) >= 40 and np.abs(heard).max() < 0.1, heard


def test_a_sound_is_faster_and_higher():
    fast = noise.resampled(tone(1, -20), 1.25)
    assert len(fast) == 12800
    strongest = np.argmax(np.abs(np.fft.rfft(fast * np.hanning(len(fast))))) * RATE / len(fast)
    assert abs(strongest - 375) < 3, strongest
    assert abs(noise.level(fast) + 20) < 0.2
    assert len(noise.resampled(tone(1, -20), 0.8)) == 20000


class Corpus:
    """One clip: half a second of silence, one of a tone, half a second of silence."""

    length = np.array([2 * RATE])

    def clip(self, _):
        return np.concatenate([np.zeros(RATE // 2, np.float32), tone(1, -20), np.zeros(RATE // 2, np.float32)])


def tiny_sounds():
    told = (255 * (truth.levels(Corpus().clip(0)) > -40)).astype(np.uint8)
    return sounds.Sounds({"librispeech": sounds.Speech(Corpus(), [0], [told])}, [hiss(1, -20)])


def test_a_sequence_says_where_its_speech_is():
    rng, of = np.random.default_rng(3), tiny_sounds()
    loud, quiet, speechless = [], [], 0
    for _ in range(40):
        x, told = sequences.clean_sequence(rng, of)
        level = truth.levels(x)
        assert told.shape == (sequences.FRAMES,) and len(level) == sequences.FRAMES
        loud.extend(level[told > 0.5])
        quiet.extend(level[told == 0])
        worse, told = sequences.sequence(rng, of)
        assert worse.dtype == np.float32 and worse.shape == (10 * RATE,) and np.abs(worse).max() <= 1
        speechless += told.max() == 0
    # Edges of crops that are faster or slower are a frame off now and then.
    assert np.mean(np.array(loud) > -45) > 0.98 and np.mean(np.array(quiet) < -60) > 0.98
    assert 3 <= speechless <= 20, speechless


def test_what_nobody_could_hear_is_no_speech():
    said = np.concatenate([tone(0.5, -20), tone(0.5, -45)])
    heard = sequences.audible(said, hiss(1, -30))
    assert heard[5:45].min() == 1 and heard[55:90].max() < 0.2
    assert sequences.audible(said, np.zeros(RATE, np.float32)).min() == 1
    of = tiny_sounds()
    all_of_it, audible = (
        sum(sequences.sequence(np.random.default_rng(seed), of, only)[1].sum() for seed in range(20)) for only in (False, True)
    )
    assert 0 < audible < all_of_it


def test_the_mean_of_weights():
    nets = [network.Net() for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        a, b, mean = (f"{folder}/{name}.ts" for name in ("a", "b", "mean"))
        network.write(nets[0], a)
        network.write(nets[1], b)
        average.average([a, b], mean)
        network.read(nets[2], mean)
    for p, q, r in zip(*map(network.parameters_of, nets)):
        assert torch.allclose((p + q) / 2, r, atol=1e-7)


def test_weights_survive_the_file():
    net, back = network.Net(), network.Net()
    with tempfile.TemporaryDirectory() as folder:
        network.write(net, f"{folder}/weights.ts")
        network.read(back, f"{folder}/weights.ts")
    x = torch.randn(2, 30, network.MELS) * 3 + 10
    assert torch.equal(net(x), back(x))


def test_the_shipped_gate_tells_silence_and_hiss_from_nothing_heard():
    net = network.Net()
    network.read(net, SHIPPED)
    with torch.no_grad():
        scores = net(network.log_mel(np.stack([np.zeros(4 * RATE, np.float32), hiss(4, -40)])))
    assert scores.shape == (2, truth.frame_count(4 * RATE))
    assert (scores[:, 100:] < 0).all(), scores[:, 100:].max(1)


def test_features_frame_by_frame():
    x = hiss(1, -20)
    features = network.log_mel(x[None])
    assert features.shape == (1, truth.frame_count(RATE), network.MELS)
    later = network.log_mel(x[None, 10 * SHIFT :])
    assert torch.allclose(features[:, 10:], later, atol=1e-5)


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
