#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views Compare and Maximize, worked by real pointer and key events under Xvfb and by actions over D-Bus."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, SHARED, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
MODIFIERS = ["Vanilla", "Guided", "ReLU"]


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def shared(*names):
    paths = [SHARED / "models" / name for name in names]
    if not all(path.exists() for path in paths):
        raise Skip(f"{paths[0]} is not there")
    return paths


def is_png(path):
    return path.exists() and path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def compared(window, rows=None, columns=None):
    """Waits until the grid is whole."""
    return window.wait_status(
        lambda s: not s["busy"] and not s["compare-stale"] and s["compare-maps"] > 0 and
        s["compare-maps"] == len(s["compare-rows"]) * len(s["compare-columns"]) and
        (rows is None or s["compare-rows"] == rows) and (columns is None or s["compare-columns"] == columns),
        f"the grid {rows} x {columns}")




def test_compare_grid():
    with open_window() as w:
        w.wait_idle()
        check(w.status()["compare-maps"] == 0, "the grid waits until it is looked at")
        w.key("alt+2")
        w.wait(lambda: w.state("view") == "compare", "the view after Alt+2")
        s = compared(w, list(range(10)), MODIFIERS)
        check(s["compare-maps"] == 30, f"{s['compare-maps']} maps")
        # another picture, another grid
        before = s["shown"]
        w.activate("next-image")
        s = w.wait_status(lambda s: s["shown"] > before and not s["compare-stale"] and not s["busy"], "a new grid")
        check(s["compare-maps"] == 30, f"{s['compare-maps']} maps")
        w.set("compare-method", "s", "grad-cam")
        compared(w, list(range(10)), MODIFIERS)
        w.set("compare-columns", "s", "methods")
        compared(w, list(range(10)), ["Saliency", "Gradient × input", "Grad-CAM", "Guided Grad-CAM"])
        w.set("compare-methods", "s", "hires-cam,saliency")
        compared(w, list(range(10)), ["HiResCAM", "Saliency"])
        w.set("compare-classes", "s", "3,7")
        w.set("compare-rows", "s", "picked")
        compared(w, [3, 7], ["HiResCAM", "Saliency"])
        for action, wrong in [("compare-columns", "x"), ("compare-method", "activation"), ("compare-methods", "x"),
                              ("compare-classes", "3,10"), ("compare-rows", ""), ("compare-scale", "all")]:
            w.set("open-sample", "s", "digits")
            w.wait_status(lambda s: s["last-error"] == "", "no error")
            kept = w.state(action)
            w.set(action, "s", wrong)
            check(w.status()["last-error"] != "" and w.state(action) == kept, f"{action} took {wrong!r}")


def test_compare_explore():
    with open_window() as w:
        w.wait_idle()
        w.key("alt+2")
        w.wait(lambda: w.state("view") == "compare", "the view after Alt+2")
        compared(w)
        # the first cell has the focus, the arrows walk: class 1, Guided
        w.key("Home", "Down", "Right", "Right", "Return")
        w.wait(lambda: w.state("view") == "explore", "Explore after Enter on a map")
        s = w.wait_status(lambda s: not s["busy"], "its map")
        check((s["class"], s["method"], s["modifier"]) == (1, "saliency", "guided"),
              f"{s['class']} {s['method']} {s['modifier']}")
        # a click below the heading of the last column
        w.set("class", "i", -1)
        w.set("view", "s", "compare")
        compared(w)
        w.click(w.size[0] - 290 - 100, 180)
        w.wait(lambda: w.state("view") == "explore", "Explore after a click on a map")
        check(w.status()["class"] == 0 and w.status()["modifier"] == "relu", f"{w.status()}")


def test_compare_figure():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        w.wait_idle()
        w.set("view", "s", "compare")
        w.set("compare-scale", "s", "shared")
        compared(w)
        paths = [pathlib.Path(folder) / name for name in ["grid.png", "grid.svg"]]
        for path in paths:
            w.set("save-figure", "s", str(path))
            w.wait(path.exists, path.name)
        check(is_png(paths[0]), "no PNG")
        # thirty maps and a picture in each row
        check(paths[1].read_text().count("<image") >= 40, "too few pictures in the SVG")
        check(w.status()["last-error"] == "", w.status()["last-error"])


def test_compare_large():
    model, image = shared("models/tfjs/darknet_tiny/model.json", "images/goldfish.jpg")
    with open_window(model, image) as w:
        s = w.wait_idle()
        top = [entry[0] for entry in s["top"]]
        w.set("view", "s", "compare")
        compared(w, top, MODIFIERS)
        w.set("compare-classes", "s", "999")
        compared(w, top + [999], MODIFIERS)
        w.set("compare-columns", "s", "methods")
        w.set("compare-methods", "s", "occlusion,saliency")
        w.wait_status(lambda s: s["busy"] and s["compare-maps"] == 0 or s["compare-stale"], "a long grid on its way")
        w.key("Escape")
        w.wait_status(lambda s: not s["busy"], "rest after Escape")


def test_undo_session():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "work.json"
        choices = [("compare-columns", "methods"), ("compare-methods", "saliency,grad-cam"), ("compare-classes", "4,2"),
                   ("compare-rows", "picked"), ("compare-scale", "shared"), ("maximize-layer", "conv2d_1"),
                   ("maximize-targets", "3-5")]
        with open_window() as w:
            w.wait_idle()
            w.set("compare-scale", "s", "shared")
            w.activate("undo")
            check(w.state("compare-scale") == "own", w.state("compare-scale"))
            w.activate("redo")
            for name, value in choices:
                w.set(name, "s", value)
                check(w.state(name) == value, f"{name} is {w.state(name)}")
            w.set("view", "s", "compare")
            compared(w, [4, 2], ["Saliency", "Grad-CAM"])
            w.set("save-session", "s", str(path))
            w.wait(path.exists, "the session file")
        with open_window(path) as w:
            w.wait(lambda: w.state("view") == "compare", "the session's view")
            compared(w, [4, 2], ["Saliency", "Grad-CAM"])
            for name, value in choices:
                check(w.state(name) == value, f"{name} is {w.state(name)}, saved was {value}")


def test_empty():
    with open_window(ROOT / "data/samples/digit-3-test-0018.png") as w:
        w.wait(lambda: w.status()["image"], "the picture")
        for view in ["compare", "explore"]:
            w.set("view", "s", view)
            check(w.state("view") == view, w.state("view"))
        w.set("open-sample", "s", "digits")
        w.set("view", "s", "compare")
        compared(w)


if __name__ == "__main__":
    sys.exit(run([
        ("/compare/grid", test_compare_grid),
        ("/compare/explore", test_compare_explore),
        ("/compare/figure", test_compare_figure),
        ("/compare/large", test_compare_large),
        ("/views/undo-session", test_undo_session),
        ("/views/empty", test_empty),
    ]))
