#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of several inputs and outputs and of free size, worked in a real window by pointer and keyboard; the
predictions are those of the command line tool."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from controls import extents, find, middle, wait_for  # noqa: E402
from input_networks import network  # noqa: E402
from tap import ROOT, Skip, check, run  # noqa: E402
from window import open_accessible  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"


def open_window(*arguments, **options):
    window, window.tree = open_accessible(
        PROGRAM, arguments, lambda w: w.wait_status(lambda s: not s["busy"] and s["top"], "a prediction"),
        size=(1280, 1200), **options)
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "cnn-?viz"], env=window.environment,
                           check=True, capture_output=True, text=True).stdout.split()
    # all controls at once, where nothing has to be scrolled
    window.xdotool("windowmove", "--sync", found[0], 0, 0, "windowsize", "--sync", found[0], *window.size)
    return window


def work(window, role, name):
    """Clicks the control when it has come to rest: what was chosen before may have moved it."""
    node = wait_for(window, role, name)
    places = [None]

    def rests():
        places.append(extents(window, node))
        return places[-1] == places[-2]
    window.wait(rests, f"“{name}” at rest")
    window.click(*middle(window, node))


def enter(window, name, text, key="Return"):
    work(window, "text box", name)
    window.key("ctrl+a")
    window.xdotool("type", text)
    window.key(key)


def predicted(model, picture, *options):
    """The classes by the command line tool, the likeliest first, and their probabilities."""
    out = subprocess.run([os.environ["CNN_VIZ_CLI"], "predict", model, picture, "--json", *map(str, options)],
                         capture_output=True, text=True, check=True).stdout
    found = json.loads(out)
    return [(entry["class"], entry["probability"]) for entry in found["inputs"][0]["top"]]


def shows(window, expected, what):
    def same(s):
        return (not s["busy"] and len(s["top"]) == len(expected) and
                all(a[0] == b[0] and abs(a[2] - b[1]) < 1e-4 for a, b in zip(s["top"], expected)))
    window.wait_status(same, f"{what}: {expected}")


def test_several_inputs():
    """What other inputs are held at is typed, refused in a sentence, undone, redone and remembered."""
    with tempfile.TemporaryDirectory() as folder:
        model = network(pathlib.Path(folder) / "several.onnx", several=True)
        environment = {"XDG_DATA_HOME": folder}
        with open_window(model, SEVEN, environment=environment) as w:
            shows(w, predicted(model, SEVEN), "all held at 0")
            enter(w, "mask", "1")
            one = predicted(model, SEVEN, "--input", "mask=1")
            shows(w, one, "with a mask")
            enter(w, "age and sex", "0.5", "Tab")
            both = predicted(model, SEVEN, "--input", "mask=1", "--input", "age and sex=0.5")
            check(one != both, "the second input changes nothing")
            shows(w, both, "with both")
            enter(w, "age and sex", "abc")
            w.wait_status(lambda s: "neither a number nor a .npy file for the input “age and sex”" in s["last-error"],
                          "a sentence")
            w.wait(lambda: w.state("inputs") == "mask=1\nage and sex=0.5", "the inputs as they were")
            # the keyboard is still in the entry
            w.key("ctrl+z")
            shows(w, one, "undone")
            w.key("ctrl+z")
            shows(w, predicted(model, SEVEN), "all undone")
            w.key("ctrl+shift+z")
            shows(w, one, "redone")
            w.key("ctrl+w")
            w.check_end()
        with open_window(model, SEVEN, environment=environment) as w:
            check(w.state("inputs") == "mask=1", w.state("inputs"))
            shows(w, one, "remembered")


def test_outputs():
    with tempfile.TemporaryDirectory() as folder:
        model = network(pathlib.Path(folder) / "several.onnx", several=True)
        with open_window(model, SEVEN) as w:
            enter(w, "mask", "1")
            w.wait(lambda: w.state("inputs") == "mask=1", "the mask")
            work(w, "combo box", "Output")
            w.wait(w.menus, "the list of outputs")
            w.key("End", "Return")
            w.wait(lambda: w.state("output") == "box", "the second output")
            w.wait_status(lambda s: not s["busy"] and len(s["top"]) == 4, "its four numbers")
            check(w.state("inputs") == "mask=1", "the other inputs stay")
            w.key("ctrl+z")
            w.wait(lambda: w.state("output") == "class", "the first output after undo")
            shows(w, predicted(model, SEVEN, "--input", "mask=1"), "undone")


def picture(folder, width, height):
    path = pathlib.Path(folder) / f"{width}x{height}.png"
    subprocess.run(["convert", "-size", f"{width}x{height}", "gradient:red-blue", path], check=True)
    return path


def test_free_size():
    """A size that the network leaves free follows the pictures until one is chosen."""
    with tempfile.TemporaryDirectory() as folder:
        model = network(pathlib.Path(folder) / "free.onnx", free=True)
        small, wide = picture(folder, 60, 40), picture(folder, 900, 600)
        with open_window(model, small, environment={"XDG_DATA_HOME": folder}) as w:
            w.wait(lambda: w.state("input-size") == "60x40", "the picture's own size")
            shows(w, predicted(model, small, "--input-size", "60x40"), "at the picture's size")
            w.set("open-image", "s", str(wide))
            w.wait(lambda: w.state("input-size") == "336x224", "the second picture's shape, bounded")
            shows(w, predicted(model, wide, "--input-size", "336x224"), "at a bounded size")
            w.key("ctrl+z")
            w.wait(lambda: w.state("input-size") == "60x40", "the first picture's size after undo")
            enter(w, "Size", "96x64")
            w.wait(lambda: w.state("input-size") == "96x64", "the chosen size")
            w.set("open-image", "s", str(wide))
            w.wait_status(lambda s: s["image"] == str(wide) and not s["busy"], "the picture")
            check(w.state("input-size") == "96x64", "a chosen size stays")
            shows(w, predicted(model, wide, "--input-size", "96x64"), "at the chosen size")
            enter(w, "Size", "96")
            w.wait_status(lambda s: "no size like 224x224" in s["last-error"], "a sentence")
            check(w.state("input-size") == "96x64", w.state("input-size"))
            enter(w, "Size", " ")
            w.wait(lambda: w.state("input-size") == "336x224", "the picture's size again")
            w.key("Tab")
            w.key("ctrl+w")
            w.check_end()
        check(not list(pathlib.Path(folder).glob("cnn-viz/networks/*")), "what follows the picture is not remembered")


def write_array(path, channels=None, kind="float32", last=False):
    """Numbers of 32 rows and 48 columns; without @channels without their axis."""
    import numpy as np
    values = np.random.default_rng(5).random((channels or 1, 32, 48)) * (255 if kind == "uint8" else 1)
    values = values.astype(kind)
    np.save(path, values[0] if channels is None else values.transpose(1, 2, 0) if last else values)
    return path


def test_arrays():
    """Arrays in place of pictures: opened, refused, in another order of axes, kept in a session."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        five, two = (network(folder / f"{n}.onnx", channels=n) for n in (5, 2))
        free = network(folder / "free.onnx", channels=5, free=True)
        array, other = write_array(folder / "5.npy", 5), write_array(folder / "2.npy", 2)
        turned = write_array(folder / "turned.npy", 5, last=True)
        expected = predicted(five, array)
        check(predicted(five, turned) == expected, "the tool does not take channels last")
        gray, plane = (write_array(folder / f"{c}.npy", c, "uint8") for c in (1, None))
        one = network(folder / "1.onnx", channels=1)
        check(predicted(one, plane) == predicted(one, gray), "the tool does not take rows and columns")
        with open_window(five, array) as w:
            shows(w, expected, "an array of five channels")
            wait_for(w, "label", "The array goes in as it is: scaling and fit are for pictures. "
                                 "The canvas shows the first three of its 5 channels")
            w.set("open-image", "s", str(other))
            w.wait_status(lambda s: "2.npy: an array of shape 2x32x48 was found" in s["last-error"], "a sentence")
            check(w.status()["image"] == str(array) and w.status()["top"], "what was open stays open")
            w.set("open-image", "s", str(SEVEN))
            shows(w, predicted(five, SEVEN), "a picture in five channels")
            w.set("open-image", "s", str(turned))
            shows(w, expected, "the same with channels last")
            w.set("save-session", "s", str(folder / "s.json"))
            w.wait((folder / "s.json").exists, "the session")
            w.set("open-image", "s", str(SEVEN))
            w.wait_status(lambda s: s["image"] == str(SEVEN), "the picture")
            w.set("open-session", "s", str(folder / "s.json"))
            w.wait_status(lambda s: s["image"] == str(turned), "the session's array")
            shows(w, expected, "the session's prediction")
            w.set("open-model", "s", str(free))
            w.wait(lambda: w.state("input-size") == "48x32", "the array's size")
            shows(w, predicted(free, array), "in a network of free size")
            # the model does not take it: said, and the next one does
            w.set("open-model", "s", str(two))
            w.wait_status(lambda s: "an array of shape 32x48x5 was found" in s["last-error"], "a sentence")
            w.set("open-image", "s", str(other))
            shows(w, predicted(two, other), "an array of two channels")
            wait_for(w, "label", "The array goes in as it is: scaling and fit are for pictures. "
                                 "The canvas shows the first of its two channels")
            for bad, words in ((b"", "it does not begin as one"), (b"\x93NUMPY\1\0", "it does not begin as one"),
                               (other.read_bytes()[:-1], "it is cut short")):
                (folder / "bad.npy").write_bytes(bad)
                w.set("open-image", "s", str(folder / "bad.npy"))
                w.wait_status(lambda s: words in s["last-error"], words)
            check(w.status()["image"] == str(other), "what was open stays open")
            w.key("ctrl+w")
            w.check_end()


def write_keras_1(path):
    """A network whose file does not say which backend wrote it."""
    sys.path.insert(0, str(ROOT / "tests/formats"))
    try:
        import keras_dialects as dialects
        import numpy as np
    except ImportError as missing:
        raise Skip(str(missing))
    random = np.random.default_rng(2)
    node = dialects.Node
    dialects.write_1(path, [
        node("Conv2D", "conv", ["in"], {"filters": 6, "kernel_size": [5, 5], "activation": "relu"},
             [("kernel", random.normal(0, 1, (5, 5, 1, 6))), ("bias", np.zeros(6))]),
        node("GlobalAveragePooling2D", "pool", ["conv"]),
        node("Dense", "dense", ["pool"], {"units": 4, "activation": "softmax"},
             [("kernel", random.normal(0, 2, (6, 4))), ("bias", np.zeros(4))]),
    ], (28, 28, 1))
    return path


def test_kernels_of_theano():
    """Whether kernels are turned is asked only of files that leave it open, and remembered."""
    with tempfile.TemporaryDirectory() as folder:
        model = write_keras_1(pathlib.Path(folder) / "old.h5")
        as_stored, turned = (predicted(model, SEVEN, f"--rotate-kernels={word}") for word in ("no", "yes"))
        check(as_stored != turned, "turning changes nothing")
        environment = {"XDG_DATA_HOME": folder}
        with open_window(model, SEVEN, environment=environment) as w:
            shows(w, as_stored, "as they lie in the file")
            work(w, "checkbox", "Turn the kernels")
            shows(w, turned, "turned")
            check(w.state("rotate-kernels") == "yes", w.state("rotate-kernels"))
            w.key("ctrl+z")
            shows(w, as_stored, "undone")
            w.key("ctrl+shift+z")
            shows(w, turned, "redone")
            w.key("ctrl+w")
            w.check_end()
        with open_window(model, SEVEN, environment=environment) as w:
            shows(w, turned, "remembered")
            w.activate("guess-again")
            shows(w, as_stored, "guessed again")
            w.set("open-model", "s", str(ROOT / "data/models/digits.h5"))
            w.wait_status(lambda s: s["top"] and s["top"][0][0] == 7 and not s["busy"], "the sample network")
            check(find(w, "checkbox", "Turn the kernels") is None, "a question that does not arise")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
