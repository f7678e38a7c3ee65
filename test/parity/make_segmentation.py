"""Write random weights of the segmentation network in every format that whospeaks reads, by the libraries that own them.

    python make_segmentation.py FOLDER

`pytorch_model.bin` (a checkpoint of Lightning's form), `model.onnx` (exported by torch), `model.int8.onnx` (quantised by
onnxruntime as sherpa-onnx does it), `model.safetensors`; and `expected.safetensors` and `expected.int8.safetensors`: the
weights, and the quantised ones dequantised here with the onnx package's own tensors.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnx.numpy_helper
import safetensors.numpy
import safetensors.torch
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pyannet  # noqa: E402

warnings.filterwarnings("ignore")

UNITS = 128
# onnx's i, o, f, c as torch's i, f, c, o
GATES = [0, 2, 3, 1]


def dequantised(tensors, name):
    """(quantised - zero point) x scale; of a stack, each with its own."""
    if name in tensors:
        return tensors[name]
    quantised = tensors[f"{name}_quantized"]
    scale, zero = (
        tensors[f"{name}_{part}"].reshape(-1, *[1] * (quantised.ndim - 1)) for part in ("scale", "zero_point")
    )
    if scale.size == 1:
        scale, zero = scale.reshape(()), zero.reshape(())
    return (quantised.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)


def state_of(graph):
    """The state dict that an exported and quantised graph stands for."""
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    state = {name: value for name, value in tensors.items() if name.endswith((".bias", "_hz_", "window_"))}
    for i in range(3):
        state[f"sincnet.norm1d.{i}.weight"] = tensors[f"sincnet.norm1d.{i}.weight"]
    state["sincnet.wav_norm1d.weight"] = tensors["sincnet.wav_norm1d.weight"]
    for i in (1, 2):
        state[f"sincnet.conv1d.{i}.weight"] = dequantised(tensors, f"sincnet.conv1d.{i}.weight")
    layers = [node for node in graph.node if node.op_type == "DynamicQuantizeLSTM"]
    for layer, node in enumerate(layers):
        for direction, end in enumerate(("", "_reverse")):
            for at, kind in ((1, "weight_ih"), (2, "weight_hh")):
                # [in, 4 x units] of a direction
                matrix = dequantised(tensors, node.input[at].replace("_quantized", ""))[direction].T
                state[f"lstm.{kind}_l{layer}{end}"] = matrix.reshape(4, UNITS, -1)[GATES].reshape(4 * UNITS, -1)
            both = tensors[node.input[3]][direction].reshape(2, 4, UNITS)[:, GATES].reshape(2, -1)
            state[f"lstm.bias_ih_l{layer}{end}"], state[f"lstm.bias_hh_l{layer}{end}"] = both
    matrices = [
        node.input[1]
        for node in graph.node
        if node.op_type == "MatMulInteger" and "filterbank" not in node.input[1]
    ]
    for name, matrix in zip(("linear.0", "linear.1", "classifier"), matrices, strict=True):
        state[f"{name}.weight"] = dequantised(tensors, matrix.replace("_quantized", "")).T
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in state.items()}


def main(folder):
    folder = pathlib.Path(folder)
    net = pyannet.random_pyannet(seed=8)
    state = net.state_dict()
    torch.save(
        {"epoch": 3, "state_dict": {**state, "loss.weight": torch.ones(3)}, "lr_schedulers": [], "hparams": {"lr": 0.1}},
        folder / "pytorch_model.bin",
    )
    safetensors.torch.save_file(dict(state), str(folder / "model.safetensors"))
    plain = {name: value.numpy() for name, value in state.items() if not name.endswith(".n_")}
    safetensors.numpy.save_file(plain, str(folder / "expected.safetensors"))
    torch.onnx.export(
        net,
        torch.zeros(1, 1, 16000),
        str(folder / "model.onnx"),
        opset_version=13,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "N", 2: "T"}, "y": {0: "N", 1: "F"}},
    )
    quantize_dynamic(folder / "model.onnx", folder / "model.int8.onnx", weight_type=QuantType.QUInt8)
    graph = onnx.load(str(folder / "model.int8.onnx")).graph
    safetensors.numpy.save_file(state_of(graph), str(folder / "expected.int8.safetensors"))
    print({op: sum(node.op_type == op for node in graph.node) for op in ("DynamicQuantizeLSTM", "MatMulInteger", "ConvInteger")})


main(*sys.argv[1:])
