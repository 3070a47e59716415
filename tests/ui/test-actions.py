#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window over D-Bus: every action with its type and state, what each does, and whether the status object tells
the truth; besides the manners of a desktop program that need a window of their own."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
DIGITS = ROOT / "data/models/digits.h5"
# name: (type of the parameter, type of the state)
ACTIONS = {
    "open-model": ("s", ""), "open-image": ("s", ""), "open-sample": ("s", ""), "view": ("s", "s"), "layer": ("s", "s"),
    "filter": ("i", "i"), "gallery": ("s", "s"), "method": ("s", "s"), "modifier": ("s", "s"), "class": ("i", "i"),
    "target-layer": ("s", "s"), "opacity": ("d", "d"), "colormap": ("s", "s"), "scale": ("s", "s"),
    "occluder": ("b", "b"), "occluder-rect": ("(iiii)", "(iiii)"), "occluder-fill": ("s", "s"),
    "occlusion-mode": ("s", "s"), "occlusion-size": ("i", "i"), "occlusion-stride": ("i", "i"),
    "occlusion-fill": ("s", "s"), "save-figure": ("s", ""),
    "stop": ("", ""), "undo": ("", ""), "redo": ("", ""), "save-session": ("s", ""), "open-session": ("s", ""),
    "help": ("", ""), "help-page": ("s", ""), "occluder-trail": ("", "b"),
    "maximize-start": ("", ""), "maximize-pause": ("", ""),
}
STATUS = {"model": str, "image": str, "layer": str, "class": int, "method": str, "modifier": str, "busy": bool,
          "shown": int, "top": list, "occluded-top": list, "map-min": float, "map-max": float, "notes": list,
          "description": str, "last-error": str}


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def test_types():
    with open_window() as w:
        w.wait_idle()
        found = w.describe()
        for name, (parameter, state) in ACTIONS.items():
            check(name in found, f"no action {name}")
            enabled, kind, states = found[name]
            check(kind == parameter, f"{name} takes “{kind}”, not “{parameter}”")
            if state is not None:
                check(bool(states) == bool(state), f"{name} has the state {states}")


def test_status_tells_the_truth():
    with open_window(DIGITS, ROOT / "data/samples/digit-7-test-0000.png") as w:
        s = w.wait_idle()
        for key, kind in STATUS.items():
            check(key in s, f"no {key}")
            check(isinstance(s[key], kind), f"{key} is {s[key]!r}")
        check(s["model"] == str(DIGITS) and s["image"].endswith("digit-7-test-0000.png"), f"{s['model']} {s['image']}")
        check(abs(sum(entry[2] for entry in s["top"]) - 1) < 0.01, f"probabilities {s['top']}")
        check([entry[2] for entry in s["top"]] == sorted((e[2] for e in s["top"]), reverse=True), "the top is sorted")
        before = s["shown"]
        for name, kind, value, key in [("method", "s", "saliency", "method"), ("modifier", "s", "guided", "modifier"),
                                       ("class", "i", 3, "class"), ("layer", "s", "conv2d_2", "layer")]:
            w.set(name, kind, value)
            w.wait_status(lambda s: s[key] == value and not s["busy"], f"{key} {value}")
            check(w.state(name) == value, f"state of {name}: {w.state(name)}")
        s = w.wait_idle()
        check(s["shown"] > before, "results were applied")
        w.set("method", "s", "palmistry")
        w.wait_status(lambda s: "palmistry" in s["last-error"], "an error in last-error")
        check(w.status()["method"] == "saliency", "what was there stays")
        cli = os.environ.get("CNN_VIZ_CLI")
        if cli:
            said = subprocess.run([cli, "predict", DIGITS, s["image"], "--json", "--top", "1"], capture_output=True,
                                  text=True, check=True).stdout
            best = json.loads(said)["inputs"][0]["top"][0]
            check(best["class"] == s["top"][0][0] and abs(best["score"] - s["top"][0][3]) < 1e-3, f"{best} {s['top'][0]}")


def test_choices_do_what_they_say():
    with open_window() as w:
        w.wait_idle()
        for name, kind, value in [("opacity", "d", 0.25), ("colormap", "s", "magma"), ("scale", "s", "clip"),
                                  ("scale", "s", "0,0.5"), ("gallery", "s", "activations"),
                                  ("target-layer", "s", "conv2d_1"), ("occluder", "b", True),
                                  ("occluder-rect", "(iiii)", (2, 3, 9, 7)), ("occluder-fill", "s", "white"),
                                  ("occlusion-size", "i", 10), ("occlusion-stride", "i", 5),
                                  ("view", "s", "architecture"), ("view", "s", "explore")]:
            w.set(name, kind, value)
            w.wait(lambda: w.state(name) == value, f"{name} {value}; it is {w.state(name)}")
        w.wait_status(lambda s: s["occluded-top"], "a prediction under the occluder")
        w.activate("occluder-trail")
        w.wait(lambda: w.state("occluder-trail"), "the trail")
        w.activate("undo")
        w.wait(lambda: w.state("occlusion-stride") != 5 or w.state("occlusion-size") != 10, "one choice taken back")
        for wrong in ["1,0", "0,inf", "rubbish", "1"]:
            w.set("scale", "s", wrong)
            w.wait_status(lambda s: wrong in s["last-error"], f"a sentence about the scale {wrong}")
        check(w.state("scale") == "0,0.5", w.state("scale"))


def test_files():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        w.wait_idle()
        figure = pathlib.Path(folder) / "figure.png"
        w.set("save-figure", "s", str(figure))
        w.wait(figure.exists, "the figure")
        check(figure.read_bytes().startswith(b"\x89PNG"), "it is no PNG")
        session = pathlib.Path(folder) / "choices.cnnviz"
        w.set("class", "i", 2)
        w.set("scale", "s", "0,0.25")
        w.wait_idle()
        w.set("save-session", "s", str(session))
        w.wait(session.exists, "the session file")
        w.set("class", "i", 5)
        w.set("scale", "s", "own")
        w.set("open-session", "s", str(session))
        w.wait(lambda: w.state("class") == 2 and w.state("scale") == "0,0.25", "the choices of the session")
        w.set("open-model", "s", "/nowhere/net.h5")
        w.wait_status(lambda s: "net.h5" in s["last-error"], "a sentence about a missing file")
        check(w.status()["model"].endswith("digits.h5"), "the open network stays")


def test_recent():
    """What was opened is offered again by the next window: networks and pictures, the samples not."""
    with tempfile.TemporaryDirectory() as folder:
        home = {"XDG_DATA_HOME": folder}
        network, picture = pathlib.Path(folder) / "my_digits.h5", pathlib.Path(folder) / "my-seven.png"
        shutil.copy(DIGITS, network)
        shutil.copy(ROOT / "data/samples/digit-7-test-0000.png", picture)
        listed = pathlib.Path(folder) / "recently-used.xbel"
        with open_window(network, picture, environment=home) as w:
            w.wait_idle()
            w.wait(lambda: listed.exists() and "my-seven.png" in listed.read_text(), "the picture among the recent files")
            w.set("open-sample", "s", "tank")
            w.wait_status(lambda s: s["model"].endswith("tank.h5") and not s["busy"], "the sample")
        text = listed.read_text()
        check("my_digits.h5" in text and "tank" not in text, text)
        check("cnn-viz-network" in text and "cnn-viz-picture" in text, f"not told apart: {text}")
        # the menu beside Open: three items of its own, then the network, then the picture
        for downs, key, name in [(3, "my_digits", "model"), (4, "my-seven", "image")]:
            with open_window(environment=home) as w:
                w.wait_idle()
                w.click(84, 24)
                w.wait(w.menus, "the menu")
                w.key(*["Down"] * downs, "Return")
                w.wait_status(lambda s: key in s[name] and not s["busy"], f"{key} from the menu")


def test_maximize():
    with open_window() as w:
        w.wait_idle()
        w.set("view", "s", "maximize")
        w.activate("maximize-start")
        w.wait_status(lambda s: s["maximizing"] == "runs" and any(t[2] > 0 for t in s["maximized"]), "pictures that sharpen")
        w.activate("maximize-pause")
        rests = w.wait_status(lambda s: s["maximizing"] == "rests" and not s["busy"], "a rest")["maximized"]
        w.activate("maximize-start")
        w.wait_status(lambda s: s["maximizing"] == "runs" and sum(t[2] for t in s["maximized"]) > sum(t[2] for t in rests),
                      "going on from where it rested")
        w.activate("stop")
        w.wait_status(lambda s: s["maximizing"] != "runs" and not s["busy"], "a stop that keeps the pictures")
        check(sum(t[2] for t in w.status()["maximized"]) >= sum(t[2] for t in rests), "the pictures are kept")


def test_pages_of_pictures():
    """Page down and page up among the pictures of Maximize end in the last and the first row."""
    with open_window() as w:
        w.wait_idle()
        w.set("view", "s", "maximize")
        for _ in range(30):
            w.key("Tab", "Page_Down", "Page_Down", "Page_Up")
        check(w.program.poll() is None and "CRITICAL" not in w.output(), w.output())


def test_tour():
    """The help opens on a page and its tour opens the sample and covers the tank, by the keyboard alone."""
    with open_window() as w:
        w.wait_idle()
        w.set("help-page", "s", "nonsense")
        w.wait_status(lambda s: "nonsense" in s["last-error"], "a sentence about a page that is not there")
        w.set("help-page", "s", "tour")
        found = w.wait(lambda: subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Help$"],
                                              env=w.environment, capture_output=True, text=True,
                                              check=False).stdout.split(), "the window of the help")
        w.xdotool("windowfocus", found[0])
        w.key("alt+s")
        s = w.wait_status(lambda s: s["model"].endswith("tank.h5") and not s["busy"] and s["top"], "the tank network")
        check("with-bright-sky" in s["image"], s["image"])
        w.key("alt+n")
        w.wait_status(lambda s: s["method"] == "saliency", "saliency at the second step")
        w.key("alt+n")
        w.wait(lambda: w.state("occluder"), "the occluder at the third step")
        w.key("alt+n")
        w.wait(lambda: w.state("occluder-rect")[:2] == (0, 0), "the sky covered at the fourth step")
        w.key("alt+n")
        w.wait_status(lambda s: "without-dark-sky" in s["image"] and not s["busy"], "the empty field")
        w.key("alt+b")
        w.wait(lambda: w.state("occluder"), "the occluder again, a step back")


def test_second_start():
    """A second start hands its files to the window that is there."""
    with open_window() as w:
        w.wait_idle()
        other = ROOT / "data/samples/digit-3-test-0018.png"
        result = subprocess.run([PROGRAM, str(other)], env=w.environment, capture_output=True, timeout=60, check=False)
        check(result.returncode == 0, f"the second start: {result}")
        w.wait_status(lambda s: s["image"] == str(other) and not s["busy"], "the picture of the second start")


def test_bad_arguments():
    with open_window() as w:
        w.wait_idle()
        result = subprocess.run([PROGRAM, "--nonsense"], env=w.environment, capture_output=True, text=True, check=False)
        check(result.returncode != 0 and "nonsense" in result.stderr, f"{result}")
        result = subprocess.run([PROGRAM, "--help"], env=w.environment, capture_output=True, text=True, check=False)
        check(result.returncode == 0 and "MODEL" in result.stdout, f"{result}")
    with open_window("/nowhere/missing.h5") as w:
        s = w.wait_status(lambda s: s["last-error"], "a sentence about a file that is not there")
        check("missing.h5" in s["last-error"], s["last-error"])


def test_close_while_computing():
    """A window that is closed in the middle of something long is gone at once, without a complaint."""
    with open_window() as w:
        w.wait_idle()
        w.set("method", "s", "score-cam")
        w.set("method", "s", "occlusion")
        w.set("occlusion-stride", "i", 1)
        w.wait_status(lambda s: s["busy"], "something to compute")
        w.key("ctrl+q")
        w.check_end(20)


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
