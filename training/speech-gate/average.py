"""The mean of several files of weights, of runs that went on from one another.

usage: average.py FILE.ts FILE.ts … OUT.ts
"""
import sys

import torch

import network


def average(paths, out):
    nets = [network.Net() for _ in paths]
    for net, path in zip(nets, paths):
        network.read(net, path)
    mean = nets[0]
    for parts in zip(*map(network.parameters_of, nets)):
        parts[0].data = torch.stack([part.data for part in parts]).mean(0)
    network.write(mean, out)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    average(sys.argv[1:-1], sys.argv[-1])
