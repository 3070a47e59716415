#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Architecture view in the window: walking, searching, and what it writes."""

import csv
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def test_walk():
    with open_window() as w:
        w.wait_idle()
        w.key("alt+4")
        w.wait(lambda: w.state("view") == "architecture", "the Architecture view")

        # the diagram has the keys as soon as it is drawn
        def last():
            w.key("End")
            return w.state("layer") == "preds"

        w.wait(last, "the last layer by a key")
        w.key("Home")
        w.wait(lambda: w.state("layer") == "conv2d_1", "the first layer by a key")
        seen = []
        for _ in range(3):
            before = w.state("layer")
            w.key("Down")
            seen.append(w.wait(lambda: w.state("layer") != before and w.state("layer"), "the next layer"))
        check(seen == ["conv2d_2", "max_pooling2d_1", "dropout_1"], f"walked along {seen}")
        w.key("ctrl+f")
        w.xdotool("type", "dense")
        w.key("Return")
        w.wait(lambda: w.state("layer") == "dense_1", "the first layer found")
        w.key("Return")
        w.wait(lambda: w.state("layer") == "preds", "the second layer found, by its type")
        w.key("Escape")
        w.key("Home", "Return")
        w.wait(lambda: w.state("view") == "explore" and w.state("layer") == "conv2d_1", "the layer in Explore")


def test_save():
    with open_window() as w, tempfile.TemporaryDirectory() as folder:
        w.wait_idle()
        w.set("view", "s", "architecture")
        folder = pathlib.Path(folder)

        def written(action, name):
            path = folder / name
            w.set(action, "s", str(path))
            w.wait(path.exists, name)
            return path.read_bytes()

        check(b"conv2d_1" not in written("save-figure", "d.png"), "a picture")
        check((folder / "d.png").read_bytes().startswith(b"\x89PNG"), "PNG")
        check(b"<svg" in written("save-figure", "d.svg"), "SVG")
        check(written("save-figure", "d.pdf").startswith(b"%PDF"), "PDF")
        text = written("save-summary", "s.txt").decode()
        check("Layer (type)" in text and "Total params: 1,199,882" in text, text)
        rows = list(csv.DictReader(written("save-summary", "s.csv").decode().splitlines()))
        check(rows[0]["name"] == "conv2d_1" and rows[0]["trainable_params"] == "320", str(rows[0]))
        data = json.loads(written("save-summary", "s.json"))
        check(data["total_params"] == 1199882 and len(data["layers"]) == len(rows), str(data)[:200])
        w.set("save-summary", "s", str(folder / "none" / "s.txt"))
        w.wait_status(lambda s: "s.txt" in s["last-error"], "a sentence about a folder that is not there")


if __name__ == "__main__":
    sys.exit(run([
        ("/architecture/walk", test_walk),
        ("/architecture/save", test_save),
    ]))
