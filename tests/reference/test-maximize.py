#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation maximisation beside the same steps in PyTorch and double precision, noise and jitter included.

    test-maximize.py CNN_VIZ_CLI
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
    from torch_methods import maximize
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
# rounding flips a gate now and then, and each step builds on the last
TOLERANCE = 1e-3


def test(target, words, score, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "found.npy"
        call = [PROGRAM, "maximize", MODEL, *target, *words, "--npy", path]
        result = subprocess.run([str(word) for word in call], capture_output=True, text=True, check=False)
        check(result.returncode == 0, result.stderr)
        found = np.load(path)
    expected, reached, loss = maximize(score, (1, SIDE, SIDE), **options)
    expected = expected.permute(0, 2, 3, 1).numpy()
    distance = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    check(distance < TOLERANCE, f"relative L2 distance {distance}")
    check(f"score {reached:.3g}"[:-1] in result.stdout, f"{result.stdout} beside {reached}, loss {loss}")


def main():
    net = DigitNet(MODEL)

    def of_class(digit):
        return lambda x: net.head(net.features(x))[0, digit]

    def of_filter(index):
        def score(x):
            first = torch.nn.functional.conv2d(x, net.kernels[0], net.biases[0]).clamp(min=0)
            return torch.nn.functional.conv2d(first, net.kernels[1], net.biases[1])[0, index].mean()

        return score

    return run([
        ("/maximize/class", lambda: test(["--class", 3], ["--iterations", 25], of_class(3), iterations=25)),
        ("/maximize/seed and jitter", lambda: test(
            ["--class", 8], ["--iterations", 12, "--seed", 5, "--jitter", 2], of_class(8), iterations=12, seed=5,
            jitter=2)),
        ("/maximize/weights from the mean", lambda: test(
            ["--class", 0], ["--iterations", 12, "--tv", 40, "--lp", 3, "--start", "mean"], of_class(0), iterations=12,
            tv=40, lp=3, start=torch.full((1, 1, SIDE, SIDE), 0.5, dtype=torch.float64))),
        ("/maximize/filter", lambda: test(
            ["--layer", "conv2d_2", "--filter", 11], ["--iterations", 12, "--tv", 0.1, "--lp", 0.1], of_filter(11),
            iterations=12, tv=0.1, lp=0.1)),
    ])


if __name__ == "__main__":
    sys.exit(main())
