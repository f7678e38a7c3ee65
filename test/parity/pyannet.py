"""PyanNet of pyannote.audio in plain PyTorch, written from its published description, with the names of its state dict."""

import math

import torch
from torch import nn


class ParamSinc(nn.Module):
    """Pairs of windowed band-pass filters: cosines (even), then sines (odd)."""

    def __init__(self, pairs, taps, stride):
        super().__init__()
        half = taps // 2
        self.stride = stride
        self.low_hz_ = nn.Parameter(torch.linspace(30, 7000, pairs).reshape(-1, 1))
        self.band_hz_ = nn.Parameter(torch.linspace(60, 700, pairs).reshape(-1, 1))
        self.register_buffer("window_", torch.hamming_window(taps, periodic=False)[:half].clone())
        # In the state dict, and not used: its floats are worth 2e-5 radians at 8 kHz.
        self.register_buffer("n_", self.times())

    def times(self):
        half = self.window_.numel()
        return 2 * math.pi * torch.arange(-half, 0, dtype=self.window_.dtype).reshape(1, -1) / 16000

    def filters(self):
        n = self.times()
        low = 50 + self.low_hz_.abs()
        high = (low + 50 + self.band_hz_.abs()).clamp(50, 8000)
        centre = 2 * (high - low)
        even = (torch.sin(high * n) - torch.sin(low * n)) / (n / 2) * self.window_
        odd = (torch.cos(low * n) - torch.cos(high * n)) / (n / 2) * self.window_
        even = torch.cat([even, centre, even.flip(1)], 1) / centre
        odd = torch.cat([odd, torch.zeros_like(centre), -odd.flip(1)], 1) / centre
        return torch.cat([even, odd]).unsqueeze(1)

    def forward(self, x):
        return nn.functional.conv1d(x, self.filters(), stride=self.stride)


class Bank(nn.Module):
    def __init__(self):
        super().__init__()
        self.filterbank = ParamSinc(40, 251, 10)

    def forward(self, x):
        return self.filterbank(x)


class SincNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.wav_norm1d = nn.InstanceNorm1d(1, affine=True)
        self.conv1d = nn.ModuleList([Bank(), nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norm1d = nn.ModuleList([nn.InstanceNorm1d(size, affine=True) for size in (80, 60, 60)])

    def forward(self, x):
        x = self.wav_norm1d(x)
        for i, (conv, norm) in enumerate(zip(self.conv1d, self.norm1d)):
            x = conv(x)
            if i == 0:
                x = x.abs()
            x = nn.functional.leaky_relu(norm(nn.functional.max_pool1d(x, 3)))
        return x


class PyanNet(nn.Module):
    def __init__(self, classes=7):
        super().__init__()
        self.sincnet = SincNet()
        self.lstm = nn.LSTM(60, 128, 4, batch_first=True, bidirectional=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, classes)

    def forward(self, x):
        x = self.lstm(self.sincnet(x).transpose(1, 2))[0]
        for linear in self.linear:
            x = nn.functional.leaky_relu(linear(x))
        return nn.functional.log_softmax(self.classifier(x), -1)


def random_pyannet(seed, classes=7):
    """Weights large enough that the classes differ from frame to frame."""
    torch.manual_seed(seed)
    net = PyanNet(classes).eval()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if "norm1d" in name:
                parameter.add_(0.3 * torch.randn(parameter.shape))
            if name.startswith(("lstm.weight", "linear")):
                parameter.mul_(2.5)
            if name == "classifier.weight":
                parameter.mul_(20)
    return net


def load_pyannet(state):
    net = PyanNet().eval()
    net.load_state_dict({key: value.float() for key, value in state.items()}, strict=False)
    return net
