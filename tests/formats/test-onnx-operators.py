#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of ONNX that exporters write for functions of one's own: output and gradient against PyTorch.

    test-onnx-operators.py CNN_VIZ_CLI
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import check, need, run  # noqa: E402

np, torch, onnx = need("numpy", "torch", "onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

PROGRAM = sys.argv[1]
FOLDER = None
random = np.random.default_rng(3)
PICTURE = random.normal(0, 0.6, (1, 3, 6, 5)).astype(np.float32)
node = helper.make_node


def t(values):
    return torch.tensor(np.asarray(values, "f8"))


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)


def write(nodes, initializers, name="model.onnx", change=None):
    """The nodes read x and write y, which a Gemm takes for three scores."""
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(PICTURE.shape))],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])],
                              [numpy_helper.from_array(np.asarray(value), key) for key, value in initializers.items()])  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    if change:
        change(model.graph)
    (FOLDER / name).write_bytes(model.SerializeToString())
    return FOLDER / name


def compare(nodes, reference, **initializers):
    x = t(PICTURE).requires_grad_()
    y = reference(x).reshape(1, -1)
    w = (random.normal(0, 1, (y.shape[1], 3)) / np.sqrt(y.shape[1])).astype(np.float32)
    path = write([*nodes, node("Flatten", ["y"], ["flat"]), node("Gemm", ["flat", "w"], ["scores"])], dict(initializers, w=w))
    scores = y @ t(w)
    scores[0, 1].backward()
    np.save(FOLDER / "x.npy", PICTURE)
    for what, words, expected in (("output", ("predict", path, FOLDER / "x.npy", "--npy"), scores),
                                  ("gradient", ("saliency", path, FOLDER / "x.npy", "--class", "1", "--gradient-npy"), x.grad)):  # fmt: skip
        result = call(*words, FOLDER / "out.npy")
        check(result.returncode == 0, result.stderr)
        found, expected = np.load(FOLDER / "out.npy"), expected.detach().numpy()
        error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        check(error < 1e-4, f"{what}: differs by {error:.2g}")


def test_einsum():
    w, square, four = (random.normal(0, 1, shape).astype(np.float32) for shape in ((4, 3), (6, 6), (6, 5, 4, 2)))
    for equation, others in (("bchw,oc->bohw", [w]), ("oc,bchw->bohw", [w]), ("bchw,bdhw->bcd", []), ("bchw,bchk->bhwk", []), ("bchw->bhwc", []),
                             ("bchw->bc", []), ("bchw,gh->bcgw", [square]), ("bchw,hwij->bcij", [four]), ("bchw, bchw -> b", [])):  # fmt: skip
        operands = equation.split("->")[0].count(",") + 1
        left = others and equation.startswith("oc")
        names = ["a", "x"] if left else ["x", "a"] if others else ["x", "x"] if operands == 2 else ["x"]

        def reference(x, equation=equation, names=names, others=others):
            return torch.einsum(equation, *(x if name == "x" else t(others[0]) for name in names))

        try:
            compare([node("Einsum", names, ["y"], equation=equation)], reference, **({"a": others[0]} if others else {}))
        except AssertionError as error:
            raise AssertionError(f"{equation}: {error}") from error


def test_conditions():
    zero, half = np.float32(0), np.float32(0.5)
    for kind, f in (("Greater", torch.gt), ("Less", torch.lt), ("GreaterOrEqual", torch.ge), ("LessOrEqual", torch.le)):
        nodes = [node(kind, ["x", "half"], ["c"]), node("Tanh", ["x"], ["t"]), node("Where", ["c", "x", "t"], ["y"])]
        compare(nodes, lambda x, f=f: torch.where(f(x, 0.5), x, torch.tanh(x)), half=half)
    nodes = [node("Greater", ["x", "zero"], ["a"]), node("Less", ["x", "half"], ["b"]), node("And", ["a", "b"], ["c"]), node("Not", ["c"], ["d"]),
             node("Where", ["d", "zero", "x"], ["y"])]  # fmt: skip
    compare(nodes, lambda x: torch.where((x > 0) & (x < 0.5), x, t(0)), zero=zero, half=half)
    nodes = [node("Greater", ["x", "half"], ["a"]), node("Less", ["x", "zero"], ["b"]), node("Or", ["a", "b"], ["c"]),
             node("Cast", ["c"], ["m"], to=TensorProto.FLOAT), node("Mul", ["x", "m"], ["y"])]  # fmt: skip
    compare(nodes, lambda x: x * ((x > 0.5) | (x < 0)), zero=zero, half=half)
    nodes = [node("Relu", ["x"], ["r"]), node("Cast", ["r"], ["c"], to=TensorProto.BOOL), node("Exp", ["x"], ["e"]), node("Where", ["c", "x", "e"], ["y"])]
    compare(nodes, lambda x: torch.where(x > 0, x, torch.exp(x)))


def test_functions():
    for kind, f in (("Sin", torch.sin), ("Cos", torch.cos), ("Tan", torch.tan), ("Atan", torch.atan), ("Sinh", torch.sinh), ("Cosh", torch.cosh),
                    ("Asinh", torch.asinh)):  # fmt: skip
        compare([node(kind, ["x"], ["y"])], f)
    for kind, f in (("Asin", torch.asin), ("Acos", torch.acos), ("Atanh", torch.atanh)):
        compare([node("Tanh", ["x"], ["s"]), node(kind, ["s"], ["y"])], lambda x, f=f: f(torch.tanh(x)))
    compare([node("Cosh", ["x"], ["s"]), node("Acosh", ["s"], ["y"])], torch.abs)
    compare([node("Shrink", ["x"], ["y"], lambd=0.3, bias=0.3)], lambda x: torch.nn.functional.softshrink(x, 0.3))
    compare([node("Shrink", ["x"], ["y"])], torch.nn.functional.hardshrink)


def test_where_with_infinity():
    """What is not chosen has no part, forward or back, be it infinite."""
    chosen, low = random.random((3, 6, 5)) < 0.5, np.float32(-np.inf)
    flat = {"shape": np.int64([1, 90])}
    ends = [node("Reshape", ["w0", "shape"], ["r"]), node("Softmax", ["r"], ["y"], axis=1)]
    compare([node("Where", ["mask", "x", "low"], ["w0"]), *ends],
            lambda x: torch.where(torch.tensor(chosen), x, t(low)).flatten(1).softmax(1), mask=chosen, low=low, **flat)  # fmt: skip
    compare([node("Greater", ["x", "zero"], ["c"]), node("Where", ["c", "x", "low"], ["w0"]), *ends],
            lambda x: torch.where(x > 0, x, t(low)).flatten(1).softmax(1), zero=np.float32(0), low=low, **flat)  # fmt: skip
    compare([node("Less", ["x", "zero"], ["c"]), node("Where", ["c", "low", "x"], ["m"]), node("Exp", ["m"], ["y"])],
            lambda x: torch.where(x < 0, t(low), x).exp(), zero=np.float32(0), low=low)  # fmt: skip
    row = random.normal(0, 1, (3, 1, 5)).astype(np.float32)
    compare([node("Tanh", ["x"], ["a"]), node("Where", ["mask", "a", "row"], ["y"])],
            lambda x: torch.where(torch.tensor(chosen[:1]), torch.tanh(x), t(row)), mask=chosen[:1], row=row)  # fmt: skip


def test_order():
    for axis in (1, -1):
        for exclusive, reverse in ((0, axis > 0), (1, axis < 0)):
            def sums(x, axis=axis, exclusive=exclusive, reverse=reverse):
                x = x.flip(axis) if reverse else x
                y = x.cumsum(axis) - (x if exclusive else 0)
                return y.flip(axis) if reverse else y
            compare([node("CumSum", ["x", "axis"], ["y"], exclusive=exclusive, reverse=int(reverse))], sums, axis=np.int64(axis))
        for largest in (0, 1):
            top = [node("TopK", ["x", "k"], ["v", "i"], axis=axis, largest=largest)]
            compare([*top, node("Identity", ["v"], ["y"])], lambda x, a=axis, b=largest: x.topk(2, a, bool(b))[0], k=np.int64([2]))
            compare([*top, node("Tanh", ["x"], ["s"]), node("GatherElements", ["s", "i"], ["y"], axis=axis)],
                    lambda x, a=axis, b=largest: torch.tanh(x).gather(a, x.topk(2, a, bool(b))[1]), k=np.int64([2]))  # fmt: skip
        for kind, f in (("ArgMax", torch.argmax), ("ArgMin", torch.argmin)):
            compare([node(kind, ["x"], ["i"], axis=axis), node("Cast", ["i"], ["n"], to=TensorProto.INT32),
                     node("Cast", ["n"], ["m"], to=TensorProto.FLOAT), node("Mul", ["x", "m"], ["y"])],
                    lambda x, f=f, a=axis: x * f(x, a, keepdim=True))  # fmt: skip
        compare([node("Hardmax", ["x"], ["h"], axis=axis), node("Mul", ["h", "x"], ["y"])],
                lambda x, a=axis: x * torch.zeros_like(x).scatter(a, x.argmax(a, keepdim=True), 1))  # fmt: skip
    compare([node("ArgMax", ["x"], ["i"], axis=1, keepdims=0), node("Gather", ["table", "i"], ["g"], axis=0),
             node("Transpose", ["x"], ["p"], perm=[0, 2, 3, 1]), node("Mul", ["p", "g"], ["y"])],
            lambda x: x.permute(0, 2, 3, 1) * t([[1, 2, 3], [4, 5, 6], [7, 8, 9]])[x.argmax(1)], table=np.float32([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))  # fmt: skip
    d = np.float32([0.3, -0.7, 0.4, 0.2, -0.5])
    for fmod, f in ((0, torch.remainder), (1, torch.fmod)):
        compare([node("Mod", ["x", "d"], ["y"], fmod=fmod)], lambda x, f=f: f(x, t(d)), d=d)


def test_places():
    many = random.integers(-6, 6, 200)
    compare([node("Gather", ["x", "i"], ["y"], axis=2)], lambda x: x[:, :, many % 6], i=many)
    tuples = np.int64([[[[0, 1, 2], [0, 2, 5]], [[0, 0, -1], [0, 1, 2]]]])
    compare([node("GatherND", ["x", "i"], ["y"])], lambda x: x[tuples[..., 0], tuples[..., 1], tuples[..., 2]], i=tuples)
    common = np.int64([[[1, 2], [2, -1]]])
    compare([node("GatherND", ["x", "i"], ["y"], batch_dims=1)], lambda x: x[:, common[0, :, 0], common[0, :, 1]], i=common)

    places = np.stack(np.meshgrid([0], [0, 1, 2], [1, 3], [0, 1, 2, 3, 4], indexing="ij"), -1)
    filled = random.normal(0, 1, (1, 3, 2, 5)).astype(np.float32)
    computed = [node("Slice", ["x", "from", "to", "axis"], ["u"]), node("Tanh", ["u"], ["v"])]
    part = {"from": np.int64([0]), "to": np.int64([2]), "axis": np.int64([2])}

    def assigned(x, value):
        y = x.clone()
        y[:, :, 1:4:2] = value
        return y
    compare([node("ScatterND", ["x", "i", "v"], ["y"])], lambda x: assigned(x, t(filled)), i=places, v=filled)
    compare([*computed, node("ScatterND", ["x", "i", "v"], ["y"])], lambda x: assigned(x, torch.tanh(x[:, :, :2])), i=places, **part)

    along = random.integers(0, 6, (1, 3, 2, 5))
    each = np.stack([random.permutation(6)[:2] for _ in range(15)], 1).reshape(1, 2, 3, 5).transpose(0, 2, 1, 3).copy()
    compare([*computed, node("ScatterElements", ["x", "i", "v"], ["y"], axis=2)],
            lambda x: x.scatter(2, torch.tensor(each), torch.tanh(x[:, :, :2])), i=each, **part)  # fmt: skip

    compare([*computed, node("ScatterElements", ["x", "i", "v"], ["y"], axis=2, reduction="add")],
            lambda x: x.scatter_add(2, torch.tensor(along), torch.tanh(x[:, :, :2])), i=along, **part)  # fmt: skip


def test_grid_sample():
    """Places that the network itself computes, as in a spatial transformer."""
    grid = [node("Slice", ["x", "from", "to", "axis"], ["u"]), node("Mul", ["u", "wide"], ["v"]), node("Transpose", ["v"], ["grid"], perm=[0, 2, 3, 1])]
    constants = {"from": np.int64([0]), "to": np.int64([2]), "axis": np.int64([1]), "wide": np.float32(1.7)}
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            align = mode != "nearest" and padding != "border"

            def reference(x, mode=mode, padding=padding, align=align):
                places = (x[:, :2] * 1.7).permute(0, 2, 3, 1)
                return torch.nn.functional.grid_sample(x, places, mode, padding, align)
            try:
                compare([*grid, node("GridSample", ["x", "grid"], ["y"], mode=mode, padding_mode=padding, align_corners=int(align))], reference, **constants)
            except AssertionError as error:
                raise AssertionError(f"{mode} {padding}: {error}") from error


def test_tensorflow():
    """Forms that TensorFlow's exporters and old ones write."""
    rows, columns = ([int((o + 0.5) / scale) for o in range(n)] for scale, n in ((1.5, 9), (2, 10)))
    compare([node("Resize", ["x", "", "scales"], ["y"], coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor")],
            lambda x: x[:, :, rows][..., columns], scales=np.float32([1, 1, 1.5, 2]))  # fmt: skip
    one, zero, more = np.ones(3, np.float32), np.zeros(3, np.float32), ["m", "v", "sm", "sv"]
    compare([node("BatchNormalization", ["x", "one", "zero", "zero", "one"], ["y", *more], epsilon=1e-3)],
            lambda x: torch.nn.functional.instance_norm(x, eps=1e-3), one=one, zero=zero)  # fmt: skip
    places = [np.abs(random.normal(0, 1, (3, 6, 5))).astype(np.float32) + 0.2 for _ in range(4)]
    compare([node("BatchNormalization", ["x", "a", "b", "c", "d"], ["y"], spatial=0)],
            lambda x: (x - t(places[2])) / torch.sqrt(t(places[3]) + 1e-5) * t(places[0]) + t(places[1]), **dict(zip("abcd", places)))  # fmt: skip


def test_constants():
    """Arithmetic that exporters leave behind is done while the file is read: sizes that are split, ranges, triangles."""
    # arange before opset 11: as many ones as there are rows, and the places of what is not zero
    rows = [node("Shape", ["x"], ["sizes"]), node("Split", ["sizes", "ones4"], ["n", "c", "h", "w_"], axis=0),
            node("ConstantOfShape", ["h"], ["ones"], value=helper.make_tensor("one", TensorProto.INT64, [1], [1])),
            node("NonZero", ["ones"], ["places"]), node("Transpose", ["places"], ["column"]), node("Cast", ["column"], ["range"], to=TensorProto.FLOAT)]  # fmt: skip
    compare([*rows, node("Mul", ["x", "range"], ["y"])], lambda x: x * t(np.arange(6.0)[:, None]), ones4=np.int64([1] * 4))
    compare([*rows, node("Mul", ["h", "w_"], ["hw"]), node("Concat", ["n", "c", "hw"], ["to"], axis=0), node("Reshape", ["x", "to"], ["y"])],
            lambda x: x.reshape(1, 3, 30), ones4=np.int64([1] * 4))  # fmt: skip
    compare([node("Trilu", ["ones", "one"], ["mask"], upper=0), node("Mul", ["x", "mask"], ["kept"]), node("Trilu", ["kept", "less"], ["y"])],
            lambda x: x.tril(1).triu(-2), ones=np.ones((6, 5), np.float32), one=np.int64(1), less=np.int64(-2))  # fmt: skip
    parts = np.arange(10, dtype=np.int64).reshape(5, 2)
    compare([node("Split", ["parts", "counts"], ["p", "q"], axis=1), node("Squeeze", ["q", "one"], ["row"]), node("CumSum", ["row", "zero"], ["sums"]),
             node("Cast", ["sums"], ["f"], to=TensorProto.FLOAT), node("Tile", ["f", "twice"], ["y0"]), node("Reshape", ["y0", "shape"], ["y1"]),
             node("Gather", ["x", "axis0"], ["x0"], axis=2), node("Mul", ["x0", "y1"], ["y"])],
            lambda x: x[:, :, [0, 5]] * t(np.cumsum(parts[:, 1])), parts=parts, counts=np.int64([1, 1]), one=np.int64([1]), zero=np.int64(0),
            twice=np.int64([2]), shape=np.int64([2, 5]), axis0=np.int64([0, 5]))  # fmt: skip
    compare([node("CumSum", ["parts", "one"], ["sums"], exclusive=1, reverse=1), node("Cast", ["sums"], ["f"], to=TensorProto.FLOAT),
             node("Transpose", ["f"], ["row"]), node("Gather", ["row", "zero"], ["first"]), node("Add", ["x", "first"], ["y"])],
            lambda x: x + t(parts[:, 1]), parts=parts, one=np.int64(1), zero=np.int64(0))  # fmt: skip


def test_channels_last():
    """Between transposes a picture has channels last: numbers are the file's, a layer's channels are its channels."""
    nchw, nhwc = {"perm": [0, 3, 1, 2]}, {"perm": [0, 2, 3, 1]}
    k, dense, row, mean = (random.normal(0, 0.6, shape).astype(np.float32) for shape in ((4, 3, 3, 3), (4, 6), 6, (1, 1, 4)))
    axes, pads, ends = {"axes": [1, 2]}, np.int64([0, 1, 0, 0, 0, 0, 2, 1]), np.int64([5])
    nodes = [node("Conv", ["x", "k"], ["c"], pads=[1, 1, 1, 1]), node("Transpose", ["c"], ["l"], **nhwc), node("Relu", ["l"], ["r"]),
             node("LayerNormalization", ["r", "one"], ["n"], axis=-1), node("Sub", ["n", "mean"], ["s"]), node("MatMul", ["s", "dense"], ["d"]),
             node("Add", ["d", "row"], ["b"]), node("Softmax", ["b"], ["soft"], axis=-1), node("ReduceMean", ["soft"], ["m"], keepdims=1, **axes),
             node("Mul", ["b", "m"], ["e"]), node("Pad", ["e", "pads"], ["p"]), node("Tanh", ["p"], ["q"]),
             node("Slice", ["q", "zero", "ends", "three"], ["u"]),
             node("Concat", ["u", "q"], ["v"], axis=3), node("Split", ["v", "parts"], ["v1", "v2"], axis=3), node("Concat", ["v2", "v1"], ["w0"], axis=-1),
             node("Elu", ["w0"], ["last"], name="last"), node("ReduceMean", ["last"], ["y"], keepdims=0, **axes)]  # fmt: skip
    constants = {"k": k, "one": np.ones(4, np.float32), "mean": mean, "dense": dense, "row": row, "pads": pads, "zero": np.int64([0]),
                 "ends": ends, "three": np.int64([3]), "parts": np.int64([8, 4])}  # fmt: skip
    kept = {}

    def reference(x):
        c = torch.nn.functional.conv2d(x, t(k), padding=1).permute(0, 2, 3, 1).relu()
        b = (torch.nn.functional.layer_norm(c, (4,)) - t(mean)) @ t(dense) + t(row)
        p = torch.nn.functional.pad(b * b.softmax(-1).mean((1, 2), keepdim=True), (0, 1, 0, 2, 1, 0))
        q = torch.tanh(p)
        v = torch.cat([q[..., :5], q], 3)
        kept["last"] = torch.nn.functional.elu(torch.cat([v[..., 8:], v[..., :8]], 3))
        kept["last"].retain_grad()
        return kept["last"].mean((1, 2))
    compare(nodes, reference, **constants)
    last = kept["last"]
    weights = last.grad.mean((1, 2), keepdim=True)
    for what, words, expected in (("activations", ("activations", "--npy"), last), ("Grad-CAM", ("grad-cam", "--class", "1", "--cam-npy"), (weights * last).sum(3).relu()[0])):  # fmt: skip
        result = call(words[0], FOLDER / "model.onnx", FOLDER / "x.npy", "--layer", "last", *words[1:], FOLDER / "out.npy")
        check(result.returncode == 0, result.stderr)
        found, expected = np.load(FOLDER / "out.npy"), expected.detach().numpy()
        check(found.shape == expected.shape, f"{what}: {found.shape} for {expected.shape}")
        check(np.abs(found - expected).max() < 1e-4 * np.abs(expected).max(), what)
    default = call("grad-cam", FOLDER / "model.onnx", FOLDER / "x.npy", "--class", "1", "--npy", FOLDER / "out.npy")
    check(" last:" in default.stdout, default.stdout)

    shared = [node("Transpose", ["x"], ["l"], **nhwc), node("Reshape", ["l", "rows"], ["f"]), node("Reshape", ["f", "back"], ["g"]),
              node("Sigmoid", ["g"], ["h"]), node("Transpose", ["h"], ["i"], **nchw), node("MaxPool", ["i"], ["j"], kernel_shape=[2, 2]),
              node("Flatten", ["l"], ["l1"]), node("Flatten", ["j"], ["j1"]), node("Concat", ["l1", "j1"], ["y"], axis=1)]  # fmt: skip

    def mixed(x):
        h = torch.sigmoid(x)
        return torch.cat([x.permute(0, 2, 3, 1).flatten(1), torch.nn.functional.max_pool2d(h, 2, 1).flatten(1)], 1)
    compare(shared, mixed, rows=np.int64([-1, 3]), back=np.int64([1, 6, 5, 3]))


def refusal(*arguments, **how):
    result = call("summary", write(*arguments, **how))
    check(len(result.stderr.splitlines()) == 1, f"{result.returncode}: {result.stderr}")
    return result.returncode, result.stderr


def test_refusals():
    """What is not read is named, with the layer; the architecture is there all the same."""
    ends = [node("Flatten", ["y"], ["flat"]), node("Gemm", ["flat", "w"], ["scores"])]
    w = {"w": np.ones((90, 3), np.float32)}
    body = helper.make_graph([node("Identity", ["c"], ["d"]), node("Relu", ["v"], ["u"])], "body", [
        helper.make_tensor_value_info(name, kind, None) for name, kind in (("i", TensorProto.INT64), ("c", TensorProto.BOOL), ("v", TensorProto.FLOAT))],
        [helper.make_tensor_value_info("d", TensorProto.BOOL, None), helper.make_tensor_value_info("u", TensorProto.FLOAT, None)])  # fmt: skip
    loop = {"n": np.int64(3), "go": np.array(True)}
    scale = {"s": np.float32(0.1), "z": np.uint8(128)}
    for nodes, more, words in (
        ([node("Loop", ["n", "go", "x"], ["y"], body=body, name="again")], loop, ("again", "Loop")),
        ([node("QuantizeLinear", ["x", "s", "z"], ["q"], name="round"), node("DequantizeLinear", ["q", "s", "z"], ["y"])], scale, ("round", "QuantizeLinear")),
        ([node("Einsum", ["x"], ["y"], equation="bcii->bci", name="diagonal")], {}, ("diagonal", "Einsum", "bcii->bci")),
    ):  # fmt: skip
        status, text = refusal([*nodes, *ends], {**w, **more})
        check(status == 0 and all(word in text for word in words), text)

    for nodes, more, words in (
        ([node("TopK", ["x", "k"], ["y"])], {"k": np.int64([2**40])}, ("TopK", "1099511627776")),
        ([node("TopK", ["x", "k"], ["y"])], {"k": np.int64([-1])}, ("TopK", "-1")),
        ([node("CumSum", ["x", "k"], ["y"])], {"k": np.int64(2**62)}, ("CumSum", "axis")),
        ([node("GatherND", ["x", "k"], ["y"])], {"k": np.int64([[[0, 2**60]]])}, ("GatherND", "element")),
        ([node("GatherND", ["x", "k"], ["y"], batch_dims=2**40)], {"k": np.int64([[0]])}, ("GatherND", "batch_dims")),
        ([node("GatherND", ["x", "k"], ["y"])], {"k": np.int64([[0] * 6])}, ("y", "1x6")),
        ([node("ScatterND", ["x", "k", "v"], ["y"])], {"k": np.int64([[0, 3]]), "v": np.zeros((1, 6, 5), np.float32)}, ("ScatterND", "element")),
        ([node("ScatterND", ["x", "k", "v"], ["y"])], {"k": np.int64([[0, 1]]), "v": np.zeros((3, 3), np.float32)}, ("y", "3x3")),
        ([node("GridSample", ["x", "k"], ["y"])], {"k": np.zeros((1, 2, 2, 3), np.float32)}, ("GridSample", "1x2x2x3")),
    ):  # fmt: skip
        status, text = refusal([*nodes, *ends], {**w, **more})
        check(status == 1 and all(word in text for word in words), f"{status}: {text}")

    def nested(depth):
        if depth == 0:
            return [node("Relu", ["x"], ["r0"])]
        branches = [helper.make_graph(nested(depth - 1), "b", [], [helper.make_tensor_value_info(f"r{depth - 1}", TensorProto.FLOAT, None)])] * 2
        return [node("If", ["go"], [f"r{depth}"], then_branch=branches[0], else_branch=helper.make_graph(
            [node("Relu", ["x"], ["e"])], "e", [], [helper.make_tensor_value_info("e", TensorProto.FLOAT, None)]))]  # fmt: skip

    status, text = refusal([*nested(60), node("Identity", ["r60"], ["y"]), *ends], {**w, "go": np.array(True)})
    check(status == 1 and "deeper" in text, text)

    def sparse(graph):
        graph.initializer.remove(next(i for i in graph.initializer if i.name == "k"))
        tensor = graph.sparse_initializer.add(dims=[3, 3, 1, 1])
        tensor.values.CopyFrom(numpy_helper.from_array(np.float32([1, 2]), "k"))
        tensor.indices.CopyFrom(numpy_helper.from_array(np.int64([0, 4]), "i"))

    status, text = refusal([node("Conv", ["x", "k"], ["y"], name="mix"), *ends], {**w, "k": np.ones((3, 3, 1, 1), np.float32)}, change=sparse)
    check(status == 1 and "sparse" in text and "mix" in text and "“k”" in text, text)


TESTS = [(name[5:], test) for name, test in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
