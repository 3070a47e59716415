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
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
# rounding flips a gate now and then, and each step builds on the last
TOLERANCE = 1e-3


class Noise:
    """SplitMix64, as uniform numbers in [0, 1)."""

    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.MASK
        return ((z ^ (z >> 31)) >> 11) / 2**53

    def integer(self, low, high):
        return low + int(self.uniform() * (high - low + 1))


def loss_of(score, x, lp, tv):
    norm = x.abs().pow(6).sum().pow(1 / 6)
    down = x[..., 1:, :-1] - x[..., :-1, :-1]
    right = x[..., :-1, 1:] - x[..., :-1, :-1]
    return -score + lp * norm / x.numel() + tv * (down.square() + right.square()).sum() / x.numel()


def climb(score, iterations, seed, lp=10, tv=10, jitter=0, start="noise"):
    """The input with the least loss, and its score. @score: from [1, 1, 28, 28] to a number."""
    noise = Noise(seed)
    x = torch.full((1, 1, SIDE, SIDE), 0.5, dtype=torch.float64)
    if start == "noise":
        x.view(-1)[:] += torch.tensor([0.05 * (2 * noise.uniform() - 1) * 3**0.5 for _ in range(SIDE * SIDE)])
    cache = torch.zeros_like(x)
    best = None
    for _ in range(iterations):
        dx, dy = noise.integer(-jitter, jitter), noise.integer(-jitter, jitter)
        rolled = x.roll((dy, dx), (2, 3)).requires_grad_()
        reached = score(rolled)
        loss = loss_of(reached, rolled, lp, tv)
        gradient = torch.autograd.grad(loss, rolled)[0].roll((-dy, -dx), (2, 3))
        if best is None or loss.item() < best[0]:
            best = loss.item(), reached.item(), rolled.detach()
        gradient = gradient / gradient.norm()
        cache = 0.95 * cache + 0.05 * gradient.square()
        x = (x - gradient / (cache + 1e-7).sqrt() / 255).clamp(0, 1)
    return best


def test(target, words, score, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "found.npy"
        call = [PROGRAM, "maximize", MODEL, *target, *words, "--npy", path]
        result = subprocess.run([str(word) for word in call], capture_output=True, text=True, check=False)
        check(result.returncode == 0, result.stderr)
        found = np.load(path)
    loss, reached, expected = climb(score, **options)
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
        ("/maximize/class", lambda: test(["--class", 3], ["--iterations", 25], of_class(3), iterations=25, seed=0)),
        ("/maximize/seed and jitter", lambda: test(
            ["--class", 8], ["--iterations", 12, "--seed", 5, "--jitter", 2], of_class(8), iterations=12, seed=5,
            jitter=2)),
        ("/maximize/weights from the mean", lambda: test(
            ["--class", 0], ["--iterations", 12, "--tv", 40, "--lp", 3, "--start", "mean"], of_class(0), iterations=12,
            seed=0, tv=40, lp=3, start="mean")),
        ("/maximize/filter", lambda: test(
            ["--layer", "conv2d_2", "--filter", 11], ["--iterations", 12, "--tv", 0.1, "--lp", 0.1], of_filter(11),
            iterations=12, seed=0, tv=0.1, lp=0.1)),
    ])


if __name__ == "__main__":
    sys.exit(main())
