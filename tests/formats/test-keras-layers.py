#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every layer of Keras, in the files of each dialect: output and gradient against PyTorch.

    test-keras-layers.py CNN_VIZ_CLI

A network carries many cases as branches from its input to one score; three classes mix the scores.
"""

import collections
import copy
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import check, need, run  # noqa: E402

h5py, np, torch = need("h5py", "numpy", "torch")
import keras_1  # noqa: E402
import keras_dialects as dialects  # noqa: E402
import keras_layers  # noqa: E402
from keras_dialects import Node  # noqa: E402
from keras_layers import CASES, FIRST_CASES, SHAPE, t  # noqa: E402

PROGRAM = sys.argv[1]
TOGETHER = 64
Writer = collections.namedtuple("Writer", "write dialect options theano", defaults=((), False))
WRITERS = {
    "keras1.h5": Writer(dialects.write_1, "1"),
    "keras1-theano.h5": Writer(lambda *a: dialects.write_1(*a, "tf", True), "1", ("--rotate-kernels=yes",), True),
    "keras2.h5": Writer(dialects.write_2, "2"),
    "keras3.h5": Writer(dialects.write_3_hdf5, "3"),
    "keras3.keras": Writer(dialects.write_3, "3"),
    "model.json": Writer(dialects.write_tfjs, "2"),
}
FIRST_WRITERS = dict(WRITERS) | {
    "keras1.h5": Writer(lambda *a: dialects.write_1(*a, "th", False), "1", ("--rotate-kernels=no",)),
    "keras1-theano.h5": Writer(lambda *a: dialects.write_1(*a, "th", True, None), "1", (), True),
}
FOLDER = None
torch.manual_seed(5)
PICTURE = np.random.default_rng(3).normal(0, 1, SHAPE).astype(np.float32)
PLANES = np.ascontiguousarray(PICTURE.transpose(2, 0, 1))


def renamed(nodes, prefix):
    """The nodes of a case as a branch of a larger network."""
    def name(text):
        return text if text == "in" else prefix + text
    nodes = copy.deepcopy(nodes)
    for node in nodes:
        if node.nodes is not None:
            for inner in node.nodes:
                inner.inputs = [name(i) if i == node.name + "_in" else i for i in inner.inputs]
        node.name = name(node.name)
        node.inputs = [name(i) for i in node.inputs]
        node.calls = [[name(i) for i in inputs] for inputs in node.calls] if node.calls else None
        node.keywords = {k: name(v) if k == "y" and isinstance(v, str) else v for k, v in node.keywords.items()}
    return nodes


def last(node):
    return f"{node.name}@{len(node.calls)}" if node.calls else node.name


def network(cases, picture, generator):
    """The cases side by side, and the reference: three scores of the input."""
    nodes, ends, parts = [], [], []
    with torch.no_grad():
        sizes = [case.reference(t(picture)[None]).numel() for case in cases]
    for i, (case, size) in enumerate(zip(cases, sizes)):
        branch = renamed(case.nodes, f"b{i}_")
        weights = generator.normal(0, 1, (size, 1)) / np.sqrt(size)
        branch.append(Node("Flatten", f"flat_{i}", [last(branch[-1])]))
        branch.append(Node("Dense", f"score_{i}", [f"flat_{i}"], {"units": 1, "use_bias": False, "activation": "linear"}, [("kernel", weights)]))
        nodes += branch
        ends.append(f"score_{i}")
        parts.append((case.reference, t(np.float32(weights))))
    mix = generator.normal(0, 1, (len(cases), 3))
    if len(cases) > 1:
        nodes.append(Node("Concatenate", "scores", ends, {"axis": -1}))
        ends = ["scores"]
    nodes.append(Node("Dense", "classes", ends, {"units": 3, "use_bias": False, "activation": "linear"}, [("kernel", mix)]))

    def reference(x):
        return torch.cat([f(x).reshape(1, -1) @ w for f, w in parts], 1) @ t(np.float32(mix))

    return nodes, reference


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)


def difference(cases, picture, file, writer):
    """What is wrong with a network of these cases; "" where nothing is."""
    keras_layers.THEANO = writer.theano
    nodes, reference = network(cases, picture, np.random.default_rng(len(cases)))
    path = FOLDER / file
    path.unlink(missing_ok=True)
    writer.write(path, nodes, picture.shape)
    x = t(picture)[None].requires_grad_()
    expected = reference(x)
    expected[0, 1].backward()
    np.save(FOLDER / "in.npy", picture)
    found = []
    for words in (("predict", path, FOLDER / "in.npy", "--npy"), ("saliency", path, FOLDER / "in.npy", "--class", "1", "--gradient-npy")):
        result = call(*words, FOLDER / "out.npy", *writer.options)
        if result.returncode != 0:
            return f"{words[0]}: {result.stderr.strip()}"
        found.append(np.load(FOLDER / "out.npy"))
    for what, a, b in zip(("output", "gradient"), found, (expected.detach().numpy(), x.grad.numpy())):
        if a.shape != b.shape:
            return f"{what}: shape {a.shape} for {b.shape}"
        error = np.linalg.norm(a - b) / np.linalg.norm(b)
        if not error < 1e-4:
            return f"{what}: differs by {error:.2g}"
    return ""


def compare(cases, picture, *where):
    if not difference(cases, picture, *where):
        return
    wrong = [(case.name, difference([case], picture, *where)) for case in cases]
    wrong = [f"{name}: {what}" for name, what in wrong if what] or [f"{[case.name for case in cases]}: only together"]
    check(False, "\n".join(wrong))


def said_by(case, writer):
    """Whether the dialect has words for the case: those of Keras 1 are translated from Keras 2's."""
    if writer.dialect != "1":
        return writer.dialect in case.only
    return "1" in case.only or ("2" in case.only and keras_1.has_words(case, writer.theano))


def tests(every, picture, writers):
    for file, writer in writers.items():
        cases = [case for case in every if said_by(case, writer)]
        for start in range(0, len(cases), TOGETHER):
            part = cases[start:start + TOGETHER]
            yield f"{file} {part[0].name} to {part[-1].name}", lambda part=part, file=file, writer=writer: compare(part, picture, file, writer)


TESTS = [*tests(CASES, PICTURE, WRITERS), *tests(FIRST_CASES, PLANES, FIRST_WRITERS)]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
