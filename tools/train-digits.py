#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the sample digit network and write it as a Keras HDF5 file.

    tools/train-digits.py MNIST_FOLDER [OUTPUT.h5] [--epochs N]

MNIST_FOLDER holds the four original idx files (train-images-idx3-ubyte.gz and so on). The network is the small
classifier of the well-known Keras example: two 3x3 convolutions, a max-pooling and two dense layers, 1,199,882
parameters. It is trained with PyTorch on pixel / 255 and written as Keras 2.2 would write it: kernels as height,
width, input, output channel, and the flattened features in height, width, channel order.

The run is repeatable: the seed and the number of threads are fixed. It takes a few minutes on two cores.
Needs python3-torch, python3-numpy and python3-h5py.
"""

import argparse
import ctypes
import gzip
import json
import os
import pathlib
import struct
import sys
import time

import h5py
import numpy as np

# Threads that sleep while they wait leave the machine usable; OpenMP reads this when it is loaded
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

SEED = 20
THREADS = 2
BATCH = 128
LEARNING_RATE = 2e-3
SHIFT = 2
TURN = 8.0
KERAS_VERSION = "2.2.4"


def read_idx(path):
    """The array in a gzipped idx file of unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    zero, kind, rank = struct.unpack(">HBB", data[:4])
    if zero != 0 or kind != 8:
        raise SystemExit(f"{path}: not an idx file of unsigned bytes")
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * rank)
    if values.size != np.prod(shape):
        raise SystemExit(f"{path}: {values.size} values where the header promises {shape}")
    return values.reshape(shape)


def read_digits(folder, part):
    """Images as float tensors [n, 1, 28, 28] from 0 to 1, and their labels."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    return torch.from_numpy(images[:, None] / np.float32(255)), torch.from_numpy(labels.astype(np.int64))


def keep_memory():
    """Have malloc keep what is freed: fresh pages for every activation cost more than the arithmetic."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        trim_threshold, mmap_threshold = -1, -3
        mallopt(trim_threshold, 2**31 - 1)
        mallopt(mmap_threshold, 2**30)


class Digits(nn.Module):
    """The network, with the layer names of the Keras file.

    The dense layers are written as convolutions over their whole input, which is the same sum and runs on
    PyTorch's fast convolutions also where it was built without a fast matrix library (as in Debian).
    """

    def __init__(self):
        super().__init__()
        self.conv2d_1 = nn.Conv2d(1, 32, 3)
        self.conv2d_2 = nn.Conv2d(32, 64, 3)
        self.dense_1 = nn.Conv2d(64, 128, 12)
        self.preds = nn.Conv2d(128, 10, 1)

    def forward(self, x):
        x = F.relu(self.conv2d_1(x))
        x = F.max_pool2d(F.relu(self.conv2d_2(x)), 2)
        x = F.dropout(x, 0.25, self.training)
        x = F.dropout(F.relu(self.dense_1(x)), 0.5, self.training)
        return self.preds(x).flatten(1)


def jitter(images, generator):
    """Turn and shift each image a little, so that the network learns shapes rather than places."""
    n = len(images)
    angle = (torch.rand(n, generator=generator) * 2 - 1) * (TURN * np.pi / 180)
    shift = (torch.rand(n, 2, generator=generator) * 2 - 1) * (2 * SHIFT / 28)
    turn = torch.stack([torch.cos(angle), -torch.sin(angle), torch.sin(angle), torch.cos(angle)], 1).view(n, 2, 2)
    grid = F.affine_grid(torch.cat([turn, shift[:, :, None]], 2), images.shape, align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        right = sum(
            int((net(x).argmax(1) == y).sum()) for x, y in zip(images.split(500), labels.split(500))
        )
    return right / len(labels)


def train(folder, epochs):
    keep_memory()
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    generator = torch.Generator().manual_seed(SEED)
    images, labels = read_digits(folder, "train")
    net = Digits().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    steps = epochs * ((len(images) + BATCH - 1) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.2)
    test_images, test_labels = read_digits(folder, "t10k")

    for epoch in range(epochs):
        start = time.monotonic()
        net.train()
        # The last epoch sees the digits as they are
        still = epoch == epochs - 1
        total = 0.0
        for picks in torch.randperm(len(images), generator=generator).split(BATCH):
            batch = images[picks] if still else jitter(images[picks], generator)
            loss = F.cross_entropy(net(batch), labels[picks])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss) * len(picks)
        seconds = time.monotonic() - start
        print(
            f"epoch {epoch + 1}: loss {total / len(images):.4f}, "
            f"{accuracy(net, test_images, test_labels):.2%} of the test images, {seconds:.0f} s",
            flush=True,
        )
    return net, accuracy(net, test_images, test_labels)


def keras_weights(net):
    """The weights as Keras lays them out, layer by layer."""
    # PyTorch flattens channel, row, column; Keras row, column, channel
    dense = net.dense_1.weight.permute(2, 3, 1, 0).reshape(12 * 12 * 64, 128)
    layout = {
        "conv2d_1": (net.conv2d_1.weight.permute(2, 3, 1, 0), net.conv2d_1.bias),
        "conv2d_2": (net.conv2d_2.weight.permute(2, 3, 1, 0), net.conv2d_2.bias),
        "max_pooling2d_1": (),
        "dropout_1": (),
        "flatten_1": (),
        "dense_1": (dense, net.dense_1.bias),
        "dropout_2": (),
        "preds": (net.preds.weight.flatten(1).t(), net.preds.bias),
    }
    return {
        name: [np.ascontiguousarray(tensor.detach().numpy(), np.float32) for tensor in tensors]
        for name, tensors in layout.items()
    }


def weight_settings():
    """The part of a configuration that every layer with weights has."""
    return {
        "use_bias": True,
        "kernel_initializer": {
            "class_name": "VarianceScaling",
            "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
        },
        "bias_initializer": {"class_name": "Zeros", "config": {}},
        "kernel_regularizer": None,
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }


def convolution(name, filters, first=False):
    config = {"name": name, "trainable": True}
    if first:
        config["batch_input_shape"] = [None, 28, 28, 1]
        config["dtype"] = "float32"
    config.update(
        filters=filters,
        kernel_size=[3, 3],
        strides=[1, 1],
        padding="valid",
        data_format="channels_last",
        dilation_rate=[1, 1],
        activation="relu",
        **weight_settings(),
    )
    return {"class_name": "Conv2D", "config": config}


def dense(name, units, activation):
    config = {"name": name, "trainable": True, "units": units, "activation": activation, **weight_settings()}
    return {"class_name": "Dense", "config": config}


def dropout(name, rate):
    config = {"name": name, "trainable": True, "rate": rate, "noise_shape": None, "seed": None}
    return {"class_name": "Dropout", "config": config}


def keras_config():
    pooling = {
        "name": "max_pooling2d_1",
        "trainable": True,
        "pool_size": [2, 2],
        "padding": "valid",
        "strides": [2, 2],
        "data_format": "channels_last",
    }
    flatten = {"name": "flatten_1", "trainable": True, "data_format": "channels_last"}
    layers = [
        convolution("conv2d_1", 32, first=True),
        convolution("conv2d_2", 64),
        {"class_name": "MaxPooling2D", "config": pooling},
        dropout("dropout_1", 0.25),
        {"class_name": "Flatten", "config": flatten},
        dense("dense_1", 128, "relu"),
        dropout("dropout_2", 0.5),
        dense("preds", 10, "softmax"),
    ]
    return {"class_name": "Sequential", "config": {"name": "digits", "layers": layers}}


def write_file(path, config, weights):
    """A Keras HDF5 file of that configuration and those arrays, layer by layer."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = KERAS_VERSION.encode()
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([name.encode() for name in weights])
        group.attrs["backend"] = b"tensorflow"
        group.attrs["keras_version"] = KERAS_VERSION.encode()
        for layer, arrays in weights.items():
            names = [f"{layer}/{kind}:0" for kind, _ in zip(("kernel", "bias"), arrays)]
            layer_group = group.create_group(layer)
            layer_group.attrs["weight_names"] = np.array([name.encode() for name in names])
            for name, array in zip(names, arrays):
                layer_group.create_dataset(name, data=array)


def main():
    parser = argparse.ArgumentParser(description="Train the sample digit network.")
    parser.add_argument("mnist", type=pathlib.Path, help="folder with the four MNIST idx files (.gz)")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("output", type=pathlib.Path, nargs="?", default=root / "data/models/digits.h5")
    parser.add_argument("--epochs", type=int, default=6)
    args = parser.parse_args()

    net, right = train(args.mnist, args.epochs)
    if right < 0.99:
        print(f"only {right:.2%} of the test images are right; nothing written", file=sys.stderr)
        return 1
    write_file(args.output, keras_config(), keras_weights(net))
    print(f"{args.output}: {right:.2%} of the test images are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
