"""A network with its losses, and the pieces of a training step that every trainer shares."""
import numpy as np
import torch
from torch import nn

import losses
from sampler import NO_CLASS

CENTRE_LENGTH = 20  # of class centres, of which only directions count: short ones run away under Adam


class Trainer(nn.Module):
    """Everything that has parameters."""

    def __init__(self, net, classes, centres=2):
        super().__init__()
        self.net = net
        self.aam = losses.AamSoftmax(classes, net.embed_dim, centres)
        self.proto = losses.AngularPrototypical()

    @torch.no_grad()
    def start_classes(self, corpus, speakers, targets, rows=None):
        """Class centres at the mean teacher target of each speaker; of all classes, or those in `rows`."""
        centres = self.aam.weight.view(self.aam.classes, self.aam.centres, -1)
        for row in range(len(speakers)) if rows is None else rows:
            mean = torch.from_numpy(targets[corpus.clips_of[speakers[row]]].mean(0))
            apart = mean + torch.randn(self.aam.centres, len(mean)) * 0.01
            centres[row] = CENTRE_LENGTH * nn.functional.normalize(apart)

    def losses(self, embedding, labels, target, known, crops, weights, margin):
        """Of a batch: in all, angular softmax, prototypes, distillation. `weights` has their names."""
        classed = labels != NO_CLASS
        aam = self.aam(embedding[classed], labels[classed], margin)
        proto = self.proto(embedding, crops)
        distil = losses.distillation(embedding, target, known)
        return weights["aam"] * aam + weights["proto"] * proto + weights["distil"] * distil, aam, proto, distil


def decay_groups(module):
    """What is trained, for AdamW: matrices decay, biases and norms do not."""
    trained = [p for p in module.parameters() if p.requires_grad]
    return [{"params": [p for p in trained if p.dim() > 1], "weight_decay": 0.02},
            {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0}]


@torch.no_grad()
def follow(average, net, steps, most):
    """Move the tensors of a state `average` towards the network's, in place; nearly all the way in the first steps."""
    keep = min(most, (1 + steps) / (10 + steps))
    for name, value in net.state_dict().items():
        if value.is_floating_point():
            average[name].mul_(keep).add_(value, alpha=1 - keep)
        else:
            average[name].copy_(value)


def plan(step, since, left, settings):
    """(rate, margin) of a step.

    step   steps in all; since  steps since the optimiser began anew; left  share of a decay that is left, 1 without one
    The rate rises, then stays, so that training can stop and go on at any time; a decay, whenever one is asked for,
    takes it to a hundredth and the margin to its last value.
    """
    schedule, loss = settings["schedule"], settings["loss"]
    rate = schedule["rate"] * min(1.0, (since + 1) / schedule["warmup"]) * max(0.01, left)
    margin = loss["margin"] * min(1.0, step / max(1, loss["margin_steps"]))
    return rate, loss["last_margin"] + (margin - loss["last_margin"]) * left


def crop_length(settings, rng):
    """(seconds, samples, people) of a batch."""
    chances = settings["batch"]["seconds"]
    lengths = sorted(chances)
    shares = np.array([chances[seconds] for seconds in lengths])
    seconds = float(rng.choice(lengths, p=shares / shares.sum()))
    return seconds, 240 + 160 * int(seconds * 100), max(2, int(round(settings["batch"]["people"] * 1.5 / seconds)))
