#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo, redo and session files in the window, by real events and by its actions over D-Bus."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def shown(window):
    return window.wait_status(lambda s: not s["busy"] and s["top"] and s["map-max"] > s["map-min"],
                              "a prediction and a map")


def enabled(window, action):
    import gi.repository.GLib as GLib

    return window._call("org.gtk.Actions", "Describe", GLib.Variant("(s)", (action,)), "((bgav))")[0][0]


def test_undo_choices():
    with open_window() as w:
        shown(w)
        check(not enabled(w, "undo") and not enabled(w, "redo"), "nothing was chosen yet")
        steps = [("layer", "s", "conv2d_2"), ("method", "s", "saliency"), ("modifier", "s", "guided"),
                 ("class", "i", 3), ("target-layer", "s", "conv2d_1"), ("colormap", "s", "magma"),
                 ("occluder", "b", True), ("occluder-fill", "s", "white"), ("occluder-rect", "(iiii)", (1, 2, 3, 4)),
                 ("opacity", "d", 0.25), ("occlusion-size", "i", 5), ("method", "s", "activation"),
                 ("filter", "i", 9)]
        before = []
        for name, kind, value in steps:
            before.append(w.state(name))
            w.set(name, kind, value)
            check(w.state(name) == value, f"{name} is {w.state(name)}")
        for (name, _, value), old in reversed(list(zip(steps, before))):
            check(w.state(name) == value, f"before the undo {name} is {w.state(name)}")
            w.activate("undo")
            check(w.state(name) == old, f"{name} is {w.state(name)} after its undo, was {old}")
        check(not enabled(w, "undo") and enabled(w, "redo"), "all is undone")
        for name, _, value in steps:
            w.activate("redo")
            check(w.state(name) == value, f"{name} is {w.state(name)} after the redo")
        check(not enabled(w, "redo"), "all is done again")
        w.activate("undo")
        w.set("opacity", "d", 0.75)
        check(not enabled(w, "redo"), "another choice ends what could be redone")


def test_undo_drag():
    with open_window() as w:
        shown(w)
        w.set("occluder", "b", True)
        x, y = w.find_occluder()
        before = w.state("occluder-rect")
        # a person's hand rests between two drags
        time.sleep(0.3)
        # slower than what counts as one step by time alone
        w.drag([(x, y)] + [(x - 9 * i, y) for i in range(1, 5)], 0.8)
        after = w.state("occluder-rect")
        check(after != before, "the drag moved the occluder")
        w.key("ctrl+z")
        w.wait(lambda: w.state("occluder-rect") != after, "another place after Ctrl+Z")
        check(w.state("occluder-rect") == before, f"one drag is one step: {before}, {w.state('occluder-rect')}")
        w.key("ctrl+shift+z")
        w.wait(lambda: w.state("occluder-rect") == after, "the place of the drag after Shift+Ctrl+Z")


def test_undo_image():
    with open_window() as w:
        first = shown(w)["image"]
        w.activate("next-image")
        second = w.wait_status(lambda s: s["image"] != first and not s["busy"], "the next picture")["image"]
        w.activate("undo")
        w.wait_status(lambda s: s["image"] == first and not s["busy"], "the first picture after undo")
        check(not enabled(w, "undo"), "there was one step")
        w.activate("redo")
        w.wait_status(lambda s: s["image"] == second and not s["busy"], "the second picture after redo")


def test_session():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "work.json"
        model, image = pathlib.Path(folder) / "net.h5", pathlib.Path(folder) / "three.png"
        shutil.copy(ROOT / "data/models/digits.h5", model)
        shutil.copy(ROOT / "data/samples/digit-3-test-0018.png", image)
        choices = [("layer", "s", "conv2d_2"), ("method", "s", "occlusion"), ("class", "i", 8),
                   ("occlusion-size", "i", 5), ("opacity", "d", 0.25), ("colormap", "s", "magma"),
                   ("occluder-rect", "(iiii)", (3, 4, 5, 6)), ("view", "s", "architecture")]
        with open_window(model, image) as w:
            shown(w)
            for choice in choices:
                w.set(*choice)
            w.set("save-session", "s", str(path))
            w.wait(path.exists, "the session file")
        saved = json.loads(path.read_text())
        check(saved["model-sha256"] == hashlib.sha256(model.read_bytes()).hexdigest(), "the network's hash")
        check(saved["image-sha256"] == hashlib.sha256(image.read_bytes()).hexdigest(), "the picture's hash")
        with open_window(path) as w:
            s = w.wait_status(lambda s: not s["busy"] and s["class"] == 8, "the session's class")
            check(s["model"] == str(model) and s["image"] == str(image), f"{s['model']}, {s['image']}")
            check(s["last-error"] == "", s["last-error"])
            for name, _, value in choices:
                check(w.state(name) == value, f"{name} is {w.state(name)}, saved was {value}")
        # another network by the same name
        model.write_bytes(model.read_bytes() + b"\0")
        with open_window(path) as w:
            w.wait_status(lambda s: "net.h5 has changed" in s["last-error"], "a word about the changed network")


def test_missing():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "work.json"
        path.write_text(json.dumps({"cnnviz-session": 1, "model": "gone.h5", "class": 4, "method": "saliency",
                                    "image": str(ROOT / "data/samples/digit-3-test-0018.png")}))
        with open_window(path) as w:
            w.wait_status(lambda s: "gone.h5 is missing" in s["last-error"] and s["image"].endswith("0018.png"),
                          "the picture, and a word about the network")
            # what the person chooses takes its place
            w.set("open-model", "s", str(ROOT / "data/models/digits.h5"))
            w.wait_status(lambda s: s["class"] == 4 and s["method"] == "saliency", "the choices with another network")


def test_evaluated_folder():
    """The folder whose mistakes are listed comes back with the session, also the last one; or it is asked for."""
    seven = str(ROOT / "data/samples/digit-7-test-0000.png")
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        folder, path, kept = home / "photos", home / "work.json", home / "cnn-viz/last-session.json"
        for picture in (ROOT / "data/samples").glob("digit-[234]*.png"):
            (folder / picture.name.split("-")[1]).mkdir(parents=True, exist_ok=True)
            shutil.copy(picture, folder / picture.name.split("-")[1])
        with open_window(environment={"XDG_DATA_HOME": name}) as w:
            shown(w)
            w.set("open-folder", "s", str(folder))
            over = w.wait(lambda: (lambda e: e if not e[0] and e[1] + e[2] > 0 else None)(w.state("evaluation")), "the mistakes")
            w.set("mistakes-show", "s", "all")
            w.set("mistakes-sort", "s", "file")
            w.set("image", "i", 5)
            image = w.wait_status(lambda s: w.state("image") == 5 and not s["busy"], "the sixth picture")["image"]
            w.set("save-session", "s", str(path))
            w.wait(path.exists, "the session file")
            w.key("ctrl+q")
            w.program.wait(60)
        saved = json.loads(path.read_text())
        check((saved["evaluated-folder"], saved["mistakes-sort"]) == (str(folder), "file"), f"{saved}")
        with open_window(environment={"XDG_DATA_HOME": name}) as w:
            shown(w)
            check(w.state("open-folder") == "", w.state("open-folder"))
            w.activate("restore-session")
            w.wait(lambda: w.state("evaluation") == over, f"the mistakes again, {over}")
            s = w.wait_status(lambda s: not s["busy"], "the end")
            check((w.state("open-folder"), w.state("mistakes-show"), w.state("mistakes-sort")) == (str(folder), "all", "file"),
                  f"{w.state('open-folder')} {w.state('mistakes-show')} {w.state('mistakes-sort')}")
            check((s["image"], w.state("image"), s["last-error"]) == (image, 5, ""), f"{s['image']} at {w.state('image')}")
            # a session without a folder leaves none
            plain = home / "plain.json"
            plain.write_text(json.dumps({key: saved[key] for key in saved if not key.startswith(("evaluated", "mistakes"))}))
            w.set("open-session", "s", str(plain))
            w.wait(lambda: w.state("open-folder") == "" and w.state("evaluation") == (False, 0, 0, 0), "no folder")
            # gone: told and asked for, and the rest is there
            folder.rename(home / "moved")
            saved.update({"image": seven, "image-sha256": None, "class": 6})
            path.write_text(json.dumps(saved))
            w.set("open-session", "s", str(path))
            s = w.wait_status(lambda s: "photos" in s["last-error"] and s["class"] == 6 and not s["busy"], "a word about the folder")
            check((s["image"], w.state("open-folder")) == (seven, ""), f"{s['image']} {w.state('open-folder')}")
            w.wait(lambda: choosers(w), "the question where it is")
            w.key("Escape")
            w.wait(lambda: not choosers(w), "the end of the question")
            w.set("open-folder", "s", str(home / "moved"))
            w.wait(lambda: w.state("evaluation") == over, "the mistakes of the folder in its new place")
        check(json.loads(kept.read_text())["evaluated-folder"] == str(folder), "the last session was not kept")


def choosers(window):
    return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Open a Folder"], env=window.environment,
                          capture_output=True, text=True, check=False).stdout.split()


def test_tank():
    with open_window() as w:
        shown(w)
        w.set("open-sample", "s", "tank")
        s = w.wait_status(lambda s: s["model"].endswith("tank.h5") and "with-bright-sky" in s["image"] and
                          not s["busy"] and s["top"] and s["top"][0][1] == "no tank", "a tank that is missed")
        check(s["last-error"] == "", s["last-error"])
        w.set("open-sample", "s", "tank-without-dark")
        w.wait_status(lambda s: not s["busy"] and s["top"] and s["top"][0][1] == "tank", "a field taken for a tank")
        w.set("open-sample", "s", "digits")
        w.wait_status(lambda s: s["model"].endswith("digits.h5") and not s["busy"] and s["top"][0][0] == 7, "the digits")


def test_hostile():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        shown(w)
        for i, text in enumerate(["{\"cnnviz-session\": 1, \"class\": []}", "{", "", "{\"cnnviz-session\": 99}"]):
            path = pathlib.Path(folder) / f"bad{i}.json"
            path.write_text(text)
            w.set("open-session", "s", str(path))
            s = w.wait_status(lambda s: f"bad{i}.json" in s["last-error"], "a sentence about the bad session")
            check("\n" not in s["last-error"], s["last-error"])
        w.set("open-session", "s", str(pathlib.Path(folder) / "none.json"))
        w.wait_status(lambda s: "none.json" in s["last-error"], "a sentence about no session")
        check(w.status()["top"][0][0] == 7, "what was open stays open")


def test_last_session():
    with tempfile.TemporaryDirectory() as home:
        environment = {"XDG_DATA_HOME": home}
        with open_window(environment=environment) as w:
            shown(w)
            w.set("class", "i", 5)
            w.key("ctrl+q")
            w.program.wait(60)
        check((pathlib.Path(home) / "cnn-viz/last-session.json").exists(), "the session was not kept")
        with open_window(environment=environment) as w:
            shown(w)
            w.activate("restore-session")
            w.wait_status(lambda s: s["class"] == 5, "the class of the last session")


if __name__ == "__main__":
    sys.exit(run([
        ("/session/undo-choices", test_undo_choices),
        ("/session/undo-drag", test_undo_drag),
        ("/session/undo-image", test_undo_image),
        ("/session/save-open", test_session),
        ("/session/missing", test_missing),
        ("/session/evaluated-folder", test_evaluated_folder),
        ("/samples/tank", test_tank),
        ("/session/hostile", test_hostile),
        ("/session/last", test_last_session),
    ]))
