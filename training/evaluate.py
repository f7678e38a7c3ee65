"""Equal error rates on labelled recordings: one window a recording, all pairs, cosine."""
import numpy as np
import torch

from frontend import FrontEnd


def loudest(wave, samples, heard=None):
    """The window of `samples` with most energy, on a grid of 0.1 s; a shorter recording whole.

    Chosen on `wave`, and cut from `heard` (the same length) where that is given.
    """
    heard = wave if heard is None else heard
    if samples is None or len(wave) <= samples:
        return heard
    energy = np.concatenate([[0], np.cumsum(wave.astype(np.float64) ** 2)])
    starts = np.arange(0, len(wave) - samples + 1, 1600)
    first = starts[np.argmax(energy[starts + samples] - energy[starts])]
    return heard[first:first + samples]


def embed(model, waves, batch=32):
    """Unit embeddings (n, d) of waveforms of any lengths; equal lengths share a batch."""
    vectors = embed_raw(model, waves, batch)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@torch.no_grad()
def embed_raw(model, waves, batch=32):
    """Embeddings (n, d) as the network gives them."""
    device = next(model.parameters()).device
    front_end = FrontEnd().to(device)
    out, groups = [None] * len(waves), {}
    for index, wave in enumerate(waves):
        groups.setdefault(len(wave), []).append(index)
    for rows in groups.values():
        for at in range(0, len(rows), batch):
            part = rows[at:at + batch]
            feats = front_end(torch.from_numpy(np.stack([waves[i] for i in part])).float().to(device))
            for row, vector in zip(part, model(feats).float().cpu()):
                out[row] = vector
    return torch.stack(out).numpy()


def pair_scores(embeddings, speakers):
    """(genuine, impostor) cosines over all pairs of unit rows."""
    speakers = np.asarray(speakers)
    scores = embeddings @ embeddings.T
    upper = np.triu(np.ones(scores.shape, bool), 1)
    same = speakers[:, None] == speakers[None]
    return scores[upper & same], scores[upper & ~same]


def eer(genuine, impostor):
    """Equal error rate in [0, 1] and its threshold, where the two step curves cross."""
    scores = np.concatenate([genuine, impostor])
    order = np.argsort(scores, kind="stable")
    own = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostor))])[order]
    miss = np.concatenate([[0], np.cumsum(own)]) / len(genuine)
    alarm = 1 - np.concatenate([[0], np.cumsum(1 - own)]) / len(impostor)
    at = int(np.argmin(np.abs(miss - alarm)))
    return float((miss[at] + alarm[at]) / 2), float(scores[order[min(at, len(scores) - 1)]])


def validation_set(corpus, speakers, most_clips=10, least_samples=24000, seed=3):
    """Recordings of held-out speakers by group: {group: (waves, speakers)}."""
    rng = np.random.default_rng(seed)
    found = {"read": ([], []), "commonvoice": ([], []), "words": ([], [])}
    group = {"librispeech": "read", "speechocean": "read", "dspspeech": "words"}
    for who in speakers:
        clips = [c for c in corpus.clips_of[who] if corpus.length[c] >= least_samples]
        waves, names = found[group.get(corpus.corpus_of_speaker(who), "commonvoice")]
        for clip in sorted(rng.permutation(clips)[:most_clips].tolist()):
            waves.append(corpus.clip(clip))
            names.append(int(who))
    return {name: value for name, value in found.items() if len(set(value[1])) > 1}


def validate(model, groups, seconds=(1.5, 4.0)):
    """{"read@1.5": EER, ...} for the model in evaluation mode."""
    result = {}
    for name, (waves, speakers) in groups.items():
        for length in seconds:
            vectors = embed(model, [loudest(w, int(length * 16000)) for w in waves])
            result[f"{name}@{length:g}"] = eer(*pair_scores(vectors, speakers))[0]
    return result
