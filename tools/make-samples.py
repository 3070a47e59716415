#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the sample digits in data/samples from the MNIST test images and write them as PNG.

    tools/make-samples.py MNIST_FOLDER [MODEL.h5] [FOLDER]

For each digit the first three test images that the network reads right, as digit-7-test-0000.png, and a few that it
gets wrong with the highest probability, as misread-4-as-9-test-0247.png: at most one for each true digit, so that the
mistakes differ. Needs python3-numpy, python3-h5py and python3-pil.
"""

import argparse
import gzip
import pathlib
import struct

import h5py
import numpy as np
from PIL import Image

RIGHT_PER_DIGIT = 3
WRONG = 6


def read_idx(path):
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def convolve(x, kernel, bias):
    """A 3x3 valid convolution with ReLU, rows, columns and channels last."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    n, rows, columns = windows.shape[:3]
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n * rows * columns, -1)
    out = patches @ kernel.reshape(-1, kernel.shape[-1]) + bias
    return np.maximum(out, 0).reshape(n, rows, columns, -1)


def predict(weights, images):
    """Probabilities of a batch of images."""
    x = images[..., None] / np.float32(255)
    x = convolve(x, *weights["conv2d_1"])
    x = convolve(x, *weights["conv2d_2"])
    x = x.reshape(len(x), 12, 2, 12, 2, 64).max((2, 4)).reshape(len(x), -1)
    for name in ("dense_1", "preds"):
        kernel, bias = weights[name]
        x = x @ kernel + bias
        if name == "dense_1":
            x = np.maximum(x, 0)
    x = np.exp(x - x.max(1, keepdims=True))
    return x / x.sum(1, keepdims=True)


def read_weights(path):
    with h5py.File(path) as file:
        group = file["model_weights"]
        return {
            name: (group[name][name]["kernel:0"][()], group[name][name]["bias:0"][()])
            for name in ("conv2d_1", "conv2d_2", "dense_1", "preds")
        }


def choose(probabilities, labels):
    """Pairs of file name and index in the test set."""
    best = probabilities.argmax(1)
    chosen = []
    for digit in range(10):
        right = np.flatnonzero((labels == digit) & (best == digit))[:RIGHT_PER_DIGIT]
        chosen += [(f"digit-{digit}-test-{index:04}.png", index) for index in right]
    wrong = np.flatnonzero(best != labels)
    seen = set()
    for index in wrong[np.argsort(-probabilities.max(1)[wrong], kind="stable")]:
        if labels[index] not in seen and len(seen) < WRONG:
            seen.add(labels[index])
            chosen.append((f"misread-{labels[index]}-as-{best[index]}-test-{index:04}.png", index))
    return chosen


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Write the sample digits.")
    parser.add_argument("mnist", type=pathlib.Path, help="folder with the MNIST idx files (.gz)")
    parser.add_argument("model", type=pathlib.Path, nargs="?", default=root / "data/models/digits.h5")
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=root / "data/samples")
    args = parser.parse_args()

    images = read_idx(args.mnist / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(args.mnist / "t10k-labels-idx1-ubyte.gz")
    weights = read_weights(args.model)
    probabilities = np.concatenate([predict(weights, batch) for batch in np.split(images, 50)])
    print(f"{(probabilities.argmax(1) == labels).mean():.2%} of the test images are read right")

    for old in args.folder.glob("*-test-*.png"):
        old.unlink()
    for name, index in choose(probabilities, labels):
        Image.fromarray(images[index]).save(args.folder / name, optimize=True)
        print(name)


if __name__ == "__main__":
    main()
