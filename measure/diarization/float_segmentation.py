"""The int8 file of pyannote/segmentation-3.0 as an ONNX file of the same weights in float32.

    python float_segmentation.py INT8.onnx OUT.onnx

onnxruntime quantises activations on the fly where weights are int8, and on some recordings then hears nothing at all;
sherpa-onnx is measured with both files.
"""

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper


def main(source, target):
    model = onnx.load(source)
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    used_by = {}
    for node in graph.node:
        for name in node.input:
            used_by.setdefault(name, []).append(node)
    dropped, replaced, added = set(), {}, {}

    def dequantised(name):
        stem = name[: -len("_quantized")]
        scale = values[f"{stem}_scale"]
        zero = values[f"{stem}_zero_point"].astype(np.float32)
        shape = (-1,) + (1,) * (values[name].ndim - 1) if scale.ndim else ()
        return stem, (values[name].astype(np.float32) - zero.reshape(shape)) * scale.reshape(shape)

    def keep(name, value):
        added[name] = numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name)
        return name

    for node in graph.node:
        if node.op_type == "DynamicQuantizeLSTM":
            inputs = list(node.input)
            for at in (1, 2):
                stem, weight = dequantised(inputs[at])
                inputs[at] = keep(f"{stem}_float", weight.transpose(0, 2, 1))
            lstm = helper.make_node("LSTM", inputs[:8], list(node.output), name=node.name)
            lstm.attribute.extend(a for a in node.attribute if a.name in ("direction", "hidden_size"))
            replaced[id(node)] = lstm
        if node.op_type in ("MatMulInteger", "ConvInteger"):
            stem, weight = dequantised(node.input[1])
            if stem.endswith("filterbank.n_"):
                weight = (2 * np.pi * np.arange(-125, 0) / 16000).astype(np.float32)[None]
            name = keep(f"{stem}_float", weight)
            cast = used_by[node.output[0]][0]
            scaled = used_by[cast.output[0]][0]
            quantise = made_by[node.input[0]]
            scales = next(made_by[x] for x in scaled.input if x != cast.output[0])
            kind = node.op_type[: -len("Integer")]
            plain = helper.make_node(kind, [quantise.input[0], name], list(scaled.output), name=f"{node.name}_float")
            plain.attribute.extend(node.attribute)
            replaced[id(node)] = plain
            for gone in (cast, scaled, scales, quantise):
                dropped.add(id(gone))
    nodes = [replaced.get(id(node), node) for node in graph.node if id(node) not in dropped]
    # The replaced nodes may come before what they read now.
    known = {tensor.name for tensor in graph.input} | set(values) | set(added)
    ordered = []
    while nodes:
        ready = [node for node in nodes if all(name == "" or name in known for name in node.input)]
        if not ready:
            raise SystemExit("the graph does not hold together")
        for node in ready:
            known.update(node.output)
        ordered += ready
        done = {id(node) for node in ready}
        nodes = [node for node in nodes if id(node) not in done]
    del graph.node[:]
    graph.node.extend(ordered)
    graph.initializer.extend(added.values())
    used = {name for node in graph.node for name in node.input}
    unused = [tensor for tensor in graph.initializer if tensor.name not in used]
    for tensor in unused:
        graph.initializer.remove(tensor)
    onnx.save(model, target)


main(*sys.argv[1:])
