#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""“maximize”: what it writes and prints, and what it refuses.

    test-maximize.py CNN_VIZ_CLI
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, check, need, run  # noqa: E402

np, Image = need("numpy", "PIL.Image")
PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
FOLDER = None  # a temporary folder while the tests run


def call(*words):
    return subprocess.run([PROGRAM, "maximize", *map(str, words)], capture_output=True, text=True, check=False)


def make(*words):
    result = call(*words)
    check(result.returncode == 0, result.stderr)
    return [(label, float(score)) for label, score in re.findall(r"(?m)^(.+): score (\S+), loss", result.stdout)]


def test_all():
    gallery, alone, again = (FOLDER / f"{name}.npy" for name in ("gallery", "alone", "again"))
    scores = make(MODEL, "--class", "all", "--iterations", 30, "--npy", gallery, "-o", FOLDER / "gallery.png")
    check([label for label, score in scores] == [str(i) for i in range(10)], scores)
    found = np.load(gallery)
    check(found.shape == (10, 28, 28, 1) and found.dtype == np.float32, f"{found.shape} {found.dtype}")
    check(found.min() >= 0 and found.max() <= 1, f"{found.min()} to {found.max()}")
    one = make(MODEL, "--class", 4, "--iterations", 30, "--npy", alone)
    check(one == [scores[4]], f"{one} alone, {scores[4]} in the gallery")
    make(MODEL, "--class", 4, "--iterations", 30, "--npy", again)
    check((np.load(alone)[0] == found[4]).all(), "4 alone is another picture than in the gallery")
    check(alone.read_bytes() == again.read_bytes(), "the same call wrote other numbers")


def test_figure():
    with Image.open(FOLDER / "gallery.png") as picture:
        provenance = json.loads(picture.info["cnnviz:provenance"])
        check(picture.width > picture.height, picture.size)
    check(provenance["method"] == "maximize" and provenance["targets"] == list(range(10)), provenance)
    check(provenance["iterations"] == 30 and provenance["iterations-done"] == [30] * 10, provenance)
    check(provenance["from"] == "noise" and len(provenance["scores"]) == 10, provenance)
    for ending in ("pdf", "svg"):
        target = FOLDER / f"filters.{ending}"
        scores = make(MODEL, "--layer", "conv2d_1", "--filter", "3,7-9", "--iterations", 3, "-o", target)
        check([label for label, score in scores] == ["3", "7", "8", "9"], scores)
        check(target.stat().st_size > 1000, f"{target} is empty")


def test_options():
    pictures = {}
    for name, words in {"plain": [], "seed": ["--seed", 1], "mean": ["--start", "mean"], "jitter": ["--jitter", 3],
                        "tv": ["--tv", 100], "lp": ["--lp", 0], "guided": ["--modifier", "guided"]}.items():
        path = FOLDER / f"{name}.npy"
        make(MODEL, "--class", 2, "--iterations", 10, *words, "--npy", path)
        pictures[name] = np.load(path)
    for name, picture in pictures.items():
        check(name == "plain" or (picture != pictures["plain"]).any(), f"--{name} changes nothing")
    # the first step of RMSprop is the range / 255 over the root of what does not stay
    for decay, step in ((0, 1), (0.75, 2)):
        path = FOLDER / f"decay-{decay}.npy"
        make(MODEL, "--class", 2, "--iterations", 2, "--start", "mean", "--decay", decay, "--npy", path)
        moved = np.abs(np.load(path) - 0.5).max() * 255
        check(abs(moved - step) < 0.01, f"--decay {decay}: a step of {moved} instead of {step}")
    path = FOLDER / "start.npy"
    make(MODEL, SEVEN, "--class", 2, "--iterations", 1, "--start", "image", "--npy", path)
    with Image.open(SEVEN) as picture:
        expected = np.asarray(picture.convert("L"), np.float32) / 255
    check(np.abs(np.load(path)[0, :, :, 0] - expected).max() < 1e-6, "the first picture scored is not the open one")
    make(MODEL, "--class", 2, "--iterations", 60, "--range", "-1,1", "--tv", 0, "--lp", 0, "--npy", path)
    check(-1 <= np.load(path).min() < -0.1 and 0.1 < np.load(path).max() <= 1, "not between -1 and 1")


def test_refused():
    for status, words in [
        (2, [MODEL]), (2, [MODEL, "--layer", "conv2d_1"]), (2, [MODEL, "--filter", 3]),
        (2, [MODEL, "--class", 1, "--layer", "conv2d_1", "--filter", 1]), (2, [MODEL, "--class", 1, "--seed", "x"]),
        (2, [MODEL, "--class", 1, "--start", "image"]), (2, [MODEL, "--class", 1, "--start", "nowhere"]),
        (2, [MODEL, "--class", 1, "--modifier", "x"]), (2, [MODEL, "--class", 1, "--range", "1,0"]),
        (1, [MODEL, "--class", 10]), (1, [MODEL, "--class", "8-12"]), (1, [MODEL, "--class", ""]),
        (1, [MODEL, "--layer", "conv2d_1", "--filter", 32]), (1, [MODEL, "--layer", "nowhere", "--filter", 1]),
        (1, [FOLDER / "nothing.h5", "--class", 1]),
    ]:
        target = FOLDER / "refused.npy"
        result = call(*words, "--npy", target)
        check(result.returncode == status, f"{words}: {result.returncode} {result.stderr}")
        check(len(result.stderr.splitlines()) == 1 and not target.exists(), f"{words}: {result.stderr!r}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run([("/maximize/all", test_all), ("/maximize/figure", test_figure),
                      ("/maximize/options", test_options), ("/maximize/refused", test_refused)]))
