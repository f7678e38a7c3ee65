"""Losses on speaker embeddings. Inputs need not be normalised."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class AamSoftmax(nn.Module):
    """Additive angular margin softmax with sub-centres (Deng et al. 2019, 2020)."""

    def __init__(self, classes, dim=256, centres=2, scale=30.0):
        super().__init__()
        self.classes, self.centres, self.scale = classes, centres, scale
        self.weight = nn.Parameter(torch.empty(classes * centres, dim))
        nn.init.xavier_normal_(self.weight)

    def forward(self, embedding, label, margin):
        cosine = F.linear(F.normalize(embedding), F.normalize(self.weight))
        cosine = cosine.view(-1, self.classes, self.centres).amax(2)
        rows = torch.arange(len(label), device=label.device)
        own = cosine[rows, label].clamp(-1 + 1e-6, 1 - 1e-6)
        moved = torch.cos(torch.acos(own) + margin)
        # Past pi - margin the cosine would rise again: go on falling in a straight line.
        moved = torch.where(own > -math.cos(margin), moved, own - math.sin(margin) * margin)
        logits = cosine.clone()
        logits[rows, label] = moved
        # Summed, since a batch may hold nobody who has a class: that costs nothing, where a mean were no number.
        return F.cross_entropy(self.scale * logits, label, reduction="sum") / max(1, len(label))


class AngularPrototypical(nn.Module):
    """Each person's first crop against the mean of the others (Chung et al. 2020), both ways."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(10.0))

    def forward(self, embedding, crops):
        groups = F.normalize(embedding).view(-1, crops, embedding.shape[1])
        likeness = F.linear(groups[:, 0], F.normalize(groups[:, 1:].mean(1)))
        target = torch.arange(len(groups), device=groups.device)
        scores = self.scale.clamp(1, 40) * likeness
        return (F.cross_entropy(scores, target) + F.cross_entropy(scores.t(), target)) / 2


def distillation(embedding, target, known):
    """Mean cosine distance to the teacher's unit `target` over the rows that `known` marks."""
    distance = 1 - (F.normalize(embedding) * target).sum(1)
    return (distance * known).sum() / known.sum().clamp_min(1)
