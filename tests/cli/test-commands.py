#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnn-viz-cli from outside: what it prints and writes, and how it refuses.

    test-commands.py CNN_VIZ_CLI
"""

import gzip
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, SHARED, Skip, check, need, run  # noqa: E402

h5py, np = need("h5py", "numpy")
PROGRAM = sys.argv[1]
MODEL = ROOT / "data/models/digits.h5"
SEVEN = ROOT / "data/samples/digit-7-test-0000.png"
TUTORIAL_TABLE = [
    ("conv2d_1", "Conv2D", "(None, 26, 26, 32)", 320),
    ("conv2d_2", "Conv2D", "(None, 24, 24, 64)", 18496),
    ("max_pooling2d_1", "MaxPooling2D", "(None, 12, 12, 64)", 0),
    ("dropout_1", "Dropout", "(None, 12, 12, 64)", 0),
    ("flatten_1", "Flatten", "(None, 9216)", 0),
    ("dense_1", "Dense", "(None, 128)", 1179776),
    ("dropout_2", "Dropout", "(None, 128)", 0),
    ("preds", "Dense", "(None, 10)", 1290),
]
FOLDER = None  # a temporary folder while the tests run


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)


def succeed(*words):
    result = call(*words)
    check(result.returncode == 0, f"{words}: status {result.returncode}: {result.stderr}")
    check(result.stderr == "", f"{words} says on standard error: {result.stderr}")
    return result.stdout


def refuse(*words, mentions=()):
    """The command fails with status 1, one line that names what is wrong, and writes nothing."""
    target = FOLDER / "refused.png"
    result = call(*words, "-o", target)
    check(result.returncode == 1, f"{words}: status {result.returncode} instead of 1: {result.stderr}")
    lines = result.stderr.splitlines()
    check(len(lines) == 1, f"{words}: {len(lines)} lines instead of one on standard error: {result.stderr}")
    check(result.stdout == "", f"{words} prints although it fails: {result.stdout}")
    for word in mentions:
        check(word in lines[0], f"{words}: the message does not mention {word}: {lines[0]}")
    check(not target.exists(), f"{words} leaves a file behind")


def array(*words):
    path = FOLDER / "array.npy"
    path.unlink(missing_ok=True)
    succeed(*words, "--npy", path)
    return np.load(path)


def png_texts(path):
    """The keywords of the text chunks of a PNG; fails if it is not a whole PNG."""
    data = path.read_bytes()
    check(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    position, keywords, kind = 8, [], b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if kind in (b"tEXt", b"iTXt", b"zTXt"):
            keywords.append(data[position + 8 :].split(b"\0", 1)[0].decode("latin-1"))
        position += 12 + length
    check(kind == b"IEND", f"{path} does not end as a PNG should")
    return keywords


def test_summary():
    text = succeed("summary", MODEL)
    place = 0
    for name, kind, shape, count in TUTORIAL_TABLE:
        # Keras cuts the first column after 28 characters
        kind = f"{name} ({kind})"[:28]
        row = re.compile(rf"^.*{re.escape(kind)}.*{re.escape(shape)} *([\d,]+)", re.MULTILINE).search(text, place)
        check(row is not None, f"no row of {name} in its place, with {kind} and {shape}:\n{text}")
        check(int(row[1].replace(",", "")) == count, f"{name}: {row[1]} parameters instead of {count}")
        place = row.end()
    for label, count in (("Total", "1,199,882"), ("Trainable", "1,199,882"), ("Non-trainable", "0")):
        check(re.search(rf"^{label} params: {count}\b", text, re.MULTILINE), f"{label} is not {count}:\n{text}")


def test_summary_json():
    text = succeed("summary", MODEL, "--json")
    json.loads(text)
    for name, *_ in TUTORIAL_TABLE:
        check(f'"{name}"' in text, f"{name} is missing")
    check("1199882" in text, "the number of parameters is missing")


def test_predict():
    answer = json.loads(succeed("predict", MODEL, SEVEN, "--json", "--top", "3"))
    top = answer["inputs"][0]["top"]
    check(len(top) == 3, f"{len(top)} classes instead of 3")
    check(top[0]["class"] == 7 and top[0]["probability"] > 0.9, f"7 is read as {top[0]}")
    check(top[0]["score"] > top[1]["score"], "the scores are not in order")
    check("7" in succeed("predict", MODEL, SEVEN), "the text does not say 7")


def test_predict_misread():
    for path in sorted((ROOT / "data/samples").glob("misread-*.png")):
        _, _, _, wrong, *_ = path.stem.split("-")
        answer = json.loads(succeed("predict", MODEL, path, "--json"))
        found = answer["inputs"][0]["top"][0]["class"]
        check(found == int(wrong), f"{path.name} is read as {found}")


def test_predict_many():
    samples = sorted((ROOT / "data/samples").glob("*.png"))
    together = array("predict", MODEL, *samples)
    check(together.shape == (len(samples), 10), f"shape {together.shape}")
    alone = array("predict", MODEL, samples[5])
    check(np.abs(together[5] - alone[0]).max() < 1e-5, "one input gives other numbers than in a batch")
    check(np.allclose(together.sum(1), 1, atol=1e-5), "probabilities do not sum to 1")


def test_predict_goes_on():
    """One bad input of several is said and left out; the others are predicted."""
    pictures = sorted((ROOT / "data/samples").glob("digit-*.png"))[:2]
    with tempfile.TemporaryDirectory() as folder:
        bad, out = pathlib.Path(folder) / "bad.png", pathlib.Path(folder) / "out.npy"
        bad.write_bytes(b"no picture")
        words = [PROGRAM, "predict", MODEL, pictures[0], bad, pictures[1], "--json", "--npy", out]
        result = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
        lines = result.stderr.splitlines()
        check(result.returncode == 1 and len(lines) == 2, f"{result.returncode} {result.stderr}")
        check("bad.png" in lines[0] and "1 of 3" in lines[1], result.stderr)
        found = [pathlib.Path(entry["input"]).name for entry in json.loads(result.stdout)["inputs"]]
        check(found == [picture.name for picture in pictures], f"{found}")
        check(np.load(out).shape == (2, 10), "rows of the array")
        result = subprocess.run([PROGRAM, "predict", MODEL, bad], capture_output=True, text=True, check=False)
        check(result.returncode == 1 and len(result.stderr.splitlines()) == 1, result.stderr)


def test_arrays():
    check(array("activations", MODEL, SEVEN, "--layer", "conv2d_1").shape == (1, 26, 26, 32), "activations")
    check(array("activations", MODEL, SEVEN, "--layer", "dense_1").shape == (1, 128), "dense activations")
    for command in ("saliency", "grad-cam", "occlusion"):
        field = array(command, MODEL, SEVEN)
        check(field.shape == (28, 28) and field.dtype == np.float32, f"{command}: {field.shape} {field.dtype}")
        check(np.isfinite(field).all() and field.max() > 0, f"{command}: {field.min()} to {field.max()}")


def test_kernels():
    with h5py.File(MODEL) as file:
        stored = file["model_weights/conv2d_1/conv2d_1/kernel:0"][()]
    kernels = array("filters", MODEL, "--layer", "conv2d_1")
    check(kernels.size == stored.size, f"{kernels.shape} for {stored.shape}")
    check(np.array_equal(np.sort(kernels.ravel()), np.sort(stored.ravel())), "not the numbers of the file")


def test_figures():
    commands = {
        "filters": ["--layer", "conv2d_1"],
        "activations": [SEVEN, "--layer", "conv2d_2"],
        "saliency": [SEVEN, "--modifier", "guided"],
        "grad-cam": [SEVEN, "--class", "3"],
        "occlusion": [SEVEN, "--mode", "tutorial"],
    }
    for command, words in commands.items():
        path = FOLDER / f"{command}.png"
        succeed(command, MODEL, *words, "-o", path)
        check(png_texts(path), f"{command}: the figure does not say how it was made")


def test_repeatable():
    for command in ("saliency", "grad-cam", "occlusion"):
        first, second = FOLDER / "first.png", FOLDER / "second.png"
        for path in (first, second):
            succeed(command, MODEL, SEVEN, "-o", path)
        check(first.read_bytes() == second.read_bytes(), f"{command}: two runs write different figures")


def test_occlusion_counts():
    answer = json.loads(succeed("occlusion", MODEL, SEVEN, "--mode", "tutorial", "--stride", "4", "--json"))
    check(answer["positions"] == 49, f"a 28 by 28 image has 49 cells of 4, not {answer['positions']}")
    check(sum(answer["counts"].values()) == 49, f"every cell has one winner: {answer['counts']}")
    check(answer["clean_probability"] > 0.9, f"7 is read with {answer['clean_probability']}")


def test_occlusion_size():
    small, large = (array("occlusion", MODEL, SEVEN, "--size", size, "--stride", "4") for size in ("4", "12"))
    check(not np.allclose(small, large), "the size of the occluder makes no difference")
    check(array("occlusion", MODEL, SEVEN, "--fill", "black").max() < large.max(), "black on black matters")


def test_accuracy():
    images, labels = (SHARED / "mnist" / f"t10k-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1"))
    if not images.is_file():
        raise Skip("the MNIST test images are not there")
    pixels = np.frombuffer(gzip.decompress(images.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    truth = np.frombuffer(gzip.decompress(labels.read_bytes()), np.uint8, offset=8)
    path = FOLDER / "mnist.npy"
    np.save(path, pixels / np.float32(255))
    predicted = array("predict", MODEL, path).argmax(1)
    right = (predicted == truth).mean()
    print(f"# {right:.2%} of {len(truth)} test images")
    check(right >= 0.99, f"only {right:.2%} of the test images are read right")


def edited_model(name, edit):
    """A copy of the sample network after edit (file)."""
    path = FOLDER / name
    shutil.copy(MODEL, path)
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def edited_config(name, edit):
    def edit_file(file):
        config = json.loads(file.attrs["model_config"])
        edit(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config).encode()

    return edited_model(name, edit_file)


def file_of(name, content):
    path = FOLDER / name
    path.write_bytes(content)
    return path


def test_bad_models():
    whole = MODEL.read_bytes()
    refuse("grad-cam", FOLDER / "absent.h5", SEVEN, mentions=["absent.h5"])
    refuse("grad-cam", FOLDER, SEVEN)
    refuse("grad-cam", file_of("empty.h5", b""), SEVEN, mentions=["empty.h5"])
    refuse("grad-cam", file_of("text.h5", b"This is no network.\n" * 100), SEVEN, mentions=["text.h5"])
    for part in (100, 3000, len(whole) // 2, len(whole) - 1):
        refuse("grad-cam", file_of("cut.h5", whole[:part]), SEVEN, mentions=["cut.h5"])


def test_bad_networks():
    def drop_config(file):
        del file.attrs["model_config"]

    def reshape(file):
        group = file["model_weights/dense_1/dense_1"]
        del group["kernel:0"]
        group["kernel:0"] = np.zeros((100, 128), np.float32)

    def remove(file):
        del file["model_weights/conv2d_2/conv2d_2/bias:0"]

    def unknown(layers):
        layers[2]["class_name"] = "Mystery2D"

    def huge(layers):
        layers[0]["config"]["filters"] = 2**40

    def negative(layers):
        layers[1]["config"]["kernel_size"] = [-3, 3]

    def too_large(layers):
        layers[2]["config"]["pool_size"] = [99, 99]

    refuse("grad-cam", edited_model("no-config.h5", drop_config), SEVEN, mentions=["no-config.h5"])
    refuse("grad-cam", edited_model("shape.h5", reshape), SEVEN, mentions=["dense_1"])
    refuse("grad-cam", edited_model("missing.h5", remove), SEVEN, mentions=["conv2d_2"])
    refuse("grad-cam", edited_config("unknown.h5", unknown), SEVEN, mentions=["Mystery2D", "max_pooling2d_1"])
    refuse("grad-cam", edited_config("huge.h5", huge), SEVEN, mentions=["conv2d_1"])
    refuse("grad-cam", edited_config("negative.h5", negative), SEVEN, mentions=["conv2d_2"])
    refuse("grad-cam", edited_config("large.h5", too_large), SEVEN, mentions=["max_pooling2d_1"])


def test_bad_inputs():
    refuse("grad-cam", MODEL, FOLDER / "absent.png", mentions=["absent.png"])
    refuse("grad-cam", MODEL, file_of("text.png", b"This is no picture."), mentions=["text.png"])
    refuse("grad-cam", MODEL, file_of("cut.png", SEVEN.read_bytes()[:60]), mentions=["cut.png"])
    refuse("grad-cam", MODEL, file_of("text.npy", b"This is no array."), mentions=["text.npy"])
    shape = FOLDER / "shape.npy"
    np.save(shape, np.zeros((5, 5, 1), np.float32))
    refuse("grad-cam", MODEL, shape, mentions=["shape.npy"])
    refuse("grad-cam", MODEL, SEVEN, "--class", "10")
    refuse("grad-cam", MODEL, SEVEN, "--layer", "nowhere", mentions=["nowhere"])
    refuse("activations", MODEL, SEVEN, "--layer", "nowhere", mentions=["nowhere"])


def test_usage():
    for words in (
        [],
        ["frobnicate"],
        ["grad-cam"],
        ["grad-cam", MODEL],
        ["grad-cam", MODEL, SEVEN, "--frobnicate"],
        ["grad-cam", MODEL, SEVEN, "--modifier", "sideways"],
        ["occlusion", MODEL, SEVEN, "--stride", "soon"],
        ["activations", MODEL, SEVEN],
    ):
        result = call(*words)
        check(result.returncode == 2, f"{words}: status {result.returncode} instead of 2: {result.stderr}")
        check(result.stderr != "", f"{words} fails in silence")
    check("grad-cam" in succeed("--help"), "--help does not name the commands")


def test_wrong_values():
    """A value that no network could take is a wrong call: the option, what it takes, and what was given, in one line."""
    saliency, occlusion = ["saliency", MODEL, SEVEN], ["occlusion", MODEL, SEVEN]
    maximize, filters = ["maximize", MODEL, "--class", "0"], ["filters", MODEL, "--layer", "conv2d_1"]
    for command, option, value, allowed in (
        (saliency, "fit", "squeeze", "stretch|crop|pad|center"),
        (["predict", MODEL, SEVEN], "fit", "", "stretch"),
        (["summary", MODEL], "fit", "Crop", "crop"),
        (saliency, "preprocess", "sideways", "unit|signed|imagenet|caffe|none"),
        (saliency, "preprocess", "scale=0", "scale=S"),
        (["evaluate", MODEL, FOLDER], "preprocess", "scale=x", "mean=M"),
        (saliency, "rotate-kernels", "maybe", "auto|yes|no"),
        (saliency, "input-size", "large", "WxH"),
        (saliency, "input-size", "0x8", "WxH"),
        (saliency, "input", "noname", "NAME=NUMBER"),
        (saliency, "modifier", "sideways", "vanilla|guided|relu"),
        (saliency, "colormap", "rainbow", "viridis"),
        (saliency, "map-range", "5", "LO,HI"),
        (saliency, "theme", "pink", "page|dark"),
        (saliency, "opacity", "2", "0…1"),
        (saliency, "dpi", "-1", "30…2400"),
        (saliency, "figure-width", "1", "20…2000"),
        (saliency, "figure", FOLDER / "figure.gif", ".png|.svg|.pdf"),
        (occlusion, "fill", "pink", "gray|black|white|mean|blur|N"),
        (occlusion, "mode", "lesson", "drop|tutorial"),
        (occlusion, "stride", "soon", "px"),
        (["grad-cam", MODEL, SEVEN], "signed", "perhaps", "yes|no"),
        (["compare", MODEL, SEVEN, "-o", FOLDER / "c.png"], "modifiers", "vanilla,odd", "vanilla|guided|relu"),
        (maximize, "start", "middle", "noise|mean|image"),
        (maximize, "range", "0", "LO,HI"),
        (maximize, "range", "-5,", "LO,HI"),
        (maximize, "jitter", "-1", "px"),
        (maximize, "modifier", "odd", "vanilla|guided|relu"),
        (filters, "scale", "all", "each|layer"),
        (filters, "input-channel", "last", "N|mean|norm"),
    ):  # fmt: skip
        result = call(*command, f"--{option}={value}")
        said = result.stderr
        given = str(value).rsplit(",", 1)[-1] if option == "modifiers" else str(value)
        check(result.returncode == 2, f"{command[0]} --{option}={value}: {result.returncode} instead of 2: {said}")
        check(len(said.splitlines()) == 1 and f"--{option}" in said and given in said and allowed in said, said)
        check(result.stdout == "", f"{command[0]} --{option}={value} prints {result.stdout}")


def test_unwritable():
    target = FOLDER / "nowhere" / "figure.png"
    result = call("grad-cam", MODEL, SEVEN, "-o", target)
    check(result.returncode == 1 and "figure.png" in result.stderr, f"{result.returncode}: {result.stderr}")


TESTS = [
    ("/cli/summary/table", test_summary),
    ("/cli/summary/json", test_summary_json),
    ("/cli/predict/one", test_predict),
    ("/cli/predict/misread", test_predict_misread),
    ("/cli/predict/many", test_predict_many),
    ("/commands/predict-goes-on", test_predict_goes_on),
    ("/cli/arrays", test_arrays),
    ("/cli/kernels", test_kernels),
    ("/cli/figures", test_figures),
    ("/cli/repeatable", test_repeatable),
    ("/cli/occlusion-counts", test_occlusion_counts),
    ("/cli/occlusion-size", test_occlusion_size),
    ("/cli/accuracy", test_accuracy),
    ("/cli/refuses/models", test_bad_models),
    ("/cli/refuses/networks", test_bad_networks),
    ("/cli/refuses/inputs", test_bad_inputs),
    ("/cli/refuses/usage", test_usage),
    ("/cli/refuses/values", test_wrong_values),
    ("/cli/refuses/unwritable", test_unwritable),
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FOLDER = pathlib.Path(name)
        sys.exit(run(TESTS))
