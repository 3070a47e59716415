#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls worked by the pointer and the keyboard, as a person works them: what comes of it is in the window, in the
status it tells, and in the file it writes."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from controls import PROGRAM, click, extents, find, nodes, open_window, wait_for  # noqa: E402
from input_networks import digit_array  # noqa: E402
from tap import ROOT, SHARED, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

DIGITS = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
# ImageNet's 1000 classes, and no names in its file
SQUEEZENET = SHARED / "models/models/onnx/squeezenet1_1.onnx"
GOLDFISH = SHARED / "models/images/goldfish.jpg"

# the part of a desktop that says which colours it prefers: 0 no preference, 1 dark; a line on its input changes it
PORTAL = """
import sys
import gi
from gi.repository import Gio, GLib
space, key, scheme = "org.freedesktop.appearance", "color-scheme", 0
node = Gio.DBusNodeInfo.new_for_xml('''<node><interface name="org.freedesktop.portal.Settings">
<method name="Read"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/></method>
<signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal></interface></node>''')
def read(connection, sender, path, interface, method, parameters, invocation):
    if parameters.unpack() == (space, key):
        invocation.return_value(GLib.Variant("(v)", (GLib.Variant("v", GLib.Variant("u", scheme)),)))
    else:
        invocation.return_dbus_error("org.freedesktop.portal.Error.NotFound", "not here")
def change(source, condition):
    global scheme
    scheme = int(sys.stdin.readline())
    bus.emit_signal(None, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", "SettingChanged",
                    GLib.Variant("(ssv)", (space, key, GLib.Variant("u", scheme))))
    return True
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object("/org/freedesktop/portal/desktop", node.interfaces[0], read, None, None)
Gio.bus_own_name_on_connection(bus, "org.freedesktop.portal.Desktop", 0, lambda *_: print("ready", flush=True), None)
GLib.io_add_watch(0, GLib.IO_IN, change)
GLib.MainLoop().run()
"""


def shared(*paths):
    for path in paths:
        if not path.exists():
            raise Skip(f"{path} is not here")
    return paths


def screen(window):
    """Its pixels, three bytes each."""
    if shutil.which("import") is None:
        raise Skip("imagemagick is not installed")
    return subprocess.run(["import", "-window", "root", "-depth", "8", "rgb:-"], env=window.environment,
                          capture_output=True, check=True).stdout


def brightness(window):
    pixels = screen(window)
    return sum(pixels[::97]) / len(pixels[::97])


def file_choosers(window):
    return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^(Open|Export)"], env=window.environment,
                          capture_output=True, text=True, check=False).stdout.split()


def click_at_rest(window, name):
    """A button that may still be sliding in."""
    node, before = wait_for(window, "button", name), None
    while (place := extents(window, node)) != before:
        before = place
        time.sleep(0.1)
    click(window, "button", name)


def test_occluder_and_stop():
    """The buttons of the occluder and of Maximize's work."""
    with open_window(DIGITS, SEVEN) as w:
        check(not w.state("occluder") and not w.status()["occluded-top"], "an occluder that nobody asked for")
        button = click(w, "button", "Occluder")
        s = w.wait_status(lambda s: s["occluded-top"] and not s["busy"], "the prediction under the occluder")
        check(w.state("occluder") and s["occluded-top"] != s["top"], f"{s['occluded-top']}")
        check("under the occluder" in wait_for(w, "status", "7: ").name, "the status line")
        click(w, "button", "Occluder")
        w.wait_status(lambda s: not s["occluded-top"], "the clean prediction alone")
        check(not w.state("occluder") and button.name == "Occluder", f"{w.state('occluder')} {button}")
        w.set("maximize-iterations", "i", 5000)
        w.set("view", "s", "maximize")
        w.wait_status(lambda s: s["maximizing"] == "runs" and s["maximized"], "the first pictures")
        click_at_rest(w, "Stop")
        s = w.wait_status(lambda s: s["maximizing"] == "rests" and not s["busy"], "rest after a click")
        check(0 < s["maximized"][0][2] < 5000, f"{s['maximized']}")


def test_imagenet():
    """A network of 1000 outputs without names has ImageNet's, in the bars and in the search; a long sweep over its
    picture is stopped."""
    with open_window(*shared(SQUEEZENET, GOLDFISH)) as w:
        lines = (ROOT / "data/labels/imagenet.txt").read_text().splitlines()
        s, names = w.status(), [line for line in lines if not line.startswith("#")]
        check(len(names) == 1000 and names[1].startswith("goldfish"), f"{len(names)} names, {names[1]}")
        # a tree of few layers is read quickly
        w.key("ctrl+f")
        w.xdotool("type", "--delay", 5, "avgpool")
        seen = [node.name for node in nodes(w) if node.role == "button"]
        for number, label, _, _ in s["top"][:5]:
            check(names[number].startswith(label), f"class {number} is called {label}")
            check(any(name.startswith(f"{label}: probability") for name in seen), f"no bar called {label}: {seen}")
        click(w, "search box", "Search classes")
        w.xdotool("type", "--delay", 5, "doberm")
        wait_for(w, "label", "236  Doberman")
        w.key("Down", "Return")
        w.wait_status(lambda s: s["class"] == 236 and not s["busy"], "the class that was searched for")
        # the button that shows while 50,176 places are covered; a click keeps those that are done
        w.set("occlusion-stride", "i", 1)
        w.set("method", "s", "occlusion")
        w.wait_status(lambda s: s["busy"] and s["method"] == "occlusion" and s["map-max"] > s["map-min"], "a part of the map")
        click_at_rest(w, "Stop")
        s = w.wait_status(lambda s: not s["busy"], "the stop")
        check(any(note.startswith("Stopped after ") for note in s["notes"]), f"{s['notes']}")
        check(s["map-max"] > s["map-min"] and s["last-error"] == "", f"{s}")
        w.wait(lambda: find(w, "button", "Stop") is None, "the end of the Stop button")


def focus(window, word):
    """Presses Tab until the keyboard is on what is called @word, not on the row around it."""
    seen = []
    for _ in range(40):
        node = window.tree.focus_after("Tab")
        seen.append(f"{node.role} {node.name}" if node is not None else "nothing")
        if node is not None and node.name.startswith(word) and node.role != "list item":
            return
    raise AssertionError(f"no {word} in {seen}")


def test_export_typed():
    """Size, resolution and title are typed in the dialog of a dark window; the file has them, on light paper."""
    try:
        from PIL import Image
    except ImportError as missing:
        raise Skip(str(missing))
    with tempfile.TemporaryDirectory() as folder, open_window(
            DIGITS, SEVEN, environment={"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"}) as w:
        check(brightness(w) < 100, f"the window is not dark: {brightness(w)}")
        path = pathlib.Path(folder) / "typed.png"
        w.key("ctrl+e")
        wait_for(w, "label", "Export Figure")
        focus(w, "Width")
        dialog = w.menus()
        w.key("space")
        w.wait(lambda: len(w.menus()) > len(dialog), "the list of widths")
        w.key("End", "Return")
        # the list gives the keyboard back when it closes
        w.wait(lambda: w.menus() == dialog, "the list to close")
        for name, text in (("Width in millimetres", "70"), ("Pixels per inch", "200"), ("Words of the title", "Seen at 7")):
            focus(w, name)
            w.key("ctrl+a")
            time.sleep(0.4)  # a preview of what was typed before may come now; what is selected stays so
            w.wait_status(lambda s: not s["busy"], "the preview")
            w.xdotool("type", "--delay", 20, text)
        w.wait_status(lambda s: not s["busy"], "the preview")
        w.key("alt+e")
        w.wait(lambda: len(file_choosers(w)) > 1, "the file chooser")
        time.sleep(0.5)  # its list of files is still coming
        w.key("ctrl+a")
        w.xdotool("type", "--delay", 5, str(path))
        w.key("Return")
        w.wait(path.exists, "the figure")
        with Image.open(path) as image:
            corners = [image.convert("RGB").getpixel((x, y)) for x in (0, image.width - 1) for y in (0, image.height - 1)]
            check(abs(image.width - 70 / 25.4 * 200) <= 1, f"{image.width} pixels wide")
            check(abs(image.info["dpi"][0] - 200) < 0.1, f"{image.info['dpi']}")
            check(corners == [(255, 255, 255)] * 4, f"the corners of the paper are {corners}")
            figure = json.loads(image.info["cnnviz:session"])["figure"]
            check("Seen at 7" in image.info.values(), f"the title is not in {image.info.get('Title')!r}")
        check([figure[key] for key in ("title", "width-mm", "dpi", "theme")] == ["Seen at 7", 70, 200, "page"], f"{figure}")
        check(w.status()["last-error"] == "", w.status()["last-error"])


def tree_width(**options):
    with open_window(DIGITS, SEVEN, **options) as w:
        return max(x + width for x, _, width, _ in (extents(w, node) for node in nodes(w) if node.role == "column header"))


def test_large_letters():
    """Where the desktop's letters are larger the tree of layers is wider with them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = pathlib.Path(folder) / "gtk-4.0/settings.ini"
        settings.parent.mkdir()
        settings.write_text("[Settings]\ngtk-font-name=Sans 15\n")
        usual, large = tree_width(), tree_width(environment={"XDG_CONFIG_HOME": folder})
        check(abs(large / usual - 1.5) < 0.05, f"{usual} pixels with 10 points, {large} with 15")


class DesktopWindow(Window):
    """The program on a desktop that says which colours it prefers."""

    def prepare(self):
        self.portal = subprocess.Popen([sys.executable, "-c", PORTAL], env=self.environment, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.processes.append(self.portal)
        check(self.portal.stdout.readline() == "ready\n", self.output())

    def prefer(self, scheme):
        self.portal.stdin.write(f"{scheme}\n")
        self.portal.stdin.flush()


def test_desktop_turns_dark():
    """While the window is open the desktop turns dark, and light again; every view follows, the picture stays."""
    try:
        window = DesktopWindow(PROGRAM, (DIGITS, SEVEN))
    except Unavailable as reason:
        raise Skip(str(reason))
    with window as w:
        before = w.wait_idle()
        for view in ("explore", "architecture"):
            w.set("view", "s", view)
            w.wait_status(lambda s: not s["busy"], view)
            w.prefer(0)
            light = w.wait(lambda: (lambda b: b if b > 190 else None)(brightness(w)), f"a light {view}")
            w.prefer(1)
            w.wait(lambda: brightness(w) < 100, f"a dark {view}; it was {light:.0f} and is {brightness(w):.0f}")
        s = w.status()
        check((s["top"], s["map-max"]) == (before["top"], before["map-max"]) and s["last-error"] == "", f"{s}")


def test_open_by_key():
    """Ctrl+O asks for files; the one that is typed is opened."""
    with open_window(DIGITS, SEVEN) as w:
        w.key("ctrl+o")
        w.wait(lambda: file_choosers(w), "the dialog")
        time.sleep(0.5)  # its list of files is still coming
        w.xdotool("type", "--delay", 5, str(ROOT / "data/samples/digit-3-test-0018.png"))
        w.key("Return")
        s = w.wait_status(lambda s: s["image"].endswith("digit-3-test-0018.png") and not s["busy"], "the typed picture")
        check(s["top"][0][0] == 3 and s["model"] == str(DIGITS), f"{s['top'][0]} {s['model']}")
        w.wait(lambda: not file_choosers(w), "the end of the dialog")


def test_open_array_by_key():
    """The dialog lists arrays among the pictures, and one that is typed is opened."""
    with tempfile.TemporaryDirectory() as folder, open_window(DIGITS, SEVEN) as w:
        array = digit_array(pathlib.Path(folder) / "five.npy", ROOT / "data/samples/digit-5-test-0008.png")
        w.key("ctrl+o")
        w.wait(lambda: file_choosers(w), "the dialog")
        time.sleep(0.5)  # its list of files is still coming
        w.xdotool("type", "--delay", 5, str(array))
        w.key("Return")
        s = w.wait_status(lambda s: s["image"] == str(array) and not s["busy"], "the typed array")
        check(s["top"][0][0] == 5 and s["last-error"] == "", f"{s['top']} {s['last-error']}")
        w.wait(lambda: not file_choosers(w), "the end of the dialog")
        # the next time the dialog begins in that folder, with the array as its only file
        w.set("open-image", "s", str(SEVEN))
        w.wait_status(lambda s: s["image"] == str(SEVEN) and not s["busy"], "the picture")
        w.key("ctrl+o")
        w.wait(lambda: file_choosers(w), "the dialog")
        time.sleep(0.5)
        w.key("Down", "Return")
        w.wait_status(lambda s: s["image"] == str(array) and not s["busy"], "the array from the list")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
