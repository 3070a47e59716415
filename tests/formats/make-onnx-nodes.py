#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes all operator tests that python3-onnx can generate, as test-onnx-nodes reads them.

Usage: make-onnx-nodes.py FOLDER, then CNN_SHARED=FOLDER build/tests/formats/test-onnx-nodes
Tests on strings and sequences are left out; onnx-skipped.txt lists the others that are not run, and why.
"""
import pathlib
import sys

import numpy as np

for name in ("float", "int", "bool", "object"):  # onnx 1.12 is older than numpy's removal of these
    setattr(np, name, getattr(__builtins__, name))

from onnx import TensorProto, numpy_helper  # noqa: E402
from onnx.backend.test.case.node import collect_testcases  # noqa: E402


def numbers(value):
    """An array of a type that the test reads, or None."""
    try:
        array = np.asarray(numpy_helper.to_array(value) if isinstance(value, TensorProto) else value)
    except ValueError:
        return None
    if array.dtype.kind not in "biuf":
        return None
    if array.dtype.kind == "u" or array.dtype in (np.int8, np.int16):
        return array.astype(np.int64)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def main():
    root = pathlib.Path(sys.argv[1]) / "models/onnx_node"
    for case in collect_testcases(None):
        inputs, outputs = ([numbers(v) for v in values] for values in case.data_sets[0])
        if any(a is None for a in inputs + outputs):
            continue
        folder = root / case.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(case.model.SerializeToString())
        for kind, arrays in (("input", inputs), ("output", outputs)):
            for i, array in enumerate(arrays):
                np.save(folder / f"{kind}_{i}.npy", np.ascontiguousarray(array).reshape(array.shape))


if __name__ == "__main__":
    main()
