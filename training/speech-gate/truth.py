"""Where clean clips hold speech: what Silero VAD says of them, and what their level says where that is plain."""
import importlib.util
import os

import numpy as np

from network import FRAME, RATE, SHIFT, frame_count

CHUNK, CONTEXT = 512, 64
# Of silence before a clip, so that the teacher is awake at its first word.
LEAD = 4160
# A clip whose loud level is so far above its quiet one has no noise that could be taken for a voice (dB) …
CLEAN_DB = 40
# … and what lies so near its loud level, and so far above its quiet one, for so long, is said (dB, dB, frames).
NEAR_DB, ABOVE_DB, LEAST_FRAMES = 27, 15, 15


class Teacher:
    """Silero VAD (MIT) in ONNX."""

    def __init__(self):
        import onnxruntime as ort

        folder = os.path.dirname(importlib.util.find_spec("silero_vad").origin)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(os.path.join(folder, "data", "silero_vad.onnx"), options)

    def __call__(self, x):
        """batch x samples -> batch x frames: the probability of the 32 ms that hold the frame's middle."""
        batch, n = x.shape
        state = np.zeros((2, batch, 128), np.float32)
        context = np.zeros((batch, CONTEXT), np.float32)
        rows = []
        for i in range(0, n - CHUNK + 1, CHUNK):
            chunk = x[:, i : i + CHUNK]
            p, state = self.session.run(
                None, {"input": np.concatenate([context, chunk], 1), "state": state, "sr": np.array(RATE, np.int64)}
            )
            context = chunk[:, -CONTEXT:]
            rows.append(p[:, 0])
        rows = np.stack(rows, 1)
        at = np.minimum((np.arange(frame_count(n)) * SHIFT + FRAME // 2) // CHUNK, rows.shape[1] - 1)
        return rows[:, at]


def levels(x):
    """dB of each frame."""
    sums = np.concatenate([[0], np.cumsum(np.square(x, dtype=np.float64))])
    starts = np.arange(frame_count(len(x))) * SHIFT
    return 10 * np.log10((sums[starts + FRAME] - sums[starts]) / FRAME + 1e-12)


def said_by_level(x):
    """True for each frame that is said beyond doubt, in a clip that is clean beyond doubt; nothing of any other."""
    level = levels(x)
    if len(level) == 0:
        return np.zeros(0, bool)
    loud, quiet = np.quantile(level, 0.95), np.quantile(level, 0.05)
    said = level > max(loud - NEAR_DB, quiet + ABOVE_DB)
    if loud - quiet < CLEAN_DB:
        return np.zeros(len(level), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], said.astype(np.int8), [0]])))
    for start, end in zip(edges[::2], edges[1::2]):
        if end - start < LEAST_FRAMES:
            said[start:end] = False
    return said


def probabilities(corpus, batch=64):
    """For each clip of a `data.Corpus`: the probability of speech of each of its frames, uint8 of 255."""
    teacher, out = Teacher(), [None] * len(corpus)
    order = np.argsort(corpus.length, kind="stable")
    for first in range(0, len(order), batch):
        some = order[first : first + batch]
        clips = [corpus.clip(i) for i in some]
        x = np.zeros((len(some), LEAD + max(map(len, clips)) + CHUNK), np.float32)
        for row, clip in zip(x, clips):
            row[LEAD : LEAD + len(clip)] = clip
        for i, clip, told in zip(some, clips, teacher(x)):
            p = told[LEAD // SHIFT :][: frame_count(len(clip))]
            # In a clip where the teacher hears nobody, nobody is.
            said = said_by_level(clip) & (p.max(initial=0) > 0.5)
            out[i] = np.round(255 * np.maximum(p, said)).astype(np.uint8)
        if first % (batch * 50) == 0:
            print(f"{first} of {len(order)} clips", flush=True)
    return out
