#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Integrated Gradients on smooth networks: the parts add up to what the score rises by from the baseline.

    test-completeness.py CNN_VIZ_CLI
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from tap import check, need, run  # noqa: E402

np, edge_networks = need("numpy", "edge_networks")

PROGRAM = sys.argv[1]
SIDE, CHANNELS, CLASSES = 16, 2, 3
MOST = 0.01  # of the rise


class Steep(edge_networks.Writer):
    """Weights large enough that the curves of the activations matter."""

    def draw(self, *shape):
        return 3 * super().draw(*shape)


def pooled(path, activation, pool):
    net = Steep(31).conv("conv", 3, CHANNELS, 6, activation, batch_input_shape=[None, SIDE, SIDE, CHANNELS])
    net.add("AveragePooling2D", "average", pool_size=[2, 2], strides=[2, 2], padding="valid",
            data_format="channels_last")
    net.conv("deeper", 3, 6, 8, activation)
    if pool:
        net.add("GlobalAveragePooling2D", "pool", data_format="channels_last").dense("preds", 8, CLASSES, "softmax")
    else:
        net.add("Flatten", "flatten").dense("hidden", 200, 10, activation).dense("preds", 10, CLASSES, "softmax")
    return net.write(path)


# the activation, and whether a global pooling ends the convolutions
NETWORKS = {
    "tanh": ("tanh", False),
    "softplus": ("softplus", True),
    "swish": ("swish", False),
    "sigmoid": ("sigmoid", True),
}


def call(*words):
    result = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{words}: {result.stderr}")
    return result.stdout


class Case:
    def __init__(self, name, folder):
        self.folder = pathlib.Path(folder)
        self.model = pooled(self.folder / f"{name}.h5", *NETWORKS[name])
        self.x = np.random.default_rng(5).uniform(0, 1, (1, SIDE, SIDE, CHANNELS)).astype(np.float32)
        np.save(self.folder / "x.npy", self.x)

        inputs = np.concatenate([self.x, np.zeros_like(self.x), np.ones_like(self.x)])
        np.save(self.folder / "all.npy", inputs)
        answer = json.loads(call("predict", self.model, self.folder / "all.npy", "--json", "--top", CLASSES))
        scores = [{entry["class"]: entry["score"] for entry in one["top"]} for one in answer["inputs"]]
        self.rises = {"black": (scores[0], scores[1]), "white": (scores[0], scores[2])}

    def residual(self, index, baseline, steps):
        """What the parts lack of the rise, as a share of it; and the same as the note puts it, in per cent."""
        out = self.folder / "parts.npy"
        said = call("integrated-gradients", self.model, self.folder / "x.npy", "--class", index, "--baseline", baseline,
                    "--steps", steps, "--gradient-npy", out)  # fmt: skip
        end, start = self.rises[baseline]
        rise = end[index] - start[index]
        note = re.search(r"\(([-+.e\d]+) ?%\)", said)
        check(note, f"no residual is said: {said}")
        return abs(np.load(out).astype(np.float64).sum() - rise) / abs(rise), float(note[1])


def test_smooth(name):
    with tempfile.TemporaryDirectory() as folder:
        case = Case(name, folder)
        worst = 0
        for index, baseline in enumerate(("black", "white", "black")):
            share, said = case.residual(index, baseline, 50)
            check(share < MOST, f"class {index} from {baseline}: {100 * share:.2g} % of the rise is missing")
            check(abs(said - 100 * share) < 0.1, f"{said} % is said, {100 * share} % is missing")
            worst = max(worst, share)
        roughest, _ = case.residual(0, "black", 2)
        print(f"# {name}: at most {100 * worst:.2g} % is missing; with two steps {100 * roughest:.2g} %")
        check(roughest > 10 * worst, "more steps change nothing: the networks are too straight to tell")


if __name__ == "__main__":
    sys.exit(run([(f"/completeness/{name}", lambda name=name: test_smooth(name)) for name in NETWORKS]))
