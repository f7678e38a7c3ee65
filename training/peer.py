"""Embed every clip with finished weights, once: `python peer.py ../models --cache runs/cache`.

Writes `peer.npy` beside the teacher's embeddings, of the recordings and of each pool. The student learns from both: they err on
different clips.
"""
import argparse
import pathlib

import numpy as np
import torch

import material
import data
from export import load_exported
from frontend import FrontEnd

WINDOW_SAMPLES, MOST_WINDOWS, BATCH = 24240, 3, 64


def windows_of(wave):
    """At most three windows of 1.5 s from end to end; a shorter clip is repeated."""
    if len(wave) < WINDOW_SAMPLES:
        return [np.tile(wave, WINDOW_SAMPLES // max(1, len(wave)) + 1)[:WINDOW_SAMPLES]]
    count = min(MOST_WINDOWS, len(wave) // WINDOW_SAMPLES)
    spare = len(wave) - WINDOW_SAMPLES
    return [wave[at:at + WINDOW_SAMPLES] for at in ([spare // 2] if count == 1 else np.linspace(0, spare, count).astype(int))]


@torch.no_grad()
def embed_clips(net, corpus, edges, bf16, progress=None):
    """(clips, 256) L2-normalised means of the windows' unit embeddings, silent edges trimmed."""
    sums, front_end, waves, owners = torch.zeros(len(corpus), 256), FrontEnd(), [], []

    def flush():
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            got = net(front_end(torch.from_numpy(np.stack(waves)))).float()
        sums.index_add_(0, torch.tensor(owners), torch.nn.functional.normalize(got))
        waves.clear()
        owners.clear()

    for index in np.argsort(corpus.start):
        first, length = int(edges[0][index]), int(edges[1][index])
        wave = corpus.audio[first:first + length].astype(np.float32) / 32768
        for window in windows_of(wave if length else np.zeros(WINDOW_SAMPLES, np.float32)):
            waves.append(window)
            owners.append(int(index))
            if len(waves) == BATCH:
                flush()
        if progress and index % 1000 == 0:
            progress(int(index))
    if waves:
        flush()
    return torch.nn.functional.normalize(sums, dim=1).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="a folder of exported weights")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--pools", default="", help="names, with commas")
    parser.add_argument("--fp32", action="store_true", help="for processors without bfloat16")
    args = parser.parse_args()
    torch.set_num_threads(1)
    net, cache = load_exported(args.weights), pathlib.Path(args.cache)
    parts = {cache: data.load(args.data, cache)[0]}
    parts.update({folder: material.load_pool(folder) for folder in
                  (material.pool_folder(cache, name) for name in args.pools.split(",") if name)})
    for folder, corpus in parts.items():
        heard = embed_clips(net, corpus, material.edges_of(folder, corpus), not args.fp32,
                            lambda clip: print(f"{folder.name}: clip {clip}", flush=True))
        np.save(folder / material.PEER, heard)


if __name__ == "__main__":
    main()
