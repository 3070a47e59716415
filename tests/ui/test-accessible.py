#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window for people who do not see it or use no pointer: names and roles on the accessibility bus, and the
keyboard going everywhere."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from controls import extents  # noqa: E402
from tap import ROOT, Skip, check, run  # noqa: E402
from window import open_accessible  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
# what a person works: each needs words
VISIBLE = 30  # the bit of AT-SPI's states
CONTROLS = {"push button", "toggle button", "button", "check box", "combo box", "slider", "spin button", "text", "entry",
            "switch", "list", "table", "tree table", "tree", "menu", "progress bar", "page tab", "radio button",
            "grid", "search box", "text box", "toggle switch"}


def open_window(arguments=()):
    def ready(window):
        if arguments:
            window.wait_status(lambda s: s["model"] == arguments[0], "the model")
        else:
            window.wait_idle()
    return open_accessible(PROGRAM, arguments, ready)


def has_words(node, tree):
    """A name, a description, or text inside."""
    from accessible import Node
    if node.name.strip() or node.description.strip():
        return True
    waiting = node.children()
    while waiting:
        child = Node(tree, *waiting.pop())
        if child.name.strip():
            return True
        waiting.extend(child.children())
    return False


def underscored(tree):
    """Buttons whose names still have the underscore of their mnemonic."""
    return [f"{node} {node.path}" for node in tree.walk()
            if ("button" in node.role or node.role == "check box") and (node.name.startswith("_") or " _" in node.name)]


def nameless(tree):
    return [f"{node} {node.path}" for node in tree.walk()
                if node.role in CONTROLS and not has_words(node, tree)]


def test_names_in_every_view():
    window, tree = open_window()
    with window:
        for view in ["explore", "compare", "maximize", "architecture"]:
            window.set("view", "s", view)
            window.wait(lambda: window.state("view") == view, view)
            window.wait_status(lambda s: not s["busy"] or view == "maximize", view)
            nodes = tree.walk()
            check(len(nodes) > 20, f"only {len(nodes)} things in {view}")
            check(all(node.role for node in nodes), f"no role in {view}")
            missing = nameless(tree)
            check(not missing, f"without words in {view}: {missing}")
            check(not underscored(tree), f"with a mnemonic's underscore in {view}: {underscored(tree)}")
        check([n for n in nodes if n.name == "Recent files and samples"], "the arrow beside Open has no name")


def test_map_in_words():
    window, tree = open_window()
    with window:
        said = window.status()["description"]
        check(len(said) > 20, said)
        images = [node for node in tree.walk() if node.description == said]
        check(len(images) == 1, f"{len(images)} things are described as “{said}”")
        check("Grad-CAM" in images[0].name, images[0].name)
        window.set("class", "i", 3)
        window.wait_status(lambda s: not s["busy"] and s["description"] != said, "other words for another class")
        now = window.status()["description"]
        check(images[0].description == now, f"the words did not follow: {images[0].description}")


def test_help():
    window, tree = open_window()
    with window:
        window.key("F1")
        window.wait(lambda: [n for n in tree.walk() if n.role in ("window", "frame", "dialog") and n.name == "Help"],
                    "the help after F1")
        missing = nameless(tree)
        check(not missing, f"without words beside the help: {missing}")
        window.key("Escape")


def test_unknown_operator():
    """Why there is no prediction stays on the window, when the message that said it has left."""
    window, tree = open_window([os.environ["CNN_SOURCE_ROOT"] + "/tests/data/onnx/unsupported.onnx"])
    with window:
        window.wait(lambda: [n for n in tree.walk() if n.role == "label" and "not known: only what comes" in n.name],
                    "the reason among the notes")


def test_show_signed():
    """What a Grad-CAM map leaves out is one press of a button away, and the button goes when it is shown; nothing moves."""
    window, tree = open_window([str(ROOT / "data/models/digits.h5"), str(ROOT / "data/samples/digit-3-test-0018.png")])
    with window:
        def buttons():
            return [n for n in tree.walk() if "button" in n.role and n.name == "Show Signed" and n.has(VISIBLE)]

        def below():
            return [extents(window, n) for n in tree.walk() if n.name == "Display" and n.has(VISIBLE)]
        window.tree = tree
        window.set("method", "s", "saliency")
        window.wait_idle()
        check(not buttons(), "a map of magnitudes hides nothing")
        window.set("method", "s", "grad-cam")
        window.set("layer", "s", "conv2d_2")
        window.set("class", "i", 4)
        window.wait_idle()
        window.wait(buttons, "the button")
        place = below()
        for _ in range(60):
            node = tree.focus_after("Tab")
            if node is not None and node.name == "Show Signed":
                break
        check(node is not None and node.name == "Show Signed", "Tab reaches the button")
        window.key("space")
        window.wait(lambda: not buttons(), "the button gone")
        window.wait_idle()
        window.wait(lambda: window.status()["map-min"] < 0, "a map below zero")
        check(below() == place, f"“Display” was at {place} and is at {below()}")


def test_tab_goes_round():
    """Tab visits named controls only, leaves each of them, and comes back to where it began."""
    window, tree = open_window()
    with window:
        window.click(5, 400)
        visited = []
        for _ in range(200):
            node = tree.focus_after("Tab")
            check(node is not None, f"Tab does not leave {visited[-1:]}")
            if visited and node.path == visited[0].path:
                break
            visited.append(node)
        names = [str(node) for node in visited]
        check(len(visited) >= 12, f"Tab visits only {names}")
        check(node.path == visited[0].path, f"Tab does not come round: {names}")
        cells = [node for node in visited if node.role == "grid cell"]
        check(len(cells) == 1 and len(visited) < 60, f"Tab walks through the items of a list: {names}")
        unnamed = [f"{n} {n.path}" for n in visited if not has_words(n, tree)]
        check(not unnamed, f"Tab goes to things without words: {unnamed}")


def test_panes():
    """F6 goes through the panes and back to the first, Shift+F6 the other way."""
    window, tree = open_window()
    with window:
        def press(key):
            window.key(key)
            return window.wait(tree.focused, f"the keyboard somewhere after {key}").path
        forth = [press("F6") for _ in range(6)]
        check(len(set(forth)) == 6, f"F6 stops at {len(set(forth))} of 6 panes")
        check(press("F6") == forth[0], "the seventh F6 is not where the first was")
        check(press("shift+F6") == forth[5], "Shift+F6 does not go back")


def most_changed(model, picture, folder):
    """The filters of conv2d_2 by how much gray over rows and columns 6 to 13 changes them, the most changed first."""
    try:
        import numpy as np
        from PIL import Image
    except ImportError as missing:
        raise Skip(str(missing))
    clean = np.asarray(Image.open(picture), np.float32)[..., None] / np.float32(255)
    covered = clean.copy()
    covered[6:14, 6:14] = 0.5
    found = []
    for name, array in (("clean", clean), ("covered", covered)):
        np.save(f"{folder}/{name}.npy", array)
        subprocess.run([os.environ["CNN_VIZ_CLI"], "activations", model, f"{folder}/{name}.npy", "--layer", "conv2d_2",
                        "--npy", f"{folder}/out.npy"], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        found.append(np.load(f"{folder}/out.npy"))
    return np.argsort(-np.abs(found[0] - found[1]).mean((0, 1, 2))).tolist()


def test_order_by_change():
    """With an occluder at rest the gallery can begin with the filters that it changes most."""
    model, picture = str(ROOT / "data/models/digits.h5"), str(ROOT / "data/samples/digit-7-test-0000.png")
    with tempfile.TemporaryDirectory() as folder:
        expected = most_changed(model, picture, folder)
    window, tree = open_window([model, picture])
    with window:
        window.set("layer", "s", "conv2d_2")
        window.set("gallery", "s", "activations")
        window.set("occluder", "b", True)
        window.set("occluder-rect", "(iiii)", (6, 6, 8, 8))
        window.wait_idle()
        width, height = window.size
        for y in range(height - 60, height - 240, -20):
            window.click(width // 2, y)
            if window.status()["method"] == "activation":
                break
        window.key("Home")
        window.wait(lambda: window.state("filter") == 0, "the first filter by number")
        for _ in range(12):
            node = tree.focus_after("shift+Tab")
            if node is not None and node.name.startswith("Order, scale"):
                break
        window.key("space")
        window.wait(window.menus, "the options of the gallery")
        window.key("space")
        # it is offered from when the changes are known
        window.wait(lambda: [n for n in tree.walk() if n.name == "By change"], "the order by change")
        window.key("End", "Return")
        window.wait(lambda: len(window.menus()) == 1, "the end of the list")
        window.key("Escape")
        for _ in range(12):
            node = tree.focus_after("Tab")
            if node is not None and node.role == "grid cell":
                break
        window.key("End", "Home")
        window.wait(lambda: window.state("filter") == expected[0], f"filter {expected[0]} first")
        window.key("Right")
        window.wait(lambda: window.state("filter") == expected[1], f"filter {expected[1]} behind it")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
