# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample network and the methods on it, written down once more in PyTorch and double precision.

It shares nothing with the program but the model file, so that the numbers of the two can be compared.
"""

import h5py
import numpy as np
import torch
from torch.nn import functional as F

SIDE = 28


class GatedRelu(torch.autograd.Function):
    """A rectifier whose backward pass follows a modifier: vanilla, guided or relu."""

    @staticmethod
    def forward(ctx, z, modifier):
        y = z.clamp(min=0)
        ctx.save_for_backward(y)
        ctx.modifier = modifier
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        if ctx.modifier in ("vanilla", "guided"):
            gradient = gradient * (y > 0)
        if ctx.modifier in ("guided", "relu"):
            gradient = gradient * (gradient > 0)
        return gradient, None


class DigitNet:
    """Weights from a Keras file, channels first here."""

    def __init__(self, path):
        with h5py.File(path) as file:
            group = file["model_weights"]

            def load(layer, kind):
                return torch.from_numpy(group[layer][layer][f"{kind}:0"][()].astype(np.float64))

            self.kernels = [load(f"conv2d_{i}", "kernel").permute(3, 2, 0, 1) for i in (1, 2)]
            self.biases = [load(f"conv2d_{i}", "bias") for i in (1, 2)]
            self.dense = [(load(name, "kernel"), load(name, "bias")) for name in ("dense_1", "preds")]

    def features(self, x, modifier="vanilla", pass_by=lambda name, value: value):
        """From [n, 1, 28, 28] to the output of the pooling, [n, 64, 12, 12]; what each layer writes passes by."""
        for number, (kernel, bias) in enumerate(zip(self.kernels, self.biases), 1):
            x = pass_by(f"conv2d_{number}", GatedRelu.apply(F.conv2d(x, kernel, bias), modifier))
        return pass_by("max_pooling2d_1", F.max_pool2d(x, 2))

    def head(self, features, modifier="vanilla"):
        """From the pooled features to the scores before the softmax."""
        flat = features.permute(0, 2, 3, 1).flatten(1)
        (w1, b1), (w2, b2) = self.dense
        return GatedRelu.apply(flat @ w1 + b1, modifier) @ w2 + b2

    def probabilities(self, x):
        with torch.no_grad():
            return torch.cat([self.head(self.features(part)).softmax(1) for part in x.split(500)])

    def gradient(self, x, digit, modifier):
        """d score / d input, [1, 28, 28, 1]."""
        x = x.clone().requires_grad_()
        score = self.head(self.features(x, modifier), modifier)[0, digit]
        return torch.autograd.grad(score, x)[0].permute(0, 2, 3, 1)

    def grad_cam(self, x, digit, modifier):
        """ReLU (sum of w A) at the size of the pooled features, [12, 12]."""
        features = self.features(x).detach().requires_grad_()
        score = self.head(features, modifier)[0, digit]
        weights = torch.autograd.grad(score, features)[0].mean((2, 3), keepdim=True)
        return (weights * features).sum(1)[0].clamp(min=0).detach()

    def occlude(self, x, windows, fill):
        """Copies of one input with each window (top, left, bottom, right) filled."""
        copies = x.repeat(len(windows), 1, 1, 1)
        for copy, (top, left, bottom, right) in zip(copies, windows):
            copy[:, max(top, 0) : bottom, max(left, 0) : right] = fill
        return self.probabilities(copies)


def saliency(gradient):
    """The map of keras-vis: largest magnitude over the channels, stretched to [0, 1]."""
    field = gradient[0].abs().amax(-1)
    return (field - field.min()) / (field.max() - field.min() + 1e-7)


def enlarge(cam):
    """A Grad-CAM at the size of the input, its maximum 1."""
    field = F.interpolate(cam[None, None], size=(SIDE, SIDE), mode="bilinear", align_corners=False)[0, 0]
    return field / field.max() if field.max() > 0 else field


def occlusion_tutorial(net, x, cell, fill=0.5):
    """Probabilities of all classes for each cell, [10, 28, 28]: the occluder is 5 cells wide, its centre at the cell."""
    corners = [(y, x) for y in range(0, SIDE, cell) for x in range(0, SIDE, cell)]
    windows = [(y - 2 * cell, x - 2 * cell, y + 3 * cell, x + 3 * cell) for y, x in corners]
    fields = torch.zeros(10, SIDE, SIDE, dtype=torch.float64)
    for (top, left), probabilities in zip(corners, net.occlude(x, windows, fill)):
        fields[:, top : top + cell, left : left + cell] = probabilities[:, None, None]
    return fields


def occlusion_drop(net, x, size, stride, fill=0.5):
    """p (clean) - p (occluded) of all classes, averaged over the windows that cover a pixel, [10, 28, 28]."""
    starts = range(0, SIDE - size + 1, stride)
    assert starts[-1] + size == SIDE, "choose windows that end with the input"
    windows = [(y, x, y + size, x + size) for y in starts for x in starts]
    clean = net.probabilities(x)[0]
    total = torch.zeros(10, SIDE, SIDE, dtype=torch.float64)
    times = torch.zeros(SIDE, SIDE, dtype=torch.float64)
    for (top, left, bottom, right), probabilities in zip(windows, net.occlude(x, windows, fill)):
        total[:, top:bottom, left:right] += (clean - probabilities)[:, None, None]
        times[top:bottom, left:right] += 1
    return total / times
