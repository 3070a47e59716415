#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views Compare and Maximize, worked by real pointer and key events under Xvfb and by actions over D-Bus."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

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


def is_png_bytes(data):
    return data[:8] == b"\x89PNG\r\n\x1a\n"


def is_png(path):
    return path.exists() and is_png_bytes(path.read_bytes())


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


def maximized(window, state="done"):
    return window.wait_status(lambda s: s["maximizing"] == state and s["maximized"], f"the maximiser {state}")


def figure(window, path):
    window.set("save-figure", "s", str(path))
    window.wait(path.exists, path.name)
    return path.read_bytes()


def test_maximize():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        w.wait_idle()
        check(w.status()["maximizing"] == "not", "it waits until it is looked at")
        w.set("maximize-iterations", "i", 60)
        # ten classes begin by themselves
        w.key("alt+3")
        s = maximized(w)
        check([t[0] for t in s["maximized"]] == list(range(10)), f"{s['maximized']}")
        check(all(t[2] == 60 for t in s["maximized"]), f"{s['maximized']}")
        whole = figure(w, pathlib.Path(folder) / "whole.png")
        check(is_png_bytes(whole), "no PNG")
        # the same seed gives the same pictures, also with a rest in between
        w.activate("maximize-restart")
        w.wait_status(lambda s: s["maximized"] and s["maximizing"] == "runs", "the first pictures")
        w.activate("maximize-pause")
        s = w.wait_status(lambda s: s["maximizing"] == "rests" and not s["busy"], "a rest")
        done = sum(t[2] for t in s["maximized"])
        check(0 < done < 600, f"paused after {done} iterations of 600")
        time.sleep(0.3)
        check(sum(t[2] for t in w.status()["maximized"]) == done, "it went on while it rested")
        w.activate("maximize-start")
        maximized(w)
        check(figure(w, pathlib.Path(folder) / "again.png") == whole, "a rest changed the pictures")
        # another seed, other pictures
        scores = [t[3] for t in w.status()["maximized"]]
        w.set("maximize-seed", "i", 5)
        check(w.status()["maximized-old"], "the pictures are of another seed")
        w.activate("maximize-start")
        w.wait_status(lambda s: not s["maximized-old"], "new pictures")
        s = maximized(w)
        check([t[3] for t in s["maximized"]] != scores, "the seed changed nothing")
        # more iterations go on where it ended
        w.set("maximize-iterations", "i", 80)
        w.wait_status(lambda s: s["maximizing"] == "rests", "more to do")
        w.activate("maximize-start")
        s = maximized(w)
        check(all(t[2] == 80 for t in s["maximized"]), f"{s['maximized']}")
        check(s["last-error"] == "", s["last-error"])


def test_maximize_stop():
    with open_window() as w:
        w.wait_idle()
        w.set("maximize-iterations", "i", 5000)
        w.key("alt+3")
        w.wait_status(lambda s: s["maximizing"] == "runs" and s["maximized"], "the first pictures")
        # the occluder and Explore's maps have their turn meanwhile
        w.set("view", "s", "explore")
        w.set("occluder", "b", True)
        s = w.wait_status(lambda s: s["occluded-top"], "a prediction under the occluder")
        check(s["maximizing"] == "runs", "it goes on behind the view")
        w.set("method", "s", "occlusion")
        w.wait_status(lambda s: s["method"] == "occlusion" and "occlusion" not in s["last-error"] and s["notes"] != [],
                      "a whole sweep")
        w.set("view", "s", "maximize")
        w.key("Escape")
        s = w.wait_status(lambda s: s["maximizing"] == "rests" and not s["busy"], "rest after Escape")
        check(s["maximized"][0][2] > 0, "what was found is kept")


def test_maximize_filter():
    with open_window() as w:
        w.wait_idle()
        w.set("maximize-iterations", "i", 30)
        w.set("layer", "s", "conv2d_2")
        w.wait_idle()
        # a double click on a cell of Explore's gallery
        width, height = w.size
        for y in range(height - 60, height - 240, -20):
            w.xdotool("mousemove", width // 2, y, "click", "--repeat", 2, "--delay", 60, 1)
            if w.state("view") == "maximize":
                break
        check(w.state("view") == "maximize", "no double click in the gallery raised a filter")
        s = maximized(w)
        check(s["maximized-layer"] == "conv2d_2" and len(s["maximized"]) == 1, f"{s['maximized']}")
        # chosen filters of a layer; large, and as the picture
        w.set("maximize-layer", "s", "conv2d_1")
        w.set("maximize-targets", "s", "2,4-6")
        w.activate("maximize-start")
        s = w.wait_status(lambda s: s["maximizing"] == "done" and len(s["maximized"]) == 4, "four filters")
        check([t[0] for t in s["maximized"]] == [2, 4, 5, 6], f"{s['maximized']}")
        image = s["image"]
        w.click(90, 140)
        w.click(width - 290 - 60, 75)
        s = w.wait_status(lambda s: s["view"] == "explore" and s["image"] != image, "what was found as the picture")
        check(s["image"] == "", s["image"])
        for action, wrong in [("maximize-layer", "nowhere"), ("maximize-layer", "flatten_1 ")]:
            kept = w.state(action)
            w.set(action, "s", wrong)
            check(w.status()["last-error"] != "" and w.state(action) == kept, f"{action} took {wrong!r}")


def test_maximize_large():
    model, image = shared("models/tfjs/darknet_tiny/model.json", "images/goldfish.jpg")
    with open_window(model, image) as w, tempfile.TemporaryDirectory() as folder:
        top = [entry[0] for entry in w.wait_idle()["top"]]
        w.set("maximize-iterations", "i", 3)
        w.set("view", "s", "maximize")
        time.sleep(0.3)
        check(w.status()["maximizing"] == "not", "a thousand classes do not begin by themselves")
        w.activate("maximize-start")
        s = maximized(w)
        check([t[0] for t in s["maximized"]] == top, f"{s['maximized']}")
        w.set("maximize-from", "s", "image")
        w.set("maximize-targets", "s", f"{top[0]},999")
        w.activate("maximize-start")
        s = w.wait_status(lambda s: s["maximizing"] == "done" and len(s["maximized"]) == 2, "two classes")
        check(is_png_bytes(figure(w, pathlib.Path(folder) / "two.png")), "no PNG")
        w.set("maximize-targets", "s", "all")
        w.activate("maximize-start")
        w.wait_status(lambda s: "1000" in s["last-error"], "a word about a thousand pictures at once")


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
        for view in ["compare", "maximize", "explore"]:
            w.set("view", "s", view)
            check(w.state("view") == view, w.state("view"))
        w.set("open-sample", "s", "digits")
        w.set("view", "s", "compare")
        compared(w)


def least_size(window):
    """What the window asks of a window manager at least."""
    for number in subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "cnn-?viz"], env=window.environment,
                                 capture_output=True, text=True, check=False).stdout.split():
        hints = subprocess.run(["xprop", "-id", number, "WM_NORMAL_HINTS"], env=window.environment,
                               capture_output=True, text=True, check=True).stdout
        found = re.search(r"minimum size: (\d+) by (\d+)", hints)
        if found:
            return int(found[1]), int(found[2])
    return None


def test_small_screen():
    """All that stands in the window fits 900x600, with text half as large again and long names too."""
    if shutil.which("xprop") is None:
        raise Skip("xprop is not installed")
    pictures = sorted((ROOT / "data/samples").glob("digit-*.png"))[:2]
    for dpi in [96, 144]:
        with tempfile.TemporaryDirectory() as folder:
            resources = pathlib.Path(folder) / "resources"
            resources.write_text(f"Xft.dpi: {dpi}\n")
            model = pathlib.Path(folder) / ("a-network-with-a-long-name" * 4 + ".h5")
            shutil.copy(ROOT / "data/models/digits.h5", model)
            with open_window(model, *pictures, size=(900, 600), environment={"XENVIRONMENT": str(resources)}) as w:
                w.wait_idle()
                w.set("method", "s", "occlusion")
                w.set("preprocess", "s", "scale=1/255,mean=0.1,std=0.3")
                w.wait_idle()
                least = w.wait(lambda: least_size(w), "the window on the screen")
                check(least[0] <= 900 and least[1] <= 600, f"at {dpi} dpi the window needs {least}")


if __name__ == "__main__":
    sys.exit(run([
        ("/compare/grid", test_compare_grid),
        ("/compare/explore", test_compare_explore),
        ("/compare/figure", test_compare_figure),
        ("/compare/large", test_compare_large),
        ("/maximize/classes", test_maximize),
        ("/maximize/stop", test_maximize_stop),
        ("/maximize/filters", test_maximize_filter),
        ("/maximize/large", test_maximize_large),
        ("/views/undo-session", test_undo_session),
        ("/views/empty", test_empty),
        ("/views/small-screen", test_small_screen),
    ]))
