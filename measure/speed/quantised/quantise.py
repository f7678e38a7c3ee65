"""Quantises an ONNX network to 8 bits with onnxruntime's own tool: static, QDQ, per channel.

usage: quantise.py IN.onnx FEATURES OUT.onnx --shape FRAMES,BINS [--variant NAME]

FEATURES has float32 windows of FRAMES x BINS, one after the other, that give the ranges of the activations. Fails
unless onnxruntime then runs every convolution in 8 bits.
"""

import argparse
import collections
import pathlib
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

# Types of weights and activations, and whether weights keep to 7 bits. Processors with VNNI multiply the first.
VARIANTS = {
    "u8s8": (QuantType.QInt8, QuantType.QUInt8, False),
    "u8s7": (QuantType.QInt8, QuantType.QUInt8, True),
    "u8u8": (QuantType.QUInt8, QuantType.QUInt8, False),
    "s8s8": (QuantType.QInt8, QuantType.QInt8, False),
}
# All that convolutional blocks are made of. The statistics over time stay in floats: in 8 bits they are less exact
# and no faster. Without Add and Relu it is more exact, and slower.
OPERATIONS = ["Conv", "Relu", "Add", "Gemm"]
# The first opset that has a scale for each channel.
OPSET = 13


class Windows(CalibrationDataReader):
    """The windows one at a time, as the network's input."""

    def __init__(self, name: str, windows: numpy.ndarray) -> None:
        self.feeds = iter([{name: window[numpy.newaxis]} for window in windows])

    def get_next(self):
        return next(self.feeds, None)


def operations(network: onnx.ModelProto) -> collections.Counter:
    return collections.Counter(node.op_type for node in network.graph.node)


def run_as(path: pathlib.Path | str, folder: str) -> collections.Counter:
    """The operations that onnxruntime makes of a network, before it arranges them for one processor."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(pathlib.Path(folder, "optimised.onnx"))
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return operations(onnx.load(options.optimized_model_filepath))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("features")
    parser.add_argument("out")
    parser.add_argument("--shape", required=True)
    parser.add_argument("--variant", choices=VARIANTS, default="u8s8")
    args = parser.parse_args()
    frames, bins = (int(size) for size in args.shape.split(","))
    windows = numpy.fromfile(args.features, dtype="<f4").reshape(-1, frames, bins)
    weights, activations, reduce_range = VARIANTS[args.variant]
    network = onnx.load(args.network)
    with tempfile.TemporaryDirectory() as folder:
        newer = pathlib.Path(folder, "newer.onnx")
        onnx.save(version_converter.convert_version(network, OPSET), newer)
        prepared = pathlib.Path(folder, "prepared.onnx")
        # Optimises the graph. Symbolic shapes are for transformers, and need one more package.
        quant_pre_process(newer, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            args.out,
            Windows(network.graph.input[0].name, windows),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=OPERATIONS,
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=weights,
            activation_type=activations,
        )
        # Metadata gets lost on the way; sherpa-onnx reads it.
        quantised = onnx.load(args.out)
        del quantised.metadata_props[:]
        quantised.metadata_props.extend(network.metadata_props)
        onnx.save(quantised, args.out)
        count = run_as(args.out, folder)
    wanted = operations(network)["Conv"]
    if args.variant != "s8s8" and count["QLinearConv"] != wanted:
        raise SystemExit(f"only {count['QLinearConv']} of {wanted} convolutions run in 8 bits")
    print(f"{count['QLinearConv']} of {wanted} convolutions in 8 bits ({args.variant})")


main()
