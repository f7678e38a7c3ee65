"""A checkpoint -> model.safetensors (fp16, WeSpeaker names) + config.json."""
import argparse
import hashlib
import json
import pathlib

import torch

import checkpoint
from model import ResNet, multiply_adds
from tensors import read_tensors, write_tensors


def load_checkpoint(path):
    """The averaged network of a checkpoint, packed or not, or of an exported folder, in evaluation mode."""
    if (pathlib.Path(path) / "config.json").exists():
        return load_exported(path)
    state = checkpoint.read(path)
    net = ResNet(state["blocks"], state["channels"])
    net.load_state_dict(state["ema"])
    return net.eval()


def load_exported(folder):
    """An exported folder as a network in fp32, in evaluation mode."""
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    net = ResNet(config["num_blocks"], config["m_channels"], config["feat_dim"], config["embed_dim"])
    state = {k: torch.from_numpy(v.astype("float32")) for k, v in read_tensors(folder / "model.safetensors").items()
             if not k.endswith("num_batches_tracked")}
    counters = {k: v for k, v in net.state_dict().items() if k.endswith("num_batches_tracked")}
    net.load_state_dict({**counters, **state})
    return net.eval()


def average_checkpoints(paths):
    """One network whose weights are the mean of several checkpoints of one run, or of runs from one start."""
    nets = [load_checkpoint(path) for path in paths]
    state = nets[0].state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            state[name] = torch.stack([net.state_dict()[name] for net in nets]).mean(0)
    nets[0].load_state_dict(state)
    return nets[0]


def export(net, folder, name, version, dtype=torch.float16):
    """Write the two files; returns the config."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {k: v.detach().to(dtype).contiguous() for k, v in net.state_dict().items()
             if not k.endswith("num_batches_tracked")}
    for key, value in state.items():
        if not torch.isfinite(value).all():
            raise ValueError(f"{key} does not fit {dtype}")
    write_tensors(folder / "model.safetensors", {k: v.numpy() for k, v in state.items()})
    config = {
        "name": name,
        "version": version,
        "architecture": "wespeaker-resnet",
        "num_blocks": list(net.num_blocks),
        "m_channels": net.channels,
        "feat_dim": net.feat_dim,
        "embed_dim": net.embed_dim,
        "pooling": "TSTP",
        "two_emb_layer": False,
        "sample_rate": 16000,
        "frame_length_ms": 25,
        "frame_shift_ms": 10,
        "window": "hamming",
        "layout": "OIHW, BatchNorm not fused (eps 1e-5), WeSpeaker names",
        "dtype": str(dtype).split(".")[-1],
        "parameters": sum(p.numel() for p in net.parameters()),
        "multiply_adds_148_frames": multiply_adds(net, 148),
        "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
    }
    write_config(folder, config)
    return config


def write_config(folder, config):
    (pathlib.Path(folder) / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", help="one checkpoint, or several to average, of one run or one start")
    parser.add_argument("--out", default="export")
    parser.add_argument("--name", default="whospeaks-resnet18-16")
    parser.add_argument("--version", default="1")
    parser.add_argument("--dtype", default="float16", choices=["float16", "float32"])
    args = parser.parse_args()
    config = export(average_checkpoints(args.checkpoints), args.out, args.name, args.version,
                    getattr(torch, args.dtype))
    print(json.dumps(config, indent=2))


if __name__ == "__main__":
    main()
