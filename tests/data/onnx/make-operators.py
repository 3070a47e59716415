#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes operators.onnx: rarer operators and attributes, each in a branch of its own, with a score that sums them all up.

    make-operators.py FOLDER_OF_ONNXRUNTIME_NODE

Outputs and the score's gradient (by finite differences) are computed by ONNX Runtime, which comes from the npm package onnxruntime-node.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
SHAPE = (1, 4, 6, 7)
SCRIPT = """
const ort = require(process.argv[1]);
const x = JSON.parse(require('fs').readFileSync(process.argv[3]));
(async () => {
  const session = await ort.InferenceSession.create(process.argv[2], {logSeverityLevel: 4});
  const run = async values => Array.from((await session.run({input: new ort.Tensor('float32', Float32Array.from(values), [1, 4, 6, 7])})).output.data);
  const gradient = [];
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x.slice(), x.slice()];
    a[i] += 0.004;
    b[i] -= 0.004;
    gradient.push(((await run(a))[0] - (await run(b))[0]) / 0.008);
  }
  console.log(JSON.stringify([await run(x), gradient]));
})();
"""


class Graph:
    def __init__(self):
        self.random = np.random.default_rng(12)
        self.nodes, self.weights, self.ends = [], [], []

    def constant(self, values, dtype=np.int64):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def branch(self, size, kind, *constants, inputs=("input",), **attributes):
        """An operator's output of @size numbers, flattened and reduced to three."""
        name = f"{kind}{len(self.ends)}"
        matrix = self.constant(self.random.standard_normal((size, 3)) / np.sqrt(size), np.float32)
        self.nodes += [
            helper.make_node(kind, [*inputs, *constants], [name], name, **attributes),
            helper.make_node("Flatten", [name], [name + "f"]),
            helper.make_node("MatMul", [name + "f", matrix], [name + "m"]),
        ]
        self.ends.append(name + "m")

    def resize(self, size, scales=None, sizes=None, **attributes):
        end = [self.constant(scales, np.float32)] if scales else ["", self.constant(sizes)]
        self.branch(size, "Resize", "", *end, **attributes)


def build():
    g = Graph()
    for p in (1, 2, 3):
        g.branch(4 * 4 * 7, "LpPool", kernel_shape=[2, 3], strides=[2, 1], pads=[1, 1, 1, 1], p=p)
        g.branch(4, "GlobalLpPool", p=p)
    g.branch(4 * 3 * 4, "LpPool", kernel_shape=[2, 2], strides=[2, 2], dilations=[2, 1], ceil_mode=1)
    g.branch(4 * 3 * 4, "LpPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    for p in (1, 2):
        g.branch(168, "LpNormalization", p=p, axis=1)
    g.branch(168, "MeanVarianceNormalization")
    g.branch(168, "MeanVarianceNormalization", axes=[0, 1, 2, 3])
    g.branch(4 * 9 * 10, "Pad", g.constant([0, 0, 1, 2, 0, 0, 2, 1]), mode="wrap")
    stretched, size = [1, 1, 1.6, 0.7], 4 * 9 * 4
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for coordinates in ("asymmetric", "half_pixel"):
            g.resize(size, stretched, mode="nearest", nearest_mode=rounding, coordinate_transformation_mode=coordinates)
    g.resize(size, stretched, mode="linear", coordinate_transformation_mode="half_pixel_symmetric")
    g.resize(size, stretched, mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    for mode in ("linear", "cubic"):
        for outside in (0, 1):
            g.resize(4 * 3 * 4, [1, 1, 0.5, 0.6], mode=mode, antialias=1, exclude_outside=outside)
    g.resize(4 * 9 * 10, sizes=[12, 10], mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
    g.resize(4 * 12 * 14, sizes=[12, 10], mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_smaller")
    total = g.constant(g.random.standard_normal((3 * len(g.ends), 1)), np.float32)
    g.nodes += [
        helper.make_node("Concat", g.ends, ["all"], "all", axis=1),
        helper.make_node("MatMul", ["all", total], ["score"], "score"),
        helper.make_node("Concat", ["score", "all"], ["output"], "output", axis=1),
    ]
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(g.nodes, "operators", [value("input", SHAPE)], [value("output", [1, 3 * len(g.ends) + 1])], g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    model.ir_version = 8
    return model


def main():
    path = HERE / "operators.onnx"
    onnx.save(build(), path)
    x = np.random.default_rng(13).standard_normal(SHAPE)
    x = (x + 0.05 * np.sign(x)).astype(np.float32)  # off the edge of |x|
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(x.ravel().tolist(), file)
        file.flush()
        runtime = str(pathlib.Path(sys.argv[1]).resolve())
        answer = subprocess.run(["node", "-e", SCRIPT, runtime, path, file.name], stdout=subprocess.PIPE, text=True, check=True)
    output, gradient = json.loads(answer.stdout)
    np.save(HERE / "operators.input.npy", x)
    np.save(HERE / "operators.output.npy", np.array(output, np.float32)[None])
    np.save(HERE / "operators.gradient.npy", np.array(gradient, np.float32).reshape(SHAPE))


if __name__ == "__main__":
    main()
