# SPDX-License-Identifier: GPL-3.0-or-later
"""Small networks with the inputs and outputs that few have, as ONNX files: network (path, …) writes one, with weights
that are always the same. Needs python3-onnx and NumPy, and skips without them. digit_array (path, picture) writes a
picture as an array."""

import struct
import subprocess

from tap import Skip


def network(path, channels=3, free=False, several=False):
    """Two convolutions, a global pooling and five classes; pictures of 48 x 32, or of any size if @free.

    @several: four numbers called “age and sex” are added before the classes, a “mask” is multiplied with the first
    layer's output, and “box” is a second output, of four numbers.
    """
    try:
        import numpy as np
        import onnx
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as missing:
        raise Skip(str(missing))
    weights, nodes = [], []
    random = np.random.default_rng(3)

    def weight(name, *shape):
        weights.append(numpy_helper.from_array((random.standard_normal(shape) * 0.4).astype(np.float32), name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    batch, height, width = ("N", "H", "W") if free else (1, 32, 48)
    inputs, outputs = [("image", [batch, channels, height, width])], [("class", [batch, 5])]
    last = node("Conv", ["image", weight("w1", 8, channels, 3, 3)], "conv1", pads=[1] * 4)
    last = node("Relu", [last], "relu1")
    if several:
        inputs += [("age and sex", [1, 4]), ("mask", [1, 1, 32, 48])]
        last = node("Mul", [last, "mask"], "masked")
    last = node("Conv", [last, weight("w2", 12, 8, 3, 3)], "conv2", pads=[1] * 4)
    last = node("Relu", [last], "relu2")
    last = node("GlobalAveragePool", [last], "pool")
    last = node("Flatten", [last], "flat")
    if several:
        last = node("Add", [last, node("MatMul", ["age and sex", weight("w3", 4, 12)], "meta")], "join")
        outputs.append(("box", [1, 4]))
        node("MatMul", [last, weight("w4", 12, 4)], "box")
    node("Softmax", [node("MatMul", [last, weight("w5", 12, 5)], "dense")], "class", axis=1)
    graph = helper.make_graph(nodes, "net", *([helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                                               for name, shape in values] for values in (inputs, outputs)), weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.save(model, str(path))
    return path


def digit_array(path, picture):
    """The digit of a PNG as an array of what the digits' network takes: 28 x 28 numbers from 0 to 1."""
    pixels = subprocess.run(["convert", picture, "-depth", "8", "gray:-"], check=True, capture_output=True).stdout
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (28, 28), }"
    header = header.ljust(117) + b"\n"  # 128 bytes in all
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header +
                     struct.pack(f"<{28 * 28}f", *(value / 255 for value in pixels)))
    return path
