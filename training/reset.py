"""A start from other weights with its last layers drawn anew: `python reset.py ../models runs/reset.pt`.

The first layers hear sound, the last ones know people. A version that begins so has its speakers' classes to learn from
nothing, in nine tenths of its parameters.
"""
import argparse

import torch

import checkpoint
from export import load_checkpoint
from model import ResNet

RESET = ("layer4.", "seg_1.")


def reset(net, seed=1):
    """A state to begin from: no classes, no steps. `net` is a network in evaluation mode."""
    torch.manual_seed(seed)
    fresh = ResNet(net.num_blocks, net.channels, net.feat_dim, net.embed_dim)
    kept = {name: value for name, value in net.state_dict().items() if not name.startswith(RESET)}
    weights = {**fresh.state_dict(), **kept}
    centres = torch.empty(0, net.embed_dim)
    trainer = {**{checkpoint.NET + name: value for name, value in weights.items()}, "aam.weight": centres,
               "proto.scale": torch.tensor(10.0)}
    return {"trainer": trainer, "ema": weights, "step": 0, "crops": 0, "classes": [], "blocks": list(net.num_blocks),
            "channels": net.channels, "frozen": True}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="a checkpoint, a packed one, or a folder of exported weights")
    parser.add_argument("out", help="what to begin from with train.py --init")
    args = parser.parse_args()
    net = load_checkpoint(args.weights)
    checkpoint.save(args.out, reset(net))
    total, fresh = (sum(p.numel() for name, p in net.named_parameters() if name.startswith(part)) for part in ("", RESET))
    print(f"{fresh / total:.0%} of {total:,} parameters drawn anew")


if __name__ == "__main__":
    main()
