"""The gate's network and its features, as `src/fbank` computes them; reading and writing its weights."""
import base64
import re

import numpy as np
import torch

RATE, SHIFT, FRAME, MELS = 16000, 160, 400, 80
INPUTS, UNITS = 32, 64


def mel_matrix():
    mel = lambda hz: 1127 * np.log(1 + hz / 700)
    corner = np.linspace(mel(20), mel(8000), MELS + 2)
    bins = mel(np.arange(257) * RATE / 512)
    up = (bins[:, None] - corner[None, :-2]) / (corner[1:-1] - corner[:-2])
    down = (corner[None, 2:] - bins[:, None]) / (corner[2:] - corner[1:-1])
    weights = np.maximum(0, np.minimum(up, down))
    weights[256] = 0
    return torch.tensor(weights, dtype=torch.float32)


MATRIX = mel_matrix()
HAMMING = torch.hamming_window(FRAME, periodic=False)


def log_mel(x):
    """batch x samples in [-1, 1] -> batch x frames x 80."""
    frames = (torch.as_tensor(x) * 32768).unfold(1, FRAME, SHIFT)
    frames = frames - frames.mean(2, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
    spectrum = torch.fft.rfft((frames - 0.97 * before) * HAMMING, 512)
    return torch.log(torch.clamp(spectrum.abs() ** 2 @ MATRIX, min=2**-23))


class Net(torch.nn.Module):
    """Log-mel frames -> log-odds of speech in each, from it and what came before."""

    def __init__(self):
        super().__init__()
        self.project = torch.nn.Linear(MELS, INPUTS)
        self.gru = torch.nn.GRU(INPUTS, UNITS, batch_first=True)
        self.out = torch.nn.Linear(UNITS, 1)

    def forward(self, features):
        return self.out(self.gru(torch.tanh(self.project(features * 0.2 - 2)))[0])[..., 0]


def parameters_of(net):
    """In the order of the file."""
    return [
        net.project.weight, net.project.bias,
        net.gru.weight_ih_l0, net.gru.bias_ih_l0, net.gru.weight_hh_l0, net.gru.bias_hh_l0,
        net.out.weight, net.out.bias,
    ]


def read(net, path):
    text = "".join(re.findall(r"^  '(.*)',$", open(path).read(), re.M))
    flat, at = np.frombuffer(base64.b64decode(text), "<f4"), 0
    for p in parameters_of(net):
        p.data = torch.tensor(flat[at : at + p.numel()].reshape(p.shape).copy())
        at += p.numel()


def write(net, path):
    flat = np.concatenate([p.detach().numpy().ravel() for p in parameters_of(net)]).astype("<f4")
    text = base64.b64encode(flat.tobytes()).decode()
    lines = "\n".join(f"  '{text[i : i + 320]}'," for i in range(0, len(text), 320))
    with open(path, "w") as f:
        f.write(
            "// Made by training/speech-gate: float32, little-endian, base64, in the order that src/fbank/gate-weights.ts reads.\n"
            f"export const GATE_INPUTS = {INPUTS};\nexport const GATE_UNITS = {UNITS};\n"
            f"export const GATE_WEIGHTS = [\n{lines}\n].join('');\n"
        )
