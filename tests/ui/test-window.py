#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window, worked by real pointer and key events under Xvfb and by its actions over D-Bus."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
LAYERS = ["conv2d_1", "conv2d_2", "max_pooling2d_1", "dropout_1", "flatten_1", "dense_1", "dropout_2", "preds"]


def open_window(*arguments, **options):
    try:
        window = Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))
    return window


def shown(window):
    return window.wait_status(lambda s: not s["busy"] and s["top"] and s["map-max"] > s["map-min"],
                              "a prediction and a map")


def test_start():
    with open_window() as w:
        s = shown(w)
        check(s["model"].endswith("digits.h5"), f"model {s['model']}")
        check(s["top"][0][0] == 7 and s["class"] == 7, f"a seven is seen as {s['top'][0]}")
        check(0.9 < s["top"][0][2] <= 1, f"probability {s['top'][0][2]}")
        check(s["method"] == "grad-cam" and s["modifier"] == "vanilla", f"method {s['method']} {s['modifier']}")
        check(s["last-error"] == "", s["last-error"])
        check(s["occluded-top"] == [], "there is no occluder yet")
        for name in ["open-model", "open-image", "open-sample", "view", "layer", "filter", "gallery", "method",
                     "modifier", "class", "target-layer", "opacity", "colormap", "occluder", "occluder-rect",
                     "occlusion-mode", "occlusion-size", "occlusion-stride", "occlusion-fill", "save-figure", "stop"]:
            check(name in w.actions(), f"no action {name}")


def test_arguments():
    with open_window(ROOT / "data/models/digits.h5", ROOT / "data/samples/digit-3-test-0018.png") as w:
        s = shown(w)
        check(s["top"][0][0] == 3, f"a three is seen as {s['top'][0]}")
        check(s["image"].endswith("digit-3-test-0018.png"), s["image"])


def test_tree():
    with open_window() as w:
        shown(w)
        seen = []
        for y in range(60, 420, 9):
            w.click(90, y)
            layer = w.status()["layer"]
            if not seen or seen[-1] != layer:
                seen.append(layer)
        # the first is selected from the start
        check(seen == LAYERS, f"clicks down the tree selected {seen}")
        w.key("Up")
        w.wait_status(lambda s: s["layer"] == "dropout_2", "the layer above after the key Up")


def test_gallery():
    with open_window() as w:
        shown(w)
        w.set("layer", "s", "conv2d_2")
        w.set("gallery", "s", "activations")
        w.wait_idle()
        width, height = w.size
        for y in range(height - 60, height - 240, -20):
            w.click(width // 2, y)
            if w.status()["method"] == "activation":
                break
        check(w.status()["method"] == "activation", "no click in the gallery overlaid a filter")
        s = shown(w)
        check(w.state("filter") >= 0, f"filter {w.state('filter')}")
        check(s["layer"] == "conv2d_2", s["layer"])
        w.set("filter", "i", -1)
        w.wait_status(lambda s: s["method"] == "grad-cam", "Grad-CAM after no filter")


def test_occluder():
    with open_window() as w:
        clean = shown(w)["top"]
        w.set("occluder", "b", True)
        before = w.wait_status(lambda s: s["occluded-top"], "a prediction under the occluder")["occluded-top"]
        x, y = w.find_occluder()
        w.drag([(x, y)] + [(x - 4 * i, y + 2 * i) for i in range(1, 12)])
        w.wait_status(lambda s: not s["busy"] and s["occluded-top"] != before, "another prediction after the drag")
        check(w.status()["top"] == clean, "the clean prediction stays")
        # cover it all with gray: nothing of the seven is left
        w.set("occluder-rect", "(iiii)", (0, 0, 28, 28))
        w.wait_status(lambda s: s["occluded-top"] and s["occluded-top"][0][2] < 0.99, "a doubt under the whole cover")
        w.set("occluder", "b", False)
        w.wait_status(lambda s: s["occluded-top"] == [], "no occluded prediction without an occluder")


def test_keys():
    with open_window() as w:
        first = shown(w)["image"]
        w.key("o")
        w.wait(lambda: w.state("occluder"), "the occluder after the key O")
        w.key("o")
        w.wait(lambda: not w.state("occluder"), "no occluder after another O")
        w.key("period")
        w.wait_status(lambda s: s["image"] != first and not s["busy"], "the next picture after a full stop")
        w.key("comma")
        w.wait_status(lambda s: s["image"] == first and not s["busy"], "the first picture after a comma")
        w.key("alt+4")
        w.wait(lambda: w.state("view") == "architecture", "the architecture after Alt+4")
        w.key("alt+1")
        w.wait(lambda: w.state("view") == "explore", "the picture after Alt+1")
        # the search takes letters: no occluder by an O typed there
        w.key("ctrl+f")
        w.key("p", "o", "o", "l", "Return")
        w.wait_status(lambda s: s["layer"] == "max_pooling2d_1", "the layer that was searched for")
        check(not w.state("occluder"), "a letter typed into the search showed the occluder")
        for keys in ["F1", "Escape", "F10", "Escape"]:
            w.key(keys)
        check(w.status()["last-error"] == "", w.status()["last-error"])


def test_actions():
    with open_window() as w:
        s = shown(w)
        w.set("method", "s", "saliency")
        ranges = set()
        for modifier in ["vanilla", "guided", "relu"]:
            w.set("modifier", "s", modifier)
            s = w.wait_status(lambda s: s["modifier"] == modifier and not s["busy"] and s["map-max"] > 0, modifier)
            ranges.add(s["shown"])
        w.set("method", "s", "occlusion")
        s = w.wait_status(lambda s: s["method"] == "occlusion" and not s["busy"], "the occlusion map")
        before = s["map-min"], s["map-max"]
        w.set("class", "i", 3)
        s = w.wait_status(lambda s: s["class"] == 3 and not s["busy"], "class 3")
        check((s["map-min"], s["map-max"]) != before, f"the occlusion maps of 7 and 3 both range over {before}")
        before = s["map-min"], s["map-max"]
        w.set("occlusion-size", "i", 12)
        s = w.wait_status(lambda s: not s["busy"] and (s["map-min"], s["map-max"]) != before, "a larger occluder")
        w.set("method", "s", "none")
        w.wait_status(lambda s: s["method"] == "none" and s["map-max"] == 0, "no map")
        for action, kind, wrong in [("method", "s", "palmistry"), ("modifier", "s", "x"), ("class", "i", 10),
                                    ("layer", "s", "nowhere"), ("filter", "i", 9999), ("colormap", "s", "plaid"),
                                    ("view", "s", "cellar"), ("occlusion-size", "i", -5), ("gallery", "s", "art")]:
            before = w.status()["last-error"]
            w.set(action, kind, wrong)
            s = w.status()
            check(s["last-error"] not in ("", before), f"{action} {wrong}: {s['last-error']!r}")
        check(s["class"] == 3 and s["method"] == "none", "what was chosen stays")


def test_bad_files():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        good = shown(w)
        digits = (ROOT / "data/models/digits.h5").read_bytes()
        bad = {"empty.h5": b"", "truncated.h5": digits[:1000], "text.h5": b"this is no network\n" * 50,
               "half.h5": digits[: len(digits) // 2], "text.png": b"this is no picture\n", "empty.png": b""}
        for name, content in bad.items():
            path = pathlib.Path(folder) / name
            path.write_bytes(content)
            w.set("open-image" if name.endswith("png") else "open-model", "s", str(path))
            s = w.wait_status(lambda s: not s["busy"] and s["last-error"], f"the sentence about {name}")
            check(name in s["last-error"], f"the sentence does not name {name}: {s['last-error']}")
            check("\n" not in s["last-error"], f"more than a sentence: {s['last-error']!r}")
            for key in ["model", "image", "top", "map-max", "layer"]:
                check(s[key] == good[key], f"after {name} {key} is {s[key]}, was {good[key]}")
        w.set("open-sample", "s", "digit-4")
        s = w.wait_status(lambda s: "digit-4" in s["image"] and not s["busy"], "a good picture after the bad ones")
        check(s["last-error"] == "" and s["top"][0][0] == 4, f"{s['last-error']} {s['top'][0]}")


def test_gallery_inputs():
    with open_window() as w:
        shown(w)
        w.set("layer", "s", "conv2d_2")
        for wanted in ["norm", "17", "mean"]:
            w.set("gallery-inputs", "s", wanted)
            w.wait(lambda: w.state("gallery-inputs") == wanted, f"kernels by {wanted}")
        w.wait_status(lambda s: not s["busy"], "the kernels")
        for wrong in ["32", "most", "-1"]:
            w.set("gallery-inputs", "s", wrong)
            w.wait_status(lambda s: wrong in s["last-error"], f"the sentence about {wrong}")
            check(w.state("gallery-inputs") == "mean", f"{wrong} was taken")
        w.set("layer", "s", "conv2d_1")
        w.wait(lambda: w.state("gallery-inputs") == "", "another layer's own choice")


def test_export():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        shown(w)
        path = pathlib.Path(folder) / "seven.png"
        w.set("save-figure", "s", str(path))
        w.wait(path.exists, "the picture file")
        data = path.read_bytes()
        check(data.startswith(b"\x89PNG\r\n\x1a\n") and data.rstrip().endswith(b"IEND\xaeB`\x82"), "not a whole PNG")
        for word in [b"cnnviz:provenance", b"grad-cam", b"digits"]:
            check(word in data, f"the metadata do not say {word.decode ()}")
        w.set("save-figure", "s", str(pathlib.Path(folder) / "no-such-folder" / "seven.png"))
        w.wait_status(lambda s: s["last-error"], "the sentence about a folder that does not exist")


def test_exit_while_busy():
    with open_window() as w:
        shown(w)
        w.set("method", "s", "occlusion")
        w.set("occlusion-stride", "i", 1)
        w.key("ctrl+q")
        w.check_end()


def test_small_and_dark():
    for scheme in ["prefer-dark", "prefer-light"]:
        with open_window(size=(900, 600), environment={"ADW_DEBUG_COLOR_SCHEME": scheme}) as w:
            s = shown(w)
            check(s["top"][0][0] == 7, f"{s['top'][0]}")
            tree = ""
            for y in range(60, 300, 9):
                w.click(60, y)
                tree = w.status()["layer"]
            check(tree in LAYERS[1:], f"clicks in the small window selected {tree}")
            w.key("ctrl+w")
            w.check_end()


if __name__ == "__main__":
    sys.exit(run([
        ("the start shows the sample, its class and a map", test_start),
        ("a network and a picture on the command line", test_arguments),
        ("clicks and keys in the layer tree select", test_tree),
        ("a click in the gallery overlays the filter", test_gallery),
        ("the dragged occluder moves the prediction", test_occluder),
        ("keys", test_keys),
        ("actions over D-Bus, right and wrong", test_actions),
        ("bad files leave what is open", test_bad_files),
        ("the input channels of the gallery's kernels", test_gallery_inputs),
        ("the exported picture", test_export),
        ("the end while a sweep runs", test_exit_while_busy),
        ("a small window, dark and light", test_small_and_dark),
    ]))
