"""Embeddings made comparable: centred, and whitened by the spread within speakers."""
import numpy as np


class Whitening:
    """Centre, divide by the within-speaker spread, and keep the axes that tell speakers apart.

    Fitted on one embedding a clip: `mean`, and `project` (256 -> kept axes).
    """

    def __init__(self, mean, project):
        self.mean, self.project = mean, project

    @classmethod
    def fit(cls, embeddings, speakers, shrink=1.0):
        """embeddings (clips, d) float, speakers (clips,) labels; speakers with one clip only add to the mean."""
        x = np.asarray(embeddings, np.float64)
        ids, inverse, counts = np.unique(np.asarray(speakers), return_inverse=True, return_counts=True)
        means = np.zeros((len(ids), x.shape[1]))
        np.add.at(means, inverse, x)
        means /= counts[:, None]
        centre = means.mean(0)
        several = counts[inverse] > 1
        weight = 1 / np.sqrt(counts[inverse][several])  # a speaker with many clips counts a little more, not in full
        spread = (x - means[inverse])[several] * np.sqrt(weight)[:, None]
        within = spread.T @ spread / weight.sum()
        within += shrink * np.trace(within) / len(within) * np.eye(len(within))
        values, vectors = np.linalg.eigh(within)
        white = vectors / np.sqrt(values) @ vectors.T
        return cls(centre.astype(np.float32), white.astype(np.float32))

    def __call__(self, embeddings):
        x = (np.asarray(embeddings, np.float32) - self.mean) @ self.project
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def corpus_means(vectors, corpus, usable):
    """(corpora, d) mean of the `usable` clips' vectors in each corpus: how it was recorded, to be taken away."""
    return np.stack([vectors[usable & (corpus.corpus == name)].mean(0) for name in range(len(corpus.corpora))])
