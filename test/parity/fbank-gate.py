"""The speech gate's log-odds in numpy, from its definition. usage: fbank-gate.py WEIGHTS.ts IN OUT

IN: frames x 80 float32 features; OUT: frames float64. GRU as in PyTorch's documentation of torch.nn.GRU.
"""

import base64
import re
import sys

import numpy as np

source = open(sys.argv[1]).read()
inputs = int(re.search(r"GATE_INPUTS = (\d+)", source)[1])
units = int(re.search(r"GATE_UNITS = (\d+)", source)[1])
weights = np.frombuffer(base64.b64decode("".join(re.findall(r"^\s*'(.*)',$", source, re.M))), "<f4").astype(float)
features = np.fromfile(sys.argv[2], np.float32).reshape(-1, 80).astype(float)


def take(*shape):
    global weights
    count = int(np.prod(shape))
    part, weights = weights[:count].reshape(shape), weights[count:]
    return part


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


project, project_bias = take(inputs, 80), take(inputs)
w_i, b_i = take(3 * units, inputs), take(3 * units)
w_h, b_h = take(3 * units, units), take(3 * units)
out, out_bias = take(units), take(1)
assert weights.size == 0
h = np.zeros(units)
scores = []
for x in np.tanh((features * 0.2 - 2) @ project.T + project_bias):
    i_r, i_z, i_n = np.split(w_i @ x + b_i, 3)
    h_r, h_z, h_n = np.split(w_h @ h + b_h, 3)
    z = sigmoid(i_z + h_z)
    h = (1 - z) * np.tanh(i_n + sigmoid(i_r + h_r) * h_n) + z * h
    scores.append(out @ h + out_bias[0])
np.array(scores).tofile(sys.argv[3])
