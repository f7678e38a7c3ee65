"""Write the same random weights in every format that whospeaks reads, by the libraries that own them.

    python make_models.py FOLDER

Prints one line of JSON: the files and what they hold. `expected.safetensors` and `small.safetensors` are
the canonical form, folded here in numpy: BatchNorm fused, convolutions [out, kF, kT, in].
"""

import collections
import dataclasses
import datetime
import enum
import functools
import json
import pathlib
import sys
import types
import warnings

import numpy as np
import onnx
import onnx.numpy_helper
import safetensors.numpy
import safetensors.torch
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import resnet  # noqa: E402

warnings.filterwarnings("ignore")


def fold(state):
    """WeSpeaker names, OIHW, BatchNorm apart -> the canonical form."""
    fused = {}
    for key, weight in state.items():
        if not key.endswith(".weight") or weight.ndim != 4:
            continue
        name = key[: -len(".weight")]
        norm = name[:-1] + "1" if name.endswith("shortcut.0") else name.replace("conv", "bn")
        gain, beta, mean, var = (
            state[f"{norm}.{part}"].double().numpy()
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(var + 1e-5)
        out = name.replace("shortcut.0", "shortcut")
        folded = weight.double().numpy() * scale[:, None, None, None]
        fused[f"{out}.weight"] = np.ascontiguousarray(folded.transpose(0, 2, 3, 1).astype(np.float32))
        fused[f"{out}.bias"] = (beta - mean * scale).astype(np.float32)
    fused["embedding.weight"] = state["seg_1.weight"].float().numpy()
    fused["embedding.bias"] = state["seg_1.bias"].float().numpy()
    return fused


def mlx_unfused(state):
    """The names and layout of an unfused MLX conversion: 182 tensors for ResNet34."""
    renamed = {}
    for key, value in state.items():
        if key.endswith("num_batches_tracked"):
            continue
        key = key.replace("shortcut.0", "shortcut_conv").replace("shortcut.1", "shortcut_bn")
        array = value.numpy()
        renamed[key.replace("seg_1", "fc")] = array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
    return renamed


def foreign_modules():
    """Classes with the module names that a Lightning checkpoint of pyannote refers to."""

    def module(name):
        for depth in range(1, name.count(".") + 2):
            part = ".".join(name.split(".")[:depth])
            sys.modules.setdefault(part, types.ModuleType(part))
        return sys.modules[name]

    def publish(cls, name):
        cls.__module__ = name
        cls.__qualname__ = cls.__name__
        setattr(module(name), cls.__name__, cls)
        return cls

    @functools.partial(publish, name="pyannote.audio.core.task")
    class Problem(enum.Enum):
        BINARY_CLASSIFICATION = 0
        REPRESENTATION = 4

    @functools.partial(publish, name="pyannote.audio.core.task")
    class Resolution(enum.Enum):
        FRAME = 1
        CHUNK = 2

    @functools.partial(publish, name="pyannote.audio.core.task")
    @dataclasses.dataclass
    class Specifications:
        problem: Problem
        resolution: Resolution
        duration: float
        classes: list = None
        permutation_invariant: bool = False

    @functools.partial(publish, name="pytorch_lightning.utilities.parsing")
    class AttributeDict(dict):
        pass

    @functools.partial(publish, name="pytorch_lightning.callbacks.model_checkpoint")
    class ModelCheckpoint:
        def __init__(self):
            self.best = torch.tensor(0.5)

        def __reduce__(self):
            return (ModelCheckpoint, (), {"best": self.best, "path": pathlib.PosixPath("best.ckpt")})

    return Problem, Resolution, Specifications, AttributeDict, ModelCheckpoint


def lightning(state):
    problem, resolution, specifications, attribute_dict, checkpoint = foreign_modules()
    wrapped = collections.OrderedDict((f"resnet.{key}", value) for key, value in state.items())
    wrapped._metadata = collections.OrderedDict([("", {"version": 1})])
    weight = torch.nn.Parameter(torch.randn(3, 3))
    return {
        "epoch": 11,
        "global_step": 2**40,
        "pytorch-lightning_version": "1.8.1",
        "callbacks": {checkpoint: checkpoint()},
        "optimizer_states": [{"state": {0: {"exp_avg": weight}}, "param_groups": [{"lr": 1e-3, "params": [0]}]}],
        "lr_schedulers": [functools.partial(max, 1)],
        "hyper_parameters": attribute_dict(sample_rate=16000, num_channels=1, seed=np.float64(1.5)),
        "hparams_name": "kwargs",
        "saved": datetime.datetime(2023, 1, 2, 3, 4, 5),
        "sets": {frozenset((1, 2)), b"bytes", (None, True, -(2**70))},
        "pyannote.audio": {
            "versions": {"torch": torch.__version__, "pyannote.audio": "2.1.1"},
            "architecture": {"module": "pyannote.audio.models.embedding.wespeaker", "class": "WeSpeakerResNet34"},
            "specifications": specifications(problem.REPRESENTATION, resolution.CHUNK, 5.0, ["a", "b"]),
        },
        # After the foreign classes, so that the reader must get past them.
        "state_dict": wrapped,
    }


def rewrite_onnx(source, target):
    """The same graph as other exporters write it: MatMul and Add for Gemm, float_data for raw_data,
    names that say nothing, and weights in Constant nodes."""
    model = onnx.load(source)
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for index, node in enumerate(graph.node):
        if node.op_type != "Gemm":
            continue
        features, weight, bias = node.input
        turned = np.ascontiguousarray(onnx.numpy_helper.to_array(constants[weight]).T)
        constants[weight].CopyFrom(onnx.numpy_helper.from_array(turned, weight))
        product = onnx.helper.make_node("MatMul", [features, weight], ["product"])
        total = onnx.helper.make_node("Add", [bias, "product"], list(node.output))
        node.CopyFrom(product)
        graph.node.insert(index + 1, total)
        break
    renamed = {name: str(number) for number, name in enumerate(constants)}
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)
    nodes = []
    for number, tensor in enumerate(list(graph.initializer)):
        tensor.name = renamed[tensor.name]
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        array = onnx.numpy_helper.to_array(tensor).copy()
        tensor.ClearField("raw_data")
        tensor.float_data.extend(array.flatten().tolist())
        if number % 2:
            nodes.append(onnx.helper.make_node("Constant", [], [tensor.name], value=tensor))
            graph.initializer.remove(tensor)
    for node in reversed(nodes):
        graph.node.insert(0, node)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


def write_full(folder):
    """ResNet34 with 32 channels, 80 bins, 256 dimensions: the published network's keys and shapes.

    Beside it two windows of 148 frames and what the network itself makes of them."""
    net = resnet.random_resnet(resnet.RESNET34, 32, 80, 256, seed=34)
    state = net.state_dict()
    safetensors.numpy.save_file(fold(state), folder / "expected.safetensors")
    torch.save(lightning(state), folder / "pytorch_model.bin")
    np.savez(folder / "weights.npz", **mlx_unfused(state))
    resnet.export_onnx(net, folder / "voxceleb_resnet34_LM.onnx")
    features = torch.randn(2, 148, 80, generator=torch.Generator().manual_seed(148)) * 3
    with torch.no_grad():
        (folder / "embeddings.f32").write_bytes(net(features).numpy().tobytes())
    (folder / "features.f32").write_bytes(features.numpy().tobytes())
    return len(mlx_unfused(state))


def write_small(folder):
    """ResNet18 with 8 channels: every variant of every format."""
    net = resnet.random_resnet(resnet.RESNET18, 8, 80, 48, seed=18)
    state = net.state_dict()
    safetensors.numpy.save_file(fold(state), folder / "small.safetensors")
    classified = {**state, "projection.weight": torch.randn(100, 48)}
    torch.save(classified, folder / "plain.pt")
    torch.save(collections.OrderedDict(("module." + k, v) for k, v in state.items()), folder / "parallel.pt")
    torch.save({"model": state, "epoch": 3}, folder / "nested.pt", pickle_protocol=4)
    # One storage for all, and a transposed view: strides and offsets that are not the plain ones.
    flat = torch.cat([value.flatten().float() for value in state.values()])
    views, at = {}, 0
    for key, value in state.items():
        views[key] = flat[at : at + value.numel()].view(value.shape)
        at += value.numel()
    views["seg_1.weight"] = state["seg_1.weight"].t().contiguous().t()
    torch.save(views, folder / "views.pt")
    torch.save({k: torch.nn.Parameter(v) if v.is_floating_point() else v for k, v in state.items()}, folder / "parameters.pt")
    torch.save(state, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(net, folder / "whole-module.pt")
    torch.jit.save(torch.jit.trace(net, torch.randn(1, 148, 80)), str(folder / "script.pt"))
    safetensors.torch.save_file(state, folder / "unfused.safetensors")
    ohwi = {k: np.ascontiguousarray(v) for k, v in mlx_unfused(state).items()}
    safetensors.numpy.save_file(ohwi, folder / "unfused-ohwi.safetensors")
    np.savez_compressed(folder / "compressed.npz", **mlx_unfused(state))
    np.savez(folder / "fortran.npz", **{k: np.asfortranarray(v) for k, v in mlx_unfused(state).items()})
    resnet.export_onnx(net, folder / "folded.onnx")
    resnet.export_onnx(net, folder / "unfolded.onnx", fold=False)
    rewrite_onnx(folder / "unfolded.onnx", folder / "rewritten.onnx")
    resnet.export_onnx(net, folder / "opset11.onnx", opset=11)
    generator = torch.Generator().manual_seed(5)
    mean_vector = torch.randn(48, generator=generator)
    resnet.export_onnx(net, folder / "mean-vector.onnx", mean_vector=mean_vector)
    shifted = fold(state)
    shifted["embedding.bias"] = (shifted["embedding.bias"].astype(np.float64) - mean_vector.numpy()).astype(np.float32)
    safetensors.numpy.save_file(shifted, folder / "mean-vector.safetensors")
    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)):
        rounded = {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}
        torch.save(rounded, folder / f"{name}.pt")
        safetensors.torch.save_file(rounded, folder / f"{name}.safetensors")
        safetensors.numpy.save_file(fold(rounded), folder / f"{name}-expected.safetensors")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    count = write_full(target)
    write_small(target)
    print(json.dumps({"torch": torch.__version__, "numpy": np.__version__, "unfusedTensors": count}))
