"""Members of the WeSpeaker family beside ResNets of BasicBlocks, with random weights, and what PyTorch makes of them.

    python family.py FOLDER

Writes for each network NAME.pt, NAME.npz (names and layout of MLX), NAME.safetensors, NAME.onnx, NAME-unfolded.onnx, and
for several frame counts and batches `NAME.BATCHxFRAMES.features` and `.embeddings` (raw float32). Prints JSON: the cases.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import safetensors.torch
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import resnet  # noqa: E402

warnings.filterwarnings("ignore")

SHAPES = [(1, 9), (3, 47), (1, 148), (2, 301)]
NETWORKS = {
    "resnet50": lambda: resnet.Relative(resnet.Bottleneck, (3, 4, 6, 3), 16),
    "resnet221": lambda: resnet.Relative(resnet.Bottleneck, (6, 16, 48, 3), 8, dimension=64),
    "resnet18-astp-two-layers": lambda: resnet.Relative(
        resnet.BasicBlock, (2, 2, 2, 2), 16, pooling=resnet.Astp, two_layers=True, dimension=96
    ),
    "resnet26-two-layers": lambda: resnet.Relative(resnet.Bottleneck, (2, 2, 2, 2), 16, two_layers=True, dimension=48),
    "simam-resnet34": lambda: resnet.Relative(resnet.SimAmBlock, (3, 4, 6, 3), 24, pooling=resnet.Asp),
}


def mlx_layout(state):
    arrays = {}
    for key, value in state.items():
        if not key.endswith("num_batches_tracked"):
            array = value.numpy()
            arrays[key] = np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == 4 else array
    return arrays


def main(folder):
    folder = pathlib.Path(folder)
    generator = torch.Generator().manual_seed(11)
    cases = []
    for seed, (name, make) in enumerate(NETWORKS.items()):
        net = resnet.randomized(make(), seed)
        state = net.published()
        torch.save(state, folder / f"{name}.pt")
        safetensors.torch.save_file(state, folder / f"{name}.safetensors")
        np.savez(folder / f"{name}.npz", **mlx_layout(state))
        resnet.export_onnx(net, folder / f"{name}.onnx")
        resnet.export_onnx(net, folder / f"{name}-unfolded.onnx", fold=False)
        for batch, frames in SHAPES:
            # Each window of its own loudness, so that they differ.
            gains = 4.0 ** torch.arange(batch)
            features = torch.randn((batch, frames, 80), generator=generator) * gains[:, None, None]
            with torch.no_grad():
                embeddings = net(features)
            stem = str(folder / f"{name}.{batch}x{frames}")
            features.numpy().tofile(f"{stem}.features")
            embeddings.numpy().tofile(f"{stem}.embeddings")
            cases.append({"model": name, "batch": batch, "frames": frames, "stem": stem})
    print(json.dumps(cases))


main(*sys.argv[1:])
