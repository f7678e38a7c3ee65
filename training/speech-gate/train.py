"""Train the speech gate: a recurrent network of 48 units on log-mel frames, taught by Silero VAD.

usage: train.py --train DIR --exclude DIR --out src/fbank/speech-gate-weights.ts --cache FILE

DIR of --train holds Ogg files and clips.tsv (file, speaker, start_sample, num_samples, source); --exclude is
a folder of recordings kept for measuring, whose names must not be trained on. Speech is laid out with pauses,
then made worse (noise, echo, colour, level); the target of a frame is Silero's probability on the sound
*before* that. Needs torch, numpy, soundfile, onnxruntime and silero-vad (for its ONNX file only).
"""

import argparse
import base64
import csv
import importlib.util
import math
import os
import re
import time

import numpy as np
import onnxruntime as ort
import soundfile
import torch

RATE, SHIFT, FRAME, MELS = 16000, 160, 400, 80
SECONDS = 10
INPUTS, UNITS = 24, 48
# Frames that a training step sees of a sequence.
CROP = 400
# Share of the sequences that hold noise alone.
NO_SPEECH = 0.3
# Share of the sequences that went through a telephone, or were sampled at 8 kHz.
TELEPHONE = 0.3
rng = np.random.default_rng(1)


def decode(path):
    samples, rate = soundfile.read(path, dtype="float32")
    if rate != RATE or samples.ndim != 1:
        raise ValueError(f"{path}: expected 16000 Hz mono, received {rate} Hz {samples.shape}")
    return samples


def clips(folder, files, excluded):
    table = {}
    with open(os.path.join(folder, "clips.tsv")) as f:
        for row in csv.DictReader(f, delimiter="\t"):
            table.setdefault(row["file"], []).append(row)
    out = []
    for name in files:
        sound = decode(os.path.join(folder, name))
        for row in table[name]:
            if any(stem in row["source"] for stem in excluded):
                continue
            start, count = int(row["start_sample"]), int(row["num_samples"])
            if start + count <= len(sound):
                out.append(sound[start : start + count])
    return out


def level(x):
    return 10 * np.log10(np.mean(x**2) + 1e-12)


def gain(db):
    return np.float32(10 ** (db / 20))


def clean_sequence(speech):
    """Two to four crops of different clips with pauses; each at a level of its own."""
    out = np.zeros(SECONDS * RATE, np.float32)
    at = int(rng.choice([0, rng.uniform(0, 3)]) * RATE)
    while at < len(out):
        clip = speech[rng.integers(len(speech))]
        count = min(len(clip), int(rng.uniform(0.8, 6) * RATE), len(out) - at)
        start = rng.integers(len(clip) - count + 1)
        crop = clip[start : start + count]
        out[at : at + count] += crop * gain(rng.uniform(-32, -18) - max(level(crop), -60))
        at += count + int(rng.choice([0.05, rng.uniform(0.1, 1), rng.uniform(0.5, 4)]) * RATE)
    return out


def coloured(x):
    """A random tilt and a random low or high cut, applied in the frequency domain."""
    spectrum = np.fft.rfft(x)
    hz = np.maximum(np.fft.rfftfreq(len(x), 1 / RATE), 30)
    shape = (hz / 1000) ** rng.uniform(-0.4, 0.4)
    if rng.random() < 0.3:
        shape = shape / (1 + (rng.uniform(60, 300) / hz) ** 4)
    if rng.random() < 0.3:
        shape = shape / (1 + (hz / rng.uniform(3000, 7000)) ** 8)
    return np.fft.irfft(spectrum * shape, len(x)).astype(np.float32)


def echoed(x):
    """A decaying noise tail behind the direct sound: a crude room."""
    seconds = rng.uniform(0.1, 0.6)
    n = int(seconds * RATE)
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail[: int(0.002 * RATE)] = 0
    tail *= gain(rng.uniform(-15, 0)) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    size = 1 << math.ceil(math.log2(len(x) + n))
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)].astype(np.float32)


def noise_like(noises, n):
    kind = rng.random()
    if kind < 0.2:
        return coloured(rng.standard_normal(n).astype(np.float32))
    a = noises[rng.integers(len(noises))]
    out = np.resize(np.roll(a, rng.integers(len(a))), n)
    if kind < 0.45:
        b = noises[rng.integers(len(noises))]
        out = out + np.resize(np.roll(b, rng.integers(len(b))), n)
    return coloured(out)


def telephone(x):
    """The band of a call, 8 kHz, often the mu-law of G.711, and back to 16 kHz: the upper bins are empty."""
    hz = np.fft.rfftfreq(len(x), 1 / RATE)
    low, high = rng.choice([0, rng.uniform(150, 350)]), rng.uniform(3200, 3900)
    # A cut steep as a converter's, 200 Hz wide.
    cut = np.clip((high + 100 - hz) / 200, 0, 1)
    narrow = np.fft.irfft(np.fft.rfft(x) * cut * np.clip((hz - low + 50) / 100, 0, 1), len(x))[::2]
    if rng.random() < 0.7:
        level_of = np.round(np.sign(narrow) * np.log1p(255 * np.minimum(np.abs(narrow), 1)) / np.log(256) * 127) / 127
        narrow = np.sign(level_of) * np.expm1(np.abs(level_of) * np.log(256)) / 255
    sparse = np.zeros(len(x))
    sparse[::2] = 2 * narrow
    return np.fft.irfft(np.fft.rfft(sparse) * cut, len(x)).astype(np.float32)


def worsened(clean, noises):
    x = coloured(clean) if rng.random() < 0.7 else clean
    if rng.random() < 0.5:
        x = echoed(x)
    noise = noise_like(noises, len(x))
    loud = level(x[np.abs(x) > 1e-4]) if np.any(np.abs(x) > 1e-4) else -25
    snr = rng.choice([rng.uniform(0, 15), rng.uniform(10, 30), rng.uniform(30, 60)])
    x = x + noise * gain(loud - snr - max(level(noise), -70))
    x = x * gain(rng.uniform(-30, 15))
    x = np.clip(x, -1, 1)
    if rng.random() < TELEPHONE:
        x = telephone(x)
    return np.round(x * 32768) / 32768 if rng.random() < 0.7 else x


class Teacher:
    def __init__(self):
        folder = os.path.dirname(importlib.util.find_spec("silero_vad").origin)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(os.path.join(folder, "data", "silero_vad.onnx"), options)

    def __call__(self, x):
        """batch x samples -> batch x frames: the probability of the 32 ms that hold the frame's middle."""
        batch, n = x.shape
        state = np.zeros((2, batch, 128), np.float32)
        context = np.zeros((batch, 64), np.float32)
        rows = []
        for i in range(0, n - 511, 512):
            chunk = x[:, i : i + 512]
            p, state = self.session.run(
                None, {"input": np.concatenate([context, chunk], 1), "state": state, "sr": np.array(RATE, np.int64)}
            )
            context = chunk[:, -64:]
            rows.append(p[:, 0])
        rows = np.stack(rows, 1)
        frames = (n - FRAME) // SHIFT + 1
        at = np.minimum((np.arange(frames) * SHIFT + FRAME // 2) // 512, rows.shape[1] - 1)
        return rows[:, at]


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
    frames = (torch.tensor(x) * 32768).unfold(1, FRAME, SHIFT)
    frames = frames - frames.mean(2, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
    spectrum = torch.fft.rfft((frames - 0.97 * before) * HAMMING, 512)
    return torch.log(torch.clamp(spectrum.abs() ** 2 @ MATRIX, min=2**-23))


class Net(torch.nn.Module):
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
    lines = "\n".join(f"  '{text[i : i + 200]}'," for i in range(0, len(text), 200))
    with open(path, "w") as f:
        f.write(
            "// Made by training/speech-gate/train.py: float32, little-endian, base64, in the order that src/fbank/gate-weights.ts reads.\n"
            f"export const GATE_INPUTS = {INPUTS};\nexport const GATE_UNITS = {UNITS};\n"
            f"export const GATE_WEIGHTS = [\n{lines}\n].join('');\n"
        )


def make_sequences(args):
    """Features and targets: sequences x frames x 80 (half precision) and sequences x frames."""
    # "dog-bark-1-100032-A.flac" -> "1-100032-A"
    excluded = ["-".join(os.path.splitext(n)[0].split("-")[-3:]) for n in os.listdir(args.exclude)]
    names = ["commonvoice-00.opus", "commonvoice-02.opus", "commonvoice-04.opus", "commonvoice-fa-00.opus",
             "librispeech-00.opus", "librispeech-01.opus", "speechocean-00.opus"]
    speech = [c for c in clips(args.train, names, []) if len(c) > RATE]
    noises = clips(args.train, ["noise-00.opus"], excluded)
    print(f"{len(speech)} speech clips, {len(noises)} noise clips", flush=True)

    teacher = Teacher()
    inputs, targets = [], []
    began = time.time()
    for first in range(0, args.sequences, 50):
        clean = np.stack([clean_sequence(speech) if rng.random() > NO_SPEECH else np.zeros(SECONDS * RATE, np.float32)
                          for _ in range(50)])
        targets.append(torch.tensor(teacher(clean)))
        inputs.append(log_mel(np.stack([worsened(c, noises) for c in clean]).astype(np.float32)).half())
        if first % 500 == 0:
            print(f"{first} sequences, {time.time() - began:.0f} s", flush=True)
    return torch.cat(inputs), torch.cat(targets)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", required=True)
    parser.add_argument("--exclude", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--sequences", type=int, default=3000)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the weights in --out")
    parser.add_argument("--cache", required=True, help="where the laid-out sequences are kept for another run")
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    global rng
    rng = np.random.default_rng(args.seed)
    if not os.path.exists(args.cache):
        torch.save(make_sequences(args), args.cache)
    inputs, targets = torch.load(args.cache)
    held = 200
    print(f"speech share {targets.mean():.3f}", flush=True)

    net = Net()
    if args.resume:
        read(net, args.out)
    optimiser = torch.optim.Adam(net.parameters(), lr=4e-3)
    loss_of = torch.nn.BCEWithLogitsLoss()
    began, step = time.time(), 0
    while (spent := (time.time() - began) / (60 * args.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 4e-3 * (1 - spent) + 1e-5
        # Crops begin anywhere, also in the middle of a word, as streams do.
        pick = torch.randint(held, len(inputs), (64,))
        start = int(torch.randint(0, inputs.shape[1] - CROP + 1, ()))
        crop = slice(start, start + CROP)
        loss = loss_of(net(inputs[pick, crop].float()), targets[pick, crop])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            with torch.no_grad():
                scores = net(inputs[:held].float())
                wrong = ((scores > 0) != (targets[:held] > 0.5)).float().mean()
                print(f"step {step} loss {loss:.4f} held out {loss_of(scores, targets[:held]):.4f} wrong {wrong:.4f}",
                      flush=True)
            write(net, args.out)
    write(net, args.out)


main()
