#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters and activations from the command line beside the numbers of the file.

    test-layers.py CNN_VIZ_CLI
"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, SHARED, Skip, check, need, run  # noqa: E402

h5py, np = need("h5py", "numpy")
PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
ZOO = SHARED / "models/models/keras_zoo"
FOLDER = None  # a temporary folder while the tests run


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)


def succeed(*words):
    result = call(*words)
    check(result.returncode == 0, f"{words}: {result.stderr}")
    return result.stdout


def table(*words):
    """The rows of a CSV as arrays by column."""
    rows = list(csv.DictReader(io.StringIO(succeed(*words, "--csv"))))
    check(rows, f"{words}: no rows")
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def expect(found, planes, kernels):
    """A table beside the filters themselves, [n, …]."""
    flat = planes.reshape(len(planes), -1).astype(np.float64)
    check(len(found["filter"]) == len(planes), f"{len(found['filter'])} rows for {len(planes)} filters")
    expected = {"min": flat.min(1), "max": flat.max(1), "mean": flat.mean(1), "zero_share": (flat == 0).mean(1)}
    strongest = np.where(np.abs(flat.min(1)) > np.abs(flat.max(1)), flat.min(1), flat.max(1))
    expected["strongest"] = strongest if kernels else flat.max(1)
    for name, values in expected.items():
        check(np.allclose(found[name], values, rtol=1e-5, atol=1e-6), f"{name}: {found[name][:4]} for {values[:4]}")
    return flat


def stored(path, name):
    with h5py.File(path) as file:
        return file[f"model_weights/{name}"][()]


def test_kernels():
    deep = stored(MODEL, "conv2d_2/conv2d_2/kernel:0").transpose(3, 2, 0, 1)  # out, in, rows, columns
    expect(table("filters", MODEL, "--layer", "conv2d_2"), deep.mean(1), True)
    expect(table("filters", MODEL, "--layer", "conv2d_2", "--input-channel", "mean"), deep.mean(1), True)
    norm = np.sqrt(np.square(deep).sum(1))
    expect(table("filters", MODEL, "--layer", "conv2d_2", "--input-channel", "norm"), norm, True)
    for channel in (0, 17, 31):
        found = table("filters", MODEL, "--layer", "conv2d_2", "--input-channel", channel)
        expect(found, deep[:, channel], True)
    result = call("filters", MODEL, "--layer", "conv2d_2", "--input-channel", "32", "--csv")
    check(result.returncode == 1 and "32" in result.stderr and "numbered from 0" in result.stderr, result.stderr)
    for wrong in ("many", "-1", "1.5"):
        result = call("filters", MODEL, "--layer", "conv2d_2", f"--input-channel={wrong}", "--csv")
        check(result.returncode == 2, f"--input-channel {wrong}: {result.returncode} {result.stderr}")


def test_dense():
    expect(table("filters", MODEL, "--layer", "preds"), stored(MODEL, "preds/preds/kernel:0").T, True)
    succeed("filters", MODEL, "--layer", "dense_1", "-o", FOLDER / "dense.png")


def test_activations():
    for layer in ("conv2d_1", "max_pooling2d_1", "preds"):
        target = FOLDER / "activation.npy"
        succeed("activations", MODEL, SEVEN, "--layer", layer, "--npy", target)
        values = np.load(target)[0]
        planes = values.transpose(2, 0, 1) if values.ndim == 3 else values[None]
        found = table("activations", MODEL, SEVEN, "--layer", layer)
        flat = expect(found, planes, False)
        dead = (flat.min(1) == flat.max(1)) & (flat.shape[1] > 1)
        check(np.array_equal(found["dead"] != 0, dead), f"{layer}: {found['dead']} for {dead}")


def test_dead():
    path = FOLDER / "dead.h5"
    path.write_bytes(MODEL.read_bytes())
    with h5py.File(path, "r+") as file:
        file["model_weights/conv2d_1/conv2d_1/bias:0"][5] = -1000
        file["model_weights/conv2d_1/conv2d_1/kernel:0"][..., 9] = 0
    found = table("activations", path, SEVEN, "--layer", "conv2d_1")
    check(found["dead"][5] == 1 and found["zero_share"][5] == 1, "a silent channel is not marked")
    check(table("filters", path, "--layer", "conv2d_1")["dead"].nonzero()[0].tolist() == [9], "dead kernels")


def test_json():
    answer = json.loads(succeed("filters", MODEL, "--layer", "conv2d_1", "--json"))
    rows = table("filters", MODEL, "--layer", "conv2d_1")
    check(answer["layer"] == "conv2d_1" and answer["kind"] == "kernels" and len(answer["filters"]) == 32, "the head")
    for row, strongest in zip(answer["filters"], rows["strongest"]):
        check(abs(row["strongest"] - strongest) < 1e-7 and row["dead"] is False, f"{row}")


def test_scales():
    pictures = []
    for scale in ("each", "layer"):
        path = FOLDER / f"{scale}.png"
        succeed("activations", MODEL, SEVEN, "--layer", "conv2d_1", "--scale", scale, "-o", path)
        pictures.append(path.read_bytes())
    check(pictures[0] != pictures[1], "both scales give the same picture")
    check(call("activations", MODEL, SEVEN, "--layer", "conv2d_1", "--scale", "none").returncode == 2, "--scale none")


def test_kinds():
    """Depthwise, separable and transposed convolutions: as many filters as the layer writes channels."""
    if not ZOO.is_dir():
        raise Skip(f"{ZOO} is not there")
    met = set()
    for path in sorted(ZOO.glob("*.h5")):
        for row in json.loads(succeed("summary", path, "--json"))["layers"]:
            kind = row.get("type") or row.get("class_name")
            if kind not in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"):
                continue
            with h5py.File(path) as file:
                group = file["model_weights"][row["name"]]
                found = {}
                group.visititems(lambda name, item: found.update({name.rsplit("/", 1)[-1]: item[()]}) if hasattr(item, "shape") else None)
            found_rows = table("filters", path, "--layer", row["name"], "--input-channel", "0")
            if kind == "Conv2DTranspose":
                planes = found["kernel:0"].transpose(2, 3, 0, 1)[:, 0]
            elif kind == "Conv2D":
                planes = found["kernel:0"].transpose(3, 2, 0, 1)[:, 0]
            else:
                kernel = found["depthwise_kernel:0"]
                planes = kernel.reshape(*kernel.shape[:2], -1).transpose(2, 0, 1)
            expect(found_rows, planes, True)
            met.add(kind)
    check(len(met) == 4, f"only {met} were met")


TESTS = [
    ("/layers/kernels", test_kernels),
    ("/layers/dense", test_dense),
    ("/layers/activations", test_activations),
    ("/layers/dead", test_dead),
    ("/layers/json", test_json),
    ("/layers/scales", test_scales),
    ("/layers/kinds", test_kinds),
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
