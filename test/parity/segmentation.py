"""Windows of sound and what PyTorch says of their frames, for the native network to be compared with.

    python segmentation.py FOLDER BUNDLED SPEECH.wav

Writes random weights, and for them and for the bundled ones windows of speech, noise, silence and a constant, of several
lengths and batch sizes: `NAME.samples` and `NAME.frames` (raw float32). Prints JSON: the cases.
"""

import json
import pathlib
import sys

import numpy as np
import safetensors.torch
import soundfile
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pyannet  # noqa: E402

RATE = 16000
# Windows and samples of each: the least, an odd length, the usual one, half a minute.
SPEECH = [(1, 1261), (3, 1530), (2, 1531), (4, 16007), (7, 5 * RATE), (1, 10 * RATE), (6, 10 * RATE), (1, 30 * RATE)]


def windows(audio, rng):
    # Steps of a little more than a second, so that windows differ.
    for count, samples in SPEECH:
        starts = [(i * 17011) % (len(audio) - samples) for i in range(count)]
        yield "speech", np.stack([audio[start : start + samples] for start in starts])
    yield "noise", rng.normal(0, 0.1, (2, 10 * RATE))
    yield "loud-noise", rng.normal(0, 1, (1, 5 * RATE)).clip(-1, 1)
    yield "faint-noise", rng.normal(0, 1e-4, (1, 5 * RATE))
    yield "speech-in-noise", audio[None, : 10 * RATE] + rng.normal(0, 0.02, (1, 10 * RATE))
    yield "silence", np.zeros((2, 10 * RATE))
    yield "constant", np.full((1, 3 * RATE), 0.25)
    yield "padded", np.concatenate([audio[: 4 * RATE], np.zeros(6 * RATE)])[None]


def main(folder, bundled, speech):
    folder = pathlib.Path(folder)
    audio, rate = soundfile.read(speech, dtype="float32")
    assert rate == RATE and audio.ndim == 1, (rate, audio.shape)
    random = pyannet.random_pyannet(seed=5)
    safetensors.torch.save_file(dict(random.state_dict()), str(folder / "random.safetensors"))
    networks = {
        "random": (str(folder / "random.safetensors"), random),
        "bundled": (bundled, pyannet.load_pyannet(safetensors.torch.load_file(bundled))),
    }
    cases = []
    for name, (path, net) in networks.items():
        for kind, samples in windows(audio, np.random.default_rng(6)):
            samples = samples.astype(np.float32)
            # In double precision: of a few frames the norms make much of the last bits of a float.
            with torch.no_grad():
                frames = net.double()(torch.from_numpy(samples)[:, None].double()).float()
            stem = str(folder / f"{name}.{kind}.{samples.shape[0]}x{samples.shape[1]}")
            samples.tofile(f"{stem}.samples")
            frames.numpy().tofile(f"{stem}.frames")
            cases.append({"model": name, "path": path, "kind": kind, "batch": samples.shape[0], "stem": stem})
    print(json.dumps(cases))


main(*sys.argv[1:])
