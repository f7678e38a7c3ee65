"""Turn a checkpoint's embeddings towards the teacher's targets: `python align.py checkpoint runs/aligned.pt`.

A turn changes no cosine: the network knows as much as before, in the teacher's directions. It is fitted by orthogonal Procrustes
to the class centres of the speakers that both know, folded into the last layer, and the centres begin anew at the targets.
"""
import argparse

import numpy as np
import torch

import checkpoint
import data
import material


def turn(centres, targets):
    """(d, d) orthogonal, that takes rows of `centres` nearest to those of `targets`."""
    left, _, right = np.linalg.svd(centres.T @ targets)
    return (left @ right).astype(np.float32)


def align(state, classes, targets):
    """`state` with embeddings turned, no classes and no optimiser. `targets` (classes, d): of the speakers `classes`, unit."""
    row = {name: at for at, name in enumerate(state["classes"])}
    both = [(row[name], at) for at, name in enumerate(classes) if name in row]
    weight = state["trainer"]["aam.weight"].float()
    centres = material.unit(weight.view(len(row), -1, weight.shape[1]).mean(1).numpy())
    fitted = torch.from_numpy(turn(centres[[at for at, _ in both]], targets[[at for _, at in both]]))
    turned = {}
    for part, name in (("trainer", checkpoint.NET), ("ema", "")):
        last = {key: value for key, value in state[part].items()}
        last[f"{name}seg_1.weight"] = fitted.T @ last[f"{name}seg_1.weight"].float()
        last[f"{name}seg_1.bias"] = fitted.T @ last[f"{name}seg_1.bias"].float()
        turned[part] = last
    turned["trainer"]["aam.weight"] = weight[:0]
    kept = {key: value for key, value in state.items() if key not in ("trainer", "ema", "optimiser")}
    return {**kept, **turned, "classes": [], "step": 0, "crops": 0, "frozen": True}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", help="a checkpoint, packed or not")
    parser.add_argument("out")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    corpus, _, _, raw, _ = material.load(args.data, args.cache)
    people, _ = data.split_held_out(corpus)
    means = material.means_of(material.teacher_targets(raw, corpus, people), corpus)[people]
    checkpoint.save(args.out, align(checkpoint.read(args.start), [str(name) for name in corpus.speakers[people]], means))


if __name__ == "__main__":
    main()
