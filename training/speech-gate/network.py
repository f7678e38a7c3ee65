"""The gate's network on the features of `frontend.py`; reading and writing its weights."""
import base64
import pathlib
import re
import sys

import numpy as np
import torch

sys.path.append(str(pathlib.Path(__file__).parent.parent))
import frontend  # noqa: E402

RATE, SHIFT, FRAME, MELS = 16000, frontend.SHIFT, frontend.FRAME, frontend.BINS
INPUTS, UNITS = 32, 64
FRONT_END, frame_count = frontend.FrontEnd(), frontend.frame_count


def log_mel(x):
    """batch x samples in [-1, 1] -> batch x frames x 80."""
    return FRONT_END.log_mel(torch.as_tensor(x))


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
