"""Centre and whiten a network's embeddings by closed form, inside its last layer.

Embeds crops of training speakers, clean and augmented, and replaces seg_1 by
P (seg_1(x) - mean), where P = (Sw + shrink * mean variance * I)^-1/2 and Sw is the
covariance within speakers. Cosines of the result leave out what differs within a
person. `shrink` is chosen on held-out speakers, by the mean over corpora; a large one leaves only the centring.

    python refit.py runs/6/decayed.pt runs/refit.pt
"""
import argparse
import pathlib

import numpy as np
import torch

import data
import evaluate
from augment import Augment
from export import average_checkpoints
from frontend import FrontEnd
from sampler import Sampler


@torch.no_grad()
def crops(net, sampler, augment, batches, people=16, each=4, samples=24240, seed=21):
    """(n, d) embeddings of crops, half of them augmented, and (n,) class labels."""
    front, vectors, labels = FrontEnd(), [], []
    for index in range(batches):
        rng = np.random.default_rng([seed, index])
        waves, classes, _ = sampler.batch(people, each, samples, rng)
        if augment is not None:
            waves[::2] = augment(waves[::2], rng)
        vectors.append(net(front(waves)))
        labels.append(classes)
    return torch.cat(vectors), torch.cat(labels)


def whitening(vectors, labels, shrink):
    """(mean, P) from embeddings scaled to unit length on average."""
    x, y = vectors.double().numpy(), labels.numpy()
    mean = x.mean(0)
    ids, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    centres = np.zeros((len(ids), x.shape[1]))
    np.add.at(centres, inverse, x)
    centres /= counts[:, None]
    spread = (x - centres[inverse])[counts[inverse] > 1]
    within = spread.T @ spread / max(1, len(spread) - len(ids))
    within += shrink * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    return mean, vectors / np.sqrt(values) @ vectors.T


def apply(net, mean, project):
    """Fold (x - mean) and the projection into seg_1."""
    with torch.no_grad():
        weight, bias = net.seg_1.weight.double().numpy(), net.seg_1.bias.double().numpy()
        scale = 1 / np.sqrt((project ** 2).sum() / len(project))  # keeps the numbers in fp16's middle
        net.seg_1.weight.copy_(torch.from_numpy(scale * project @ weight))
        net.seg_1.bias.copy_(torch.from_numpy(scale * project @ (bias - mean)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="+")
    parser.add_argument("out")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--batches", type=int, default=120)
    args = parser.parse_args()
    torch.set_num_threads(1)
    speech, noise = data.load(args.data, args.cache)
    train_speakers, held_out = data.split_held_out(speech)
    several = [s for s in train_speakers if len(speech.clips_of[s]) > 1
               and speech.corpus_of_speaker(s) != "speechcommands"]
    sampler = Sampler(speech, several, np.load(pathlib.Path(args.cache) / "edges.npy"))
    augment = Augment(noise, sampler.clean)
    net = average_checkpoints(args.checkpoint)
    vectors, labels = crops(net, sampler, augment, args.batches)
    held = {name: (evaluate.embed_raw(net, [evaluate.loudest(w, 24000) for w in waves]), people) for name, (waves, people)
            in evaluate.by_corpus(speech, held_out, most_speakers=100, most_recordings=4).items()}

    def errors(mean, project):
        out = {}
        for name, (x, people) in held.items():
            y = (x - mean) @ project
            y /= np.linalg.norm(y, axis=1, keepdims=True)
            out[name] = round(100 * evaluate.eer(*evaluate.pair_scores(y, people))[0], 2)
        return out

    eye = np.eye(vectors.shape[1])
    best = (None, np.zeros(len(eye)), eye)
    best_of = errors(best[1], eye)
    print("as it was", best_of, flush=True)
    least = sum(best_of.values())
    for shrink in (0.1, 0.3, 1.0, 3.0, 10.0, 1e3):
        mean, project = whitening(vectors, labels, shrink)
        got = errors(mean, project)
        print("shrink", shrink, got, flush=True)
        if sum(got.values()) < least:
            least, best = sum(got.values()), (shrink, mean, project)
    if best[0] is not None:
        apply(net, best[1], best[2])
    print("chosen", best[0])
    torch.save({"ema": net.state_dict(), "step": 0, "blocks": list(net.num_blocks), "channels": net.channels}, args.out)


if __name__ == "__main__":
    main()
