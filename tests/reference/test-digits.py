#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares cnn-viz-cli with an independent implementation on 20 digits x 10 classes.

    test-digits.py CNN_VIZ_CLI

To stay quick, the three modifiers and the two occlusion modes are spread over the 200 pairs of digit and class, so that
each digit and each class meets each of them. With CNN_REFERENCE_FULL=1 in the environment every pair meets all.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, Skip, check, run  # noqa: E402

try:
    import numpy as np
    import torch
    from PIL import Image
    from digit_net import DigitNet, enlarge, occlusion_drop, occlusion_tutorial, saliency
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

MODEL = ROOT / "data/models/digits.h5"
MODIFIERS = ("vanilla", "guided", "relu")
DIGITS = 20
CLASSES = 10
TOLERANCE = 1e-4


def sample_digits():
    """Right ones and misread ones from the samples, as [n, 28, 28] from 0 to 1."""
    samples = sorted((ROOT / "data/samples").glob("*.png"))
    misread = [path for path in samples if path.name.startswith("misread")][:4]
    right = [path for path in samples if path not in misread]
    step = len(right) / (DIGITS - len(misread))
    chosen = misread + [right[int(i * step)] for i in range(DIGITS - len(misread))]
    return np.stack([np.asarray(Image.open(path), np.float32) / np.float32(255) for path in chosen])


class Comparison:
    """Runs the program on all digits and keeps the worst difference of each kind of array."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.images = sample_digits()
        self.net = DigitNet(MODEL)
        self.worst = {}
        for i, image in enumerate(self.images):
            np.save(self.folder / f"digit-{i}.npy", image[..., None])

    def input(self, i):
        return torch.from_numpy(self.images[i].astype(np.float64))[None, None]

    def call(self, command, name, *options):
        """One call of the program; options that start with @ are files to write, returned in that order."""
        outputs = [self.folder / f"{name}-{option[1:]}" for option in options if option.startswith("@")]
        files = iter(outputs)
        words = [str(next(files)) if option.startswith("@") else option for option in options]
        result = subprocess.run([self.program, command, MODEL, *words], capture_output=True, text=True, check=False)
        check(result.returncode == 0, f"{command} {words}: status {result.returncode}: {result.stderr}")
        return [np.load(output) for output in outputs]

    def digit(self, i):
        return str(self.folder / f"digit-{i}.npy")

    def compare(self, kind, found, reference):
        reference = np.asarray(reference)
        check(found.dtype == np.float32, f"{kind}: written as {found.dtype}")
        check(found.shape == reference.shape, f"{kind}: shape {found.shape} instead of {reference.shape}")
        scale = np.abs(reference).max()
        difference = np.abs(found - reference).max() / scale if scale > 0 else np.abs(found).max()
        self.worst[kind] = max(self.worst.get(kind, 0), difference)
        check(difference <= TOLERANCE, f"{kind}: differs by {difference:.2e} of the largest value")


def in_parallel(function, cases):
    """Calls function (*case) for all, a few at a time; each call waits for a process."""
    workers = max(2, os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(function, *case) for case in cases]:
            future.result()


def pairs(part=0, parts=1):
    """Digits and classes: all, or the given one of several parts."""
    full = bool(os.environ.get("CNN_REFERENCE_FULL"))
    return [(i, c) for i in range(DIGITS) for c in range(CLASSES) if full or (i + c) % parts == part]


def test_probabilities(comparison):
    reference = comparison.net.probabilities(torch.from_numpy(comparison.images.astype(np.float64))[:, None])
    inputs = [comparison.digit(i) for i in range(DIGITS)]
    (found,) = comparison.call("predict", "all", *inputs, "--npy", "@prob.npy")
    comparison.compare("probabilities", found, reference)


def test_gradients(comparison, modifier):
    def one(i, c):
        gradient, field = comparison.call(
            "saliency", f"{modifier}-{i}-{c}", comparison.digit(i), "--class", str(c), "--modifier", modifier,
            "--gradient-npy", "@gradient.npy", "--npy", "@saliency.npy",
        )  # fmt: skip
        reference = comparison.net.gradient(comparison.input(i), c, modifier)
        comparison.compare(f"gradient, {modifier}, digit {i}, class {c}", gradient, reference)
        comparison.compare(f"saliency, {modifier}, digit {i}, class {c}", field, saliency(reference))

    in_parallel(one, pairs(MODIFIERS.index(modifier), len(MODIFIERS)))


def test_grad_cam(comparison, modifier):
    def one(i, c):
        cam, field = comparison.call(
            "grad-cam", f"cam-{modifier}-{i}-{c}", comparison.digit(i), "--class", str(c), "--modifier", modifier,
            "--cam-npy", "@cam.npy", "--npy", "@map.npy",
        )  # fmt: skip
        reference = comparison.net.grad_cam(comparison.input(i), c, modifier)
        comparison.compare(f"Grad-CAM, {modifier}, digit {i}, class {c}", cam, reference)
        comparison.compare(f"Grad-CAM at input size, {modifier}, digit {i}, class {c}", field, enlarge(reference))

    in_parallel(one, pairs(MODIFIERS.index(modifier), len(MODIFIERS)))


def test_occlusion_tutorial(comparison):
    references = [occlusion_tutorial(comparison.net, comparison.input(i), 4) for i in range(DIGITS)]

    def one(i, c):
        field, classes = comparison.call(
            "occlusion", f"tutorial-{i}-{c}", comparison.digit(i), "--class", str(c), "--mode", "tutorial",
            "--npy", "@map.npy", "--class-npy", "@class.npy",
        )  # fmt: skip
        comparison.compare(f"tutorial occlusion, digit {i}, class {c}", field, references[i][c])
        check(np.array_equal(classes, references[i].argmax(0)), f"tutorial occlusion, digit {i}: another class map")

    in_parallel(one, pairs(0, 2))


def test_occlusion_drop(comparison):
    references = [occlusion_drop(comparison.net, comparison.input(i), 8, 4) for i in range(DIGITS)]

    def one(i, c):
        (field,) = comparison.call(
            "occlusion", f"drop-{i}-{c}", comparison.digit(i), "--class", str(c), "--npy", "@map.npy"
        )
        comparison.compare(f"occlusion, digit {i}, class {c}", field, references[i][c])

    in_parallel(one, pairs(1, 2))


def main():
    # One thread each: several run at a time
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    program = sys.argv[1] if len(sys.argv) > 1 else ""

    def needs_program():
        if not os.access(program, os.X_OK):
            raise Skip("cnn-viz-cli is not built")

    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(program, folder)

        def case(function, *arguments):
            def body():
                needs_program()
                comparison.worst.clear()
                function(comparison, *arguments)
                worst = max(comparison.worst, key=comparison.worst.get)
                print(f"# largest difference {comparison.worst[worst]:.1e} ({worst})")

            return body

        tests = [("/reference/probabilities", case(test_probabilities))]
        tests += [(f"/reference/gradient/{name}", case(test_gradients, name)) for name in MODIFIERS]
        tests += [(f"/reference/grad-cam/{name}", case(test_grad_cam, name)) for name in MODIFIERS]
        tests += [
            ("/reference/occlusion/tutorial", case(test_occlusion_tutorial)),
            ("/reference/occlusion/drop", case(test_occlusion_drop)),
        ]
        return run(tests)


if __name__ == "__main__":
    sys.exit(main())
