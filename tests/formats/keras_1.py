# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of Keras 2 in the words of Keras 1, as far as Keras 1 had words for them.

With the order "th", kernels of pictures lie as (out, in, rows, columns); rotated, as Keras on Theano has them, whose
convolutions turn them by 180 degrees.
"""

import dataclasses

import numpy as np

WEIGHTS = {"kernel": "W", "bias": "b", "moving_mean": "running_mean", "moving_variance": "running_std", "alpha": "alphas"}
MERGES = {"Add": "sum", "Multiply": "mul", "Average": "ave", "Maximum": "max", "Concatenate": "concat"}
ACTIVATIONS = ("linear", "relu", "elu", "sigmoid", "tanh", "softplus", "softsign", "softmax", "hard_sigmoid")
KEPT = ("Flatten", "Reshape", "Permute", "RepeatVector", "TimeDistributed", "TimeDistributedDense", "ZeroPadding1D", "ZeroPadding2D", "Cropping1D",
        "Cropping2D", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU", "ParametricSoftplus", "SReLU", "Dropout", "GaussianNoise")  # fmt: skip


class NoWords(Exception):
    """Keras 1 had no such layer."""


def need(condition):
    if not condition:
        raise NoWords


def weight_name(layer, weight):
    """"model/conv/W" of a model in the model is "conv_W": Keras 1 had no folders."""
    *inner, kind = weight.split("/")
    return f"{inner[-1] if inner else layer}_{kind}"


def plain(values):
    return all(v == 1 for v in (values if isinstance(values, (list, tuple)) else [values]))


def activation(config):
    name = config.get("activation", "linear")
    need(name in ACTIVATIONS)
    return name


def kernel(values, order, rotate):
    """A kernel of rows, columns, in, out."""
    values = values[::-1, ::-1] if rotate else values
    return values.transpose(3, 2, 0, 1) if order == "th" else values


def convolution(node, order, rotate):
    """The classes, settings and weights of a convolution over pictures or sequences."""
    config, n = node.config, int(node.kind[-2]) if node.kind[-2].isdigit() else 2
    separable, dilation = node.kind.startswith("Separable"), config.get("dilation_rate", 1)
    need(plain(config.get("groups", 1)) and config.get("output_padding") is None and (n == 2 or not separable))
    need("Transpose" not in node.kind or "output_shape" in config)
    need(config.get("padding") != "causal" and (not separable or (plain(dilation) and not rotate)))
    strides = config.get("strides", [1] * n)
    made = {"nb_filter": config["filters"], "border_mode": config.get("padding", "valid"), "bias": config.get("use_bias", True),
            "activation": activation(config), "W_regularizer": None}  # fmt: skip
    if n == 2:
        made |= {"nb_row": config["kernel_size"][0], "nb_col": config["kernel_size"][1], "subsample": list(strides), "dim_ordering": order}
    else:
        made |= {"filter_length": config["kernel_size"][0], "subsample_length": strides[0]}
    made |= {name: config[name] for name in ("output_shape", "depth_multiplier") if name in config}
    kind = "SeparableConvolution2D" if separable else "Deconvolution2D" if "output_shape" in config else f"Convolution{n}D"
    if not plain(dilation):
        kind, made["atrous_rate"] = "Atrous" + kind, list(dilation) if n == 2 else dilation[0]
    weights = [(name, values if values.ndim == 1 else kernel(values if n == 2 else values[:, None], order if n == 2 else "tf", rotate))
               for name, values in node.weights]  # fmt: skip
    return dataclasses.replace(node, kind=kind, config=made, weights=weights)


def pooling(node, order):
    config, n = node.config, int(node.kind[-2])
    if n == 1:
        made = {"pool_length": config["pool_size"][0], "stride": config["strides"][0]}
    else:
        made = {"pool_size": list(config["pool_size"]), "strides": config["strides"] or list(config["pool_size"]), "dim_ordering": order}
    return dataclasses.replace(node, config=made | {"border_mode": config.get("padding", "valid")})


def ordered(node, order):
    return {k: v for k, v in node.config.items() if k != "data_format"} | ({"dim_ordering": order} if "2D" in node.kind else {})


def translate_kind(node, order, rotate):
    config, kind = node.config, node.kind
    if node.nodes is not None:
        return dataclasses.replace(node, nodes=[translate(inner, order, rotate) for inner in node.nodes])
    if kind in ("Conv1D", "Conv2D", "Conv2DTranspose", "SeparableConv2D"):
        return convolution(node, order, rotate)
    if kind in ("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"):
        return pooling(node, order)
    if kind.startswith("Global"):
        need(not config.get("keepdims"))
        return dataclasses.replace(node, config=ordered(dataclasses.replace(node, config={}), order))
    if kind == "Dense":
        return dataclasses.replace(node, config={"output_dim": config["units"], "bias": config.get("use_bias", True), "activation": activation(config)})
    if kind == "UpSampling1D":
        return dataclasses.replace(node, config={"length": config["size"]})
    if kind == "UpSampling2D":
        need(config.get("interpolation", "nearest") == "nearest")
        return dataclasses.replace(node, config={"size": config["size"], "dim_ordering": order})
    if kind == "BatchNormalization":
        need(config.get("scale", True) and config.get("center", True))
        axis = config.get("axis", -1)
        return dataclasses.replace(node, config={"mode": 0, "axis": axis[0] if isinstance(axis, list) else axis, "epsilon": config.get("epsilon", 1e-3)})
    if kind == "Activation":
        return dataclasses.replace(node, config={"activation": activation(config)})
    if kind in MERGES and node.module is None:
        return dataclasses.replace(node, kind="Merge", config={"mode": MERGES[kind], "concat_axis": config.get("axis", -1), "mode_type": "raw"})
    need(kind in KEPT)
    if kind == "TimeDistributed":
        need(config["layer"]["class_name"] == "Dense")
        inner = config["layer"]["config"]
        return dataclasses.replace(node, config={"layer": {"class_name": "Dense", "config": {
            "name": inner["name"], "output_dim": inner["units"], "activation": activation(inner)}}})  # fmt: skip
    return dataclasses.replace(node, config=ordered(node, order))


def translate(node, order, rotate):
    made = translate_kind(node, order, rotate)
    return dataclasses.replace(made, weights=[(WEIGHTS.get(name, name), np.ascontiguousarray(values)) for name, values in made.weights])


def has_words(case, rotate):
    try:
        for node in case.nodes:
            translate(node, "tf", rotate)
    except NoWords:
        return False
    return True
