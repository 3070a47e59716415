#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network is given of pictures of every kind, against Pillow's convert ("L") and ("RGB"), which Keras' load_img() calls.

    test-pictures.py CNN_VIZ_CLI

The networks only flatten their input, so their outputs are the tensor. Where Pillow is not followed: a photo is turned as its EXIF data
say, what is transparent lies over white, 16 bits become 8 by their upper byte rather than cut off at 255, and the gray of colours is not
rounded.
"""

import functools
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import check, need, run  # noqa: E402

np, onnx, Image, ImageOps = need("numpy", "onnx", "PIL.Image", "PIL.ImageOps")
PROGRAM = sys.argv[1]
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="cnn-pictures-"))
HEIGHT, WIDTH = 14, 18
NOISE = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
COLOURS = Image.fromarray(NOISE[..., :3])
GRAYS = Image.fromarray(NOISE[..., 0])


@functools.cache
def flattening(channels, height, width):
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph([helper.make_node("Flatten", ["x"], ["y"])], "pictures",
                              [helper.make_tensor_value_info("x", real, [1, channels, height, width])],
                              [helper.make_tensor_value_info("y", real, [1, channels * height * width])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    path = FOLDER / f"{channels}-{height}-{width}.onnx"
    onnx.save(model, path)
    return path


def tensor(path, channels, height=HEIGHT, width=WIDTH):
    numbers = FOLDER / "numbers.npy"
    done = subprocess.run([PROGRAM, "predict", flattening(channels, height, width), path, "--preprocess", "none", "--npy", numbers],
                          capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)
    return np.load(numbers).reshape(channels, height, width).transpose(1, 2, 0)


def save(name, image, **options):
    path = FOLDER / name
    image.save(path, **options)
    return path


def compare(path, image=None):
    """With one channel and with three; @image: what is expected, else the file as Pillow opens it."""
    if image is None:
        image = Image.open(path)
    for channels, mode in (1, "L"), (3, "RGB"):
        found = tensor(path, channels, image.height, image.width)
        expected = np.asarray(image.convert(mode), np.float32).reshape(found.shape)
        most = np.abs(found - expected).max()
        check(most <= (0.5 if mode == "L" and image.mode not in "1L" else 0), f"{path.name}, {channels} channels: {most} from Pillow's")


def test_plain():
    for name, image in ("colours.png", COLOURS), ("grays.png", GRAYS), ("bits.png", GRAYS.point(lambda v: v > 127 and 255, "1")):
        compare(save(name, image))
    compare(save("colours.bmp", COLOURS))
    compare(save("colours.tif", COLOURS))


def test_palettes():
    compare(save("palette.png", COLOURS.quantize(16)))
    compare(save("palette.gif", COLOURS.quantize(64)))


def test_jpeg():
    compare(save("colours.jpg", COLOURS, quality=90))
    compare(save("grays.jpg", GRAYS, quality=90))
    compare(save("inks.jpg", COLOURS.convert("CMYK"), quality=95))


def test_turned():
    for orientation in range(1, 9):
        exif = COLOURS.getexif()
        exif[0x0112] = orientation
        path = save(f"turned-{orientation}.jpg", COLOURS, quality=95, exif=exif)
        compare(path, ImageOps.exif_transpose(Image.open(path)))


def test_transparent():
    path = save("transparent.png", Image.fromarray(NOISE))
    colour, alpha = NOISE[..., :3].astype(float), NOISE[..., 3:] / 255
    expected = colour * alpha + 255 * (1 - alpha)
    check(np.abs(tensor(path, 3) - expected).max() <= 0.5 + 1e-6, "what is transparent does not lie over white")
    opaque = NOISE.copy()
    opaque[..., 3] = 255
    compare(save("opaque.png", Image.fromarray(opaque)))


def test_deep():
    values = np.random.default_rng(4).integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
    found = tensor(save("deep.png", Image.fromarray(values)), 1)[..., 0]
    check((found == values >> 8).all(), f"{np.abs(found - (values >> 8)).max()} from the upper bytes")


sys.exit(run([("/pictures/plain", test_plain), ("/pictures/palettes", test_palettes), ("/pictures/jpeg", test_jpeg),
              ("/pictures/turned", test_turned), ("/pictures/transparent", test_transparent), ("/pictures/deep", test_deep)]))
