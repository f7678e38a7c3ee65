"""Reading and writing safetensors files: an 8-byte length, a JSON header, then the data."""
import json
import struct

import numpy as np

TYPES = {"F16": np.float16, "F32": np.float32, "I64": np.int64}


def write_tensors(path, arrays):
    """Write {name: NumPy array of float16, float32 or int64}."""
    names = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, chunks, at = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
        chunks.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as handle:
        handle.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read_tensors(path):
    """{name: NumPy array} of a file of those types."""
    with open(path, "rb") as handle:
        raw = handle.read()
    size = struct.unpack_from("<Q", raw)[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        out[name] = np.frombuffer(raw[first:last], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return out
