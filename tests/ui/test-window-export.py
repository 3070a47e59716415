#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures in the window: exported by the dialog and by the action, and opened as the session that made them."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, SHARED, Skip, check, run  # noqa: E402
from window import PATIENCE, Unavailable, Window  # noqa: E402

PROGRAM, CLI = os.environ["CNN_VIZ"], os.environ["CNN_VIZ_CLI"]
MODEL = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
FOLDER = None  # a temporary folder while the tests run
MADE = {
    "strip.png": ("saliency", MODEL, SEVEN, "--strip", "--class", "3", "--title", "Mine", "--figure-width", "85"),
    "map.svg": ("grad-cam", MODEL, SEVEN, "--layer", "conv2d_2", "--modifier", "guided", "--colormap", "magma"),
    "sweep.pdf": ("occlusion", MODEL, SEVEN, "--stride", "7", "--fill", "white", "--theme", "dark"),
    "grid.png": ("compare", MODEL, SEVEN, "--method", "saliency,grad-cam", "--classes", "1,7", "--shared-scale"),
    "gallery.pdf": ("activations", MODEL, SEVEN, "--layer", "conv2d_2", "--channels", "0,5,10-20"),
    "bars.png": ("predict", MODEL, SEVEN, "--occluder", "10,5,10,10", "--top", "3"),
    "table.svg": ("summary", MODEL),
    "diagram.pdf": ("diagram", MODEL),
    "kernels.svg": ("filters", MODEL, "--layer", "conv2d_2", "--channels", "0-9", "--scale", "layer"),
    "methods.pdf": ("compare", MODEL, SEVEN, "--method", "saliency,grad-cam,guided-grad-cam", "--classes", "7"),
    "cam-strip.png": ("grad-cam", MODEL, SEVEN, "--strip", "--dpi", "220", "--theme", "dark"),
}


def open_window(*arguments, **options):
    try:
        return Window(PROGRAM, arguments, **options)
    except Unavailable as reason:
        raise Skip(str(reason))


def make(name):
    target = FOLDER / name
    result = subprocess.run([CLI, *map(str, MADE[name]), "-o", target], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"{name}: {result.stderr}")
    return target


def save_as(w, path):
    w.set("save-figure", "s", str(path))
    w.wait(path.exists, path.name)
    return path.read_bytes()


def test_round_trip():
    """A figure opens as its session, and that session makes the same figure to the byte, one after the other."""
    with open_window() as w:
        w.wait_idle()
        for name in MADE:
            made = make(name)
            w.set("open-session", "s", str(made))
            w.wait_status(lambda s: s["last-error"] == "" and not s["busy"], "the session")
            back = FOLDER / f"back-{name}"
            end = time.monotonic() + PATIENCE
            while save_as(w, back) != made.read_bytes():
                # its choices arrive one after the other
                check(time.monotonic() < end, f"{name}: another figure comes back")
                back.unlink()
                time.sleep(0.2)
        w.set("open-session", "s", str(FOLDER / "map.svg"))
        w.wait_status(lambda s: s["method"] == "grad-cam" and s["modifier"] == "guided" and not s["busy"], "the map")
        check(w.state("target-layer") == "conv2d_2" and w.state("colormap") == "magma", "the choices of the map")
        check(w.state("view") == "explore", w.state("view"))


def pixels(png):
    """The compressed pixels of a PNG."""
    found, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        found += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    return found


def test_maximized():
    """Pictures that were found are found again, from their seed, as soon as their figure is opened."""
    made = FOLDER / "found.png"
    words = (CLI, "maximize", MODEL, "--class", "2-4", "--iterations", "12", "--seed", "5", "--decay", "0.9", "-o", made)
    result = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    check(result.returncode == 0, result.stderr)
    check(b", decay 0.9." in made.read_bytes(), "the caption does not tell the decay as it was given")
    with open_window() as w:
        w.wait_idle()
        w.set("open-session", "s", str(made))
        s = w.wait_status(lambda s: s["maximizing"] == "done" and len(s["maximized"]) == 3, "the pictures")
        check([(t[0], t[2]) for t in s["maximized"]] == [(2, 12), (3, 12), (4, 12)], f"{s['maximized']}")
        check(w.state("view") == "maximize", w.state("view"))
        # the sample that is open is told of, too
        again = save_as(w, FOLDER / "found-again.png")
        check(pixels(again) == pixels(made.read_bytes()), "another figure comes back")


def test_compare():
    """The grid is exported as the view shows it: maps over the picture."""
    with open_window() as w:
        w.wait_idle()
        w.set("view", "s", "compare")
        w.wait_status(lambda s: not s["busy"], "the grid")
        shown, again = FOLDER / "shown.png", FOLDER / "shown-again.png"
        made = save_as(w, shown)
        check(b'"overlay":true' in made, "the figure does not say that its maps lie over the picture")
        for name, text in (("over.json", b'"overlay":true'), ("bare.json", b'"overlay":false')):
            session = made[made.index(b"cnnviz:session\0") :]
            session = session[session.index(b"{") : session.index(b"}}") + 2].replace(b'"overlay":true', text)
            (FOLDER / name).write_bytes(session)
            result = subprocess.run([CLI, "remake", FOLDER / name, "-o", again], capture_output=True, text=True, check=False)
            check(result.returncode == 0, f"{name}: {result.stderr}")
            check((len(again.read_bytes()) == len(made)) == (name == "over.json"), f"{name} makes the other figure")


def test_start():
    """The program takes a figure for its session, and the JSON beside it too."""
    target = make("strip.png")
    result = subprocess.run([CLI, *map(str, MADE["strip.png"]), "--provenance", "-o", target], check=False,
                            capture_output=True)
    check(result.returncode == 0, "no figure")
    for path in (target, FOLDER / "strip.png.json"):
        with open_window(path) as w:
            s = w.wait_status(lambda s: s["class"] == 3 and s["method"] == "saliency" and not s["busy"] and s["shown"],
                              f"the session of {path.name}")
            check(s["model"] == str(MODEL) and s["image"] == str(SEVEN), f"{s['model']} {s['image']}")
            check(save_as(w, FOLDER / "again.png") == target.read_bytes(), f"{path.name}: another figure")
        (FOLDER / "again.png").unlink()


def test_missing():
    """What a figure was made of is asked for where it is gone; what is open stays open."""
    image = pathlib.Path(shutil.copy(SEVEN, FOLDER / "gone.png"))
    model = pathlib.Path(shutil.copy(MODEL, FOLDER / "gone.h5"))
    made = FOLDER / "of-gone.png"
    subprocess.run([CLI, "saliency", model, image, "-o", made], check=True, capture_output=True)
    image.unlink()
    model.unlink()
    with open_window() as w:
        before = w.wait_idle()
        w.set("open-session", "s", str(made))
        s = w.wait_status(lambda s: s["last-error"], "a word about what is missing")
        check("gone.h5" in s["last-error"] and "gone.png" in s["last-error"], s["last-error"])
        check(s["model"] == before["model"] and s["image"] == before["image"], "what was open is gone")
        plain = FOLDER / "plain.pdf"
        plain.write_bytes(b"%PDF-1.4\n")
        w.set("open-session", "s", str(plain))
        s = w.wait_status(lambda s: "plain.pdf" in s["last-error"], "a word about a PDF of somebody else's")
        check(s["model"] == before["model"], "what was open is gone")


def windows(w):
    found = subprocess.run(["xdotool", "search", "--name", "Export Figure"], env=w.environment, capture_output=True,
                           text=True, check=False).stdout.split()
    return found


def open_dialog(w):
    w.key("ctrl+e")
    w.wait(lambda: windows(w), "the dialog")
    w.wait_status(lambda s: not s["busy"], "the preview")


def export_to(w, path):
    """Through the file chooser, as a person would."""
    before = len(subprocess.run(["xdotool", "search", "--onlyvisible", "--name", ""], env=w.environment,
                                capture_output=True, text=True, check=False).stdout.split())
    w.key("alt+e")
    w.wait(lambda: len(subprocess.run(["xdotool", "search", "--onlyvisible", "--name", ""], env=w.environment,
                                      capture_output=True, text=True, check=False).stdout.split()) > before,
           "the file chooser")
    time.sleep(0.5)  # its list of files is still coming
    w.key("ctrl+a")
    w.xdotool("type", "--delay", 5, str(path))
    w.key("Return")


def test_dialog():
    with open_window() as w:
        w.wait_idle()
        open_dialog(w)
        w.key("Escape")
        w.wait(lambda: not windows(w), "the end of the dialog")
        open_dialog(w)
        path = FOLDER / "by-hand.png"
        export_to(w, path)
        w.wait(path.exists, "the exported figure")
        w.wait(lambda: not windows(w), "the end of the dialog")
        data = path.read_bytes()
        check(data.startswith(b"\x89PNG") and data.rstrip().endswith(b"IEND\xaeB`\x82"), "not a whole PNG")
        check(b"cnnviz:session" in data, "it does not tell how it was made")
        # neither the name nor the name without its ending is replaced without a question
        for name in ("by-hand.png", "by-hand"):
            open_dialog(w)
            export_to(w, FOLDER / name)
            time.sleep(1)
            check(path.read_bytes() == data and windows(w), f"{name}: written over, or no question")
            check(not (FOLDER / "by-hand").exists(), "a file without an ending")
            w.key("Escape")
            time.sleep(0.3)
            w.key("Escape", "Escape")
            w.wait(lambda: not windows(w), "the end of the dialog", 10)
        check(w.status()["last-error"] == "", w.status()["last-error"])


def test_pages():
    """A long table is exported as pages that are pictures, those of cnn-viz-cli; none is written over unasked."""
    network = SHARED / "models/models/keras/teachable_machine_waste.h5"
    if not network.exists():
        raise Skip("the network is not there")
    opened = FOLDER / "opened.png"
    wanted = [FOLDER / f"wanted-{i}.png" for i in range(1, 5)]
    for words in (["-o", opened], ["-o", FOLDER / "wanted-{page}.png"]):
        subprocess.run([CLI, "summary", network, *words], check=True, capture_output=True)
    with open_window(opened) as w:
        w.wait_status(lambda s: pathlib.Path(s["model"]).name == network.name and not s["busy"], "the session")
        open_dialog(w)
        export_to(w, FOLDER / "long-{page}.png")
        made = [FOLDER / f"long-{i}.png" for i in range(1, 5)]
        w.wait(lambda: all(path.exists() for path in made) and not windows(w), "the pages")
        for one, other in zip(made, wanted):
            check(one.read_bytes() == other.read_bytes(), f"{one.name} is another page than that of cnn-viz-cli")
        check(not (FOLDER / "long-5.png").exists(), "more pages than there are")
        for path in made[:1] + made[2:]:
            path.unlink()
        open_dialog(w)
        export_to(w, FOLDER / "long-{page}.png")
        time.sleep(1)
        check(windows(w) and not made[0].exists(), "written without a question")


PASTE = """
import sys
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
if not Gtk.init_check():
    sys.exit("no display")
loop = GLib.MainLoop()
def done(clipboard, result):
    clipboard.read_texture_finish(result).save_to_png(sys.argv[1])
    loop.quit()
Gdk.Display.get_default().get_clipboard().read_texture_async(None, done)
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
"""


def test_clipboard():
    """By keys alone: the figure is copied, and another program finds it on the clipboard, pixel by pixel."""
    wanted = "import gi, PIL.Image; gi.require_version('Gtk', '4.0')"
    if subprocess.run([sys.executable, "-c", wanted], check=False, capture_output=True).returncode != 0:
        raise Skip("python3-gi, python3-pil or gir1.2-gtk-4.0 is not installed")
    from PIL import Image
    # a resolution that the usual grid of the page does not suit
    opened = FOLDER / "odd.png"
    words = (CLI, "saliency", MODEL, SEVEN, "--strip", "--dpi", 220, "--figure-width", 85, "-o", opened)
    subprocess.run(list(map(str, words)), check=True, capture_output=True)
    with open_window(opened) as w:
        w.wait_status(lambda s: s["method"] == "saliency" and s["shown"] and not s["busy"], "the session")
        open_dialog(w)
        w.key("Tab", "space")
        pasted, made = FOLDER / "pasted.png", FOLDER / "made.png"
        end = time.monotonic() + PATIENCE
        while not pasted.exists():
            check(time.monotonic() < end, "nothing on the clipboard")
            subprocess.run([sys.executable, "-c", PASTE, pasted], env=w.environment, check=False,
                           capture_output=True)
        w.wait_status(lambda s: not s["busy"], "the end")
        export_to(w, made)
        w.wait(made.exists, "the exported figure")
        one, other = Image.open(pasted).convert("RGB"), Image.open(made).convert("RGB")
        check(one.size == other.size, f"{one.size} on the clipboard, {other.size} in the file")
        check(abs(other.width - 85 / 25.4 * 220) < 2, f"{other.width} pixels")
        check(one.tobytes() == other.tobytes(), "the clipboard has other pixels")


def test_unwritable():
    """A folder that cannot be written to: a sentence in the dialog, which stays, and no file."""
    with open_window() as w:
        w.wait_idle()
        w.set("save-figure", "s", "/proc/no/figure.png")
        s = w.wait_status(lambda s: s["last-error"], "a sentence")
        check("figure.png" in s["last-error"] and "\n" not in s["last-error"], s["last-error"])
        w.set("save-figure", "s", str(FOLDER / "figure.txt"))
        s = w.wait_status(lambda s: "figure.txt" in s["last-error"], "a sentence about the ending")
        check(not (FOLDER / "figure.txt").exists(), "a file of no kind")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run([
            ("/export/round-trip", test_round_trip),
            ("/export/maximized", test_maximized),
            ("/export/compare", test_compare),
            ("/export/start", test_start),
            ("/export/missing", test_missing),
            ("/export/dialog", test_dialog),
            ("/export/pages", test_pages),
            ("/export/clipboard", test_clipboard),
            ("/export/unwritable", test_unwritable),
        ]))
