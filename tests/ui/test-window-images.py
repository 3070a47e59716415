#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several pictures: the strip, folders, and what the network gets wrong in a folder of classes."""

import csv
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))

from tap import ROOT, Skip, check, need, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
DIGITS = ROOT / "data/models/digits.h5"


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def sort_samples(folder):
    """The sample digits in a folder for each class, and a file that is no picture."""
    for path in (ROOT / "data/samples").glob("*.png"):
        (folder / path.name.split("-")[1]).mkdir(exist_ok=True)
        shutil.copy(path, folder / path.name.split("-")[1])
    (folder / "3/broken.png").write_text("no picture")


def test_mistakes():
    with tempfile.TemporaryDirectory() as name, open_window(DIGITS, name) as w:
        folder = pathlib.Path(name)
        # the folder on the command line was empty when it was looked at
        w.wait_status(lambda s: "no pictures" in s["last-error"], "a sentence about the empty folder")
        sort_samples(folder)
        w.set("open-folder", "s", name)
        w.wait(lambda: w.state("evaluation") == (False, 30, 6, 1), "30 right, 6 wrong, 1 unreadable")
        check(w.state("open-folder") == name, w.state("open-folder"))
        # the surest mistake is open; stepping stays among the mistakes
        seen = [w.wait_status(lambda s: "misread" in s["image"] and not s["busy"], "a mistake")["image"]]
        check(w.state("image") == 0, f"at {w.state('image')}")
        for position in range(1, 6):
            w.key("period")
            seen.append(w.wait_status(lambda s: s["image"] not in seen and not s["busy"], "the next one")["image"])
            check(w.state("image") == position, f"at {w.state('image')}, not {position}")
        check(all("misread" in path for path in seen), str(seen))
        w.key("comma")
        w.wait(lambda: w.state("image") == 4, "the one before")
        # the status object says what the table shows, and a cell of the table lists its pictures
        status = w.status()
        check(status["evaluation"] == (False, 30, 6, 1) and status["evaluated-folder"] == name, str(status["evaluation"]))
        check(sum(count for _, _, count in status["confusions"]) == 6, str(status["confusions"]))
        check((8, 2, 1) in status["confusions"], str(status["confusions"]))
        w.set("mistakes-cell", "(ii)", (8, 2))
        w.set("image", "i", 0)
        w.wait_status(lambda s: s["image"].endswith("misread-8-as-2-test-0582.png"), "the one picture of the cell")
        w.set("image", "i", 1)
        w.wait_status(lambda s: "no picture 1" in s["last-error"], "no other picture in the cell")
        w.set("mistakes-show", "s", "mistakes")
        check(w.state("mistakes-cell") == (-1, -1), w.state("mistakes-cell"))
        w.wait(lambda: w.state("image") >= 0, "the mistakes again")
        table = folder / "mistakes.csv"
        w.set("save-evaluation", "s", str(table))
        w.wait(table.exists, "the table")
        rows = list(csv.DictReader(table.read_text().splitlines()))
        check(len(rows) == 37, f"{len(rows)} rows")
        wrong = {pathlib.Path(row["file"]).name: row for row in rows if row["right"] == "no"}
        check(len(wrong) == 6 and wrong["misread-8-as-2-test-0582.png"]["predicted"] == "2", str(wrong))
        surest = sorted(wrong.values(), key=lambda row: -float(row["confidence"]))
        check([row["file"] for row in surest] == seen, "they come by falling confidence")
        w.set("mistakes-show", "s", "all")
        w.set("mistakes-sort", "s", "file")
        w.set("image", "i", 0)
        w.wait_status(lambda s: s["image"].endswith("0/digit-0-test-0003.png") and not s["busy"], "the first of all")
        w.set("image", "i", 36)
        w.wait_status(lambda s: s["image"].endswith(".png") and w.state("image") == 36, "the last of all")
        w.set("image", "i", 37)
        w.wait_status(lambda s: "no picture 37" in s["last-error"], "a sentence about a place that is none")
        # another network, or another way to prepare the pictures, is judged anew
        w.set("open-sample", "s", "digits")
        w.wait(lambda: w.state("open-folder") == "", "no folder after the sample")



def focus_on(tree, word, most=60):
    """Presses Tab until the keyboard is on what is called @word."""
    names = []
    for _ in range(most):
        node = tree.focus_after("Tab")
        if node is not None and word in (node.name, node.description):
            return node
        names.append(str(node))
    raise AssertionError(f"Tab does not come to “{word}”, but to {names}")


def test_confusion_table():
    """The table of what is taken for what, by the keyboard alone and as a screen reader sees it."""
    try:
        from accessible import ENVIRONMENT, Tree
    except ImportError as reason:
        raise Skip(str(reason))
    with tempfile.TemporaryDirectory() as name, open_window(DIGITS, name, environment=ENVIRONMENT) as w:
        sort_samples(pathlib.Path(name))
        try:
            tree = Tree(w)
        except Unavailable as reason:
            raise Skip(str(reason))
        w.set("open-folder", "s", name)
        w.wait(lambda: w.state("evaluation") == (False, 30, 6, 1), "30 right, 6 wrong, 1 unreadable")
        focus_on(tree, "Which class is taken for which")
        w.key("Return")
        cells = w.wait(lambda: {n.name for n in tree.walk() if " seen as " in n.name}, "the table")
        check("1 picture of 8, seen as 2" in cells, str(sorted(cells)))
        right = sum(int(cell.split()[0]) for cell in cells if cell.endswith("seen as such"))
        wrong = sum(int(cell.split()[0]) for cell in cells if not cell.endswith("seen as such"))
        check((right, wrong) == (30, 6), f"{right} right and {wrong} wrong in the table: {sorted(cells)}")
        focus_on(tree, "1 picture of 8, seen as 2")
        w.key("Return")
        w.wait(lambda: w.state("mistakes-cell") == (8, 2), "the pictures of the cell")
        w.wait_status(lambda s: s["image"].endswith("misread-8-as-2-test-0582.png"), "the picture of the cell")


def test_table():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lines = ["file,label"]
        for path in sorted((ROOT / "data/samples").glob("misread-*.png")):
            shutil.copy(path, folder)
            lines.append(f"{path.name},{path.name.split('-')[1]}")
        (folder / "labels.csv").write_text("\n".join(lines) + "\n")
        with open_window(DIGITS, folder) as w:
            w.wait(lambda: w.state("evaluation") == (False, 0, 6, 0), "all six wrong")


def test_plain_folder():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in (ROOT / "data/samples").glob("digit-[0-4]*.png"):
            shutil.copy(path, folder)
        with open_window(DIGITS, folder) as w:
            w.wait_status(lambda s: "digit-0" in s["image"] and not s["busy"] and s["top"], "the first picture")
            check(w.state("evaluation") == (False, 0, 0, 0), "no classes are known")
            w.activate("next-image")
            w.wait(lambda: w.state("image") == 1, "the second one")

            # a click on a thumbnail: the strip lies above the status line
            def clicked():
                w.click(220, 745)
                return w.state("image") not in (1, -1)

            w.wait(clicked, "another picture by a click in the strip")


def test_number():
    """A network that gives one number claims no probability, and no picture is right or wrong for it."""
    need("h5py", "numpy")
    from edge_networks import NETWORKS

    with tempfile.TemporaryDirectory() as name:
        folder, model = pathlib.Path(name) / "pictures", pathlib.Path(name) / "number.h5"
        folder.mkdir()
        sort_samples(folder)
        NETWORKS["regression"][0](model)
        with open_window(model, folder) as w:
            w.wait_status(lambda s: "right or wrong" in s["last-error"], "a sentence about the folder")
            check(w.state("evaluation") == (False, 0, 0, 0), f"judged: {w.state('evaluation')}")
            s = w.wait_status(lambda s: not s["busy"] and s["top"], "the number")
            said = subprocess.run([os.environ["CNN_VIZ_CLI"], "predict", model, s["image"], "--json"],
                                  capture_output=True, text=True, check=True).stdout  # fmt: skip
            score = json.loads(said)["inputs"][0]["top"][0]["score"]
            check(math.isnan(s["top"][0][2]) and abs(s["top"][0][3] - score) < 1e-4, f"{s['top']} instead of {score}")
            w.set("method", "s", "occlusion")
            s = w.wait_status(lambda s: not s["busy"] and any("positions" in note for note in s["notes"]), "a sweep")
            check(not any("win" in note for note in s["notes"]), f"one number wins: {s['notes']}")


if __name__ == "__main__":
    sys.exit(run([
        ("/images/mistakes", test_mistakes),
        ("/images/confusion-table", test_confusion_table),
        ("/images/number", test_number),
        ("/images/table", test_table),
        ("/images/folder", test_plain_folder),
    ]))
