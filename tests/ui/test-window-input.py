#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the network, in a real window: preprocessing, labels, size, outputs, and that it is remembered."""

import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, SHARED as SHARED_ROOT, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
SHARED = SHARED_ROOT / "models"
DIGITS = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def shared(*parts):
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise Skip(f"{path} is not here")
    return path


def shown(window):
    return window.wait_status(lambda s: not s["busy"] and s["top"], "a prediction")


def remembered(window):
    return list((pathlib.Path(window.folder.name) / "cnn-viz/networks").glob("*.json"))


def test_preprocess():
    with open_window() as w:
        before = shown(w)["top"]
        check(w.state("preprocess") == "unit" and w.state("fit") == "stretch", w.state("preprocess"))
        check(not remembered(w), "a guess is nothing to remember")
        w.set("invert", "b", True)
        after = w.wait_status(lambda s: not s["busy"] and s["top"] != before, "another prediction when inverted")["top"]
        w.set("preprocess", "s", "scale=1/255,mean=0.1,std=0.3")
        w.wait_status(lambda s: not s["busy"] and s["top"] not in (before, after), "own values")
        check(w.state("preprocess").startswith("scale="), w.state("preprocess"))
        w.set("fit", "s", "center")
        w.set("channel-order", "s", "gray")
        check(w.state("fit") == "center" and w.state("channel-order") == "gray", "the states follow")
        for action, wrong in [("preprocess", "half"), ("fit", "shrink"), ("channel-order", "cmyk"), ("tensor", "9"),
                              ("output", "nowhere"), ("input-size", "30x30"), ("labels", "/nonexistent.txt"),
                              ("inputs", "x=1")]:
            old = w.state(action)
            said = w.status()["last-error"]
            w.set(action, "s", wrong)
            w.wait_status(lambda s: s["last-error"] not in ("", said) and not s["busy"], f"a sentence about {action}")
            w.wait(lambda: w.state(action) == old, f"{action} as it was")
        w.key("ctrl+z")
        w.wait(lambda: w.state("channel-order") == "rgb", "undo")
        w.activate("guess-again")
        w.wait_status(lambda s: not s["busy"] and s["top"] == before, "the first prediction after guessing again")
        w.wait(lambda: not remembered(w), "nothing remembered after guessing again")


def test_remembered():
    with tempfile.TemporaryDirectory() as home:
        environment = {"XDG_DATA_HOME": home}
        names = pathlib.Path(home) / "names.txt"
        names.write_text("\n".join(f"digit {i}" for i in range(10)))
        model = pathlib.Path(home) / "net.h5"
        shutil.copy(DIGITS, model)
        with open_window(model, SEVEN, environment=environment) as w:
            shown(w)
            w.set("preprocess", "s", "signed")
            w.set("labels", "s", str(names))
            s = w.wait_status(lambda s: not s["busy"] and s["top"][0][1].startswith("digit "), "the chosen names")
            first = s["top"]
            w.key("ctrl+w")
            w.check_end()
        kept = list((pathlib.Path(home) / "cnn-viz/networks").glob("*.json"))
        check(len(kept) == 1 and json.loads(kept[0].read_text())["preprocess"] == "signed", str(kept))
        moved = pathlib.Path(home) / "moved.h5"
        model.rename(moved)
        with open_window(moved, SEVEN, environment=environment) as w:
            s = shown(w)
            check(s["top"] == first and w.state("preprocess") == "signed", f"{s['top']} {w.state('preprocess')}")
        for hostile in [b"", b"\0" * 100, b'{"cnnviz-session": 1, "preprocess": 7}', b"[" * 5000,
                        b'{"cnnviz-session": 1, "preprocess": "scale=nan", "fit": "x", "input-size": "9x9"}']:
            kept[0].write_bytes(hostile)
            with open_window(moved, SEVEN, environment=environment) as w:
                s = shown(w)
                check(w.state("preprocess") == "unit" and s["top"][0][0] == 7, f"{hostile[:30]}: {s['top'][0]}")


def test_session():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "s.cnnviz"
        shown(w)
        w.set("preprocess", "s", "imagenet")
        w.set("fit", "s", "pad")
        w.set("tensor", "s", "1")
        top = shown(w)["top"]
        w.set("save-session", "s", str(path))
        w.wait(path.exists, "the session file")
        w.activate("guess-again")
        w.set("tensor", "s", "off")
        w.wait_status(lambda s: not s["busy"] and s["top"] != top, "the guess")
        w.set("open-session", "s", str(path))
        w.wait_status(lambda s: not s["busy"] and s["top"] == top, "the session's prediction")
        check(w.state("fit") == "pad" and w.state("tensor") == "1", f"{w.state('fit')} {w.state('tensor')}")


def test_free_size_and_outputs():
    model = shared("models", "keras", "mtcnn_12net.h5")
    with open_window(model, shared("images", "goldfish.jpg")) as w:
        s = shown(w)
        check(w.state("output") == "conv4-1" and len(s["top"]) == 2, f"{w.state('output')} {s['top']}")
        first = w.state("input-size")
        w.set("output", "s", "conv4-2")
        w.wait_status(lambda s: not s["busy"] and len(s["top"]) == 4, "the four numbers of the other output")
        w.set("class", "i", 3)
        w.wait_status(lambda s: s["class"] == 3 and not s["busy"], "the fourth explained")
        w.set("input-size", "s", "96x64")
        w.wait(lambda: w.state("input-size") == "96x64" and w.state("output") == "conv4-2", "another size")
        shown(w)
        check(w.state("occluder-rect")[2:] == (24, 16), f"the occluder is {w.state('occluder-rect')}")
        w.key("ctrl+z")
        w.wait(lambda: w.state("input-size") == first, "the size after undo")
        w.set("output", "s", "conv4-1")
        s = w.wait_status(lambda s: not s["busy"] and len(s["top"]) == 2, "two classes again")
        check(s["class"] in (0, 1) and s["last-error"] == "", f"{s['class']} {s['last-error']}")


def test_tensor_and_columns():
    with open_window() as w:
        shown(w)
        w.set("method", "s", "none")
        for name in ["picture", "1", "off"]:
            w.set("tensor", "s", name)
            w.wait_status(lambda s: not s["busy"], "the view of the input")
            check(w.state("tensor") == name, w.state("tensor"))
        check(w.status()["last-error"] == "", w.status()["last-error"])
        # the menu of columns, by keys: from the search entry on to the button, down to the milliseconds
        w.key("ctrl+f")
        w.key("Tab", "space")
        w.key(*["Down"] * 5, "Return")
        w.wait_status(lambda s: not s["busy"], "the measured layers")
        w.key("Escape")
        check(w.status()["last-error"] == "", w.status()["last-error"])


if __name__ == "__main__":
    sys.exit(run([
        ("preprocessing, right and wrong, undone and guessed again", test_preprocess),
        ("what is chosen for a network is remembered; hostile memory does no harm", test_remembered),
        ("a session keeps what goes into the network", test_session),
        ("a free size and several outputs", test_free_size_and_outputs),
        ("the view of the input, and the columns of the layer tree", test_tensor_and_columns),
    ]))
