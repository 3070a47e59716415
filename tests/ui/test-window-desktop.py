#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window among others: files dragged into it by the pointer, a picture pasted, its size and panes remembered; and
a map that is there before its sweep has ended."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from input_networks import digit_array  # noqa: E402
from tap import ROOT, Skip, check, run  # noqa: E402
from window import Unavailable, Window  # noqa: E402

PROGRAM = os.environ["CNN_VIZ"]
SAMPLES = ROOT / "data/samples"
TANKS = SAMPLES / "tank"
# beside the window, which is 1280 wide
SCREEN = (1600, 820)

# another program: a window from which the files that it is called with are dragged
SOURCE = """
import sys
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk
Gtk.init()
window = Gtk.Window(title="drag-source", default_width=200, default_height=200)
words = "".join(Gio.File.new_for_path(path).get_uri() + "\\r\\n" for path in sys.argv[1:])
drag = Gtk.DragSource(actions=Gdk.DragAction.COPY)
drag.set_content(Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(words.encode())))
window.add_controller(drag)
window.present()
GLib.MainLoop().run()
"""
# another program: one that has the picture of a file on the clipboard, or a black square of so many pixels a side
COPY = """
import sys
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, GObject, Gtk
Gtk.init()
if sys.argv[1].isdigit():
    side = int(sys.argv[1])
    texture = Gdk.MemoryTexture.new(side, side, Gdk.MemoryFormat.R8G8B8, GLib.Bytes.new(bytes(side * side * 3)), side * 3)
else:
    texture = Gdk.Texture.new_from_file(Gio.File.new_for_path(sys.argv[1]))
Gdk.Display.get_default().get_clipboard().set_content(Gdk.ContentProvider.new_for_value(GObject.Value(Gdk.Texture, texture)))
print("ready", flush=True)
GLib.MainLoop().run()
"""


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def other_program(window, text, *arguments):
    wanted = "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk"
    if subprocess.run([sys.executable, "-c", wanted], check=False, capture_output=True).returncode != 0:
        raise Skip("python3-gi or gir1.2-gtk-4.0 is not installed")
    process = subprocess.Popen([sys.executable, "-c", text, *map(str, arguments)], env=window.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    window.processes.append(process)
    return process


def find_source(window):
    return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^drag-source$"], env=window.environment,
                          check=False, capture_output=True, text=True).stdout.split()


def drop(window, *files):
    """Drags @files by the pointer from another program's window to the middle of this one."""
    source = other_program(window, SOURCE, *files)
    window.wait(lambda: source.poll() is not None or find_source(window), "the other window")
    window.xdotool("windowmove", "--sync", find_source(window)[0], 1350, 100)
    window.drag([(1450, 200), (1430, 210), (1400, 230), (1200, 300), (900, 350), (640, 400), (630, 402), (625, 404)], 0.1)
    return source


def drop_until(window, condition, what, *files):
    """Until it has arrived: the first drag may start before the other window takes the pointer."""
    for attempt in range(3):
        source = drop(window, *files)
        try:
            return window.wait(lambda: (lambda s: s if condition(s) and not s["busy"] else None)(window.status()), what,
                               window_patience(attempt))
        except AssertionError:
            if attempt == 2:
                raise
        finally:
            source.terminate()
            source.wait()
            window.wait(lambda: not find_source(window), "the other window to be gone")


def window_patience(attempt):
    return 10 * 2 ** attempt


def test_drop():
    three = [SAMPLES / "digit-3-test-0018.png", SAMPLES / "digit-3-test-0032.png", SAMPLES / "digit-5-test-0008.png"]
    with open_window(size=SCREEN) as w:
        w.wait_idle()
        first = drop_until(w, lambda s: s["image"] == str(three[0]), "the first of several pictures", *three)
        check(first["top"][0][0] == 3 and first["last-error"] == "", f"{first['top']} {first['last-error']}")
        w.activate("next-image")
        w.wait_status(lambda s: s["image"] == str(three[1]) and not s["busy"], "the second of them")
        # an array is dropped like a picture
        with tempfile.TemporaryDirectory() as folder:
            five = drop_until(w, lambda s: s["image"].endswith("five.npy"), "an array",
                              digit_array(pathlib.Path(folder) / "five.npy", three[2]))
            check(five["top"][0][0] == 5 and five["last-error"] == "", f"{five['top']} {five['last-error']}")
            w.set("open-image", "s", str(three[2]))
            same = w.wait_status(lambda s: s["image"] == str(three[2]) and not s["busy"], "its picture")
            check(all(abs(a[2] - b[2]) < 1e-5 for a, b in zip(five["top"], same["top"])), f"{five['top']} {same['top']}")
        # a network and a picture of its own at once, and then a folder
        picture = TANKS / "without-dark-sky-3-0093.png"
        picture = picture if picture.exists() else sorted(TANKS.glob("without*.png"))[0]
        mixed = drop_until(w, lambda s: s["model"].endswith("tank.h5") and s["image"] == str(picture),
                           "a network and its picture", picture, ROOT / "data/models/tank.h5")
        check(len(mixed["top"]) == 2, str(mixed["top"]))
        with tempfile.TemporaryDirectory() as folder:
            for path in sorted(TANKS.glob("*.png"))[:3]:
                shutil.copy(path, folder)
            s = drop_until(w, lambda s: s["image"].startswith(folder), "the first picture of a folder", folder)
            check(s["model"].endswith("tank.h5") and s["last-error"] == "", f"{s['model']} {s['last-error']}")
            shown = s["image"]
            w.activate("next-image")
            w.wait_status(lambda s: s["image"].startswith(folder) and s["image"] != shown, "the next of the folder")


def test_paste():
    with open_window() as w:
        seven = w.wait_idle()
        copier = other_program(w, COPY, SAMPLES / "digit-3-test-0018.png")
        check(copier.stdout.readline() == "ready\n", "nothing was copied")
        w.key("ctrl+v")
        pasted = w.wait_status(lambda s: s["top"] and s["top"] != seven["top"] and not s["busy"], "the pasted picture")
        check(pasted["top"][0][0] == 3 and pasted["image"] != seven["image"], f"{pasted['top'][0]} {pasted['image']}")
        w.set("open-image", "s", str(SAMPLES / "digit-3-test-0018.png"))
        opened = w.wait_status(lambda s: s["image"].endswith("0018.png") and not s["busy"], "the same from its file")
        check(opened["top"] == pasted["top"], "pixels change on the clipboard")


def test_paste_too_large():
    """A picture that is not taken is not ignored without a word either, and what is open stays open."""
    with open_window() as w:
        before = w.wait_idle()
        copier = other_program(w, COPY, 8200)
        check(copier.stdout.readline() == "ready\n", "nothing was copied")
        w.key("ctrl+v")
        words = "The picture has 8200 x 8200 pixels; up to 16384 on a side and 64 million in all are taken."
        after = w.wait_status(lambda s: s["last-error"] == words, "a sentence")
        check((after["image"], after["top"]) == (before["image"], before["top"]), f"{after['image']} {after['top']}")


def geometry(window):
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "cnn-?viz"], env=window.environment,
                           check=True, capture_output=True, text=True).stdout.split()
    words = subprocess.run(["xdotool", "getwindowgeometry", "--shell", min(found, key=int)], env=window.environment,
                           check=True, capture_output=True, text=True).stdout
    values = dict(line.split("=") for line in words.split())
    return values["WINDOW"], (int(values["WIDTH"]), int(values["HEIGHT"]))


def settings(home):
    path = pathlib.Path(home) / "glib-2.0/settings/keyfile"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_remembered():
    """The size of the window and of its panes, which the pointer chose, are those of the next window."""
    if shutil.which("glib-compile-schemas") is None:
        raise Skip("glib-compile-schemas is not installed")
    with tempfile.TemporaryDirectory() as home:
        shutil.copy(ROOT / "data/com.example.CnnViz.gschema.xml", home)
        subprocess.run(["glib-compile-schemas", home], check=True)
        environment = {"GSETTINGS_SCHEMA_DIR": home, "GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": home}
        with open_window(environment=environment) as w:
            w.wait_idle()
            window, before = geometry(w)
            w.xdotool("windowsize", window, 1100, 700)
            w.wait(lambda: geometry(w)[1] == (1100, 700) != before, "another size")
            w.wait_idle()
            # the handle between the layers and the picture
            w.drag([(321 + dx, 400) for dx in (0, 5, 15, 30, 40)], 0.05)
            w.key("ctrl+q")
            w.check_end()
        kept = settings(home)
        check(int(kept["layers-width"]) not in (320, 0), f"the drag moved no handle: {kept}")
        with open_window(environment=environment) as w:
            w.wait_idle()
            check(geometry(w)[1] == (1100, 700), f"{geometry(w)[1]} instead of 1100 × 700")
            w.key("ctrl+q")
            w.check_end()
        again = settings(home)
        for key in ["layers-width", "controls-width", "gallery-height", "window-width", "window-height"]:
            check(again.get(key) == kept.get(key), f"{key} was {kept.get(key)} and is {again.get(key)}")


def test_partial_map():
    """A sweep shows what it has found so far, and keeps it when it is stopped."""
    with open_window(ROOT / "data/models/tank.h5", sorted(TANKS.glob("*.png"))[0]) as w:
        w.wait_idle()
        w.set("method", "s", "none")
        w.wait_status(lambda s: not s["busy"] and s["map-max"] == s["map-min"], "no map")
        w.set("occlusion-size", "i", 5)
        w.set("occlusion-stride", "i", 1)
        w.set("method", "s", "occlusion")
        w.wait_status(lambda s: s["busy"] and s["map-max"] > s["map-min"], "a part of the map while it is computed")
        w.key("Escape")
        s = w.wait_status(lambda s: not s["busy"], "the stop")
        check(s["map-max"] > s["map-min"], "the part that was there is gone")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
