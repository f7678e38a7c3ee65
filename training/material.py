"""What a version is trained on: recordings and pools of pseudo-speakers as one corpus, with the teacher's targets."""
import pathlib

import numpy as np

import data
from sampler import trim_edges
from whitening import Whitening, corpus_means

CLIPS, AUDIO, EDGES, TEACHER = "clips.npz", "audio.i16", "edges.npy", "teacher.npy"
DIM = 256  # of the student's embeddings; the teacher's fill the first of them


def pool_folder(cache, name):
    return pathlib.Path(cache) / "pools" / name


def load_pool(folder):
    """A pool as a `Corpus`."""
    clips = np.load(folder / CLIPS)
    return data.Corpus(np.memmap(folder / AUDIO, np.int16, "r"), clips["files"], clips["speakers"], clips["start"],
                       clips["length"])


def join(parts):
    """One `Corpus` of several."""
    tape = data.Tape([part.audio for part in parts])
    return data.Corpus(tape, np.concatenate([part.files for part in parts]),
                       np.concatenate([part.speakers[part.speaker] for part in parts]),
                       np.concatenate([part.start + first for part, first in zip(parts, tape.first)]),
                       np.concatenate([part.length for part in parts]))


def edges_of(folder, corpus):
    """(2, clips) start and length of each clip without its silent edges, made once."""
    file = pathlib.Path(folder) / EDGES
    if not file.exists():
        np.save(file, np.stack(trim_edges(corpus)))
    return np.load(file)


def load(data_folder, cache, pools=()):
    """(corpus, noise, edges, raw teacher embeddings, names of the pools that there are) of all recordings."""
    speech, noise = data.load(data_folder, cache)
    made = [name for name in pools if (pool_folder(cache, name) / TEACHER).exists()]
    folders = [pathlib.Path(cache)] + [pool_folder(cache, name) for name in made]
    parts = [speech] + [load_pool(folder) for folder in folders[1:]]
    corpus = join(parts) if made else speech
    edges = [edges_of(folder, part) for folder, part in zip(folders, parts)]
    firsts = np.cumsum([0] + [len(part.audio) for part in parts])
    edges = np.concatenate([np.stack([edge[0] + first, edge[1]]) for edge, first in zip(edges, firsts)], 1)
    return corpus, noise, edges, np.concatenate([np.load(folder / TEACHER) for folder in folders]), made


def centred(raw, corpus, train_speakers):
    """(clips, d) unit teacher embeddings, comparable.

    Whitened with a fit on recordings of training speakers, then centred by corpus, or the network would learn first
    what is easiest, how each corpus was recorded, and hear its speakers as alike.
    """
    real = np.array([data.PSEUDO not in str(name) for name in corpus.speakers])[corpus.speaker]
    usable = np.isin(corpus.speaker, train_speakers) & real
    white = Whitening.fit(raw[usable], corpus.speaker[usable])(raw)
    return unit(white - corpus_means(white, corpus, usable)[corpus.corpus])


def means_of(rows, corpus):
    """(speakers, d) unit means of clips' rows."""
    mean = np.zeros((len(corpus.speakers), rows.shape[1]), np.float32)
    np.add.at(mean, corpus.speaker, rows)
    return unit(mean)


def speaker_means(raw, corpus, train_speakers):
    return means_of(centred(raw, corpus, train_speakers), corpus)


def teacher_targets(raw, corpus, train_speakers):
    """(clips, DIM) unit targets: each clip's own embedding with its speaker's mean, which a window's noise does not reach."""
    rows = centred(raw, corpus, train_speakers)
    rows = unit(rows + means_of(rows, corpus)[corpus.speaker])
    return np.pad(rows, ((0, 0), (0, DIM - rows.shape[1]))).astype(np.float32)


def unit(rows):
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
