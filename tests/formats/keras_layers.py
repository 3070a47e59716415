# SPDX-License-Identifier: GPL-3.0-or-later
"""Every Keras layer by its definition, in PyTorch with channels last and double precision, and cases that use it.

A case is a list of Node that ends in the layer, and a function of the network's input, a tensor of 7 rows, 6 columns and
4 channels (of 4 planes of 7 x 6 where the case says so), that gives what the last of them gives.
"""

import dataclasses
import math

import numpy as np
import torch
import torch.nn.functional as F

from keras_dialects import Node

SHAPE = (7, 6, 4)
CASES = []
random = np.random.default_rng(11)


@dataclasses.dataclass
class Case:
    name: str
    nodes: list
    reference: object
    only: str = "23"  # dialects


def draw(*shape, low=None):
    values = random.normal(0, 0.5, shape) if low is None else random.uniform(low, low + 1, shape)
    return np.float32(values)


def t(values):
    return torch.tensor(np.asarray(values, "f8"))


def add(name, nodes, reference, only="23"):
    CASES.append(Case(name, nodes, reference, only))


def single(name, kind, reference, weights=(), only="23", before=None, inner=(), **config):
    """One layer on the input, or on another layer in front of it."""
    nodes = [before[0]] if before else []
    source = before[0].name if before else "in"
    nodes.append(Node(kind, "layer", [source], config, list(weights), inner=inner))
    add(name, nodes, (lambda x: reference(before[1](x))) if before else reference, only)


SEQUENCE = Node("Reshape", "sequence", ["in"], {"target_shape": [14, 12]}), lambda x: x.reshape(-1, 14, 12)
VECTOR = Node("GlobalAveragePooling2D", "vector", ["in"]), lambda x: x.mean((1, 2))


# ---- windows


THEANO = False  # whose 'same' pads whatever the input's size


def same(n, k, s, d=1, pooling=False):
    if THEANO:
        before = k - (2 if k > 2 and k % 2 else 1) if pooling else ((k - 1) * d + 1) // 2
        return before, (k - 1) * d - before
    total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
    return total // 2, total - total // 2


def pad(x, before_after, value=0.0):
    """x: batch, rows, columns, channels"""
    (top, bottom), (left, right) = before_after
    return F.pad(x, (0, 0, left, right, top, bottom), value=value)


def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)


def conv(x, kernel, bias=None, strides=1, padding="valid", dilation=1, groups=1):
    s, d = pair(strides), pair(dilation)
    if padding == "same":
        x = pad(x, [same(x.shape[1 + i], kernel.shape[i], s[i], d[i]) for i in range(2)])
    y = F.conv2d(x.permute(0, 3, 1, 2), t(kernel).permute(3, 2, 0, 1), None if bias is None else t(bias), s, 0, d, groups)
    return y.permute(0, 2, 3, 1)


def depthwise(x, kernel, bias=None, **how):
    """kernel: rows, columns, channels, multiplier"""
    flat = np.asarray(kernel).reshape(*kernel.shape[:2], 1, -1)
    return conv(x, flat, bias, groups=kernel.shape[2], **how)


def conv_transpose(x, kernel, bias, strides, padding, output_padding=None, dilation=1):
    """The gradient of TensorFlow's convolution. kernel: rows, columns, out, in"""
    s, d = pair(strides), pair(dilation)
    full = F.conv_transpose2d(x.permute(0, 3, 1, 2), t(kernel).permute(3, 2, 0, 1), None, s, dilation=d).permute(0, 2, 3, 1)
    for axis in range(2):
        n, reach = x.shape[1 + axis], (kernel.shape[axis] - 1) * d[axis] + 1
        if output_padding is None:
            length = n * s[axis] if padding == "same" else n * s[axis] + max(reach - s[axis], 0)
        else:
            margin = reach // 2 if padding == "same" else 0
            length = (n - 1) * s[axis] + reach - 2 * margin + pair(output_padding)[axis]
        before = max((n - 1) * s[axis] + reach - length, 0) // 2 if padding == "same" else 0
        full = full.narrow(1 + axis, before, min(length, full.shape[1 + axis] - before))
        missing = length - full.shape[1 + axis]
        full = pad(full, [(0, missing if axis == 0 else 0), (0, missing if axis == 1 else 0)])
    return full + t(bias)


def deconvolve(x, kernel, bias, strides, padding, size):
    """Keras 1's: the size of the output is given. kernel: rows, columns, in, out"""
    s = pair(strides)
    full = F.conv_transpose2d(x.permute(0, 3, 1, 2), t(kernel).permute(2, 3, 0, 1), None, s).permute(0, 2, 3, 1)
    for axis in range(2):
        k, length = kernel.shape[axis], full.shape[1 + axis]
        before = 0 if padding == "valid" else k // 2 if THEANO else max(length - size[axis], 0) // 2
        full = F.pad(full, (0, 0, 0, max(before + size[axis] - length, 0)) if axis else (0, 0, 0, 0, 0, max(before + size[axis] - length, 0)))
        full = full.narrow(1 + axis, before, size[axis])
    return full + t(bias)


def pool(x, size, strides=None, padding="valid", average=False):
    k, s = pair(size), pair(strides or size)
    margins = [same(x.shape[1 + i], k[i], s[i], pooling=True) if padding == "same" else (0, 0) for i in range(2)]
    if not average:
        return F.max_pool2d(pad(x, margins, -math.inf).permute(0, 3, 1, 2), k, s).permute(0, 2, 3, 1)
    total = F.avg_pool2d(pad(x, margins).permute(0, 3, 1, 2), k, s, divisor_override=1)
    count = F.avg_pool2d(pad(torch.ones_like(x), margins).permute(0, 3, 1, 2), k, s, divisor_override=1)
    return (total / count).permute(0, 2, 3, 1)


def rowed(function, **how):
    """A function of pictures for sequences: batch, steps, channels."""
    return lambda x: function(x[:, :, None], **how)[:, :, 0]


for padding in ("valid", "same"):
    for strides, dilation in ((1, 1), (2, 1), ([2, 3], 1), (1, 2)):
        k, b = draw(3, 2, 4, 5), draw(5)
        single(f"conv2d {padding} {strides} {dilation}", "Conv2D",
               lambda x, k=k, b=b, how=dict(strides=strides, padding=padding, dilation=dilation): conv(x, k, b, **how),
               [("kernel", k), ("bias", b)], filters=5, kernel_size=[3, 2], strides=pair(strides), padding=padding,
               dilation_rate=pair(dilation), groups=1, activation="linear", use_bias=True, data_format="channels_last")  # fmt: skip
    k = draw(3, 3, 2, 6)
    single(f"conv2d groups {padding}", "Conv2D",
           lambda x, k=k, p=padding: torch.relu(conv(x, k, None, 2, p, groups=2)), [("kernel", k)], filters=6,
           kernel_size=[3, 3], strides=[2, 2], padding=padding, groups=2, activation="relu", use_bias=False)  # fmt: skip
    for strides, output_padding, dilation, size in ((1, None, 1, 3), (2, None, 1, 3), ([2, 3], None, 1, 2), (3, None, 1, 2), (2, 1, 1, 3),
                                                    (3, [0, 2], 1, [3, 4]), (2, 0, 1, 4), (1, None, 2, 3)):  # fmt: skip
        k, b = draw(*pair(size), 3, 4), draw(3)
        single(f"conv2d transpose {padding} {strides} {output_padding} {dilation} {size}", "Conv2DTranspose",
               lambda x, a=(k, b, strides, padding, output_padding, dilation): conv_transpose(x, *a), [("kernel", k), ("bias", b)],
               filters=3, kernel_size=pair(size), strides=pair(strides), padding=padding, dilation_rate=pair(dilation),
               output_padding=None if output_padding is None else pair(output_padding), data_format="channels_last")  # fmt: skip
    for strides, dilation, m in ((1, 1, 1), (2, 1, 2), (1, 2, 1)):
        k, b = draw(3, 3, 4, m), draw(4 * m)
        name, how = f"{padding} {strides} {dilation} {m}", dict(strides=strides, padding=padding, dilation=dilation)
        config = dict(kernel_size=[3, 3], strides=pair(strides), padding=padding, dilation_rate=pair(dilation), depth_multiplier=m)
        single("depthwise " + name, "DepthwiseConv2D", lambda x, k=k, b=b, how=how: depthwise(x, k, b, **how),
               [("depthwise_kernel", k), ("bias", b)], "2", **config)  # fmt: skip
        single("depthwise " + name, "DepthwiseConv2D", lambda x, k=k, b=b, how=how: depthwise(x, k, b, **how),
               [("kernel", k), ("bias", b)], "3", **config)  # fmt: skip
        p, b = draw(1, 1, 4 * m, 5), draw(5)
        single("separable " + name, "SeparableConv2D", lambda x, k=k, p=p, b=b, how=how: conv(depthwise(x, k, **how), p, b),
               [("depthwise_kernel", k), ("pointwise_kernel", p), ("bias", b)], filters=5, activation="linear", **config)  # fmt: skip
    for strides, dilation in ((1, 1), (2, 1), (1, 3)):
        k, b = draw(4, 12, 3), draw(3)
        single(f"conv1d {padding} {strides} {dilation}", "Conv1D",
               rowed(lambda x, k=k, b=b, s=strides, d=dilation, p=padding: conv(x, k[:, None], b, (s, 1), p, (d, 1))),
               [("kernel", k), ("bias", b)], before=SEQUENCE, filters=3, kernel_size=[4], strides=[strides], padding=padding,
               dilation_rate=[dilation], groups=1)  # fmt: skip
    k, b = draw(3, 5, 12), draw(5)
    single(f"conv1d transpose {padding}", "Conv1DTranspose",
           rowed(lambda x, k=k, b=b, p=padding: conv_transpose(x, k[:, None], b, (2, 1), p)), [("kernel", k), ("bias", b)],
           before=SEQUENCE, filters=5, kernel_size=[3], strides=[2], padding=padding)  # fmt: skip
    k, q, b = draw(3, 12, 1), draw(1, 12, 4), draw(4)
    single(f"separable 1d {padding}", "SeparableConv1D",
           rowed(lambda x, k=k, q=q, b=b, p=padding: conv(depthwise(x, k[:, None], strides=(2, 1), padding=p), q[None], b)),
           [("depthwise_kernel", k), ("pointwise_kernel", q), ("bias", b)], before=SEQUENCE, filters=4, kernel_size=[3],
           strides=[2], padding=padding, depth_multiplier=1)  # fmt: skip
    for kind, average in (("Max", False), ("Average", True)):
        for size, strides in ((2, None), (3, 2), ([3, 2], [1, 2])):
            single(f"{kind} pooling {padding} {size} {strides}", f"{kind}Pooling2D",
                   lambda x, a=(size, strides, padding, average): pool(x, *a), pool_size=pair(size),
                   strides=None if strides is None else pair(strides), padding=padding, data_format="channels_last")  # fmt: skip
        single(f"{kind} pooling 1d {padding}", f"{kind}Pooling1D",
               rowed(lambda x, p=padding, average=average: pool(x, (3, 1), (2, 1), p, average)), before=SEQUENCE,
               pool_size=[3], strides=[2], padding=padding)  # fmt: skip
k = draw(3, 12, 4)
single("conv1d causal", "Conv1D", rowed(lambda x, k=k: conv(pad(x, [(4, 0), (0, 0)]), k[:, None], dilation=(2, 1))), [("kernel", k)],
       before=SEQUENCE, filters=4, kernel_size=[3], padding="causal", dilation_rate=[2], use_bias=False)  # fmt: skip
for keep in (False, True):
    single(f"global average {keep}", "GlobalAveragePooling2D", lambda x, keep=keep: x.mean((1, 2), keepdim=keep), keepdims=keep)
    single(f"global max {keep}", "GlobalMaxPooling2D", lambda x, keep=keep: x.amax((1, 2), keepdim=keep), keepdims=keep)
    single(f"global average 1d {keep}", "GlobalAveragePooling1D", lambda x, keep=keep: x.mean(1, keepdim=keep), before=SEQUENCE, keepdims=keep)
    single(f"global max 1d {keep}", "GlobalMaxPooling1D", lambda x, keep=keep: x.amax(1, keepdim=keep), before=SEQUENCE, keepdims=keep)

# ---- dense layers and shapes

for name, before, n in (("picture", None, 4), ("sequence", SEQUENCE, 12), ("vector", VECTOR, 4)):
    w, b = draw(n, 3), draw(3)
    single("dense " + name, "Dense", lambda x, w=w, b=b: torch.tanh(x @ t(w) + t(b)), [("kernel", w), ("bias", b)], before=before,
           units=3, activation="tanh")  # fmt: skip
    if name != "vector":
        single("time distributed dense " + name, "TimeDistributed", lambda x, w=w, b=b: torch.relu(x @ t(w) + t(b)), [("kernel", w), ("bias", b)],
               "2", before=before, layer={"class_name": "Dense", "config": {"name": "d", "units": 3, "activation": "relu"}})  # fmt: skip
w = draw(12, 3)
single("time distributed dense keras 3", "TimeDistributed", lambda x, w=w: x @ t(w), [("kernel", w)], "3", before=SEQUENCE, inner=("layer",),
       layer={"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {
           "name": "d", "units": 3, "activation": "linear", "use_bias": False}})  # fmt: skip
k = draw(3, 4, 5)
single("time distributed conv1d", "TimeDistributed",
       lambda x, k=k: torch.stack([rowed(lambda v: torch.relu(conv(v, k[:, None], padding="same")))(x[:, i]) for i in range(7)], 1),
       [("kernel", k)], layer={"class_name": "Conv1D", "config": {
           "name": "c", "filters": 5, "kernel_size": [3], "padding": "same", "use_bias": False, "activation": "relu"}}, inner=("layer",))  # fmt: skip
CUBE = Node("Reshape", "cube", ["in"], {"target_shape": [3, 7, 4, 2]}), lambda x: x.reshape(-1, 3, 7, 4, 2)
k, b = draw(3, 2, 2, 3), draw(3)
single("time distributed conv2d", "TimeDistributed",
       lambda x, k=k, b=b: conv(x.flatten(0, 1), k, b, 2, "same").unflatten(0, (-1, 3)), [("kernel", k), ("bias", b)], before=CUBE, inner=("layer",),
       layer={"class_name": "Conv2D", "config": {"name": "c", "filters": 3, "kernel_size": [3, 2], "strides": [2, 2], "padding": "same"}})  # fmt: skip
single("time distributed pooling", "TimeDistributed", lambda x: pool(x.flatten(0, 1), 2).unflatten(0, (-1, 3)), before=CUBE,
       layer={"class_name": "MaxPooling2D", "config": {"name": "c", "pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}})  # fmt: skip
single("time distributed average", "TimeDistributed", lambda x: x.mean((2, 3)), before=CUBE,
       layer={"class_name": "GlobalAveragePooling2D", "config": {"name": "c"}})  # fmt: skip
single("time distributed flatten", "TimeDistributed", lambda x: x.flatten(2), before=CUBE, layer={"class_name": "Flatten", "config": {"name": "c"}})
single("time distributed reshape", "TimeDistributed", lambda x: x.reshape(-1, 7, 8, 3), layer={"class_name": "Reshape", "config": {
    "name": "c", "target_shape": [8, -1]}})  # fmt: skip
for target in ([-1], [6, -1], [-1, 6, 14], [4, 42], [1, 1, 168], [7, 6, 4, 1], [2, 3, 7, 4]):
    shape = [168 // -math.prod(target) if v == -1 else v for v in target]
    single(f"reshape {target}", "Reshape", lambda x, shape=shape: x.reshape(-1, *shape), target_shape=target)
for dims in ([1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]):
    single(f"permute {dims}", "Permute", lambda x, dims=dims: x.permute(0, *dims), dims=dims)
single("permute sequence", "Permute", lambda x: x.permute(0, 2, 1), before=SEQUENCE, dims=[2, 1])
single("repeat vector", "RepeatVector", lambda x: x[:, None].expand(-1, 3, -1), before=VECTOR, n=3)
single("flatten", "Flatten", lambda x: x.flatten(1), data_format="channels_last")
for margins, amounts in ((1, [(1, 1), (1, 1)]), ([1, 2], [(1, 1), (2, 2)]), ([[1, 2], [0, 1]], [(1, 2), (0, 1)])):
    single(f"zero padding {margins}", "ZeroPadding2D", lambda x, a=amounts: pad(x, a), padding=margins)
    single(f"cropping {margins}", "Cropping2D", lambda x, a=amounts: pad(x, [(-u, -v) for u, v in a]), cropping=margins)
single("zero padding 1d", "ZeroPadding1D", lambda x: F.pad(x, (0, 0, 1, 2)), before=SEQUENCE, padding=[1, 2])
single("cropping 1d", "Cropping1D", lambda x: x[:, 1:-2], before=SEQUENCE, cropping=[1, 2])
single("up sampling 1d", "UpSampling1D", lambda x: x.repeat_interleave(3, 1), before=SEQUENCE, size=3)


def linear(x, height, width, **how):
    return F.interpolate(x.permute(0, 3, 1, 2), (height, width), mode="bilinear", align_corners=False, **how).permute(0, 2, 3, 1)


for size in ([2, 2], [2, 3]):
    single(f"up sampling {size}", "UpSampling2D", lambda x, s=size: x.repeat_interleave(s[0], 1).repeat_interleave(s[1], 2), size=size,
           interpolation="nearest", data_format="channels_last")  # fmt: skip
    single(f"up sampling bilinear {size}", "UpSampling2D", lambda x, s=size: linear(x, 7 * s[0], 6 * s[1]), size=size, interpolation="bilinear")
single("resizing", "Resizing", lambda x: linear(x, 5, 9), height=5, width=9, interpolation="bilinear", crop_to_aspect_ratio=False)
single("resizing antialias", "Resizing", lambda x: linear(x, 3, 2, antialias=True), height=3, width=2, antialias=True, only="3")
single("resizing crop", "Resizing", lambda x: linear(x[:, :, 1:4], 8, 4), height=8, width=4, interpolation="bilinear", crop_to_aspect_ratio=True)
single("resizing pad", "Resizing", lambda x: linear(pad(x, [(0, 0), (4, 4)], 0.5), 4, 8), "3"[:0], "3", height=4, width=8,
       pad_to_aspect_ratio=True, fill_mode="constant", fill_value=0.5)  # fmt: skip
for height, width in ((3, 2), (7, 6), (4, 5)):
    single(f"center crop {height} {width}", "CenterCrop",
           lambda x, h=height, w=width: x[:, (7 - h) // 2:(7 - h) // 2 + h, (6 - w) // 2:(6 - w) // 2 + w], height=height, width=width)  # fmt: skip
single("center crop enlarging", "CenterCrop", lambda x: linear(x[:, :, 1:4], 8, 4), height=8, width=4)

# ---- normalisation

g, beta, m, v = draw(4), draw(4), draw(4), draw(4, low=0.3)
for name, scale, center in (("", True, True), (" no scale", False, True), (" no center", True, False), (" plain", False, False)):
    weights = [("gamma", g)] * scale + [("beta", beta)] * center + [("moving_mean", m), ("moving_variance", v)]
    single("batch normalization" + name, "BatchNormalization",
           lambda x, s=scale, c=center: (x - t(m)) / (t(v) + 1e-3).sqrt() * (t(g) if s else 1) + (t(beta) if c else 0), weights,
           axis=[3] if scale else -1, scale=scale, center=center, epsilon=1e-3, momentum=0.99)  # fmt: skip
    single("layer normalization" + name, "LayerNormalization",
           lambda x, s=scale, c=center: F.layer_norm(x, (4,), t(g) if s else None, t(beta) if c else None, 1e-5), weights[:-2],
           axis=[3] if scale else -1, scale=scale, center=center, epsilon=1e-5)  # fmt: skip
    single("group normalization" + name, "GroupNormalization",
           lambda x, s=scale, c=center: F.group_norm(x.permute(0, 3, 1, 2), 2, t(g) if s else None, t(beta) if c else None, 1e-4).permute(0, 2, 3, 1),
           weights[:-2], groups=2, axis=-1, scale=scale, center=center, epsilon=1e-4)  # fmt: skip
m7, v7 = draw(7), draw(7, low=0.3)
single("batch normalization rows", "BatchNormalization", lambda x: (x - t(m7)[:, None, None]) / (t(v7)[:, None, None] + 1e-3).sqrt(),
       [("moving_mean", m7), ("moving_variance", v7)], axis=[1], scale=False, center=False)  # fmt: skip
m12, v12 = draw(12), draw(12, low=0.3)
single("batch normalization sequence", "BatchNormalization", lambda x: (x - t(m12)) / (t(v12) + 1e-3).sqrt(),
       [("moving_mean", m12), ("moving_variance", v12)], before=SEQUENCE, axis=2, scale=False, center=False)  # fmt: skip
single("batch normalization vector", "BatchNormalization", lambda x: (x - t(m)) / (t(v) + 1e-3).sqrt() * t(g) + t(beta),
       [("gamma", g), ("beta", beta), ("moving_mean", m), ("moving_variance", v)], before=VECTOR, axis=1)  # fmt: skip
g3, b3 = draw(7, 6, 4), draw(7, 6, 4)
single("layer normalization all", "LayerNormalization", lambda x: F.layer_norm(x, SHAPE, t(g3), t(b3), 1e-3), [("gamma", g3), ("beta", b3)],
       axis=[1, 2, 3], epsilon=1e-3)  # fmt: skip
g2, b2 = draw(6, 4), draw(6, 4)
single("layer normalization two", "LayerNormalization", lambda x: F.layer_norm(x, (6, 4), t(g2), t(b2), 1e-3), [("gamma", g2), ("beta", b2)],
       axis=[2, 3], epsilon=1e-3)  # fmt: skip
single("instance normalization", "GroupNormalization", lambda x: F.group_norm(x.permute(0, 3, 1, 2), 4, eps=1e-3).permute(0, 2, 3, 1),
       groups=-1, axis=-1, scale=False, center=False)  # fmt: skip
single("unit normalization", "UnitNormalization", lambda x: x / x.norm(dim=-1, keepdim=True), axis=-1)
single("unit normalization several", "UnitNormalization", lambda x: x / x.norm(dim=(1, 2), keepdim=True), axis=[1, 2])
for name, before, n in (("", None, 4), (" sequence", SEQUENCE, 12)):
    w = draw(n)
    single("rms normalization" + name, "RMSNormalization", lambda x, w=w: x / (x.square().mean(-1, keepdim=True) + 1e-3).sqrt() * t(w),
           [("scale", w)], "3", before=before, axis=-1, epsilon=1e-3)  # fmt: skip
w = draw(7)
single("rms normalization rows", "RMSNormalization", lambda x, w=w: x / (x.square().mean(1, keepdim=True) + 1e-6).sqrt() * t(w)[:, None, None],
       [("scale", w)], "3", axis=[1], epsilon=1e-6)  # fmt: skip
single("rescaling", "Rescaling", lambda x: x / 127.5 - 1, scale=1 / 127.5, offset=-1.0)
single("rescaling list", "Rescaling", lambda x: x * t([1, 2, 3, 4]) - t([0.5, 1, 0, 2]), scale=[1.0, 2.0, 3.0, 4.0], offset=[-0.5, -1.0, 0.0, -2.0])
single("normalization weights", "Normalization", lambda x: (x - t(m)) / t(v).sqrt(), [("mean", m), ("variance", v), ("count", np.float32(3))], axis=[-1])
single("normalization config", "Normalization", lambda x: (x - t(m)) / t(v).sqrt(), axis=[3], mean=m.tolist(), variance=v.tolist())
single("normalization of all", "Normalization", lambda x: (x - 0.3) / math.sqrt(2), axis=None, mean=0.3, variance=2.0)
single("normalization of all by weights", "Normalization", lambda x: (x - 0.3) / math.sqrt(2),
       [("mean", np.float32(0.3)), ("variance", np.float32(2)), ("count", np.float32(3))], axis=[])  # fmt: skip

# ---- activations

GELU_TANH = lambda x: F.gelu(x, approximate="tanh")
FUNCTIONS = {
    "linear": lambda x: x, "relu": torch.relu, "relu6": F.relu6, "elu": F.elu, "selu": F.selu, "sigmoid": torch.sigmoid,
    "tanh": torch.tanh, "softplus": F.softplus, "softsign": F.softsign, "swish": F.silu, "silu": F.silu, "gelu": F.gelu, "mish": F.mish,
    "exponential": torch.exp, "leaky_relu": lambda x: F.leaky_relu(x, 0.2), "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
}  # fmt: skip
FUNCTIONS_3 = {
    "hard_sigmoid": F.hardsigmoid, "hard_silu": F.hardswish, "hard_swish": F.hardswish, "hard_tanh": F.hardtanh, "celu": F.celu,
    "log_sigmoid": F.logsigmoid, "tanh_shrink": F.tanhshrink, "hard_shrink": F.hardshrink, "soft_shrink": F.softshrink,
    "squareplus": lambda x: (x + (x * x + 4).sqrt()) / 2,
    "sparse_plus": lambda x: torch.where(x <= -1, 0 * x, torch.where(x < 1, (x + 1) ** 2 / 4, x)),
    "sparse_sigmoid": lambda x: ((x + 1) / 2).clamp(0, 1),
}  # fmt: skip
for name, f in FUNCTIONS.items():
    single("activation " + name, "Activation", lambda x, f=f: f(2 * x), before=(Node("Rescaling", "twice", ["in"], {"scale": 2.0}), lambda x: x),
           activation=name)  # fmt: skip
for name, f in FUNCTIONS_3.items():
    single("activation " + name, "Activation", f, only="3", activation=name)
single("activation hard_sigmoid", "Activation", lambda x: (0.2 * x + 0.5).clamp(0, 1), only="2", activation="hard_sigmoid")
single("activation object", "Activation", F.silu, only="3", activation={
    "module": "builtins", "class_name": "function", "config": "silu", "registered_name": "function"})  # fmt: skip
w = draw(4, 3)
single("dense leaky relu", "Dense", lambda x, w=w: F.leaky_relu(x @ t(w), 0.3), [("kernel", w)], units=3, use_bias=False,
       activation={"module": "keras.layers", "class_name": "LeakyReLU", "config": {"name": "a", "negative_slope": 0.3}, "registered_name": None})  # fmt: skip
for top, slope, threshold in ((None, 0.0, 0.0), (0.5, 0.0, 0.0), (None, 0.2, 0.0), (None, 0.0, 0.4), (0.8, 0.1, 0.2), (0.8, 0.3, -0.2)):
    def rectifier(x, top=top, slope=slope, threshold=threshold):
        y = torch.where(x >= threshold, x, slope * (x - threshold))
        return y if top is None else y.clamp(max=top)
    for form, only in ((lambda v: v, "3"), (lambda v: v, "2"), (lambda v: None if v is None else {"type": "ndarray", "value": v} if v else v, "2")):
        single(f"relu {top} {slope} {threshold}", "ReLU", rectifier, only=only, max_value=form(top), negative_slope=form(slope), threshold=form(threshold))
single("leaky relu", "LeakyReLU", lambda x: F.leaky_relu(x, 0.1), only="2", alpha=0.1)
single("leaky relu array", "LeakyReLU", lambda x: F.leaky_relu(x, 0.1), only="2", alpha={"type": "ndarray", "value": 0.1})
single("leaky relu default", "LeakyReLU", lambda x: F.leaky_relu(x, 0.3))
single("leaky relu 3", "LeakyReLU", lambda x: F.leaky_relu(x, 0.1), only="3", negative_slope=0.1)
single("elu", "ELU", lambda x: F.elu(x, 0.7), alpha=0.7)
single("elu array", "ELU", lambda x: F.elu(x, 0.7), only="2", alpha={"type": "ndarray", "value": 0.7})
single("thresholded relu", "ThresholdedReLU", lambda x: F.threshold(x, 0.4, 0.0), only="2", theta=0.4)
single("thresholded relu array", "ThresholdedReLU", lambda x: F.threshold(x, 0.4, 0.0), only="2", theta={"type": "ndarray", "value": 0.4})
for shared, shape in ((None, (7, 6, 4)), ([1, 2], (1, 1, 4)), ([1], (1, 6, 4)), ([3], (7, 6, 1))):
    a = draw(*shape)
    single(f"prelu {shared}", "PReLU", lambda x, a=a: torch.where(x > 0, x, t(a) * x), [("alpha", a)], shared_axes=shared)
a = draw(12)
single("prelu sequence", "PReLU", lambda x, a=a: torch.where(x > 0, x, t(a) * x), [("alpha", a[None])], before=SEQUENCE, shared_axes=[1])
for axis in (-1, 1, 2, 3):
    single(f"softmax {axis}", "Softmax", lambda x, axis=axis: x.softmax(axis), axis=axis)
single("softmax several", "Softmax", lambda x: x.flatten(1, 2).softmax(1).reshape(x.shape), axis=[1, 2])
single("softmax last two", "Softmax", lambda x: x.flatten(2).softmax(2).reshape(x.shape), axis=[-2, -1])
single("softmax vector", "Softmax", lambda x: x.softmax(-1), before=VECTOR, axis=-1)

# ---- what changes nothing outside training

for kind, config in (("Dropout", {"rate": 0.5}), ("SpatialDropout2D", {"rate": 0.3}), ("GaussianDropout", {"rate": 0.3}), ("AlphaDropout", {"rate": 0.3}),
                     ("GaussianNoise", {"stddev": 1.0}), ("ActivityRegularization", {"l1": 0.1}), ("RandomFlip", {"mode": "horizontal"}),
                     ("RandomRotation", {"factor": 0.2}), ("RandomZoom", {"height_factor": 0.2}), ("RandomContrast", {"factor": [0.1, 0.2]}),
                     ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}), ("RandomBrightness", {"factor": 0.2}),
                     ("RandomHeight", {"factor": 0.2}), ("RandomWidth", {"factor": 0.2})):  # fmt: skip
    single(kind, kind, lambda x: x, **config)
single("SpatialDropout1D", "SpatialDropout1D", lambda x: x, before=SEQUENCE, rate=0.2)

# ---- merging

TANH = Node("Activation", "tanh", ["in"], {"activation": "tanh"})
ROW = Node("MaxPooling2D", "row", ["in"], {"pool_size": [7, 1], "strides": [7, 1]})
POINT = Node("GlobalMaxPooling2D", "point", ["in"], {"keepdims": True})
PLANE = Node("Conv2D", "plane", ["in"], {"filters": 1, "kernel_size": [1, 1], "use_bias": False}, [("kernel", np.ones((1, 1, 4, 1)))])
OTHERS = {"tanh": (TANH, torch.tanh), "row": (ROW, lambda x: x.amax(1, keepdim=True)), "point": (POINT, lambda x: x.amax((1, 2), keepdim=True)),
          "plane": (PLANE, lambda x: x.sum(-1, keepdim=True)), "vector": (VECTOR[0], lambda x: x.mean((1, 2))[:, None, None])}  # fmt: skip
MERGES = {"Add": lambda a, b: a + b, "Subtract": lambda a, b: a - b, "Multiply": lambda a, b: a * b, "Average": lambda a, b: (a + b) / 2,
          "Maximum": torch.maximum, "Minimum": torch.minimum}  # fmt: skip
for kind, f in MERGES.items():
    for other, (node, g_) in OTHERS.items():
        add(f"{kind} {other}", [node, Node(kind, "layer", ["in", other])], lambda x, f=f, g_=g_: f(x, g_(x)))
        if other in ("point", "vector"):
            add(f"{kind} {other} first", [node, Node(kind, "layer", [other, "in"])], lambda x, f=f, g_=g_: f(g_(x), x))
    if kind != "Subtract":
        three = {"Add": lambda a, b, c: a + b + c, "Multiply": lambda a, b, c: a * b * c, "Average": lambda a, b, c: (a + b + c) / 3}
        f3 = three.get(kind, lambda a, b, c, f=f: f(f(a, b), c))
        add(f"{kind} three", [TANH, PLANE, Node(kind, "layer", ["in", "tanh", "plane"])],
            lambda x, f=f3: f(x, torch.tanh(x), x.sum(-1, keepdim=True)))  # fmt: skip
for axis in (1, 2, 3, -1, -2):
    add(f"concatenate {axis}", [TANH, Node("Concatenate", "layer", ["in", "tanh"], {"axis": axis})], lambda x, a=axis: torch.cat([x, torch.tanh(x)], a))
STANH = Node("Activation", "stanh", ["sequence"], {"activation": "tanh"})
for axes in (1, 2, [2, 2], [1, 1], -1):
    for normalize in (False, True):
        def dot(x, axes=axes, normalize=normalize):
            a, b = SEQUENCE[1](x), torch.tanh(SEQUENCE[1](x))
            p, q = pair(axes)
            if normalize:
                a, b = a / a.norm(dim=p, keepdim=True), b / b.norm(dim=q, keepdim=True)
            return (a if p in (2, -1) else a.mT) @ (b if q == 1 else b.mT)
        add(f"dot {axes} {normalize}", [SEQUENCE[0], STANH, Node("Dot", "layer", ["sequence", "stanh"], {"axes": axes, "normalize": normalize})], dot)
UNEVEN = Node("Reshape", "uneven", ["in"], {"target_shape": [12, 14]}), Node("GlobalMaxPooling2D", "v", ["in"])
add("dot uneven", [SEQUENCE[0], UNEVEN[0], Node("Dot", "layer", ["sequence", "uneven"], {"axes": [2, 1], "normalize": False})],
    lambda x: x.reshape(-1, 14, 12) @ x.reshape(-1, 12, 14))  # fmt: skip
add("dot vectors", [VECTOR[0], UNEVEN[1], Node("Dot", "layer", ["vector", "v"], {"axes": -1, "normalize": True})],
    lambda x: F.cosine_similarity(x.mean((1, 2)), x.amax((1, 2)))[:, None])  # fmt: skip
add("dot matrix by vector", [Node("Reshape", "m", ["in"], {"target_shape": [42, 4]}), VECTOR[0], Node("Dot", "layer", ["m", "vector"], {"axes": [2, 1]})],
    lambda x: torch.einsum("bij,bj->bi", x.reshape(-1, 42, 4), x.mean((1, 2))))  # fmt: skip

# ---- what only Keras 1 had

for size, strides, padding, length in (((3, 3), 1, "same", (7, 6)), ((3, 3), 2, "same", (14, 12)), ((3, 5), 2, "same", (13, 11)),
                                       ((3, 2), (2, 1), "valid", (15, 7)), ((3, 3), 2, "valid", (16, 14))):  # fmt: skip
    k, b = draw(*size, 4, 3), draw(3)
    single(f"deconvolution {size} {strides} {padding} {length}", "Conv2DTranspose",
           lambda x, a=(k, b, strides, padding, length): deconvolve(x, *a), [("kernel", k), ("bias", b)], "1", filters=3, kernel_size=size,
           strides=pair(strides), padding=padding, output_shape=[None, *length, 3])  # fmt: skip
k, b = draw(3, 2, 4, 5), draw(5)
single("convolution full", "Conv2D", lambda x, k=k, b=b: torch.relu(conv(pad(x, [(2, 2), (1, 1)]), k, b)), [("kernel", k), ("bias", b)], "1",
       filters=5, kernel_size=[3, 2], padding="full", activation="relu")  # fmt: skip
for margins, amounts in (([1, 2, 0, 3], [(1, 2), (0, 3)]), ({"top_pad": 2, "right_pad": 1}, [(2, 0), (0, 1)])):
    single(f"zero padding {margins}", "ZeroPadding2D", lambda x, a=amounts: pad(x, a), only="1", padding=margins)
single("zero padding 1d named", "ZeroPadding1D", lambda x: F.pad(x, (0, 0, 1, 2)), only="1", before=SEQUENCE,
       padding={"left_pad": 1, "right_pad": 2})  # fmt: skip
w, b = draw(12, 3), draw(3)
single("time distributed dense of keras 1", "TimeDistributedDense", lambda x, w=w, b=b: torch.tanh(x @ t(w) + t(b)), [("W", w), ("b", b)], "1",
       before=SEQUENCE, output_dim=3, activation="tanh")  # fmt: skip
for shape in ((7, 6, 4), (1, 1, 4)):
    tl, al, tr, ar = (draw(*shape) for _ in range(4))
    single(f"parametric softplus {shape}", "ParametricSoftplus", lambda x, a=al, b=ar: t(a) * F.softplus(t(b) * x), [("alphas", al), ("betas", ar)], "1")

    def srelu(x, tl=t(tl), al=t(al), tr=t(tr), ar=t(ar)):
        right = tl + tr.abs()
        return torch.where(x >= right, right + ar * (x - right), torch.where(x > tl, x, tl + al * (x - tl)))
    single(f"s relu {shape}", "SReLU", srelu, [("t_left", tl), ("a_left", al), ("t_right", tr), ("a_right", ar)], "1")

# ---- nested and shared

k, b = draw(3, 3, 4, 4), draw(4)


def block(x):
    return torch.relu(conv(x, k, b, padding="same")) + x


BLOCK = [Node("Conv2D", "c", ["block_in"], {"filters": 4, "kernel_size": [3, 3], "padding": "same", "activation": "relu"},
              [("kernel", k), ("bias", b)]), Node("Add", "sum", ["block_in", "c"])]  # fmt: skip
add("nested model", [Node("Functional", "block", ["in"], nodes=BLOCK)], block, "3")
add("nested model", [Node("Model", "block", ["in"], nodes=BLOCK)], block, "2")
for only, kind in (("2", "Model"), ("3", "Functional")):
    add("shared model", [TANH, Node(kind, "block", ["in"], nodes=BLOCK, calls=[["tanh"]]), Node("Subtract", "layer", ["block", "block@1"])],
        lambda x: block(x) - block(torch.tanh(x)), only)  # fmt: skip
SHARED = Node("Conv2D", "shared", ["in"], {"filters": 4, "kernel_size": [3, 3], "padding": "same"}, [("kernel", k), ("bias", b)], calls=[["shared"]])
add("shared layer", [SHARED, Node("Activation", "layer", ["shared@1"], {"activation": "tanh"})],
    lambda x: torch.tanh(conv(conv(x, k, b, padding="same"), k, b, padding="same")))  # fmt: skip

# ---- functions as layers


def tf_function(name, function, reference, source="in", **keywords):
    add("function " + name, [*([TANH] if "tanh" in (source, *keywords.values()) else []),
                             Node("TFOpLambda", "layer", [source], {"function": function}, keywords=keywords)], reference, "2")  # fmt: skip


tf_function("add number", "__operators__.add", lambda x: x + 3, y=3.0)
tf_function("add tensor", "__operators__.add", lambda x: x + torch.tanh(x), y="tanh")
tf_function("multiply", "math.multiply", lambda x: x * torch.tanh(x), y="tanh")
tf_function("power", "math.pow", lambda x: x**2, y=2)
tf_function("subtract list", "math.subtract", lambda x: x - t([1, 2, 3, 4]), y=[1.0, 2.0, 3.0, 4.0])
tf_function("divide", "math.truediv", lambda x: x / 255, y=255.0)
tf_function("relu6", "nn.relu6", F.relu6)
tf_function("swish", "nn.silu", F.silu)
tf_function("sigmoid", "math.sigmoid", torch.sigmoid)
tf_function("square", "math.square", torch.square)
tf_function("sqrt of square", "math.abs", torch.abs)
tf_function("mean", "math.reduce_mean", lambda x: x.mean((1, 2), keepdim=True), axis=[1, 2], keepdims=True)
tf_function("max", "math.reduce_max", lambda x: x.amax(3), axis=-1)
tf_function("sum all", "math.reduce_sum", lambda x: x.sum((1, 2)), axis=[1, 2])
tf_function("clip", "clip_by_value", lambda x: x.clamp(-0.5, 0.7), clip_value_min=-0.5, clip_value_max=0.7)
tf_function("reshape", "reshape", lambda x: x.reshape(-1, 42, 4), shape=[-1, 42, 4])
tf_function("transpose", "transpose", lambda x: x.permute(0, 3, 1, 2), perm=[0, 3, 1, 2])
tf_function("depth to space", "nn.depth_to_space", lambda x: x.reshape(-1, 7, 6, 2, 2, 1).permute(0, 1, 3, 2, 4, 5).reshape(-1, 14, 12, 1), block_size=2)
tf_function("resize", "image.resize", lambda x: linear(x, 5, 9), size=[5, 9], method="bilinear")
tf_function("pad", "compat.v1.pad", lambda x: pad(x, [(1, 2), (0, 1)]), paddings=[[0, 0], [1, 2], [0, 1], [0, 0]], mode="CONSTANT")


def operation(name, kind, reference, inputs=("in",), module="keras.src.ops.numpy", keywords=None, **config):
    add("operation " + name, [TANH, Node(kind, "layer", list(inputs), config, module=module, keywords=keywords or {})], reference, "3")


BOTH = ("in", "tanh")
operation("add", "Add", lambda x: x + torch.tanh(x), BOTH)
operation("subtract", "Subtract", lambda x: x - torch.tanh(x), BOTH)
operation("multiply", "Multiply", lambda x: x * torch.tanh(x), BOTH)
operation("divide", "TrueDivide", lambda x: x / 4, keywords={"x2": 4.0})
operation("maximum", "Maximum", lambda x: torch.maximum(x, torch.tanh(x)), BOTH)
operation("mean", "Mean", lambda x: x.mean((1, 2)), axis=[1, 2], keepdims=False)
operation("sum", "Sum", lambda x: x.sum(-1, keepdim=True), axis=-1, keepdims=True)
operation("max", "Max", lambda x: x.amax((1, 2)), axis=[1, 2], keepdims=False)
operation("min", "Min", lambda x: x.amin(3), axis=-1, keepdims=False)
operation("reshape", "Reshape", lambda x: x.reshape(-1, 42, 4), newshape=[-1, 42, 4])
operation("transpose", "Transpose", lambda x: x.permute(0, 3, 2, 1), axes=[0, 3, 2, 1])
operation("swapaxes", "Swapaxes", lambda x: x.transpose(1, 3), axis1=1, axis2=3)
operation("moveaxis", "Moveaxis", lambda x: x.movedim(1, 3), source=1, destination=3)
operation("squeeze", "ExpandDims", lambda x: x[:, :, None], axis=2)
operation("absolute", "Absolute", torch.abs)
operation("square", "Square", torch.square)
operation("exp", "Exp", torch.exp)
operation("log1p", "Log1p", lambda x: torch.log1p(torch.tanh(x)), ("tanh",))
operation("clip", "Clip", lambda x: x.clamp(-1, 0.5), x_min=-1.0, x_max=0.5)
for kind, f in (("Relu", torch.relu), ("Relu6", F.relu6), ("Sigmoid", torch.sigmoid), ("Silu", F.silu), ("Softplus", F.softplus), ("Elu", F.elu),
                ("Selu", F.selu), ("HardSigmoid", F.hardsigmoid), ("HardSilu", F.hardswish), ("LogSigmoid", F.logsigmoid), ("Softsign", F.softsign),
                ("Tanh", torch.tanh), ("HardTanh", F.hardtanh), ("TanhShrink", F.tanhshrink)):  # fmt: skip
    operation(kind, kind, f, module="keras.src.ops.nn" if kind != "Tanh" else "keras.src.ops.numpy")
operation("gelu", "Gelu", GELU_TANH, module="keras.src.ops.nn", approximate=True)
operation("gelu exact", "Gelu", F.gelu, module="keras.src.ops.nn", approximate=False)
operation("leaky relu", "LeakyRelu", lambda x: F.leaky_relu(x, 0.1), module="keras.src.ops.nn", negative_slope=0.1)
operation("softmax", "Softmax", lambda x: x.softmax(1), module="keras.src.ops.nn", axis=1)
operation("leaky relu of activations", "ReLU", lambda x: torch.where(x > 0.05, x.clamp(max=0.8), 0.1 * (x - 0.05)), module="keras.src.activations.activations",
          negative_slope=0.1, max_value=0.8, threshold=0.05)  # fmt: skip
NN, COLORS, MATRIX = "keras.src.ops.nn", draw(4), draw(4, 3)


def tensor(values):
    return {"class_name": "__tensor__", "config": {"value": np.asarray(values).tolist(), "dtype": "float32"}}


operation("add tensor", "Add", lambda x: x + t(COLORS), keywords={"x2": tensor(COLORS.reshape(1, 1, 1, 4))})
operation("mod", "Mod", lambda x: torch.remainder(x, 0.7), keywords={"x2": 0.7})
operation("celu", "Celu", lambda x: F.celu(x, 0.7), module=NN, alpha=0.7)
operation("hard shrink", "HardShrink", lambda x: F.hardshrink(x, 0.3), module=NN, threshold=0.3)
operation("soft shrink", "SoftShrink", lambda x: F.softshrink(x, 0.3), module=NN, threshold=0.3)
operation("threshold", "Threshold", lambda x: F.threshold(x, 0.1, 0), module=NN, threshold=0.1, default_value=0)
operation("log10", "Log10", lambda x: (x.abs() + 1).log10(), keywords={}, inputs=("more",))
CASES[-1].nodes.insert(1, Node("Absolute", "size", ["in"], module="keras.src.ops.numpy"))
CASES[-1].nodes.insert(2, Node("Add", "more", ["size"], module="keras.src.ops.numpy", keywords={"x2": 1.0}))
operation("amin", "Amin", lambda x: x.amin(1), axis=1, keepdims=False)
operation("prod", "Prod", lambda x: x.prod(-1), axis=-1, keepdims=False)
operation("norm", "Norm", lambda x: x.norm(dim=-1), module="keras.src.ops.linalg", ord=None, keywords={}, axis=-1, keepdims=False)
operation("var", "Var", lambda x: x.var((1, 2), unbiased=False), axis=[1, 2], keepdims=False)
operation("std", "Std", lambda x: x.std(-1, unbiased=False, keepdim=True), axis=-1, keepdims=True)
operation("cumsum", "Cumsum", lambda x: x.cumsum(2), axis=2)
operation("matmul", "Matmul", lambda x: x @ t(MATRIX), keywords={"x2": tensor(MATRIX)})
operation("dot tensor", "Dot", lambda x: x @ t(MATRIX), keywords={"x2": tensor(MATRIX)})
operation("stack", "Stack", lambda x: torch.stack([x, torch.tanh(x)], 1), BOTH, axis=1)
operation("tile", "Tile", lambda x: x.repeat(1, 2, 1, 3), repeats=[1, 2, 1, 3])
operation("repeat", "Repeat", lambda x: x.repeat_interleave(2, 3), repeats=2, axis=-1)
operation("roll", "Roll", lambda x: x.roll(2, 1), shift=2, axis=1)
operation("take", "Take", lambda x: x[..., [2, 0, -1]], axis=-1, keywords={"indices": [2, 0, -1]})
operation("take one", "Take", lambda x: x[:, 1], axis=1, keywords={"indices": 1})
operation("get item", "GetItem", lambda x: x[:, 1:6:2, :, 2], keywords={"key": [{"class_name": "__ellipsis__"}, 2]})
CASES[-1].nodes[1].keywords["key"] = [{"class_name": "slice", "config": {"start": v, "stop": w, "step": s}} for v, w, s in ((None, None, None), (1, 6, 2))] + [
    {"class_name": "__ellipsis__"}, 2]  # fmt: skip
operation("slice", "Slice", lambda x: x[:, 1:4, 2:, 1:3], module="keras.src.ops.core", keywords={"start_indices": [0, 1, 2, 1]}, shape=[1, 3, -1, 2])
operation("broadcast", "BroadcastTo", lambda x: x.mean(-1, keepdim=True).expand(-1, 7, 6, 4), ("m",), shape=[1, 7, 6, 4])
CASES[-1].nodes.insert(1, Node("Mean", "m", ["in"], {"axis": -1, "keepdims": True}, module="keras.src.ops.numpy"))
MOMENTS = Node("Moments", "parts", ["in"], {"axes": [1, 2], "keepdims": True}, module="keras.src.ops.math")
add("operation moments", [MOMENTS, Node("Subtract", "layer", ["parts#1", "parts"], module="keras.src.ops.numpy")],
    lambda x: x.var((1, 2), unbiased=False, keepdim=True) - x.mean((1, 2), keepdim=True), "3")  # fmt: skip
for indices, outputs, low, high in ((2, ("parts#1", "parts"), slice(0, 2), slice(2, 4)), ([2, 3], ("parts#1", "parts#2"), slice(3, 4), slice(2, 3))):
    SPLIT = Node("Split", "parts", ["in"], {"indices_or_sections": indices, "axis": -1}, module="keras.src.ops.numpy")
    add(f"operation split {indices}", [SPLIT, Node("Subtract", "layer", list(outputs), module="keras.src.ops.numpy")],
        lambda x, low=low, high=high: x[..., high] - x[..., low], "3")  # fmt: skip
SPLIT = Node("TFOpLambda", "parts", ["in"], {"function": "split"}, keywords={"num_or_size_splits": [1, 2, 1], "axis": -1})
add("function split", [SPLIT, Node("Multiply", "layer", ["parts#1", "parts#2"])], lambda x: x[..., 1:3] * x[..., 3:], "2")
UNSTACK = Node("Unstack", "parts", ["in"], {"num": None, "axis": -1}, module="keras.src.ops.core")
add("operation unstack", [UNSTACK, Node("Stack", "layer", ["parts#2", "parts#0"], {"axis": -1}, module="keras.src.ops.numpy")], lambda x: x[..., [2, 0]], "3")
single("masking", "Masking", lambda x: x, before=SEQUENCE, mask_value=0.0)

# ---- the same layers with the channels first

FIRST_KINDS = ("Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D",
               "GlobalAveragePooling2D", "ZeroPadding2D", "Cropping2D", "UpSampling2D", "BatchNormalization", "GroupNormalization", "Softmax")  # fmt: skip


def channels_first(case):
    """The case for a network whose pictures are planes: the layer says so, or names the axis of the channels."""
    node = dataclasses.replace(case.nodes[0], config=dict(case.nodes[0].config))
    if "axis" in node.config:
        if node.config["axis"] not in (-1, 3, [3]):
            return None
        node.config["axis"] = 1
    else:
        node.config["data_format"] = "channels_first"
    if "output_shape" in node.config:
        rows, columns, channels = node.config["output_shape"][1:]
        node.config["output_shape"] = [None, channels, rows, columns]

    def reference(x):
        y = case.reference(x.permute(0, 2, 3, 1))
        return y.permute(0, 3, 1, 2) if y.dim() == 4 else y

    return Case(case.name + " channels first", [node], reference, case.only)


FIRST_CASES = [found for case in CASES if len(case.nodes) == 1 and case.nodes[0].kind in FIRST_KINDS
               for found in [channels_first(case)] if found]  # fmt: skip
