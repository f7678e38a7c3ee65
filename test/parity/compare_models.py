"""Compare pairs of safetensors files with the real library: python compare_models.py A B [A B ...]

Prints one line of JSON a pair: the largest absolute difference, and whether names, shapes and types agree.
"""

import json
import sys

import numpy as np
from safetensors.numpy import load_file

for expected_path, received_path in zip(sys.argv[1::2], sys.argv[2::2]):
    expected, received = load_file(expected_path), load_file(received_path)
    same = expected.keys() == received.keys() and all(
        received[name].shape == value.shape and received[name].dtype == np.float32 for name, value in expected.items()
    )
    largest = max(float(np.abs(received[name] - value).max()) for name, value in expected.items()) if same else None
    print(json.dumps({"same": same, "largest": largest}))
