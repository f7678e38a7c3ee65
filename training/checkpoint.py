"""What training goes on from.

`last.pt` holds everything. A packed checkpoint, `python checkpoint.py RUN/last.pt FOLDER`, is what is kept between
machines: averaged weights and class centres in float16. Training goes on from the averaged weights, and a warm-up finds
the optimiser's moments again.
"""
import argparse
import json
import os
import pathlib

import numpy as np
import torch

from tensors import read_tensors, write_tensors

NET = "net."  # before the names of the network's tensors in a trainer's state


def save(path, value):
    partial = pathlib.Path(path).with_suffix(".part")
    torch.save(value, partial)
    os.replace(partial, path)


def pack(state, folder):
    """Write `checkpoint.safetensors` and `checkpoint.json` into `folder`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"ema.{name}": half(value) for name, value in state["ema"].items()}
    arrays.update({f"trainer.{name}": half(value) for name, value in state["trainer"].items() if not name.startswith(NET)})
    write_tensors(folder / "checkpoint.safetensors", arrays)
    about = {key: state[key] for key in ("step", "crops", "blocks", "channels", "classes")}
    (folder / "checkpoint.json").write_text(json.dumps(about) + "\n")


def half(value):
    return value.numpy().astype(np.float16) if value.is_floating_point() else value.numpy()


def unpack(folder):
    """What `pack` wrote, as a state without an optimiser."""
    folder = pathlib.Path(folder)
    state = {**json.loads((folder / "checkpoint.json").read_text()), "trainer": {}, "ema": {}}
    for name, array in read_tensors(folder / "checkpoint.safetensors").items():
        part, _, rest = name.partition(".")
        value = torch.from_numpy(array)
        state[part][rest] = value.float() if value.is_floating_point() else value
    state["trainer"].update({NET + name: value for name, value in state["ema"].items()})
    return state


def read(path):
    """A state from `last.pt` or a packed folder."""
    return unpack(path) if pathlib.Path(path).is_dir() else torch.load(path, map_location="cpu")


def resume(trainer, state, classes):
    """Load a state into a trainer, class centres by name; returns the rows of classes that the state does not know."""
    known = {name: row for row, name in enumerate(state["classes"])}
    rows = [(row, known[name]) for row, name in enumerate(classes) if name in known]
    loaded = dict(state["trainer"])
    width = loaded["aam.weight"].shape[1]
    old = loaded["aam.weight"].view(len(known), trainer.aam.centres, width)
    centres = trainer.aam.weight.detach().clone().view(len(classes), -1, width)
    here, there = ([pair[side] for pair in rows] for side in (0, 1))
    centres[here] = old[there]
    loaded["aam.weight"] = centres.view(-1, width)
    trainer.load_state_dict(loaded)
    return sorted(set(range(len(classes))) - set(here))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("last", help="RUN/last.pt")
    parser.add_argument("folder")
    args = parser.parse_args()
    state = torch.load(args.last, map_location="cpu")
    pack(state, args.folder)
    print(f"step {state['step']}, {state['crops']:,} crops, {len(state['classes']):,} classes")


if __name__ == "__main__":
    main()
