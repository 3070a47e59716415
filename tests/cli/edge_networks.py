# SPDX-License-Identifier: GPL-3.0-or-later
"""Small Keras files of unusual networks, written with h5py; weights from a seed."""

import json

import h5py
import numpy as np


class Writer:
    """Layers of a Sequential model and their weights."""

    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)
        self.layers = []
        self.weights = {}

    def add(self, kind, name, weights=(), **config):
        self.layers.append({"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}})
        self.weights[name] = weights
        return self

    def draw(self, *shape):
        scale = 1 / np.sqrt(max(np.prod(shape[:-1]), 1))
        return self.random.normal(0, scale, shape).astype(np.float32)

    def conv(self, name, size, ins, outs, activation="linear", **config):
        weights = [("kernel", self.draw(size, size, ins, outs)), ("bias", self.draw(outs))]
        return self.add("Conv2D", name, weights, filters=outs, kernel_size=[size, size], strides=[1, 1], padding="valid",
                        data_format="channels_last", dilation_rate=[1, 1], activation=activation, use_bias=True, **config)  # fmt: skip

    def dense(self, name, ins, outs, activation="linear", **config):
        weights = [("kernel", self.draw(ins, outs)), ("bias", self.draw(outs))]
        return self.add("Dense", name, weights, units=outs, activation=activation, use_bias=True, **config)

    def write(self, path):
        config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": self.layers}}
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(config).encode()
            file.attrs["keras_version"] = b"2.3.1"
            file.attrs["backend"] = b"tensorflow"
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = [name.encode() for name in self.weights]
            for name, weights in self.weights.items():
                own = group.create_group(name)
                own.attrs["weight_names"] = [f"{name}/{kind}:0".encode() for kind, _ in weights]
                for kind, values in weights:
                    own.create_dataset(f"{name}/{kind}:0", data=values)
        return path


def regression(path):
    return Writer(1).conv("conv", 3, 1, 4, "relu", batch_input_shape=[None, 12, 12, 1]).add("Flatten", "flatten") \
        .dense("value", 400, 1).write(path)  # fmt: skip


def two_numbers(path):
    return Writer(21).conv("conv", 3, 1, 4, "relu", batch_input_shape=[None, 12, 12, 1]).add("Flatten", "flatten") \
        .dense("logits", 400, 2).write(path)  # fmt: skip


def log_softmax(path):
    return Writer(22).conv("conv", 3, 1, 4, "relu", batch_input_shape=[None, 12, 12, 1]).add("Flatten", "flatten") \
        .dense("logs", 400, 3, "log_softmax").write(path)  # fmt: skip


def multi_label(path):
    return Writer(2).conv("conv", 3, 3, 4, "relu", batch_input_shape=[None, 12, 12, 3]).add(
        "GlobalAveragePooling2D", "pool", data_format="channels_last").dense("tags", 4, 3, "sigmoid").write(path)  # fmt: skip


def segmentation(path):
    return Writer(3).conv("conv", 3, 3, 4, "relu", batch_input_shape=[None, 12, 12, 3]) \
        .conv("parts", 1, 4, 3, "softmax").write(path)  # fmt: skip


def dense_only(path):
    return Writer(4).add("Flatten", "flatten", batch_input_shape=[None, 12, 12, 1]).dense("hidden", 144, 8, "relu") \
        .dense("digits", 8, 3, "softmax").write(path)  # fmt: skip


def one_pixel(path):
    return Writer(5).conv("conv", 1, 3, 4, "relu", batch_input_shape=[None, 1, 1, 3]).add("Flatten", "flatten") \
        .dense("classes", 4, 2, "softmax").write(path)  # fmt: skip


def one_unit(path):
    return Writer(16).conv("conv", 3, 3, 4, "relu", batch_input_shape=[None, 12, 12, 3]).add("Flatten", "flatten") \
        .dense("real", 400, 1, "sigmoid").write(path)  # fmt: skip


def one_dimension(path):
    writer = Writer(7)
    weights = [("kernel", writer.draw(5, 3, 4)), ("bias", writer.draw(4))]
    return writer.add("Conv1D", "conv", weights, filters=4, kernel_size=[5], strides=[1], padding="valid",
                      data_format="channels_last", dilation_rate=[1], activation="relu", use_bias=True,
                      batch_input_shape=[None, 32, 3]).add("GlobalAveragePooling1D", "pool").dense("classes", 4, 2, "softmax") \
        .write(path)  # fmt: skip


NETWORKS = {
    "regression": (regression, (12, 12, 1)),
    "two-numbers": (two_numbers, (12, 12, 1)),
    "log-softmax": (log_softmax, (12, 12, 1)),
    "multi-label": (multi_label, (12, 12, 3)),
    "segmentation": (segmentation, (12, 12, 3)),
    "dense-only": (dense_only, (12, 12, 1)),
    "one-pixel": (one_pixel, (1, 1, 3)),
    "one-unit": (one_unit, (12, 12, 3)),
    "one-dimension": (one_dimension, (32, 3)),
}
