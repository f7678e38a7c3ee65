"""The SDK's front end in PyTorch: waveforms -> 80 log-mel bins, as Kaldi computes them.

Samples scaled by 32768; frames of 400, shift 160, edges snipped; per frame: mean
removed, pre-emphasis 0.97, Hamming, 512-point power spectrum; 80 triangles linear in
1127 ln(1 + f/700) from 20 to 8000 Hz; natural logarithm; then the mean over time of
each bin is subtracted. Source: Kaldi `feature-window.cc`, `mel-computations.cc`, with
WeSpeaker's settings (`wespeaker/dataset/processor.py`).
"""
import math

import torch

FRAME, SHIFT, FFT, BINS = 400, 160, 512, 80
FLOOR = 1.1920928955078125e-07


def frame_count(samples):
    return max(0, (samples - FRAME) // SHIFT + 1)


def mel_bank():
    """(FFT/2, BINS) triangle weights for FFT bins 0 to 255."""
    def mel(hz):
        return 1127 * math.log(1 + hz / 700)

    low, high = mel(20.0), mel(8000.0)
    step = (high - low) / (BINS + 1)
    at = 1127 * torch.log(1 + torch.arange(FFT // 2, dtype=torch.float64) * (16000 / FFT) / 700)
    left = low + step * torch.arange(BINS, dtype=torch.float64)
    up = (at[:, None] - left) / step
    down = (left + 2 * step - at[:, None]) / step
    return torch.minimum(up, down).clamp_min(0).float()


class FrontEnd(torch.nn.Module):
    """(batch, samples) in [-1, 1) -> (batch, frames, 80), mean-subtracted over time."""

    def __init__(self):
        super().__init__()
        ramp = torch.arange(FRAME, dtype=torch.float64)
        self.register_buffer("window", (0.54 - 0.46 * torch.cos(2 * math.pi * ramp / (FRAME - 1))).float(), False)
        self.register_buffer("bank", mel_bank(), False)

    def log_mel(self, wave):
        """Without the mean subtraction."""
        frames = (wave * 32768).unfold(1, FRAME, SHIFT)
        frames = frames - frames.mean(2, keepdim=True)
        before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
        frames = (frames - 0.97 * before) * self.window
        spectrum = torch.view_as_real(torch.fft.rfft(frames, FFT))[..., :FFT // 2, :]
        power = spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2
        return torch.matmul(power, self.bank).clamp_min(FLOOR).log()

    def forward(self, wave):
        feats = self.log_mel(wave)
        return feats - feats.mean(1, keepdim=True)
