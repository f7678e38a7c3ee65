"""Log-mel features by other means. usage: fbank.py (kaldi | exact) IN OUT

kaldi: the package kaldi-native-fbank, float32 throughout.
exact: numpy; the steps in the time domain in float32 as Kaldi rounds them, the spectrum on in float64.

IN:  for each signal an int32 sample count and that many float32 samples (range -1 to 1).
OUT: for each signal an int32 frame count and frames x 80 float32.
"""

import sys

import kaldi_native_fbank as knf
import numpy as np


def options() -> knf.FbankOptions:
    opts = knf.FbankOptions()
    opts.frame_opts.samp_freq = 16000
    opts.frame_opts.frame_length_ms = 25
    opts.frame_opts.frame_shift_ms = 10
    opts.frame_opts.dither = 0
    opts.frame_opts.preemph_coeff = 0.97
    opts.frame_opts.remove_dc_offset = True
    opts.frame_opts.window_type = "hamming"
    opts.frame_opts.snip_edges = True
    opts.mel_opts.num_bins = 80
    opts.mel_opts.low_freq = 20
    opts.mel_opts.high_freq = 8000
    opts.use_energy = False
    opts.energy_floor = 0
    return opts


def kaldi(samples: np.ndarray) -> np.ndarray:
    fbank = knf.OnlineFbank(options())
    fbank.accept_waveform(16000, (samples * np.float32(32768)).tolist())
    fbank.input_finished()
    return np.asarray([fbank.get_frame(i) for i in range(fbank.num_frames_ready)], np.float32)


def mel(hz):
    return 1127 * np.log(1 + hz / 700)


CORNERS = np.linspace(mel(20), mel(8000), 82)
BINS = mel(np.arange(256) * 31.25)
TRIANGLES = np.maximum(
    0,
    np.minimum(
        (BINS[:, None] - CORNERS[None, :-2]) / (CORNERS[1:-1] - CORNERS[:-2]),
        (CORNERS[None, 2:] - BINS[:, None]) / (CORNERS[2:] - CORNERS[1:-1]),
    ),
)
HAMMING = (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 399)).astype(np.float32)


def exact(samples: np.ndarray) -> np.ndarray:
    if len(samples) < 400:
        return np.zeros((0, 80), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples * np.float32(32768), 400)[::160]
    sums = np.add.accumulate(frames, axis=1, dtype=np.float32)[:, -1:]
    frames = frames - sums / np.float32(400)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    windowed = (frames - np.float32(0.97) * before) * HAMMING
    power = np.abs(np.fft.rfft(windowed.astype(np.float64), 512)[:, :256]) ** 2
    return np.log(np.maximum(power @ TRIANGLES, 2.0**-23)).astype(np.float32)


def main() -> None:
    compute = {"kaldi": kaldi, "exact": exact}[sys.argv[1]]
    raw = open(sys.argv[2], "rb").read()
    with open(sys.argv[3], "wb") as out:
        at = 0
        while at < len(raw):
            count = int(np.frombuffer(raw, np.int32, 1, at)[0])
            features = compute(np.frombuffer(raw, np.float32, count, at + 4))
            at += 4 + 4 * count
            out.write(np.int32(len(features)).tobytes())
            out.write(features.tobytes())


main()
