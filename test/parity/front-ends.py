"""Features by their frameworks' own definitions, of sound that is made here.

    python front-ends.py FOLDER

Writes `samples` (float32, 16 kHz) and, of each front end, NAME.features, frames x bins: Kaldi's by kaldi-native-fbank, NeMo's by
NumPy from the description of its FilterbankFeatures.
"""

import pathlib
import sys

import kaldi_native_fbank as knf
import numpy as np

RATE = 16000


def kaldi(samples, window, scale):
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = RATE
    options.frame_opts.snip_edges = True
    options.frame_opts.window_type = window
    options.mel_opts.num_bins = 80
    fbank = knf.OnlineFbank(options)
    fbank.accept_waveform(RATE, (samples * scale).tolist())
    fbank.input_finished()
    features = np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])
    return features - features.mean(axis=0)


def slaney_mel(hz):
    hz = np.asarray(hz, dtype=np.float64)
    linear = hz * 3 / 200
    return np.where(hz < 1000, linear, 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4))


def slaney_hz(mel):
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def nemo(samples, normalize):
    samples = samples.astype(np.float64)
    emphasized = np.concatenate([samples[:1], samples[1:] - 0.97 * samples[:-1]])
    padded = np.pad(emphasized, 256, mode="reflect")
    window = np.pad(np.hanning(400), 56)
    frames = len(samples) // 160 + 1
    spectrum = np.stack([np.abs(np.fft.rfft(padded[160 * t : 160 * t + 512] * window)) ** 2 for t in range(frames)])
    points = slaney_hz(np.linspace(slaney_mel(0), slaney_mel(8000), 82))
    hz = np.arange(257) * RATE / 512
    filters = np.stack(
        [
            np.maximum(0, np.minimum((hz - left) / (centre - left), (right - hz) / (right - centre))) * 2 / (right - left)
            for left, centre, right in zip(points[:-2], points[1:-1], points[2:])
        ]
    )
    features = np.log(spectrum @ filters.T + 2.0**-24)
    if normalize:
        features = (features - features.mean(axis=0)) / (features.std(axis=0, ddof=1) + 1e-5)
    return features


def main(folder):
    folder = pathlib.Path(folder)
    random = np.random.default_rng(3)
    t = np.arange(RATE * 2 + 77) / RATE
    samples = 0.2 * np.sin(2 * np.pi * 180 * t) * (1 + np.sin(2 * np.pi * 3 * t)) + 0.02 * random.standard_normal(len(t))
    samples = (samples + 0.01).astype(np.float32)
    samples.tofile(folder / "samples")
    results = {
        "povey": kaldi(samples, "povey", 1),
        "hamming": kaldi(samples, "hamming", 32768),
        "nemo": nemo(samples, True),
        "nemo-plain": nemo(samples, False),
    }
    for name, features in results.items():
        features.astype(np.float32).tofile(folder / f"{name}.features")


main(*sys.argv[1:])
