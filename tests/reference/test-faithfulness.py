#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Insertion and deletion (V. Petsiuk et al. 2018) on the sample digits: what a map calls important matters more to the
network than what chance picks.

    test-faithfulness.py CNN_VIZ_CLI
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, check, run  # noqa: E402

try:
    import numpy as np
    import torch
    from digit_net import SIDE, DigitNet
    from PIL import Image
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
SAMPLES = sorted((ROOT / "data/samples").glob("digit-*.png"))[::3][:12]
STEPS = 28
RANDOM_ORDERS = 6


def curves(net, image, digit, order):
    """Areas under the probability of the digit while pixels are deleted, and while they are inserted."""
    copies = np.repeat(image.reshape(1, -1), STEPS + 1, 0)
    gone = np.zeros((STEPS + 1, image.size), bool)
    for step in range(STEPS + 1):
        gone[step, order[: step * image.size // STEPS]] = True
    areas = []
    for part in (np.where(gone, 0, copies), np.where(gone, copies, 0)):
        p = net.probabilities(torch.from_numpy(part.reshape(-1, 1, SIDE, SIDE)))[:, digit].numpy()
        areas.append(((p[1:] + p[:-1]) / 2).mean())
    return areas


def maps(method, folder, *words):
    call = [PROGRAM, method, MODEL, *SAMPLES, *words, "--npy", f"{folder}/{method}-{{name}}.npy"]
    result = subprocess.run([str(word) for word in call], capture_output=True, text=True, check=False)
    check(result.returncode == 0, result.stderr)
    return [np.load(f"{folder}/{method}-{path.stem}.npy") for path in SAMPLES]


class Digits:
    def __init__(self):
        self.net = DigitNet(MODEL)
        self.images = [np.asarray(Image.open(path), np.float64) / 255 for path in SAMPLES]
        self.digits = [int(path.stem.split("-")[1]) for path in SAMPLES]
        random = np.random.default_rng(1)
        self.chance = np.mean([
            np.mean([curves(self.net, image, digit, random.permutation(image.size)) for _ in range(RANDOM_ORDERS)], 0)
            for image, digit in zip(self.images, self.digits)
        ], 0)  # fmt: skip

    def beat_chance(self, method, *words):
        with tempfile.TemporaryDirectory() as folder:
            fields = maps(method, folder, *words)
        found = np.mean([
            curves(self.net, image, digit, np.argsort(-field.ravel(), kind="stable"))
            for image, digit, field in zip(self.images, self.digits, fields)
        ], 0)  # fmt: skip
        print(f"# {method}: deletion {found[0]:.3f} (chance {self.chance[0]:.3f}), insertion {found[1]:.3f} ({self.chance[1]:.3f})")
        check(found[0] < 0.8 * self.chance[0], f"{method}: deletion {found[0]:.3f}, chance {self.chance[0]:.3f}")
        check(found[1] > 1.2 * self.chance[1], f"{method}: insertion {found[1]:.3f}, chance {self.chance[1]:.3f}")


def main():
    torch.set_num_threads(1)
    digits = Digits()
    methods = [["saliency"], ["integrated-gradients"], ["gradient-x-input"], ["smooth-grad", "--samples", 12], ["grad-cam"],
               ["occlusion", "--size", 4, "--stride", 2, "--fill", "black"]]  # fmt: skip
    return run([(f"/faithfulness/{words[0]}", lambda words=words: digits.beat_chance(*words)) for words in methods])


if __name__ == "__main__":
    sys.exit(main())
