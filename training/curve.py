"""The learning curve: EERs of the averaged weights while a version is trained, as `curve.tsv`.

    python curve.py RUN/decayed.pt --curve RUN/curve.tsv     # one more row a set, of any checkpoint

Held-out speakers by corpus and the sets of `--dev`, a part of each so that it costs little: `measure.py` has the
whole of them.
"""
import argparse
import pathlib
import time

import torch

import checkpoint
import data
import evaluate
import export

MOST_SPEAKERS, MOST_RECORDINGS = 60, 3
SECONDS = (1.5, 4.0)
COLUMNS = ("time", "step", "crops", "rate", "set", "seconds", "eer_percent", "genuine", "impostor")


def sets(corpus, held_out, dev):
    """{set: (waves, speakers)}; `dev` may be absent."""
    found = {f"held-out {name}": value for name, value in
             evaluate.by_corpus(corpus, held_out, MOST_SPEAKERS, MOST_RECORDINGS).items()}
    for folder in sorted(pathlib.Path(dev).glob("*/")) if dev else []:
        waves, speakers = evaluate.read_folder(folder)
        found[f"dev {folder.name}"] = (waves, speakers)
    return found


def rows(net, groups, step, crops, kind):
    """Of each set and length, and the mean over the sets of each length."""
    now, out = time.strftime("%F %T"), []
    for seconds in SECONDS:
        figures = []
        for name, (waves, speakers) in groups.items():
            rate, genuine, impostor = evaluate.window_eer(lambda w: evaluate.embed(net, w), waves, speakers, seconds)
            figures.append(rate)
            out.append((now, step, crops, kind, name, seconds, f"{100 * rate:.2f}", genuine, impostor))
        out.append((now, step, crops, kind, "mean", seconds, f"{100 * sum(figures) / len(figures):.2f}", "", ""))
    return out


def append(path, net, groups, step, crops, kind):
    path = pathlib.Path(path)
    lines = ["\t".join(str(cell) for cell in row) for row in rows(net, groups, step, crops, kind)]
    with open(path, "a") as out:
        if not out.tell():
            out.write("\t".join(COLUMNS) + "\n")
        out.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="a checkpoint, a packed one, or a folder of exported weights")
    parser.add_argument("--curve", required=True)
    parser.add_argument("--kind", default="decay", help="what the rate did: steady, decay, or the name of other weights")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--dev", default="../../shared/audio-dev")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    corpus, _ = data.load(args.data, args.cache)
    groups = sets(corpus, data.split_held_out(corpus)[1], args.dev)
    if (pathlib.Path(args.weights) / "config.json").exists():
        append(args.curve, export.load_exported(args.weights), groups, 0, 0, args.kind)
    else:
        state = checkpoint.read(args.weights)
        append(args.curve, export.load_checkpoint(args.weights), groups, state["step"], state["crops"], args.kind)


if __name__ == "__main__":
    main()
