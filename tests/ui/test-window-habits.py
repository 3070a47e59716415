#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The habits of the window: controls that are found by their names, as a screen reader finds them, and worked by the
pointer and the keyboard; what comes of it is what the window says, and what the command line tool computes."""

import array
import ast
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from controls import click, extents, find, middle, nodes, open_window, wait_for  # noqa: E402
from tap import ROOT, Skip, check, run  # noqa: E402

DIGITS = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"


# what the command line tool computes


def cli(command, *options):
    program = os.environ.get("CNN_VIZ_CLI")
    if not program:
        raise Skip("CNN_VIZ_CLI is not set")
    return subprocess.run([program, command, DIGITS, SEVEN, *map(str, options)], capture_output=True, text=True,
                          check=True).stdout


def computed_range(command, *options):
    """The least and the greatest value of a map, which the tool says in its first line."""
    low, high = cli(command, *options).splitlines()[0].split(": ")[-1].split(" … ")
    return float(low), float(high)


def computed_map(command, *options):
    """The rows of a map of floats."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "map.npy"
        cli(command, "--npy", path, *options)
        data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    check(header["descr"] == "<f4", f"{header}")
    height, width = [size for size in header["shape"] if size != 1]
    values = array.array("f", data[10 + length:])
    return [values[row * width:(row + 1) * width] for row in range(height)]


def close(status, wanted):
    return all(abs(status[key] - value) <= 1e-3 * max(1, abs(value)) for key, value in zip(("map-min", "map-max"), wanted))


def test_occlusion_options():
    with open_window(DIGITS, SEVEN) as w:
        w.set("method", "s", "occlusion")
        for fill, mode in [("gray", "drop"), ("white", "drop"), ("white", "tutorial"), ("black", "tutorial")]:
            w.set("occlusion-fill", "s", fill)
            w.set("occlusion-mode", "s", mode)
            wanted = computed_range("occlusion", "--fill", fill, "--mode", mode)
            w.wait_status(lambda s: not s["busy"] and s["method"] == "occlusion" and close(s, wanted),
                          f"the map of {fill} and {mode}, {wanted}")
            check((w.state("occlusion-fill"), w.state("occlusion-mode")) == (fill, mode), "the states follow")
        for action in ["occlusion-fill", "occlusion-mode"]:
            kept = w.state(action)
            w.set(action, "s", "palmistry")
            w.wait_status(lambda s: "palmistry" in s["last-error"], f"a sentence about the {action} palmistry")
            check(w.state(action) == kept, f"{action} is {w.state(action)}")


def test_guided_grad_cam():
    with open_window(DIGITS, SEVEN) as w:
        w.set("method", "s", "guided-grad-cam")
        wanted = computed_range("guided-grad-cam")
        s = w.wait_status(lambda s: not s["busy"] and s["method"] == "guided-grad-cam" and close(s, wanted), f"{wanted}")
        check(s["map-min"] < 0 < s["map-max"], f"{s['map-min']} to {s['map-max']}")
        check(find(w, "label", "Guided Grad-CAM of 7") is not None, "the heading of the picture says what it is")


def pixels():
    try:
        from PIL import Image
    except ImportError as missing:
        raise Skip(str(missing))
    with Image.open(SEVEN) as image:
        return image.convert("L").load()


def test_pointer_values():
    """The status line has the picture's and the map's value under the pointer, and how many lie below."""
    picture, rows = pixels(), computed_map("grad-cam")
    everything = [value for row in rows for value in row]
    with open_window(DIGITS, SEVEN) as w:
        canvas = wait_for(w, "image", "digit-7-test-0000.png")
        left, top = middle(w, canvas)
        line, places = None, set()
        for dx, dy in [(0, 0), (60, -40), (-50, -70), (75, 10)]:
            w.xdotool("mousemove", left + dx, top + dy)
            line = line or wait_for(w, "label", "x ")
            w.wait(lambda: line.name not in places | {""}, f"other words at {dx}, {dy}")
            places.add(line.name)
            # x 12  y 17   pixel 0.83   map 0.41 (above 92 %)
            _, x, _, y, _, pixel, _, value, _, below, _ = line.name.split()
            x, y, here = int(x), int(y), rows[int(y)][int(x)]
            check(abs(float(pixel) - picture[x, y] / 255) <= 0.0051, f"{line.name}: the pixel is {picture[x, y]}")
            check(abs(float(value) - here) <= 0.006 * max(abs(here), 0.1), f"{line.name}: the map is {here}")
            share = 100 * sum(other <= here for other in everything) / len(everything)
            check(abs(float(below) - share) <= 1.5, f"{line.name}: {share:.1f} % of the map lie there or below")
        w.xdotool("mousemove", 40, 400)
        w.wait(lambda: line.name == "", "no words beside the picture")


def test_click_on_a_class():
    with open_window(DIGITS, SEVEN) as w:
        before = w.status()["map-max"], w.status()["description"]
        click(w, "button", "3: probability")
        s = w.wait_status(lambda s: s["class"] == 3 and not s["busy"], "class 3")
        check(w.state("class") == 3 and (s["map-max"], s["description"]) != before, f"still the map of 7: {s}")
        check(close(s, computed_range("grad-cam", "--class", 3)), f"{s['map-min']} to {s['map-max']}")
        check(find(w, "label", "Grad-CAM of 3") is not None, "the heading of the picture")


def test_target_layer():
    """In the layer tree one click selects; a double click, Enter, or the button beside the target has Grad-CAM look there."""
    with open_window(DIGITS, SEVEN) as w:
        w.set("layer", "s", "preds")
        target = w.state("target-layer")
        click(w, "label", "conv2d_1")
        w.wait_status(lambda s: s["layer"] == "conv2d_1", "the selected layer")
        check(w.state("target-layer") == target, f"one click has made {w.state('target-layer')} the target")
        w.key("Return")
        w.wait(lambda: w.state("target-layer") == "conv2d_1", "the target after Enter")
        wanted = computed_range("grad-cam", "--layer", "conv2d_1")
        w.wait_status(lambda s: not s["busy"] and close(s, wanted), f"the map of conv2d_1, {wanted}")
        # away from the words that the row above may have put below itself
        w.xdotool("mousemove", 160, 500)
        click(w, "label", "conv2d_2", 2)
        w.wait(lambda: w.state("target-layer") == "conv2d_2", "the target after a double click")
        wanted = computed_range("grad-cam", "--layer", "conv2d_2")
        w.wait_status(lambda s: not s["busy"] and close(s, wanted), f"the map of conv2d_2, {wanted}")
        wait_for(w, "label", "Grad-CAM of 7 at conv2d_2")
        click(w, "label", "max_pooling2d_1")
        click(w, "button", "Use the selected layer")
        w.wait(lambda: w.state("target-layer") == "max_pooling2d_1", "the target after a click on the button")
        w.wait_status(lambda s: not s["busy"], "the map of max_pooling2d_1")
        click(w, "label", "dense_1")
        w.wait_status(lambda s: s["layer"] == "dense_1", "a layer that can be no target")
        click(w, "button", "Use the selected layer")
        w.set("class", "i", 3)
        w.wait_status(lambda s: not s["busy"] and s["class"] == 3, "another class")
        check(w.state("target-layer") == "max_pooling2d_1", f"{w.state('target-layer')} is the target")


def layers(window):
    """The names of the layers in the tree."""
    return [node.description.split("\n")[0] for node in nodes(window)
            if node.role == "group" and "\n" in node.description]


def test_search_by_type():
    with open_window(DIGITS, SEVEN) as w:
        check(len(layers(w)) == 8, f"{layers(w)}")
        w.key("ctrl+f")
        w.xdotool("type", "dropo")
        w.wait(lambda: layers(w) == ["dropout_1", "dropout_2"], "the layers with dropo in their names")
        # no name has this in it
        w.key("ctrl+a")
        w.xdotool("type", "maxPOOL")
        w.wait(lambda: layers(w) == ["max_pooling2d_1"], "the layer of the type MaxPooling2D")
        w.key("Return")
        w.wait_status(lambda s: s["layer"] == "max_pooling2d_1", "the found layer after Enter")
        w.key("ctrl+f", "ctrl+a")
        w.xdotool("type", "LSTM")
        w.wait(lambda: layers(w) == [], "no layer of a type that is not there")
        w.key("Escape")
        w.wait(lambda: len(layers(w)) == 8, "all layers after Escape")
        check(w.status()["layer"] == "max_pooling2d_1", w.status()["layer"])


def cells(window):
    """The numbers of the gallery's filters and their strongest values, as the cells say them."""
    names = [node.name for node in nodes(window) if node.role == "image" and node.name.startswith("Filter ")]
    words = [name.replace("−", "-").replace(",", "").split() for name in names]
    return [(int(word[1]), float(word[3])) for word in words]


def look(window, place):
    """The pixels of the left half of that place: at the right stands the popover."""
    x, y, width, height = place
    return subprocess.run(["import", "-window", "root", "-crop", f"{width // 2}x{height - 20}+{x + 5}+{y + 25}", "rgb:-"],
                          env=window.environment, capture_output=True, check=True).stdout


def test_gallery_header():
    """Kernels or activations by the pointer; order and scale by the keyboard, in the popover of their button."""
    with open_window(DIGITS, SEVEN) as w:
        kernels = w.wait(lambda: cells(w), "the kernels")
        check([number for number, _ in kernels] == list(range(len(kernels))), f"{kernels}")
        click(w, "button", "Activations")
        w.wait(lambda: w.state("gallery") == "activations", "activations after a click")
        w.wait(lambda: cells(w)[:5] != kernels[:5], "other values in the cells")
        click(w, "button", "Kernels")
        w.wait(lambda: w.state("gallery") == "kernels" and cells(w) == kernels, "the kernels again")
        click(w, "button", "Order, scale and size")
        w.wait(w.menus, "the options of the gallery")
        wait_for(w, "combo box", "Order of the filters")
        w.key("space", "Down", "Return")
        sizes = w.wait(lambda: (lambda c: [abs(v) for _, v in c] if c != kernels else None)(cells(w)), "another order")
        check(sizes == sorted(sizes, reverse=True), f"not by strength: {cells(w)}")
        if shutil.which("import"):
            w.wait(lambda: len(w.menus()) == 1, "the end of the list")
            gallery = extents(w, wait_for(w, "grid", "Filters"))
            before = look(w, gallery)
            w.key("Tab", "space", "Down", "Return")
            w.wait(lambda: len(w.menus()) == 1 and look(w, gallery) != before, "other pictures on the layer's scale")
            check([abs(value) for _, value in cells(w)] == sizes, "the scale has changed the order")


def test_nothing_open():
    with open_window("/nowhere/missing.h5") as w:
        wait_for(w, "label", "No Network Open")
        check(w.status()["model"] == "" and find(w, "button", "Open…") is not None, "there is no way on")
        click(w, "button", "Sample Network")
        w.wait_status(lambda s: s["model"] == str(DIGITS) and s["top"] and not s["busy"], "the sample after a click")
        wait_for(w, "label", "conv2d_1")


def test_sample_menu():
    with open_window(DIGITS, SEVEN) as w:
        for name, model, image in [("A Digit It Misreads", "digits.h5", "misread"), ("Tank Network", "tank.h5", "with-"),
                                   ("A Field It Takes", "tank.h5", "without-"), ("Digit Network", "digits.h5", "digit-")]:
            click(w, "button", "Recent files and samples")
            w.wait(w.menus, "the menu")
            items = [node.name for node in nodes(w) if node.role == "menu item"]
            number = next((i for i, item in enumerate(items) if item.startswith(name)), None)
            check(number is not None, f"no “{name}” in {items}")
            w.key(*["Down"] * number, "Return")
            w.wait_status(lambda s: s["model"].endswith(model) and pathlib.Path(s["image"]).name.startswith(image)
                          and not s["busy"], name)
            w.wait(lambda: not w.menus(), "the end of the menu")


def test_menu_and_shortcuts():
    with open_window(DIGITS, SEVEN) as w:
        w.key("F10")
        wait_for(w, "menu item", "Keyboard Shortcuts")
        w.key("Escape")
        w.wait(lambda: not w.menus(), "the end of the menu")
        check(find(w, "label", "Main menu", True) is None, "the shortcuts are there unasked")
        w.key("ctrl+question")
        w.wait(w.menus, "the window of the shortcuts")
        w.wait(lambda: find(w, "label", "Main menu", True), "the shortcut of the main menu")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
