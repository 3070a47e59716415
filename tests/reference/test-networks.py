#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every method of cnn-viz-cli on several networks beside an independent implementation.

    test-networks.py CNN_VIZ_CLI

The sample network always; those that others trained where the reference folder is there, see CNN_SHARED.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import check, run  # noqa: E402

try:
    import numpy as np
    import torch
    import torch_methods as reference
    from reference_networks import NETWORKS
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

PROGRAM = sys.argv[1]
TOLERANCE = 1e-3  # relative L2


class Comparison:
    """Runs the program on one network and keeps the largest difference."""

    def __init__(self, network, folder):
        self.network = network
        self.folder = pathlib.Path(folder)
        x = network.input
        self.x = torch.from_numpy(x.astype(np.float64))
        np.save(self.folder / "input.npy", x.transpose(0, 2, 3, 1) if network.channels_last else x)
        self.worst = (0, "nothing")
        self.count = 0

    def arrays(self, words, *options):
        """What one call writes for each of the options."""
        self.count += 1
        files = [self.folder / f"{self.count}-{option[2:]}.npy" for option in options]
        call = [PROGRAM, words[0], self.network.path, *words[1:]]
        for option, file in zip(options, files):
            call += [option, file]
        result = subprocess.run([str(word) for word in call], capture_output=True, text=True, check=False)
        check(result.returncode == 0, f"{words}: {result.stderr}")
        found = [np.load(file).astype(np.float64) for file in files]
        for file in files:
            file.unlink()
        return found

    def input(self):
        return self.folder / "input.npy"

    def channels_first(self, array):
        return array.transpose(0, 3, 1, 2)[0] if self.network.channels_last else array[0]

    def expect(self, what, found, expected, tolerance=TOLERANCE):
        expected = np.asarray(expected.detach())
        check(found.shape == expected.shape, f"{what}: shape {found.shape} instead of {expected.shape}")
        norm = np.linalg.norm(expected)
        distance = np.linalg.norm(found - expected) / norm if norm > 0 else np.linalg.norm(found)
        check(distance <= tolerance, f"{what}: relative distance {distance:.2e}")
        self.worst = max(self.worst, (distance, what))


def test_saliency(c):
    for index in c.network.classes:
        for modifier in ("vanilla", "guided", "relu"):
            words = ["saliency", c.input(), "--class", index, "--modifier", modifier]
            gradient = reference.score_gradient(c.network, c.x, index, modifier)[0]
            found, field = c.arrays(words, "--gradient-npy", "--npy")
            c.expect(f"{modifier} gradient of {index}", c.channels_first(found), gradient)
            c.expect(f"{modifier} saliency of {index}", field, reference.stretch(gradient.abs().amax(0)))


def test_gradient_modifiers(c):
    index = c.network.classes[0]
    gradient = reference.score_gradient(c.network, c.x, index)[0]
    for name, modify in reference.GRADIENT_MODIFIERS.items():
        (found,) = c.arrays(["saliency", c.input(), "--class", index, "--gradient-modifier", name], "--npy")
        # one over a gradient near zero is rounding: compared where the gradients decide
        expected = np.asarray(reference.stretch(modify(gradient).amax(0)))
        if name in ("invert", "small-values"):
            check(found.min() >= 0 and found.max() <= 1 and found.max() > 0.999, f"{name}: {found.min()} {found.max()}")
            far = np.asarray((gradient.abs() > 1e-3 * gradient.abs().max()).all(0))
            scale = np.abs(modify(gradient).amax(0) * 0 + 1).numpy()
            check(np.isfinite(found * scale).all() and far.any(), name)
            check(np.corrcoef(found[far], expected[far])[0, 1] > 0.99, f"{name} orders the places differently")
        else:
            c.expect(f"gradient modifier {name}", found, torch.from_numpy(expected))
    (found,) = c.arrays(["saliency", c.input(), "--class", index, "--signed", "yes"], "--npy")
    c.expect("signed saliency", found, reference.strongest(gradient))


def test_cams(c):
    modifiers = ("vanilla", "guided", "relu")
    for i, (method, combine) in enumerate(reference.CAMS.items()):
        for k, (index, layer) in enumerate(zip(c.network.classes, c.network.layers)):
            # each method meets two modifiers, each modifier all methods; the last one signed, too
            modifier = modifiers[(i + k) % 3]
            words = [method, c.input(), "--class", index, "--layer", layer, "--modifier", modifier]
            raw = combine(*reference.layer_gradient(c.network, c.x, index, layer, modifier))
            clipped = raw.clamp(min=0)
            found, field = c.arrays(words, "--cam-npy", "--npy")
            c.expect(f"{method} {modifier} of {index} at {layer}", found, clipped)
            large = reference.by_largest(reference.enlarge(clipped, c.x.shape[2:]))
            c.expect(f"enlarged {method} {modifier} of {index} at {layer}", field, large)
        (found,) = c.arrays([*words, "--signed", "yes"], "--cam-npy")
        c.expect(f"signed {method} {modifier} of {index} at {layer}", found, raw)


def test_against(c):
    """The negative of the score goes back through the gates: not the negative of what the score sends back."""
    index, layer = c.network.classes[0], c.network.layers[0]

    class Negative:
        def run(self, *arguments):
            scores, tensors = c.network.run(*arguments)
            return -scores, tensors

    expected = reference.score_gradient(Negative(), c.x, index, "guided")[0]
    words = ["saliency", c.input(), "--class", index, "--modifier", "guided", "--against", "yes"]
    (found,) = c.arrays(words, "--gradient-npy")
    c.expect("guided gradient against", c.channels_first(found), expected)
    expected = reference.grad_cam(*reference.layer_gradient(Negative(), c.x, index, layer)).clamp(min=0)
    (found,) = c.arrays(["grad-cam", c.input(), "--class", index, "--layer", layer, "--against", "yes"], "--cam-npy")
    c.expect("Grad-CAM against", found, expected)


def test_guided_grad_cam(c):
    for index, layer in zip(c.network.classes, c.network.layers):
        expected = reference.guided_grad_cam(c.network, c.x, index, layer)
        words = ["guided-grad-cam", c.input(), "--class", index, "--layer", layer]
        found, field = c.arrays(words, "--gradient-npy", "--npy")
        c.expect(f"Guided Grad-CAM of {index} at {layer}", c.channels_first(found), expected)
        c.expect(f"Guided Grad-CAM map of {index} at {layer}", field, reference.strongest(expected))


def test_activation(c):
    layer = c.network.layers[1]
    with torch.no_grad():
        expected = reference.enlarge(c.network.run(c.x)[1][layer][0, 1], c.x.shape[2:])
    (found,) = c.arrays(["activation", c.input(), "--layer", layer, "--filter", 1], "--npy")
    c.expect(f"filter 1 of {layer}", found, expected)


def test_score_cam(c):
    index, layer, most = c.network.classes[0], c.network.layers[0], c.network.probe_channels
    for name in ("probability", "softmax"):
        words = ["score-cam", c.input(), "--class", index, "--layer", layer, "--channels", most, "--weights", name]
        (found,) = c.arrays(words, "--cam-npy")
        c.expect(f"Score-CAM by {name}", found, reference.score_cam(c.network, c.x, index, layer, most, name == "softmax").clamp(min=0))


def test_attributions(c):
    index = c.network.classes[1]
    product = c.x[0] * reference.score_gradient(c.network, c.x, index)[0]
    found, field = c.arrays(["gradient-x-input", c.input(), "--class", index], "--gradient-npy", "--npy")
    c.expect("gradient x input", c.channels_first(found), product)
    c.expect("gradient x input, summed", field, product.sum(0))
    for baseline in ("black", "blur", "mean"):
        words = ["integrated-gradients", c.input(), "--class", index, "--steps", 6, "--baseline", baseline]
        parts, _ = reference.integrated_gradients(c.network, c.x, index, 6, baseline)
        found, field = c.arrays(words, "--gradient-npy", "--npy")
        c.expect(f"integrated gradients from {baseline}", c.channels_first(found), parts)
        c.expect(f"integrated gradients from {baseline}, summed", field, parts.sum(0))


def test_smooth_grad(c):
    index = c.network.classes[0]
    for kind, modifier in (("mean", "vanilla"), ("square", "relu"), ("variance", "vanilla"), ("mean", "guided")):
        words = ["smooth-grad", c.input(), "--class", index, "--samples", 4, "--seed", 3, "--noise", 10]
        words += ["--average", kind, "--modifier", modifier]
        expected = reference.smooth_grad(c.network, c.x, index, 4, 0.1, 3, kind, modifier)
        found, field = c.arrays(words, "--gradient-npy", "--npy")
        c.expect(f"{modifier} SmoothGrad, {kind}", c.channels_first(found), expected)
        c.expect(f"{modifier} SmoothGrad map, {kind}", field, expected.abs().amax(0))


def test_occlusion(c):
    index, cell = c.network.classes[0], c.network.cell
    for number, fill in enumerate(("gray", "black", "white", "mean", "blur", "0.25")):
        # neither size nor stride divides the side
        size, stride = (2 * cell + 1, cell + 3) if number % 2 else (cell, cell + 1)
        size = max(size, stride)
        words = ["occlusion", c.input(), "--class", index, "--size", size, "--stride", stride, "--fill", fill]
        expected = reference.occlusion_drop(c.network, c.x, index, size, stride, fill)
        (found,) = c.arrays(words, "--npy")
        check(np.abs(found - expected.numpy()).max() <= 1e-4, f"{fill}: {np.abs(found - expected.numpy()).max()}")
        c.expect(f"drop under {fill}", found, expected)
    words = ["occlusion", c.input(), "--class", index, "--mode", "tutorial", "--stride", cell]
    field, winners = c.arrays(words, "--npy", "--class-npy")
    expected, classes = reference.occlusion_tutorial(c.network, c.x, index, cell, "gray")
    c.expect("probability under the tutorial's occluder", field, expected)
    check((winners == classes.numpy()).mean() > 0.99, "other classes win under the tutorial's occluder")


def test_compare(c):
    """All classes and modifiers of one pass back, and methods side by side."""
    classes = list(c.network.classes)
    words = ["compare", c.input(), "--classes", ",".join(map(str, classes))]
    (grid,) = c.arrays([*words, "--method", "saliency"], "--npy")
    check(grid.shape == (2, 3, *c.x.shape[2:]), f"the grid is {grid.shape}")
    for row, index in enumerate(classes):
        for column, modifier in enumerate(("vanilla", "guided", "relu")):
            gradient = reference.score_gradient(c.network, c.x, index, modifier)[0]
            c.expect(f"{modifier} of {index} in the grid", grid[row, column], reference.stretch(gradient.abs().amax(0)))
    (grid,) = c.arrays([*words, "--method", "gradient-x-input,grad-cam", "--modifiers", "guided"], "--npy")
    for row, index in enumerate(classes):
        product = c.x[0] * reference.score_gradient(c.network, c.x, index, "guided")[0]
        c.expect(f"product of {index} in the grid", grid[row, 0], product.sum(0))
        cam = reference.grad_cam(*reference.layer_gradient(c.network, c.x, index, c.network.deepest, "guided")).clamp(min=0)
        large = reference.by_largest(reference.enlarge(cam, c.x.shape[2:]))
        c.expect(f"Grad-CAM of {index} in the grid", grid[row, 1], large)


def test_maximize(c):
    index = c.network.classes[1]
    for modifier in ("vanilla", "guided"):
        words = ["maximize", "--class", index, "--iterations", 6, "--seed", 2, "--range", "0,1", "--modifier", modifier]
        expected, _, _ = reference.maximize(
            lambda x: c.network.run(x, modifier)[0][0, index], c.x.shape[1:], 6, seed=2)
        (found,) = c.arrays(words, "--npy")
        c.expect(f"maximised with {modifier}", c.channels_first(found), expected[0])


def test_maximize_filter(c):
    """A filter, with every option that the class above leaves as it is."""
    layer, index = c.network.raised, 1

    def score(x):
        return c.network.run(x)[1][layer][0, index].mean()

    words = ["maximize", c.input(), "--layer", layer, "--filter", index, "--iterations", 4, "--range", "0,1"]
    (found,) = c.arrays([*words, "--seed", 7, "--jitter", 3, "--tv", 2, "--lp", 0, "--decay", 0.8], "--npy")
    expected, _, _ = reference.maximize(score, c.x.shape[1:], 4, seed=7, jitter=3, tv=2, lp=0, decay=0.8)
    c.expect("raised filter", c.channels_first(found), expected[0])
    (found,) = c.arrays([*words, "--start", "image", "--against", "--lp", 5], "--npy")
    expected, _, _ = reference.maximize(score, c.x.shape[1:], 4, lp=5, start=c.x, rise=-1)
    c.expect("lowered filter", c.channels_first(found), expected[0])


TESTS = [
    ("saliency", test_saliency),
    ("gradient-modifiers", test_gradient_modifiers),
    ("cams", test_cams),
    ("against", test_against),
    ("guided-grad-cam", test_guided_grad_cam),
    ("activation", test_activation),
    ("score-cam", test_score_cam),
    ("attributions", test_attributions),
    ("smooth-grad", test_smooth_grad),
    ("occlusion", test_occlusion),
    ("compare", test_compare),
    ("maximize", test_maximize),
    ("maximize-filter", test_maximize_filter),
]
# what is worth its time on a large network: the passes back
LARGE = {"darknet": ("saliency", "cams", "against", "guided-grad-cam", "compare")}
def main():
    # one thread each: several calls run at a time
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        comparisons = {}

        def body(name, test):
            if name not in comparisons:
                place = pathlib.Path(folder) / name
                place.mkdir(exist_ok=True)
                comparisons[name] = Comparison(NETWORKS[name](), place)
            c = comparisons[name]
            c.worst = (0, "nothing")
            test(c)
            print(f"# largest relative distance {c.worst[0]:.1e}: {c.worst[1]}")

        return run([
            (f"/networks/{name}/{what}", lambda name=name, test=test: body(name, test))
            for name in NETWORKS for what, test in TESTS if what in LARGE.get(name, (what,))
        ])


if __name__ == "__main__":
    sys.exit(main())
