"""Log-mel features by kaldi-native-fbank. usage: fbank.py IN OUT

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


def main() -> None:
    raw = open(sys.argv[1], "rb").read()
    opts = options()
    with open(sys.argv[2], "wb") as out:
        at = 0
        while at < len(raw):
            count = int(np.frombuffer(raw, np.int32, 1, at)[0])
            samples = np.frombuffer(raw, np.float32, count, at + 4)
            at += 4 + 4 * count
            fbank = knf.OnlineFbank(opts)
            fbank.accept_waveform(16000, (samples * np.float32(32768)).tolist())
            fbank.input_finished()
            frames = [fbank.get_frame(i) for i in range(fbank.num_frames_ready)]
            out.write(np.int32(len(frames)).tobytes())
            out.write(np.asarray(frames, np.float32).tobytes())


main()
