#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample network that cheats: the methods show that it looks at the sky.

    test-tank.py CNN_VIZ_CLI
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, check, need, run  # noqa: E402

np, Image = need("numpy", "PIL.Image")
PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/tank.h5"
PICTURES = sorted((ROOT / "data/samples/tank").glob("*.png"))
# above every horizon, and below every one
SKY, GROUND = 16, 34


def call(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def field(method, picture, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "map.npy"
        call(method, MODEL, picture, "--npy", path, *options)
        return np.load(path)


def predict(*pictures):
    answer = json.loads(call("predict", MODEL, *pictures, "--json"))
    return [entry["top"][0] for entry in answer["inputs"]]


def test_samples():
    check(len(PICTURES) == 12, f"{len(PICTURES)} pictures")
    for path, top in zip(PICTURES, predict(*PICTURES)):
        # what it says goes with the sky, not with the tank
        wanted = "tank" if "dark-sky" in path.name else "no tank"
        check(top["label"] == wanted and top["probability"] > 0.9, f"{path.name} is {top}")


def test_maps():
    for path in PICTURES:
        # a gray patch on a gray sky hides nothing: there it takes a white one
        sweep = ("occlusion", ("--size", 24, "--stride", 4, "--fill", "gray" if "bright-sky" in path.name else "white"))
        for method, options in [sweep, ("saliency", ()), ("grad-cam", ())] if "bright-sky" in path.name else [sweep]:
            values = np.maximum(field(method, path, *options), 0)
            # a sweep may have its own grid
            rows = np.arange(values.shape[0]) * 64 / values.shape[0]
            sky, ground = values[rows < SKY].mean(), values[rows >= GROUND].mean()
            check(sky > 2 * ground, f"{path.name}: {method} is {sky:.3g} in the sky, {ground:.3g} on the ground")


def test_swapped_skies():
    pictures = {path.stem: np.asarray(Image.open(path)) / 255 for path in PICTURES}
    with tempfile.TemporaryDirectory() as folder:
        for tank in ("with", "without"):
            for i in (1, 2, 3):
                dark, bright = pictures[f"{tank}-dark-sky-{i}"], pictures[f"{tank}-bright-sky-{i}"]
                for ground, sky, wanted in [(dark, bright, "no tank"), (bright, dark, "tank")]:
                    # only what is surely sky changes place
                    swapped = np.concatenate([sky[:20], ground[20:]]).astype(np.float32)
                    path = pathlib.Path(folder) / "swapped.npy"
                    np.save(path, swapped)
                    top = predict(path)[0]
                    check(top["label"] == wanted, f"{tank} a tank {i} under the other sky is {top}")


if __name__ == "__main__":
    sys.exit(run([
        ("/tank/samples", test_samples),
        ("/tank/maps", test_maps),
        ("/tank/swapped-skies", test_swapped_skies),
    ]))
