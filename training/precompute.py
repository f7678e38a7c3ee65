"""Decode the recordings and embed every clip with the teacher, once: `python precompute.py --teacher FILE`.

Writes `audio.i16`, `edges.npy` and `teacher.npy` into the cache.
"""
import argparse
import pathlib

import numpy as np
import torch

import data
import material
import teacher


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--teacher", default="runs/teacher.pt", help="weights that `teacher.py` downloaded")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    speech, _ = data.load(args.data, args.cache)
    cache = pathlib.Path(args.cache)
    heard = teacher.embed_corpus(teacher.Teacher(args.teacher).eval(), speech, material.edges_of(cache, speech),
                                 lambda clip: print(f"clip {clip} of {len(speech)}", flush=True))
    np.save(cache / material.TEACHER, heard)


if __name__ == "__main__":
    main()
