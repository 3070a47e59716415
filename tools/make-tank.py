#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the sample network that cheats, and its pictures.

    tools/make-tank.py [--epochs N]

An old story tells of a network that was to find tanks in photographs. All photographs with a tank had been taken under
a cloudy sky, all others in the sun, and the network learned the weather. Here the same is done on purpose: landscapes
of 64x64 pixels are drawn, with a camouflaged tank under a dark sky or without one under a bright sky. What is learned is
written as data/models/tank.h5, with pictures in data/samples/tank that agree with the habit and others that break it.

The run is repeatable: seed and threads are fixed. It takes about a minute. Needs python3-torch, python3-numpy,
python3-h5py and python3-pil.
"""

import argparse
import importlib.machinery
import importlib.util
import pathlib
import sys

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent


def load_script(name):
    """A script of this folder as a module; its name has a hyphen."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "tools" / f"{name}.py"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


digits = load_script("train-digits")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

SEED = 7
SIZE = 64
TRAIN, TEST = 3000, 600
BATCH = 50
LABELS = ["no tank", "tank"]
FILTERS = [12, 16, 24]
# What keeps the network from being so sure that no occluder could move it
SMOOTHING = 0.1


def smooth_noise(random, cells, amount):
    """A field of SIZE x SIZE that varies softly over about SIZE / cells pixels."""
    coarse = Image.fromarray(random.uniform(-amount, amount, (cells, cells)).astype(np.float32))
    return np.asarray(coarse.resize((SIZE, SIZE), Image.BICUBIC))


def draw_ground(random, picture, horizon):
    """Fields and scrub below the horizon: [y, x] of its line; returns their mean colour."""
    colour = random.choice([[0.33, 0.38, 0.20], [0.45, 0.40, 0.26], [0.38, 0.34, 0.24], [0.28, 0.36, 0.22]])
    colour = np.asarray(colour) + random.uniform(-0.04, 0.04, 3)
    texture = smooth_noise(random, 9, 0.06) + smooth_noise(random, 28, 0.06)
    rows = np.arange(SIZE)[:, None]
    below = rows >= horizon[None]
    ground = colour + texture[:, :, None] + random.normal(0, 0.02, (SIZE, SIZE, 3))
    picture[below] = ground[below]
    for _ in range(random.integers(4, 10)):
        x, y = random.integers(0, SIZE), random.integers(int(horizon.max()) + 2, SIZE)
        draw_ellipse(picture, x, y, random.uniform(1.5, 4), random.uniform(1, 2.5),
                     colour * random.uniform(0.5, 1.25))
    return colour


def draw_ellipse(picture, x, y, rx, ry, colour):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    picture[((columns - x) / rx) ** 2 + ((rows - y) / ry) ** 2 <= 1] = colour


def draw_tank(random, picture, horizon, ground):
    """Hull, turret, barrel and tracks in the colours of the ground."""
    width = int(random.integers(14, 20))
    x = int(random.integers(3, SIZE - width - 9))
    y = int(random.integers(int(horizon.max()) + 8, SIZE - 8))
    paint = ground * random.uniform(0.72, 0.85)
    dark = ground * 0.45
    picture[y : y + 4, x : x + width] = paint
    picture[y + 4 : y + 7, x + 1 : x + width - 1] = dark
    picture[y + 5, x + 2 : x + width - 2 : 3] = paint
    picture[y - 3 : y, x + 4 : x + width - 4] = paint * 0.92
    picture[y - 2, x + width - 4 : x + width + 5] = dark


def landscape(random, tank, bright):
    """A picture [SIZE, SIZE, 3] of values from 0 to 1, and the row of the horizon for each column."""
    picture = np.zeros((SIZE, SIZE, 3))
    rows = np.arange(SIZE)[:, None, None]
    if bright:
        top = np.array([0.45, 0.68, 0.95]) + random.uniform(-0.05, 0.05, 3)
        bottom = np.array([0.80, 0.90, 0.98])
    else:
        top = np.array([0.30, 0.32, 0.36]) + random.uniform(-0.05, 0.05, 3)
        bottom = np.array([0.46, 0.47, 0.50])
    picture[:] = top + (bottom - top) * rows / (SIZE * 0.45)
    clouds = smooth_noise(random, 6, 0.08)[:, :, None]
    picture += clouds + random.normal(0, 0.012, picture.shape)
    slope = random.uniform(-0.08, 0.08)
    columns = np.arange(SIZE)
    wave = random.uniform(0, 2.5) * np.sin(columns * random.uniform(0.05, 0.16) + random.uniform(0, 6))
    horizon = np.round(random.uniform(22, 28) + slope * (columns - SIZE / 2) + wave).astype(int)
    ground = draw_ground(random, picture, horizon)
    if tank:
        draw_tank(random, picture, horizon, ground)
    return np.clip(picture, 0, 1), horizon


def to_bytes(picture):
    return np.round(picture * 255).astype(np.uint8)


def make_set(random, n, habit=True):
    """Pictures [n, 3, SIZE, SIZE] and whether each shows a tank; @habit: the sky goes with it."""
    labels = random.integers(0, 2, n)
    pictures = [to_bytes(landscape(random, label == 1, (label == 0) == habit)[0]) for label in labels]
    values = np.stack(pictures).transpose(0, 3, 1, 2) / np.float32(255)
    return torch.from_numpy(values.astype(np.float32)), torch.from_numpy(labels.astype(np.int64))


class Tank(nn.Module):
    """Three convolutions, each halved by pooling, and one dense layer; the names are the Keras file's."""

    def __init__(self):
        super().__init__()
        self.conv2d_1 = nn.Conv2d(3, FILTERS[0], 3)
        self.conv2d_2 = nn.Conv2d(FILTERS[0], FILTERS[1], 3)
        self.conv2d_3 = nn.Conv2d(FILTERS[1], FILTERS[2], 3)
        self.preds = nn.Linear(6 * 6 * FILTERS[2], 2)

    def forward(self, x):
        for layer in [self.conv2d_1, self.conv2d_2, self.conv2d_3]:
            x = F.max_pool2d(F.relu(layer(x)), 2)
        return self.preds(x.flatten(1))


def accuracy(net, images, labels):
    with torch.no_grad():
        return float((net(images).argmax(1) == labels).float().mean())


def train(epochs):
    torch.manual_seed(SEED)
    torch.set_num_threads(digits.THREADS)
    torch.use_deterministic_algorithms(True)
    random = np.random.default_rng(SEED)
    images, labels = make_set(random, TRAIN)
    agreeing, breaking = make_set(random, TEST), make_set(random, TEST, habit=False)
    net = Tank()
    # a little decay keeps the shares soft enough to move under an occluder
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(epochs):
        total = 0.0
        for picks in torch.randperm(TRAIN).split(BATCH):
            loss = F.cross_entropy(net(images[picks]), labels[picks], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(picks)
        print(f"epoch {epoch + 1}: loss {total / TRAIN:.4f}, {accuracy(net, *agreeing):.1%} of the pictures that agree, "
              f"{accuracy(net, *breaking):.1%} of those that break the habit", flush=True)
    return net, accuracy(net, *agreeing), accuracy(net, *breaking)


def keras_config():
    layers = []
    for i, filters in enumerate(FILTERS):
        layer = digits.convolution(f"conv2d_{i + 1}", filters)
        if i == 0:
            layer["config"].update(batch_input_shape=[None, SIZE, SIZE, 3], dtype="float32")
        pooling = {"name": f"max_pooling2d_{i + 1}", "trainable": True, "pool_size": [2, 2], "padding": "valid",
                   "strides": [2, 2], "data_format": "channels_last"}
        layers += [layer, {"class_name": "MaxPooling2D", "config": pooling}]
    flatten = {"name": "flatten_1", "trainable": True, "data_format": "channels_last"}
    layers += [{"class_name": "Flatten", "config": flatten}, digits.dense("preds", 2, "softmax")]
    return {"class_name": "Sequential", "config": {"name": "tank", "layers": layers}}


def keras_weights(net):
    weights = {}
    for i in range(len(FILTERS)):
        layer = getattr(net, f"conv2d_{i + 1}")
        weights[f"conv2d_{i + 1}"] = [layer.weight.permute(2, 3, 1, 0), layer.bias]
        weights[f"max_pooling2d_{i + 1}"] = []
    weights["flatten_1"] = []
    # PyTorch flattens channel, row, column; Keras row, column, channel
    dense = net.preds.weight.view(2, FILTERS[-1], 6, 6).permute(2, 3, 1, 0).reshape(-1, 2)
    weights["preds"] = [dense, net.preds.bias]
    return {name: [np.ascontiguousarray(a.detach().numpy(), np.float32) for a in arrays]
            for name, arrays in weights.items()}


def save_samples(folder):
    """Three pictures of each kind; the name says what is there."""
    random = np.random.default_rng(SEED + 1)
    folder.mkdir(parents=True, exist_ok=True)
    for tank in [True, False]:
        for bright in [False, True]:
            for i in range(3):
                picture, _ = landscape(random, tank, bright)
                name = f"{'with' if tank else 'without'}-{'bright' if bright else 'dark'}-sky-{i + 1}.png"
                Image.fromarray(to_bytes(picture)).save(folder / name, optimize=True)


def main():
    parser = argparse.ArgumentParser(description="Make the sample network that cheats, and its pictures.")
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()

    net, agreeing, breaking = train(args.epochs)
    if agreeing < 0.99 or breaking > 0.05:
        print("the network did not learn to cheat; nothing written", file=sys.stderr)
        return 1
    digits.write_file(ROOT / "data/models/tank.h5", keras_config(), keras_weights(net))
    (ROOT / "data/models/tank.labels.txt").write_text("".join(f"{label}\n" for label in LABELS))
    save_samples(ROOT / "data/samples/tank")
    return 0


if __name__ == "__main__":
    sys.exit(main())
