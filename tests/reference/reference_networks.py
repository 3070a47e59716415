# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks on which the methods are compared, as torch_methods.py wants them: the sample network, and some of the
reference folder, which the interpreter beside them reads.
"""

import sys
import types

import numpy as np
import torch
from digit_net import DigitNet
from PIL import Image
from tap import ROOT, SHARED, Skip


class GatedLeaky(torch.autograd.Function):
    """A leaky rectifier, whose gates take the place of its slope: guided G [z > 0] [G > 0], relu G [G > 0]."""

    @staticmethod
    def forward(ctx, z, slope, modifier):
        ctx.save_for_backward(z)
        ctx.slope, ctx.modifier = slope, modifier
        return torch.where(z > 0, z, slope * z)

    @staticmethod
    def backward(ctx, gradient):
        (z,) = ctx.saved_tensors
        if ctx.modifier == "vanilla":
            return torch.where(z > 0, gradient, ctx.slope * gradient), None, None
        passes = gradient > 0 if ctx.modifier == "relu" else (gradient > 0) & (z > 0)
        return gradient * passes, None, None


class Digits:
    """The sample network."""

    path = ROOT / "data/models/digits.h5"
    layers = ("max_pooling2d_1", "conv2d_1")
    deepest = raised = "max_pooling2d_1"
    classes = (7, 2)
    channels_last = True
    probe_channels = 64
    cell = 4

    def __init__(self):
        self.net = DigitNet(self.path)
        pixels = np.asarray(Image.open(ROOT / "data/samples/digit-7-test-0000.png"), np.float32)
        self.input = pixels[None, None] / np.float32(255)

    def run(self, x, modifier="vanilla", delta=None):
        tensors = {}

        def pass_by(name, value):
            tensors[name] = value + delta[name] if delta and name in delta else value
            return tensors[name]

        features = self.net.features(x, modifier, pass_by)
        return self.net.head(features, modifier), tensors

    def probabilities(self, scores):
        return scores.softmax(1)


class Foreign:
    """A network of the reference folder, read by the interpreter that lies beside it.

    layers: of the CAMs, for each of the classes; deepest: the one that a CAM has of itself; raised: the one whose
    filter is raised; cell: of the tutorial's occlusion; nudge: a factor that takes units off the edge of their gates
    """

    channels_last = True
    probe_channels = 12

    def __init__(self, path, reference_name, layers, deepest, raised, classes, cell, nudge=1):
        self.path = SHARED / "models/models" / path
        if not self.path.is_file():
            raise Skip(f"{self.path} is not there")
        sys.path.insert(0, str(SHARED / "oracle"))
        import cnnref

        # the interpreter gates no leaky rectifiers, the program does
        cnnref.F = types.SimpleNamespace(**vars(torch.nn.functional))
        cnnref.F.leaky_relu = lambda z, slope: GatedLeaky.apply(z, slope, cnnref.MODE[0].removesuffix("_cap"))
        self.interpreter = cnnref
        try:
            self.graph = cnnref.load(str(self.path))
        except ImportError as missing:  # the package that reads ONNX files
            raise Skip(str(missing)) from missing
        self.layers, self.deepest, self.raised, self.classes, self.cell = layers, deepest, raised, classes, cell
        self.channels_last = not str(path).endswith(".onnx")
        self.input = self.read_input(SHARED / "models/refs" / reference_name) * np.float32(nudge)

    def read_input(self, folder):
        if (folder / "input.npy").is_file():
            x = np.load(folder / "input.npy")
            return np.ascontiguousarray(x.transpose(0, 3, 1, 2) if self.channels_last else x)
        x = np.asarray(Image.open(folder / "image.png").convert("RGB"), np.float32).transpose(2, 0, 1) / np.float32(255)
        if self.channels_last:
            return x[None]
        mean, std = np.float32([[[0.485]], [[0.456]], [[0.406]]]), np.float32([[[0.229]], [[0.224]], [[0.225]]])
        return ((x - mean) / std)[None]

    def run(self, x, modifier="vanilla", delta=None):
        def order(t):
            return t.permute(0, 2, 3, 1) if self.channels_last and t.dim() == 4 else t

        def channels_first(t):
            return t.permute(0, 3, 1, 2) if self.channels_last and t.dim() == 4 else t

        # rectifiers that are capped stop what is above the cap, too
        self.interpreter.MODE[0] = "guided_cap" if modifier == "guided" else modifier
        delta = {name: order(t) for name, t in (delta or {}).items()}
        tensors, scores, _, self.head = self.interpreter.run_scores(self.graph, order(x), delta)
        return scores, {name: channels_first(tensors[name]) for name in (*self.layers, self.deepest, self.raised)}

    def probabilities(self, scores):
        return torch.sigmoid(scores) if self.head == "sigmoid" else scores.softmax(1)


NETWORKS = {
    "digits": Digits,
    "tinyvgg": lambda: Foreign(
        "tfjs/tinyvgg/model.json", "tinyvgg", ("relu_2_2", "max_pool_1"), "max_pool_2", "conv_2_1", (6, 2), 8),
    "resnet20": lambda: Foreign(
        "keras/cifar10_ResNet20v1_model.h5", "cifar10_ResNet20v1_model.h5", ("activation_19", "add_5"), "activation_19",
        "conv2d_9", (3, 5), 6),
    "mini-xception": lambda: Foreign(
        "keras/fer2013_mini_XCEPTION.102-0.66.hdf5", "fer2013_mini_XCEPTION.102-0.66.hdf5",
        ("add_4", "separable_conv2d_4"), "conv2d_7", "separable_conv2d_4", (3, 6), 9),
    # of tensors of its file, channels first
    "onnx-resnet": lambda: Foreign(
        "onnx/vnncomp_cifar10_resnet_2b.onnx", "vnncomp_cifar10_resnet_2b.onnx", ("29", "23"), "29", "25", (3, 8), 6),
    # leaky rectifiers
    "darknet": lambda: Foreign(
        "tfjs/darknet_tiny/model.json", "darknet_tiny", ("leaky_re_lu_15", "max_pooling2d_3"), "conv2d_16", "conv2d_10",
        (207, 3), 64, 1.0000001),
}  # fmt: skip
