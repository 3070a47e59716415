# SPDX-License-Identifier: GPL-3.0-or-later
"""Every visualisation method written down once more, in PyTorch and double precision, over any network.

A network is anything with
    run (x, modifier, delta): scores [n, classes] before the softmax and tensors by name, both channels first;
        delta {name: tensor} is added to these tensors, so that their gradient can be taken
    probabilities (scores)
x is [n, channels, height, width]. Nothing here knows the program that is tested.
"""

import math

import numpy as np
import torch
from torch.nn import functional as F

EPSILON = 1e-7


def score_gradient(net, x, index, modifier="vanilla"):
    """d score / d input of each row, [n, c, h, w]."""
    x = x.clone().requires_grad_()
    scores, _ = net.run(x, modifier)
    return torch.autograd.grad(scores[:, index].sum(), x)[0]


def layer_gradient(net, x, index, layer, modifier="vanilla"):
    """A layer's activation and d score / d activation, [c, h, w] each."""
    with torch.no_grad():
        activation = net.run(x)[1][layer]
    delta = torch.zeros_like(activation).requires_grad_()
    scores, _ = net.run(x, modifier, {layer: delta})
    return activation[0], torch.autograd.grad(scores[0, index], delta)[0][0]


def stretch(field):
    return (field - field.min()) / (field.max() - field.min() + EPSILON)


GRADIENT_MODIFIERS = {
    "none": lambda g: g,
    "negate": lambda g: -g,
    "absolute": lambda g: g.abs(),
    "invert": lambda g: 1 / (g + EPSILON),
    "relu": lambda g: g.clamp(min=0),
    "small-values": lambda g: (1 / (g + EPSILON)).abs(),
}


def strongest(planes):
    """At each place the value of the largest magnitude over the channels."""
    return planes.gather(0, planes.abs().argmax(0, keepdim=True))[0]


# the Grad-CAM family: from activation and gradient to the map at the layer's own size, not clipped


def grad_cam(a, g):
    return (g.mean((1, 2), keepdim=True) * a).sum(0)


def grad_cam_plus_plus(a, g):
    alpha = 1 / (2 + g * a.sum((1, 2), keepdim=True))
    return ((alpha * g.clamp(min=0)).sum((1, 2), keepdim=True) * a).sum(0)


def layer_cam(a, g):
    return (g.clamp(min=0) * a).sum(0)


def hires_cam(a, g):
    return (g * a).sum(0)


CAMS = {
    "grad-cam": grad_cam,
    "grad-cam-plus-plus": grad_cam_plus_plus,
    "layer-cam": layer_cam,
    "hires-cam": hires_cam,
}


def enlarge(field, size):
    return F.interpolate(field[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]


def by_largest(field):
    most = field.abs().max()
    return field / most if most > 0 else field


def guided_grad_cam(net, x, index, layer):
    """The product with all its channels, [c, h, w]."""
    cam = by_largest(enlarge(grad_cam(*layer_gradient(net, x, index, layer)).clamp(min=0), x.shape[2:]))
    return cam * score_gradient(net, x, index, "guided")[0]


def score_cam(net, x, index, layer, most, softmax=False):
    """With the channels that vary most; at the layer's own size."""
    with torch.no_grad():
        a = net.run(x)[1][layer][0]
        variance = (a - a.mean((1, 2), keepdim=True)).square().sum((1, 2))
        chosen = [k for k in variance.argsort(descending=True, stable=True)[:most].tolist() if variance[k] > 0]
        weights = []
        for k in chosen:
            mask = enlarge(a[k], x.shape[2:])
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            scores, _ = net.run(x * mask)
            weights.append((scores if softmax else net.probabilities(scores))[0, index])
        weights = torch.stack(weights)
        if softmax:
            weights = weights.softmax(0)
        return (weights[:, None, None] * a[chosen]).sum(0)


# noise


class Noise:
    """SplitMix64 as uniform numbers in [0, 1), many at a time."""

    def __init__(self, seed):
        self.state = np.uint64(seed)

    def uniform(self, n):
        step = np.uint64(0x9E3779B97F4A7C15)
        with np.errstate(over="ignore"):
            z = self.state + step * np.arange(1, n + 1, dtype=np.uint64)
            self.state += step * np.uint64(n)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2**53

    def integer(self, low, high):
        return low + int(self.uniform(1)[0] * (high - low + 1))

    def normal(self, n):
        """Box and Muller's, in pairs; n must be even."""
        u = self.uniform(n).reshape(-1, 2)
        radius = np.sqrt(-2 * np.log(1 - u[:, 0]))
        return np.stack([radius * np.cos(2 * np.pi * u[:, 1]), radius * np.sin(2 * np.pi * u[:, 1])], 1).ravel()


def smooth_grad(net, x, index, n, share, seed, kind="mean", modifier="vanilla"):
    """Mean, mean of squares or variance over n noisy copies, [c, h, w]; noise: share of the input's range."""
    deviation = share * (x.max() - x.min())
    noise = torch.from_numpy(Noise(seed).normal(n * x.numel()).reshape(n, *x.shape[1:]))
    # the program feeds single precision
    copies = (x + deviation * noise).float().double()
    gradients = torch.cat([score_gradient(net, copy[None], index, modifier) for copy in copies])
    if kind == "square":
        return gradients.square().mean(0)
    if kind == "variance":
        return gradients.square().mean(0) - gradients.mean(0).square()
    return gradients.mean(0)


# fills and what stands on them


def blur(x):
    """Gaussian, a tenth of the longer side wide, cut at 2.5 deviations, borders repeated."""
    sigma = max(x.shape[2:]) / 10
    radius = math.ceil(2.5 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, dtype=x.dtype) / sigma).square())
    weights = weights / weights.sum()
    channels = x.shape[1]
    for kernel, pad in ((weights[None], (radius, radius, 0, 0)), (weights[:, None], (0, 0, radius, radius))):
        kernel = kernel.expand(channels, 1, *kernel.shape)
        x = F.conv2d(F.pad(x, pad, mode="replicate"), kernel, groups=channels)
    return x


def filling(x, fill):
    """What lies under an occluder of an array, whose range is taken to be 0 to 1."""
    if fill == "blur":
        return blur(x)
    if fill == "mean":
        return x.mean((2, 3), keepdim=True).expand_as(x)
    values = {"gray": 0.5, "black": 0.0, "white": 1.0, "zero": 0.0}
    return torch.full_like(x, values.get(fill) if fill in values else float(fill))


def integrated_gradients(net, x, index, steps, baseline):
    """What each number adds to the score, [c, h, w], and how much the score rises."""
    start = filling(x, baseline)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(x)
    for node, weight in zip((nodes + 1) / 2, weights / 2):
        total += weight * score_gradient(net, start + node * (x - start), index)
    with torch.no_grad():
        rise = (net.run(x)[0] - net.run(start)[0])[0, index].item()
    return (total * (x - start))[0], rise


def occluded_probabilities(net, x, windows, fill):
    """Of each window (top, left, bottom, right), [n, classes]."""
    under = filling(x, fill)
    rows = []
    for top, left, bottom, right in windows:
        copy = x.clone()
        place = (..., slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0)))
        copy[place] = under[place]
        with torch.no_grad():
            rows.append(net.probabilities(net.run(copy)[0])[0])
    return torch.stack(rows)


def occlusion_drop(net, x, index, size, stride, fill):
    """p (clean) - p (occluded), averaged over the windows that cover a pixel."""
    height, width = x.shape[2:]
    tops, lefts = (range(0, max(side - size, 0) + stride, stride) for side in (height, width))
    windows = [(top, left, top + size, left + size) for top in tops for left in lefts]
    with torch.no_grad():
        clean = net.probabilities(net.run(x)[0])[0, index]
    total, times = (torch.zeros(height, width, dtype=x.dtype) for _ in range(2))
    for (top, left, bottom, right), p in zip(windows, occluded_probabilities(net, x, windows, fill)[:, index]):
        total[top:bottom, left:right] += clean - p
        times[top:bottom, left:right] += 1
    return total / times


def occlusion_tutorial(net, x, index, cell, fill):
    """The probability of the class at each cell under an occluder of five cells, and the winning classes."""
    height, width = x.shape[2:]
    corners = [(top, left) for top in range(0, height, cell) for left in range(0, width, cell)]
    windows = [(top - 2 * cell, left - 2 * cell, top + 3 * cell, left + 3 * cell) for top, left in corners]
    field, winners = (torch.zeros(height, width, dtype=x.dtype) for _ in range(2))
    for (top, left), p in zip(corners, occluded_probabilities(net, x, windows, fill)):
        field[top : top + cell, left : left + cell] = p[index]
        winners[top : top + cell, left : left + cell] = p.argmax()
    return field, winners


# activation maximisation


def regularised_loss(score, x, lp, tv):
    norm = x.abs().pow(6).sum().pow(1 / 6)
    down = x[..., 1:, :-1] - x[..., :-1, :-1]
    right = x[..., :-1, 1:] - x[..., :-1, :-1]
    return lp * norm / x.numel() + tv * (down.square() + right.square()).sum() / x.numel() - score


def maximize(score, shape, iterations, seed=0, lp=10.0, tv=10.0, jitter=0, decay=0.95, start=None, rise=1):
    """The input of 0 to 1 with the least loss, [1, c, h, w], its score and its loss.

    score: of an input, its way back through the gates; rise: -1 lowers it; start: instead of noise around the middle.
    """
    n = math.prod(shape)
    noise = Noise(seed)
    x = start
    if x is None:
        x = torch.from_numpy(0.5 + 0.05 * (2 * noise.uniform(n) - 1) * 3**0.5).reshape(1, *shape).float().double()
    cache = torch.zeros_like(x)
    best = None
    for _ in range(iterations):
        right, down = noise.integer(-jitter, jitter), noise.integer(-jitter, jitter)
        rolled = x.roll((down, right), (2, 3)).requires_grad_()
        reached = score(rolled)
        # uphill through the gates, the regularisers beside it
        slope = torch.autograd.grad(rise * reached, rolled)[0]
        loss = regularised_loss(rise * reached.detach(), rolled, lp, tv)
        gradient = (torch.autograd.grad(loss, rolled)[0] - slope).roll((-down, -right), (2, 3))
        if best is None or loss.item() < best[2]:
            best = rolled.detach(), reached.item(), loss.item()
        gradient = gradient / gradient.square().sum().clamp(min=1e-12).sqrt()
        cache = decay * cache + (1 - decay) * gradient.square()
        x = (x - gradient / (cache + EPSILON).sqrt() / 255).clamp(0, 1).float().double()
    return best
