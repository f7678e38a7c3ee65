"""Features and their embeddings by PyTorch, for the native engine to be compared with.

    python native.py FOLDER BUNDLED

Writes networks with random weights, and for each of them and for the bundled weights, which have the readout of two
voices beside them as one more row, for several frame counts and batches, `NAME.BATCHxFRAMES.features` and `.embeddings` (raw float32); of the first window `.masks` of its columns, three, and `.masked`, an
embedding each. Prints JSON: the cases.
"""

import json
import pathlib
import sys

import safetensors.torch
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import resnet  # noqa: E402

SHAPES = [(1, 9), (1, 10), (2, 47), (5, 98), (1, 148), (8, 148), (3, 199), (1, 398), (1, 600)]


def features_like_speech(batch, frames, generator):
    """Log-mel features vary slowly in time and frequency, and their mean over time is zero."""
    rough = torch.randn((batch, 1, frames + 8, 88), generator=generator)
    smooth = torch.nn.functional.avg_pool2d(rough, 9, stride=1)[:, 0] * 12
    return smooth + 0.8 * torch.randn((batch, frames, 80), generator=generator)


def with_readout(path):
    """The weights, in their last layer the readout too."""
    state = {key: value.float() for key, value in safetensors.torch.load_file(path).items()}
    readout = safetensors.torch.load_file(path.parent / "overlap.safetensors")
    for part in ("weight", "bias"):
        state[f"seg_1.{part}"] = torch.cat([state[f"seg_1.{part}"], readout[f"overlap.{part}"]])
    return state


def main(folder, bundled):
    folder = pathlib.Path(folder)
    random34 = resnet.random_resnet(resnet.RESNET34, 32, seed=3)
    random18 = resnet.random_resnet(resnet.RESNET18, 24, seed=4, dimension=192)
    networks = {"random-resnet34": random34, "random-resnet18": random18}
    models = {}
    for name, net in networks.items():
        models[name] = str(folder / f"{name}.safetensors")
        safetensors.torch.save_file(net.state_dict(), models[name])
    networks["bundled"] = resnet.load_resnet(with_readout(pathlib.Path(bundled)))
    models["bundled"] = bundled
    generator = torch.Generator().manual_seed(5)
    cases = []
    for name, net in networks.items():
        for batch, frames in SHAPES:
            features = features_like_speech(batch, frames, generator)
            features -= features.mean(dim=1, keepdim=True)
            with torch.no_grad():
                embeddings = net(features)
                masks = torch.rand((3, (frames + 7) // 8), generator=generator)
                masks[1:] *= masks[1:] > 0.4
                # Two columns at the least: the variance of one is nothing divided by nothing.
                masks[:, :2] += 0.2
                masked = resnet.masked(net, features[:1], masks)
            stem = str(folder / f"{name}.{batch}x{frames}")
            features.numpy().tofile(f"{stem}.features")
            embeddings.numpy().tofile(f"{stem}.embeddings")
            masks.numpy().tofile(f"{stem}.masks")
            masked.numpy().tofile(f"{stem}.masked")
            case = {"model": name, "path": models[name], "batch": batch, "frames": frames, "stem": stem}
            cases.append(case)
    print(json.dumps(cases))


main(*sys.argv[1:])
