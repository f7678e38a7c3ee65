"""Fit only the last layer to the teacher, by ridge regression: a start from older weights.

    python readout.py ../../shared/models/model.safetensors runs/start.pt

For weights that were trained on other targets than `train.py`'s. Crops of training
speakers, half of them augmented, are pooled by the network as it is; seg_1 becomes the
ridge solution from pooled statistics to the crops' targets, scaled by 20 so that its
weights have the size that Adam's steps expect.
"""
import argparse
import pathlib

import numpy as np
import torch

import data
from augment import Augment
from frontend import FrontEnd
from model import ResNet
from sampler import Sampler
from train import load_weights, teacher_targets


def ridge(pooled, targets, strength):
    """(weight (d, p), bias (d,)) of the regression from (n, p) to (n, d), both centred."""
    mean = pooled.mean(0)
    x, y = (pooled - mean).double(), (targets - targets.mean(0)).double()
    square = x.T @ x / len(x)
    square += strength * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
    weight = torch.linalg.solve(square, x.T @ y / len(x)).T
    return weight.float().contiguous(), -(weight @ mean.double()).float()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("out")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--blocks", default="2,2,2,2")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--batches", type=int, default=160, help="of 64 crops")
    parser.add_argument("--strength", type=float, default=0.1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    speech, noise = data.load(args.data, args.cache)
    train_speakers, _ = data.split_speakers(speech, data.HELD_OUT)
    sampler = Sampler(speech, train_speakers, np.load(pathlib.Path(args.cache) / "edges.npy"))
    targets, known = teacher_targets(args.cache, speech, train_speakers, sampler.speeds)
    if not known.all():
        raise SystemExit("run precompute.py first")
    augment = Augment(noise, lambda n, k: sampler.clean(n, k, np.random.default_rng(n)))
    net = ResNet([int(b) for b in args.blocks.split(",")], args.channels).eval()
    load_weights(net, args.weights)
    front = FrontEnd()
    pooled, wanted = [], []
    with torch.no_grad():
        for index in range(args.batches):
            rng = np.random.default_rng([9, index])
            waves, labels, clips = sampler.batch(min(64, len(train_speakers)), 1, 24240, rng)
            speed = torch.div(labels, len(sampler.speakers), rounding_mode="floor").numpy()
            pooled.append(net.statistics(front(augment(waves, rng) if index % 2 else waves)))
            wanted.append(torch.from_numpy(targets[speed, clips]))
        weight, bias = ridge(torch.cat(pooled), torch.cat(wanted), args.strength)
        net.seg_1.weight.copy_(20 * weight)
        net.seg_1.bias.copy_(20 * bias)
    torch.save({"ema": net.state_dict(), "step": 0, "blocks": list(net.num_blocks), "channels": net.channels}, args.out)


if __name__ == "__main__":
    main()
