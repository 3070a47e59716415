#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnn-viz-cli on networks that others trained, against reference arrays that an independent interpreter computed.

    test-references.py CNN_VIZ_CLI

Needs the reference folder, see CNN_SHARED; is skipped without it. CNN_NETWORKS may name a further folder of networks, too large to be
run each time: NAME.onnx and its references in refs/NAME, such as torchvision's classifiers as exported by torch.onnx.export().
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import SHARED, Skip, check, need, run  # noqa: E402

np, Image = need("numpy", "PIL.Image")
PROGRAM = sys.argv[1]
REFS = SHARED / "models/refs"
FURTHER = pathlib.Path(os.environ.get("CNN_NETWORKS") or "/nonexistent")
# Relative L2. Gradients of float32 networks move where a unit sits on the edge of a rectifier.
STRICT, EDGES = 1e-3, 2e-2
# In these the references leave leaky rectifiers alone, which the program gates.
LEAKY = {"darknet_tiny", "meso4_tf2onnx.onnx"}
# Their outputs only: references of the gradients disagree with each other; and one with a score map as output.
OUTPUT_ONLY = re.compile(r"zoo_|mtcnn")
# Units on an edge: with the input of darknet_tiny times 1.0000001 the gradient agrees to 5e-7, as it is to 1e-2.
ON_EDGE = {"darknet_tiny", "teachable_machine_waste.h5", "mosquitoes_2.14.keras"}
# The same for torchvision's inception_v3, which is 1.8e-2 away, as float32 in PyTorch is: of the units of its 94 rectifiers some
# within 1e-5 of the largest lie on the other side (Mixed_5b to Mixed_7c).


def distance(found, expected):
    check(found.shape == expected.shape, f"shape {found.shape} instead of {expected.shape}")
    expected = expected.astype(np.float64)
    norm = np.linalg.norm(expected)
    return np.linalg.norm(found - expected) / norm if norm > 0 else np.linalg.norm(found)


def find_model(meta):
    for folder in [FURTHER, *sorted((SHARED / "models/models").iterdir())]:
        path = folder / meta["model"]
        if path.is_file():
            return path
        if (folder / meta["model"] / "model.json").is_file():
            return folder / meta["model"] / "model.json"
    raise Skip(f"{meta['model']} is not there")


def preprocessed(reference, meta):
    """The input: as stored, or the picture with the formula that meta.json gives."""
    stored = reference / "input.npy"
    if stored.is_file():
        return np.load(stored)
    x = np.asarray(Image.open(reference / "image.png")).astype(np.float32)
    if x.ndim == 2:
        x = x[:, :, None]
    formulas = {
        "x": lambda: x,
        "x/255": lambda: x / np.float32(255),
        "x/127.5-1": lambda: x / np.float32(127.5) - np.float32(1),
        "(x/255-[0.485,0.456,0.406])/[0.229,0.224,0.225]": lambda: (
            (x / np.float32(255) - np.array([0.485, 0.456, 0.406], np.float32)) / np.array([0.229, 0.224, 0.225], np.float32)
        ),
    }
    if meta["preprocess"] not in formulas:
        raise Skip(f"unknown preprocessing {meta['preprocess']}")
    x = formulas[meta["preprocess"]]()
    return (x.transpose(2, 0, 1) if meta["layout"] == "NCHW" else x)[None]


def call(*words):
    result = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{' '.join(map(str, words))}: {result.stderr}")


def compare(reference):
    meta = json.loads((reference / "meta.json").read_text())
    model = find_model(meta)
    name = reference.name
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder) / "in.npy", pathlib.Path(folder) / "out.npy"
        np.save(source, preprocessed(reference, meta))
        worst = {}

        def measure(what, file, limit, *words):
            call(*words, target)
            worst[what] = distance(np.load(target), np.load(reference / file))
            print(f"# {name}: {what}: {worst[what]:.1e}")
            check(worst[what] <= limit, f"{name}: {what} differs by {worst[what]:.1e}, allowed {limit:.0e}")

        output = "prob.npy" if meta["head"] != "raw scores" else "logits.npy"
        if "mtcnn" not in name:
            measure("output", output, STRICT, "predict", model, source, "--npy")
        if OUTPUT_ONLY.match(name):
            return
        # deep networks all have some unit there
        limit = EDGES if name in ON_EDGE or reference.parent.parent == FURTHER else STRICT
        chosen = ["--class", meta["top_class"]]
        for modifier in ("vanilla", "guided", "relu"):
            capped = reference / f"grad_{modifier}_cap.npy"
            file = capped.name if capped.is_file() else f"grad_{modifier}.npy"
            if (reference / file).is_file() and (modifier == "vanilla" or name not in LEAKY):
                measure(f"{modifier} gradient", file, limit, "saliency", model, source, *chosen, "--modifier", modifier,
                        "--gradient-npy")  # fmt: skip
        if (reference / "gradcam.npy").is_file():
            expected = np.load(reference / "gradcam.npy")
            call("grad-cam", model, source, *chosen, "--layer", meta["last_conv"]["tensor"], "--cam-npy", target)
            difference = distance(np.load(target), expected.reshape(np.load(target).shape))
            print(f"# {name}: Grad-CAM: {difference:.1e}")
            check(difference <= limit, f"{name}: Grad-CAM differs by {difference:.1e}, allowed {limit:.0e}")


if __name__ == "__main__":
    folders = [folder for refs in (REFS, FURTHER / "refs") if refs.is_dir() for folder in sorted(refs.iterdir())]
    if not folders:
        print(f"1..0 # SKIP {REFS} is not there")
        sys.exit(0)
    sys.exit(run([(f"/references/{folder.name}", lambda folder=folder: compare(folder)) for folder in folders]))
