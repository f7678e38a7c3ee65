"""Decode the recordings and embed every clip with the teacher, once: `python precompute.py`.

Writes `audio.i16`, `edges.npy` and, a speed each, `teacher_100.npy`, ... into the cache.
"""
import argparse
import pathlib
import time

import numpy as np
import torch

import data
import sampler
import teacher


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--teacher", default="../../shared/train/teacher/ge2e-weights.bin")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--speeds", default="1.0,0.9")
    parser.add_argument("--fp32", action="store_true", help="for processors without bfloat16")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    speech, _ = data.load(args.data, args.cache)
    cache = pathlib.Path(args.cache)
    np.save(cache / "edges.npy", np.stack(sampler.trim_edges(speech)))
    net = teacher.Teacher(args.teacher).eval()
    for speed in (float(s) for s in args.speeds.split(",")):
        began = time.time()

        def progress(clip):
            print(f"speed {speed}: clip {clip} of {len(speech)}, {time.time() - began:.0f} s", flush=True)

        vectors = teacher.embed_corpus(net, speech, speed=speed, bf16=not args.fp32, progress=progress)
        np.save(cache / f"teacher_{round(100 * speed)}.npy", vectors.numpy())


if __name__ == "__main__":
    main()
