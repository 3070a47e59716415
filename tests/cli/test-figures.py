#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of cnn-viz-cli: their kinds, many inputs in one go, and that they are whole or not there.

    test-figures.py CNN_VIZ_CLI
"""

import json
import os
import pathlib
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, Skip, check, need, run  # noqa: E402

np, Image = need("numpy", "PIL.Image")
PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
SAMPLES = sorted((ROOT / "data/samples").glob("digit-*.png"))
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
FOLDER = None  # a temporary folder while the tests run
KINDS = {
    "strip": ("saliency", MODEL, SEVEN, "--strip"),
    "strip-cam": ("grad-cam", MODEL, SEVEN, "--strip"),
    "explained": ("grad-cam", MODEL, SEVEN),
    "occlusion": ("occlusion", MODEL, SEVEN, "--mode", "tutorial", "--stride", "2"),
    "compare": ("compare", MODEL, SEVEN, "--method", "saliency", "--classes", "3,7"),
    "gallery": ("activations", MODEL, SEVEN, "--layer", "conv2d_1"),
    "prediction": ("predict", MODEL, SEVEN, "--occluder", "10,5,10,10"),
    "diagram": ("diagram", MODEL),
    "summary": ("summary", MODEL),
    "kernels": ("filters", MODEL, "--layer", "conv2d_2", "--channels", "0,5,10-20", "--scale", "layer"),
    "maximized": ("maximize", MODEL, "--class", "0-4", "--iterations", "8"),
    "methods": ("compare", MODEL, SEVEN, "--method", "saliency,grad-cam", "--classes", "7", "--theme", "dark"),
}


def network_kinds():
    """Noisy pictures of 64 and 224 pixels, which no size of a page divides as it comes."""
    shared = pathlib.Path(os.environ.get("CNN_SHARED", ""))
    small, large = shared / "models/models/tfjs/tinyvgg/model.json", shared / "models/models/keras/teachable_machine_waste.h5"
    koala, elephant = (shared / "models/images" / name for name in ("tinyvgg_koala_1.jpeg", "elephant.jpg"))
    if not all(path.exists() for path in (small, large, koala, elephant)):
        raise Skip("the networks are not there")
    return {
        "small-strip": ("saliency", small, koala, "--strip"),
        "small-methods": ("compare", small, koala, "--method", "saliency,grad-cam,guided-grad-cam", "--classes", "1"),
        "small-maximized": ("maximize", small, "--class", "0-2", "--iterations", "4"),
        "small-activations": ("activations", small, koala, "--layer", "conv_1_1"),
        "small-600dpi": ("compare", small, koala, "--method", "saliency", "--classes", "0,1", "--dpi", "600"),
        "large-strip": ("saliency", large, elephant, "--strip"),
        "large-cam-85mm": ("grad-cam", large, elephant, "--strip", "--figure-width", "85"),
        "large-200dpi": ("saliency", large, elephant, "--dpi", "200"),
        "large-300dpi": ("compare", large, elephant, "--method", "saliency", "--classes", "0,1", "--dpi", "300"),
        "large-occlusion": ("occlusion", large, elephant, "--mode", "tutorial", "--stride", "28"),
    }  # fmt: skip


def call(*words, **options):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False, **options)


def draw(kind, ending, kinds=KINDS):
    target = FOLDER / f"{kind}.{ending}"
    result = call(*kinds[kind], "-o", target)
    check(result.returncode == 0, f"{kind}: {result.stderr}")
    return target


def box(values, size=7):
    """Means over windows of size x size."""
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return (total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]) / size**2


def similarity(one, other):
    """The mean structural similarity of two pictures, in gray."""
    a, b = (np.asarray(Image.open(path).convert("L"), np.float64) for path in (one, other))
    check(abs(a.shape[0] - b.shape[0]) <= 1 and abs(a.shape[1] - b.shape[1]) <= 1, f"{a.shape} beside {b.shape}")
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    a, b = a[:height, :width], b[:height, :width]
    ma, mb = box(a), box(b)
    va, vb, cov = box(a * a) - ma * ma, box(b * b) - mb * mb, box(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean())


def render_back(kind, ending, kinds):
    png, vector, back = draw(kind, "png", kinds), draw(kind, ending, kinds), FOLDER / f"{kind}-{ending}"
    dpi = round(Image.open(png).info["dpi"][0])
    if ending == "pdf":
        words = ["pdftoppm", "-r", dpi, "-png", "-singlefile", vector, back]
    else:
        words = ["rsvg-convert", "-d", dpi, "-p", dpi, vector, "-o", f"{back}.png"]
    if shutil.which(words[0]) is None:
        raise Skip(f"{words[0]} is not installed")
    subprocess.run(list(map(str, words)), check=True)
    return similarity(png, f"{back}.png")


def test_alike(ending, kinds):
    found = {kind: render_back(kind, ending, kinds) for kind in kinds}
    print("# " + ", ".join(f"{kind} {value:.4f}" for kind, value in found.items()), flush=True)
    for kind, value in found.items():
        check(value >= 0.97, f"{kind} as {ending}: structural similarity {value:.4f}")


def test_pdf_text():
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", draw("strip", "pdf"), "-"], capture_output=True, text=True, check=True).stdout
    for word in ("Saliency of 7", "Original", "Vanilla", "Guided", "ReLU", "digits.h5", SEVEN.name, "probability"):
        check(word in text, f"the PDF does not say {word}: {text}")
    text = subprocess.run(["pdftotext", draw("occlusion", "pdf"), "-"], capture_output=True, text=True, check=True).stdout
    check("7 (195)" in text, f"the legend does not count the positions: {text}")


def column_kinds():
    """A network of long names of layers, whose classes have long names too."""
    network = pathlib.Path(os.environ.get("CNN_SHARED", "")) / "models/models/keras/teachable_machine_waste.h5"
    if not network.exists():
        return {}
    names = FOLDER / "long names.txt"
    names.write_text("".join(f"what people call a class, number {i} (with a word on it)\n" for i in range(4)))
    picture, labels = network_kinds()["large-strip"][2], ("--labels", names)
    first = ("--layer", "sequential_1/model1/Conv1")
    return {
        "long-explained": ("grad-cam", network, picture, *labels),
        "long-occlusion": ("occlusion", network, picture, "--mode", "tutorial", "--stride", "56", *labels),
        "long-compare": ("compare", network, picture, "--method", "saliency", "--classes", "0,1", *labels),
        "long-prediction": ("predict", network, picture, *labels),
        "long-gallery": ("activations", network, picture, *first),
        "long-kernels": ("filters", network, *first),
        "long-maximized": ("maximize", network, "--class", "0-2", "--iterations", "1", *labels),
        "long-summary": ("summary", network, *labels),
        "long-diagram": ("diagram", network, *labels),
    }


def test_text_size():
    """On a column of 85 mm no word is smaller than 6 pt, and none sticks out of the page."""
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext is not installed")
    number = r'"([0-9.-]+)"'
    for kind, words in {**KINDS, **column_kinds()}.items():
        target = FOLDER / f"{kind}-column.pdf"
        result = call(*words, "--figure-width", "85", "-o", target)
        check(result.returncode == 0, f"{kind}: {result.stderr}")
        page = subprocess.run(["pdftotext", "-bbox", target, "-"], capture_output=True, text=True, check=True).stdout
        width = max(float(found) for found in re.findall(f"<page width={number}", page))
        check(abs(width - 85 * 72 / 25.4) < 0.1, f"{kind}: the page is {width / 72 * 25.4:.1f} mm wide")
        boxes = re.findall(f"<word xMin={number} yMin={number} xMax={number} yMax={number}>([^<]*)", page)
        check(len(boxes) > 8, f"{kind}: no words")
        for *corners, word in boxes:
            left, top, right, bottom = map(float, corners)
            # the font is 1.164 times as high as its size; a word that stands upright has its height across,
            # and only one of several letters is wider than high
            height = (min if len(word) > 3 else max)(right - left, bottom - top)
            check(height > 6 * 1.16, f"{kind}: “{word}” is smaller than 6 pt")
            check(left >= 0 and right <= width, f"{kind}: “{word}” sticks out of the page")


def test_provenance():
    target = FOLDER / "made.png"
    result = call("saliency", MODEL, SEVEN, "--strip", "--provenance", "-o", target)
    check(result.returncode == 0, result.stderr)
    whole = json.loads((FOLDER / "made.png.json").read_text())
    beside = whole["provenance"]
    check([each["modifier"] for each in beside] == ["vanilla", "guided", "relu"], f"modifiers: {beside}")
    for key in ("program", "model", "model-sha256", "image", "image-sha256", "preprocess", "class", "min", "max"):
        check(all(key in each and each[key] != "" for each in beside), f"{key} is missing: {beside}")
    text = Image.open(target).text
    check(json.loads(text["cnnviz:provenance"]) == beside, "the figure says something else")
    check(whole.items() > json.loads(text["cnnviz:session"]).items(), "the figure tells of another session")
    grid = json.loads(Image.open(draw("compare", "png")).text["cnnviz:provenance"])
    made = [(each["class"], each["modifier"]) for each in grid]
    wanted = [(c, modifier) for c in (3, 7) for modifier in ("vanilla", "guided", "relu")]
    check(made == wanted, f"the grid was made of {made}")


def test_remake():
    """A figure tells enough of itself to be made again, to the byte, from any of its kinds of file."""
    for kind in KINDS:
        made = draw(kind, "png")
        again = FOLDER / "again.png"
        result = call("remake", made, "-o", again)
        check(result.returncode == 0, f"{kind}: {result.stderr}")
        check(again.read_bytes() == made.read_bytes(), f"{kind} is another figure when it is made again")
    npy, again = FOLDER / "map.npy", FOLDER / "map-again.npy"
    words = ("occlusion", MODEL, SEVEN, "--stride", "7", "--fill", "0.25", "--class", "3", "--npy", npy, "--provenance")
    for ending in ("png", "svg", "pdf", "png.json"):
        made = FOLDER / f"odd \u6f22 <&>.{ending}"
        if not ending.endswith("json"):
            check(call(*words, "--title", "(\u6f22 <&> \\)", "-o", made).returncode == 0, f"{ending} was not made")
        result = call("remake", made, "--npy", again)
        check(result.returncode == 0, f"{ending}: {result.stderr}")
        check(again.read_bytes() == npy.read_bytes(), f"{ending}: another map")


def test_setup():
    """A figure says how the picture went in and what counted, and is made again like that."""
    names = FOLDER / "names.txt"
    names.write_text("".join(f"digit-{i}\n" for i in range(10)))
    wide = FOLDER / "wide.png"
    noise = np.random.default_rng(3).integers(0, 256, (40, 70, 3), np.uint8)
    Image.fromarray(noise).save(wide)
    made, npy, again = FOLDER / "setup.png", FOLDER / "setup.npy", FOLDER / "setup-again.npy"
    words = ("--labels", names, "--output", "preds", "--fit", "pad", "--preprocess", "signed,invert=yes",
             "--rotate-kernels", "yes")  # fmt: skip
    result = call("saliency", MODEL, wide, *words, "--npy", npy, "-o", made)
    check(result.returncode == 0, result.stderr)
    text = Image.open(made).text
    told, session = json.loads(text["cnnviz:provenance"]), json.loads(text["cnnviz:session"])
    wanted = {"fit": "pad", "channel-order": "gray", "input-size": "28x28", "labels": "names.txt", "output": "preds"}
    check(all(wanted.items() <= each.items() for each in (told if isinstance(told, list) else [told])), f"{told}")
    check(session["rotate-kernels"] == "yes" and session["output"] == "preds", f"{session}")
    result = call("remake", made, "--npy", again, "-o", FOLDER / "setup-again.png")
    check(result.returncode == 0, result.stderr)
    check(again.read_bytes() == npy.read_bytes(), "another map")
    check((FOLDER / "setup-again.png").read_bytes() == made.read_bytes(), "another figure")
    result = call("saliency", MODEL, wide, "--npy", again)
    check(again.read_bytes() != npy.read_bytes(), "the options change nothing")


def test_free_size():
    """A figure of a network that leaves the size of pictures free remembers the size, for the window too."""
    from edge_networks import Writer
    path, wide, made = FOLDER / "free.h5", FOLDER / "free.png", FOLDER / "free-figure.png"
    writer = Writer(9).conv("conv", 3, 3, 4, "relu", batch_input_shape=[None, None, None, 3]).add("GlobalAveragePooling2D", "pool")
    writer.dense("classes", 4, 2, "softmax").write(path)
    Image.fromarray(np.random.default_rng(4).integers(0, 256, (30, 40, 3), np.uint8)).save(wide)
    for words, size in (((), "224x224"), (("--input-size", "48x36"), "48x36")):
        result = call("saliency", path, wide, *words, "-o", made)
        check(result.returncode == 0, result.stderr)
        session = json.loads(Image.open(made).text["cnnviz:session"])
        check(session.get("input-size") == size, f"{session}")


def test_moved():
    """The files of a figure that was moved are found by what is in them."""
    folder = FOLDER / "moved"
    folder.mkdir()
    model, image = shutil.copy(MODEL, folder / "a.h5"), shutil.copy(SEVEN, folder / "a.png")
    made, npy, again = folder / "figure.svg", FOLDER / "one.npy", FOLDER / "two.npy"
    check(call("grad-cam", model, image, "-o", made, "--npy", npy).returncode == 0, "no figure")
    (folder / "a.h5").rename(folder / "b.h5")
    (folder / "a.png").rename(folder / "b.png")
    folder.rename(FOLDER / "elsewhere")
    result = call("remake", FOLDER / "elsewhere/figure.svg", "--npy", again)
    check(result.returncode == 0, result.stderr)
    check(again.read_bytes() == npy.read_bytes(), "another map")
    (FOLDER / "elsewhere/b.h5").unlink()
    result = call("remake", FOLDER / "elsewhere/figure.svg", "--npy", again)
    lines = result.stderr.splitlines()
    check(result.returncode == 1 and "a.h5" in lines[-1], f"a missing network: {result.stderr}")
    for name, content in (("x.png", SEVEN.read_bytes()), ("x.pdf", b"%PDF-1.4 /Keywords (a"), ("x.svg", b"<svg></svg>")):
        (FOLDER / name).write_bytes(content)
        result = call("remake", FOLDER / name, "-o", FOLDER / "y.png")
        check(result.returncode == 1 and name in result.stderr and len(result.stderr.splitlines()) == 1,
              f"{name}: {result.returncode} {result.stderr}")


def test_pages():
    """Galleries that are too many for a page are split, by {page} or in one PDF."""
    words = ("activations", MODEL, SEVEN, "--layer", "dropout_2")
    shape = ("filters", MODEL, "--layer", "conv2d_2", "--channels", "0-63,0-63,0-63,0-63,0-63")
    result = call(*shape, "-o", FOLDER / "page-{page}.png")
    check(result.returncode == 0, result.stderr)
    check(sorted(path.name for path in FOLDER.glob("page-*.png")) == ["page-1.png", "page-2.png"], "pages")
    check(call(*shape, "-o", FOLDER / "pages.pdf").returncode == 0, "no PDF of pages")
    if shutil.which("pdfinfo") is not None:
        info = subprocess.run(["pdfinfo", FOLDER / "pages.pdf"], capture_output=True, text=True, check=True).stdout
        check("Pages:           2" in info, info)
    for channels in ("64", "5-3", "x", "-1", "0,,1"):
        result = call(*shape[:4], "--channels", channels, "-o", FOLDER / "none.png")
        check(result.returncode == 1 and len(result.stderr.splitlines()) == 1, f"{channels}: {result.stderr}")
    check(call(*words, "-o", FOLDER / "vector.png").returncode == 0, "a layer without space")


def test_pages_alike():
    """A long table and many generated pictures have as many pages in each kind of file, and the same ones."""
    if shutil.which("pdftoppm") is None:
        raise Skip("pdftoppm is not installed")
    shared = pathlib.Path(os.environ.get("CNN_SHARED", "")) / "models/models"
    long, many = shared / "keras/teachable_machine_waste.h5", shared / "tfjs/doodlenet/model.json"
    if not long.exists() or not many.exists():
        raise Skip("the networks are not there")
    for kind, words, n in (
        ("long", ("summary", long), 4),
        ("many", ("maximize", many, "--class", "0-99", "--iterations", "1"), 2),
    ):
        result = call(*words, "-o", FOLDER / f"{kind}.pdf")
        check(result.returncode == 0, result.stderr)
        subprocess.run(["pdftoppm", "-r", "150", "-png", FOLDER / f"{kind}.pdf", FOLDER / f"{kind}-pdf"], check=True)
        result = call(*words, "-o", FOLDER / f"{kind}-{{page}}.png")
        check(result.returncode == 0, result.stderr)
        pages = sorted(FOLDER.glob(f"{kind}-[0-9].png"))
        check(len(pages) == n and len(list(FOLDER.glob(f"{kind}-pdf-*.png"))) == n, f"{kind}: {len(pages)} pages")
        for page in pages:
            number = page.stem.rpartition("-")[2]
            value = similarity(page, FOLDER / f"{kind}-pdf-{number}.png")
            check(value >= 0.97, f"{kind}, page {number}: structural similarity {value:.4f}")
            check(Image.open(page).height <= 240 / 25.4 * 150 + 1, f"{kind}: page {number} is longer than a page of paper")
            check(f"({number} of {n})" in Image.open(page).text["Title"], f"{kind}: {Image.open(page).text['Title']}")


def test_page():
    """The options of the page do what they say."""
    target = FOLDER / "page.png"
    words = ("saliency", MODEL, SEVEN, "-o", target, "--theme", "dark", "--figure-width", "85", "--dpi", "300")
    result = call(*words, "--title", "Mine", "--caption", "", "--map-range", "0,0.5", "--colormap", "magma")
    check(result.returncode == 0, result.stderr)
    image = Image.open(target)
    check(abs(image.width - 85 / 25.4 * 300) < 2 and sum(image.getpixel((0, 0))[:3]) < 120, f"{image.size}")
    check(image.text["Title"] == "Mine" and not image.text.get("Description"), f"{image.text}")
    for wrong in (["--theme", "blue"], ["--dpi", "0.5"], ["--figure-width", "-3"], ["--map-range", "1,0"],
                  ["--opacity", "2"], ["--colormap", "none"]):
        check(call(*words, *wrong).returncode == 2, f"{wrong} is accepted")


def test_prediction():
    target = FOLDER / "bars.png"
    for words, status in (
        (["--occluder", "10,5,10,10"], 0),
        (["--occluder", "40,5,10,10"], 1),
        (["--occluder", "a,b"], 2),
    ):
        target.unlink(missing_ok=True)
        result = call("predict", MODEL, SEVEN, *words, "-o", target)
        check(result.returncode == status, f"{words}: {result.returncode}: {result.stderr}")
        check(target.exists() == (status == 0), f"{words}: the figure")
    text = Image.open(draw("prediction", "png")).text["Description"]
    check("10 x 10 px at 10, 5" in text, f"the caption does not name the occluder: {text}")


def test_batch():
    folder = FOLDER / "batch"
    folder.mkdir()
    bad = FOLDER / "bad.png"
    bad.write_bytes(b"no picture")
    inputs = [SAMPLES[0], bad, SAMPLES[-1]]
    result = call("saliency", MODEL, *inputs, "-o", folder / "{index}-{name}-{class}.png", "--npy", folder / "{name}.npy")
    check(result.returncode == 1, f"status {result.returncode}")
    lines = result.stderr.splitlines()
    check(len(lines) == 2 and "bad.png" in lines[0] and "1 of 3" in lines[1], f"says {result.stderr}")
    names = sorted(path.name for path in folder.iterdir())
    wanted = [f"1-{SAMPLES[0].stem}-0.png", f"3-{SAMPLES[-1].stem}-9.png"]
    check(names == sorted([*wanted, f"{SAMPLES[0].stem}.npy", f"{SAMPLES[-1].stem}.npy"]), f"wrote {names}")
    # an input among many is what it is alone
    alone = FOLDER / "alone.npy"
    call("saliency", MODEL, SAMPLES[-1], "--npy", alone)
    check(alone.read_bytes() == (folder / f"{SAMPLES[-1].stem}.npy").read_bytes(), "a map differs among many")


def test_batch_commands():
    """Every command that draws an input draws many, each as it would be alone, and goes on after a bad one."""
    folder = FOLDER / "commands"
    folder.mkdir()
    bad = FOLDER / "no.png"
    bad.write_bytes(b"no picture")
    inputs = [SAMPLES[0], bad, SAMPLES[-1]]
    for command, *options in (
        ("compare", "--method", "saliency,grad-cam", "--classes", "3,7"),
        ("activations", "--layer", "conv2d_2", "--channels", "0-9"),
        ("predict", "--occluder", "3,3,9,9"),
        ("occlusion", "--stride", "7"),
    ):
        result = call(command, MODEL, *inputs, *options, "-o", folder / f"{command}-{{index}}-{{class}}.svg")
        lines = result.stderr.splitlines()
        check(result.returncode == 1, f"{command}: status {result.returncode}: {result.stderr}")
        check(len(lines) == 2 and "no.png" in lines[0] and "1 of 3" in lines[1], f"{command}: says {result.stderr}")
        names = sorted(path.name for path in folder.glob(f"{command}-*"))
        check(names == [f"{command}-1-0.svg", f"{command}-3-9.svg"], f"wrote {names}")
        alone = FOLDER / "alone.svg"
        check(call(command, MODEL, SAMPLES[-1], *options, "-o", alone).returncode == 0, f"{command}: not alone")
        check(alone.read_bytes() == (folder / names[1]).read_bytes(), f"{command}: another figure among many")
        result = call(command, MODEL, *inputs, *options, "-o", folder / "same.svg")
        check(result.returncode == 2 and not (folder / "same.svg").exists(), f"{command}: one file for all")
    result = call("activations", MODEL, SAMPLES[0], SAMPLES[1], "--layer", "conv2d_1", "--csv")
    check(result.returncode == 2 and not result.stdout, "a table of several inputs")


def on_terminal(*words):
    """What a person sees: the bytes that reach a terminal, and the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PROGRAM, [PROGRAM, *map(str, words)])
    seen = b""
    while True:
        try:
            some = os.read(terminal, 65536)
        except OSError:  # the other end was closed
            break
        if not some:
            break
        seen += some
    os.close(terminal)
    return seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def lines_on_screen(seen):
    """The lines as they stand there in the end: what is overwritten or cleared is gone."""
    lines = []
    for line in seen.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            head, clears, tail = part.partition("\x1b[K")
            shown = head + tail if clears else part + shown[len(part) :]
        lines.append(shown)
    return lines


def test_progress():
    """On a terminal the progress counts up, mixes with no line of text, and the summary is the last word."""
    bad = FOLDER / "none.png"
    bad.write_bytes(b"no picture")
    inputs = [SAMPLES[0], bad, SAMPLES[1], SAMPLES[2]]
    for command in ("saliency", "predict"):
        seen, status = on_terminal(command, MODEL, *inputs, "-o", FOLDER / f"{command}-seen-{{index}}.png")
        check(status == 1, f"{command}: status {status}: {seen}")
        counts = re.findall(r"\r(\d+)/4\x1b\[K", seen)
        check(counts[-1] == "4" and counts == sorted(set(counts)) and len(counts) >= 4, f"{command}: counts {counts}")
        lines = [line for line in lines_on_screen(seen) if line]
        check("1 of 4" in lines[-1], f"{command}: ends with {lines[-1]}")
        check([line for line in lines if re.match(r"\d/4", line)] == ["4/4"], f"{command}: {lines}")
        check(sum("none.png" in line and line.startswith("cnn-viz-cli: ") for line in lines) == 1, f"{command}: {lines}")
        check(sum(line.startswith(str(SAMPLES[1])) for line in lines) == 1, f"{command}: {lines}")
    seen, status = on_terminal("saliency", MODEL, SEVEN, "-o", FOLDER / "one.png")
    check(status == 0 and "\r1/1" not in seen, f"a single input counts: {seen}")


def test_collision():
    other = FOLDER / "other"
    other.mkdir()
    twin = shutil.copy(SAMPLES[0], other)
    for pattern in ("same.png", "{class}.png", "{name}.png"):
        result = call("saliency", MODEL, SAMPLES[0], twin, "-o", FOLDER / pattern)
        check(result.returncode == 2 and len(result.stderr.splitlines()) == 1, f"{pattern}: {result.returncode}")
    check(not list(FOLDER.glob("same.png")), "a refused call writes")


def test_names():
    """What stands in a name or a label never leads into another folder."""
    labels = FOLDER / "labels.txt"
    labels.write_text("".join(f"../up {i}\n" for i in range(10)))
    folder = FOLDER / "names"
    folder.mkdir()
    odd = shutil.copy(SEVEN, FOLDER / "a {class} b.png")
    result = call("saliency", MODEL, odd, "--labels", labels, "-o", folder / "{name}-{class}.png")
    check(result.returncode == 0, result.stderr)
    names = [path.name for path in folder.iterdir()]
    check(names == ["a__class__b-_._up_7.png"], f"wrote {names}")


def test_overlay():
    """Fine maps lie over the picture where that is wished for; a folder names its model.json."""
    words = network_kinds()["small-methods"]
    over, bare = FOLDER / "over.png", FOLDER / "bare.png"
    check(call(*words, "-o", bare).returncode == 0 and call(*words, "--overlay", "-o", over).returncode == 0, "no grid")
    check(Image.open(over).size == Image.open(bare).size, "another layout")
    check(Image.open(over).tobytes() != Image.open(bare).tobytes(), "--overlay changes nothing")
    check(Image.open(over).text["Description"].startswith("tinyvgg, "), Image.open(over).text["Description"])


def check_nothing_written(words, target, folder, **options):
    result = call(*words, target, **options)
    check(result.returncode == 1, f"{words}: status {result.returncode}: {result.stderr}")
    lines = result.stderr.splitlines()
    check(len(lines) == 1 and target.name in lines[0], f"{words}: says {result.stderr}")
    check(not folder.exists() or not list(folder.iterdir()), f"{words}: leaves {list(folder.iterdir())}")


def test_full():
    """A limit that every figure exceeds stands for a full disk; figures of all kinds and arrays are whole or not there."""
    folder = FOLDER / "full"
    folder.mkdir()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    for i, (kind, words) in enumerate(KINDS.items()):
        ending = ("png", "svg", "pdf")[i % 3]
        check_nothing_written((*words, "-o"), folder / f"{kind}.{ending}", folder, preexec_fn=limit)
    for kind in ("explained", "occlusion", "maximized", "kernels"):
        words = tuple(word for word in KINDS[kind] if word != "--strip")
        check_nothing_written((*words, "--npy"), folder / f"{kind}.npy", folder, preexec_fn=limit)
    # of a batch each that does not fit is named, and nothing is left of it
    result = call("saliency", MODEL, *SAMPLES[:3], "-o", folder / "{name}.png", preexec_fn=limit)
    lines = result.stderr.splitlines()
    check(result.returncode == 1 and len(lines) == 4 and "3 of 3" in lines[-1], f"a batch says {result.stderr}")
    check(not list(folder.iterdir()), f"a batch leaves {list(folder.iterdir())}")


def test_unwritable():
    """A folder that is not there, or is a file, or cannot be written to."""
    (FOLDER / "file").write_text("no folder")
    for folder in (FOLDER / "nowhere", FOLDER / "file", pathlib.Path("/proc/self")):
        for kind in ("strip", "compare", "summary", "maximized"):
            result = call(*KINDS[kind], "-o", folder / "figure.svg")
            lines = result.stderr.splitlines()
            check(result.returncode == 1 and len(lines) == 1 and "figure.svg" in lines[0], f"{folder}: {result.stderr}")
    check(not (FOLDER / "nowhere").exists(), "a folder was made")
    # the figure has room, what is to be beside it has not
    (FOLDER / "beside.png.json").mkdir()
    result = call(*KINDS["explained"], "--provenance", "-o", FOLDER / "beside.png")
    lines = result.stderr.splitlines()
    check(result.returncode == 1 and len(lines) == 1 and "beside.png.json" in lines[0], f"says {result.stderr}")
    check(not list((FOLDER / "beside.png.json").iterdir()), "something in a folder of that name")
    Image.open(FOLDER / "beside.png").load()


def test_killed():
    folder = FOLDER / "killed"
    folder.mkdir()
    words = ["saliency", MODEL, *SAMPLES, "--strip", "-o", folder / "{name}.png"]
    with subprocess.Popen([PROGRAM, *map(str, words)], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(folder.glob("digit-*.png")):
            time.sleep(0.001)
        process.kill()
    written = list(folder.glob("digit-*.png"))
    check(written, "nothing was written before the end")
    for path in written:
        Image.open(path).load()


TESTS = [
    ("/figures/alike/pdf", lambda: test_alike("pdf", KINDS)),
    ("/figures/alike/svg", lambda: test_alike("svg", KINDS)),
    ("/figures/alike/networks/pdf", lambda: test_alike("pdf", network_kinds())),
    ("/figures/alike/networks/svg", lambda: test_alike("svg", network_kinds())),
    ("/figures/pdf-text", test_pdf_text),
    ("/figures/text-size", test_text_size),
    ("/figures/provenance", test_provenance),
    ("/figures/remake", test_remake),
    ("/figures/setup", test_setup),
    ("/figures/free-size", test_free_size),
    ("/figures/remake/moved", test_moved),
    ("/figures/pages", test_pages),
    ("/figures/pages/alike", test_pages_alike),
    ("/figures/page", test_page),
    ("/figures/prediction", test_prediction),
    ("/figures/batch", test_batch),
    ("/figures/batch/commands", test_batch_commands),
    ("/figures/batch/progress", test_progress),
    ("/figures/batch/collision", test_collision),
    ("/figures/batch/names", test_names),
    ("/figures/overlay", test_overlay),
    ("/figures/whole/full", test_full),
    ("/figures/whole/unwritable", test_unwritable),
    ("/figures/whole/killed", test_killed),
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
