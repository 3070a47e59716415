#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unusual networks: each method answers with finite numbers or refuses with one clear sentence.

    test-edges.py CNN_VIZ_CLI
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import check, need, run  # noqa: E402

h5py, np = need("h5py", "numpy")
from edge_networks import NETWORKS  # noqa: E402

PROGRAM = sys.argv[1]
METHODS = ("saliency", "grad-cam", "guided-grad-cam", "occlusion", "gradient-x-input", "smooth-grad", "integrated-gradients",
           "grad-cam-plus-plus", "layer-cam", "hires-cam", "score-cam")  # fmt: skip
FOLDER = None  # a temporary folder while the tests run


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)


def make(name):
    write, shape = NETWORKS[name]
    path, array = FOLDER / f"{name}.h5", FOLDER / f"{name}.npy"
    if not path.exists():
        write(path)
        np.save(array, np.random.default_rng(9).random(shape, np.float32))
    return path, array


def answer(name, *words):
    """What a command prints and the array it writes; or None and its one sentence."""
    path, array = make(name)
    target = FOLDER / "out.npy"
    target.unlink(missing_ok=True)
    result = call(words[0], path, array, *words[1:], "--npy", target)
    if result.returncode == 0:
        check(target.exists(), f"{name} {words}: nothing written")
        values = np.load(target)
        check(np.isfinite(values).all(), f"{name} {words}: {values}")
        return result.stdout, values
    check(result.returncode == 1, f"{name} {words}: status {result.returncode}: {result.stderr}")
    check(len(result.stderr.splitlines()) == 1 and len(result.stderr) > 20, f"{name} {words}: {result.stderr}")
    return None, result.stderr


def test_all(name, without=()):
    for method in METHODS:
        text, values = answer(name, method)
        check((text is None) == (method in without), f"{name} {method}: {text} {values}")


def test_regression():
    test_all("regression")
    path, array = make("regression")
    top = json.loads(call("predict", path, array, "--json").stdout)["inputs"][0]["top"][0]
    check(top["probability"] is None, f"a regressed number has a probability: {top}")
    # the drop of the number itself: covering everything leaves the number of a gray input
    text, drop = answer("regression", "occlusion", "--size", "12", "--stride", "12")
    np.save(FOLDER / "gray.npy", np.full((12, 12, 1), 0.5, np.float32))
    gray = json.loads(call("predict", path, FOLDER / "gray.npy", "--json").stdout)["inputs"][0]["top"][0]
    check(np.allclose(drop, top["score"] - gray["score"], atol=1e-5), f"{drop[0, 0]} {top} {gray}")
    check("no probability" in text, text)


def top_of(name, *words):
    path, array = make(name)
    return json.loads(call("predict", path, array, "--json", *words).stdout)["inputs"][0]["top"]


def test_number_is_not_judged():
    """No picture is right or wrong for a network that gives one number; no output wins against none."""
    path, _ = make("regression")
    folder = FOLDER / "judged" / "0"
    folder.mkdir(parents=True, exist_ok=True)
    result = call("evaluate", path, folder.parent)
    check(result.returncode == 1 and "one number" in result.stderr and "%" not in result.stdout, result.stderr)
    for name in ("regression", "one-unit"):
        text, _ = answer(name, "occlusion")
        check("positions." in text and "win" not in text, text)


def test_figure_of_a_number():
    """A figure of a network without probabilities shows its number and no percentage."""
    path, array = make("regression")
    for command, words in (("predict", []), ("saliency", []), ("compare", ["--method", "saliency"])):
        target = FOLDER / "number.svg"
        result = call(command, path, array, *words, "-o", target)
        check(result.returncode == 0, f"{command}: {result.stderr}")
        described = target.read_text()
        check("probability" not in described and "%</" not in described, f"{command} speaks of a probability")


def test_heads():
    """Log-softmax and sigmoid units have their own probabilities, raw scores those of a softmax."""
    for name in ("two-numbers", "log-softmax", "multi-label"):
        test_all(name)
        top = top_of(name)
        scores = np.array([entry["score"] for entry in top])
        wanted = 1 / (1 + np.exp(-scores)) if name == "multi-label" else np.exp(scores) / np.exp(scores).sum()
        check(np.allclose([entry["probability"] for entry in top], wanted, atol=1e-6), f"{name}: {top}")
        _, drop = answer(name, "occlusion", "--class", "1", "--size", "12", "--stride", "12")
        np.save(FOLDER / "gray.npy", np.full(NETWORKS[name][1], 0.5, np.float32))
        path, _ = make(name)
        gray = json.loads(call("predict", path, FOLDER / "gray.npy", "--json").stdout)["inputs"][0]["top"]
        one, other = (next(entry["probability"] for entry in each if entry["class"] == 1) for each in (top, gray))
        check(np.allclose(drop, one - other, atol=1e-5), f"{name}: {drop[0, 0]} beside {one - other}")


def test_segmentation():
    test_all("segmentation")
    # scores are means over space
    path, array = make("segmentation")
    top = json.loads(call("predict", path, array, "--json", "--top", "3").stdout)["inputs"][0]["top"]
    check(len(top) == 3 and abs(sum(entry["probability"] for entry in top) - 1) < 1e-5, f"{top}")


def test_dense_only():
    cams = [method for method in METHODS if "cam" in method]
    test_all("dense-only", without=cams)
    for words in (["grad-cam"], ["grad-cam", "--layer", "hidden"]):
        text, message = answer("dense-only", *words)
        check("dense-only" in message or "hidden" in message, message)
        check("extent" in message, message)


def test_one_pixel():
    path, array = make("one-pixel")
    for method in METHODS:
        text, values = answer("one-pixel", method)
        check(text is not None or "extent" in values, f"{method}: {values}")


def test_one_unit():
    test_all("one-unit")
    _, with_it = answer("one-unit", "grad-cam", "--signed", "yes")
    _, against = answer("one-unit", "grad-cam", "--signed", "yes", "--against", "yes")
    check(np.allclose(with_it, -against, atol=1e-6), "for and against are not opposite")
    text, _ = answer("one-unit", "saliency")
    check("Evidence for" in text and "before the sigmoid" in text and "“real”" in text, text)


def test_one_dimension():
    for method in ("predict", "saliency", "grad-cam", "occlusion"):
        text, values = answer("one-dimension", method)
        print(f"# {method}: {' '.join((values if text is None else text).split())}")


def test_maximize():
    for name in ("regression", "segmentation", "one-unit", "dense-only", "multi-label"):
        path, _ = make(name)
        scores = {}
        for sign, words in ((1, []), (-1, ["--against"])):
            result = call("maximize", path, "--class", "0", "--iterations", "60", "--tv", "0", "--lp", "0", *words)
            check(result.returncode == 0, f"{name}: {result.stderr}")
            scores[sign] = float(result.stdout.split("score ")[1].split(",")[0])
        check(scores[1] > scores[-1], f"{name}: {scores}")


def test_near_names():
    path, array = make("one-unit")
    for words, wanted in (
        (["grad-cam", path, array, "--layer", "cnov"], "“conv”"),
        (["activations", path, array, "--layer", "flat"], "“flatten”"),
        (["filters", path, "--layer", "Conv"], "“conv”"),
    ):
        result = call(*words)
        check(result.returncode == 1 and wanted in result.stderr, f"{words[0]}: {result.stderr}")
    labels = FOLDER / "labels.txt"
    labels.write_text("cat\ndog\ndoberman\n")
    path, array = make("multi-label")
    result = call("saliency", path, array, "--labels", labels, "--class", "dobermann")
    check(result.returncode == 1 and "“doberman”" in result.stderr, result.stderr)
    result = call("saliency", path, array, "--class", "7")
    check(result.returncode == 1 and "3 classes" in result.stderr, result.stderr)


def test_nothing_to_write():
    path, array = make("one-unit")
    target = FOLDER / "none.npy"
    for method, option in (("score-cam", "--gradient-npy"), ("grad-cam", "--gradient-npy")):
        result = call(method, path, array, option, target)
        check(result.returncode == 1 and option in result.stderr, f"{method} {option}: {result.stderr}")
        check(not target.exists(), f"{method} wrote {option}")


def test_help():
    """Every command says how it is called, and every choice what may be chosen."""
    listed = call("--help").stdout
    for command in ("summary", "diagram", "predict", "filters", "activations", "maximize", "compare", "bench", *METHODS):
        result = call(command, "--help")
        check(result.returncode == 0 and f"cnn-viz-cli {command} [OPTION" in result.stdout, f"{command}: {result.stdout[:200]}")
        check(f"cnn-viz-cli {command} " in listed, f"--help does not list {command}")
    for command, word in (("occlusion", "gray|black|white|mean|blur|N"), ("occlusion", "drop|tutorial"),
                          ("smooth-grad", "mean|square|variance"), ("saliency", "yes|no"), ("score-cam", "probability|softmax")):  # fmt: skip
        check(word in call(command, "--help").stdout, f"{command} --help does not say {word}")


def test_no_such_file():
    """What a command does not write is not passed over in silence."""
    path, _ = make("one-unit")
    for words in (["summary", path], ["diagram", path, "-o", FOLDER / "d.svg"], ["bench", path]):
        result = call(*words, "--npy", FOLDER / "none.npy")
        check(result.returncode == 2 and "--npy" in result.stderr, f"{words}: {result.returncode} {result.stderr}")


TESTS = [
    ("/edges/regression", test_regression),
    ("/edges/heads", test_heads),
    ("/edges/figure-of-a-number", test_figure_of_a_number),
    ("/edges/number-is-not-judged", test_number_is_not_judged),
    ("/edges/segmentation", test_segmentation),
    ("/edges/dense-only", test_dense_only),
    ("/edges/one-pixel", test_one_pixel),
    ("/edges/one-unit", test_one_unit),
    ("/edges/one-dimension", test_one_dimension),
    ("/edges/maximize", test_maximize),
    ("/edges/near-names", test_near_names),
    ("/edges/nothing-to-write", test_nothing_to_write),
    ("/edges/help", test_help),
    ("/edges/no-such-file", test_no_such_file),
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
