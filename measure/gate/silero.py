"""Silero VAD's probability for each 10 ms frame. usage: silero.py IN OUT (needs silero-vad's file and onnxruntime)

IN:  for each recording an int32 sample count and that many float32 samples at 16 kHz.
OUT: for each recording an int32 frame count and that many float32 probabilities.
"""

import importlib.util
import os
import sys

import numpy as np
import onnxruntime as ort

folder = os.path.dirname(importlib.util.find_spec("silero_vad").origin)
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(os.path.join(folder, "data", "silero_vad.onnx"), options)
raw = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "wb") as out:
    at = 0
    while at < len(raw):
        count = int(np.frombuffer(raw, np.int32, 1, at)[0])
        samples = np.frombuffer(raw, np.float32, count, at + 4)
        at += 4 + 4 * count
        state = np.zeros((2, 1, 128), np.float32)
        context = np.zeros(64, np.float32)
        rows = []
        for i in range(0, count, 512):
            chunk = np.zeros(512, np.float32)
            chunk[: len(samples[i : i + 512])] = samples[i : i + 512]
            p, state = session.run(
                None,
                {"input": np.concatenate([context, chunk])[None], "state": state, "sr": np.array(16000, np.int64)},
            )
            context = chunk[-64:]
            rows.append(p[0, 0])
        frames = max(0, (count - 400) // 160 + 1)
        index = np.minimum((np.arange(frames) * 160 + 80) // 512, len(rows) - 1)
        out.write(np.int32(frames).tobytes())
        out.write(np.asarray(rows, np.float32)[index].tobytes())
