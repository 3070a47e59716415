#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes kernel-vectors.json and kernel-vectors.bin: operators' outputs and gradients by PyTorch, in float64.

Inputs are not stored: both sides draw them from the same linear congruential generator. The .bin holds, for each
case, the output and then the gradient of each input, as little-endian float32.
"""

import json
import math
import os
import struct
import sys

import torch
import torch.nn.functional as F

CASES, NUMBERS = [], []


def draw(shape, seed, low, high, step):
    state, n, values = seed & 0xFFFFFFFF, math.prod(shape), []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        v = low + (state >> 8) / 16777216 * (high - low)
        values.append(math.floor(v / step + 0.5) * step if step else v)
    return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def case(name, op, shapes, function, attrs=None, low=-2.0, high=2.0, step=0.0, grads=None):
    """`function` maps the inputs (None where absent) to the output; `shapes` has None for an absent input."""
    index = len(CASES)
    inputs = [None if s is None else draw(s, index * 1000 + i, low, high, step).requires_grad_()
              for i, s in enumerate(shapes)]
    out = function(*inputs)
    out.backward(draw(list(out.shape), index * 1000 + 99, -1.0, 1.0, 0))
    if grads is None:
        grads = [i for i, x in enumerate(inputs) if x is not None]
    CASES.append({'name': name, 'op': op, 'in': [s if s is not None else None for s in shapes],
                  'out': list(out.shape), 'attrs': attrs or {}, 'range': [low, high, step], 'grads': grads})
    NUMBERS.extend(out.detach().reshape(-1).tolist())
    for i in grads:
        g = inputs[i].grad
        NUMBERS.extend((g if g is not None else torch.zeros_like(inputs[i])).reshape(-1).tolist())


def window(kernel, stride=None, dilation=None, begin=None, end=None, **more):
    n = len(kernel)
    return dict({'kernel': kernel, 'stride': stride or [1] * n, 'dilation': dilation or [1] * n,
                 'begin': begin or [0] * n, 'end': end or begin or [0] * n}, **more)


def padded(x, w, value=0.0):
    pads = []
    for b, e in reversed(list(zip(w['begin'], w['end']))):
        pads += [b, e]
    return F.pad(x, pads, value=value)


def same_pads(w, size, lower):
    begin, end = [], []
    for k, s, d, n in zip(w['kernel'], w['stride'], w['dilation'], size):
        total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        begin.append(total - total // 2 if lower else total // 2)
        end.append(total - begin[-1])
    return begin, end


def conv(name, x, outputs, w, groups=1, bias=True, same=None):
    attrs = dict(w, groups=groups)
    if same is not None:
        attrs['same'], attrs['same_lower'] = 1, int(same)
        w = dict(w)
        w['begin'], w['end'] = same_pads(w, x[2:], same)
    f = F.conv1d if len(x) == 3 else F.conv2d

    def run(x, k, b=None):
        return f(padded(x, w), k, b, stride=w['stride'], dilation=w['dilation'], groups=groups)
    shapes = [x, [outputs, x[1] // groups] + w['kernel']] + ([[outputs]] if bias else [])
    case('conv ' + name, 'Conv', shapes, run, attrs)


def convs():
    conv('1x1', [1, 3, 4, 5], 4, window([1, 1]))
    conv('3x3', [1, 2, 6, 5], 3, window([3, 3]))
    conv('3x3 pad no bias', [1, 2, 5, 5], 3, window([3, 3], begin=[1, 1]), bias=False)
    conv('stride', [1, 2, 7, 8], 3, window([3, 3], [2, 3], begin=[1, 1]))
    conv('asymmetric', [1, 2, 5, 6], 2, window([3, 2], [2, 2], begin=[0, 2], end=[1, 0]))
    conv('dilated', [1, 2, 7, 8], 2, window([3, 2], [1, 2], [2, 3], [2, 1]))
    conv('groups', [1, 4, 5, 5], 6, window([3, 3], begin=[1, 1]), groups=2)
    conv('depthwise', [1, 4, 6, 5], 4, window([3, 3], [2, 1], begin=[1, 1]), groups=4)
    conv('depth multiplier', [1, 3, 5, 5], 6, window([3, 3]), groups=3)
    conv('same', [1, 2, 7, 6], 2, window([3, 4], [2, 2]), same=False)
    conv('same lower', [1, 2, 7, 6], 2, window([4, 3], [2, 3]), same=True)
    conv('same dilated', [1, 2, 7, 6], 2, window([3, 3], None, [2, 2]), same=False)
    conv('1-d', [1, 3, 9], 4, window([3], [2], begin=[1]))
    conv('1-d dilated groups', [1, 4, 11], 4, window([3], [1], [3], [2], [1]), groups=2)
    conv('large pad', [1, 1, 2, 2], 1, window([3, 3], [2, 2], begin=[4, 3]))
    conv('batch', [2, 2, 4, 4], 3, window([3, 3], begin=[1, 1]))


def transposed(name, x, outputs, w, groups=1, output_pad=(0, 0), bias=True, same=None):
    n = len(w['kernel'])
    attrs = dict(w, groups=groups, output_pad=list(output_pad)[:n])
    f = F.conv_transpose1d if n == 1 else F.conv_transpose2d
    begin, end = list(w['begin']), list(w['end'])
    sizes = []
    for i in range(n):
        full = (x[i + 2] - 1) * w['stride'][i] + (w['kernel'][i] - 1) * w['dilation'][i] + 1
        if same is not None:
            total = max(full - x[i + 2] * w['stride'][i], 0)
            begin[i] = total - total // 2 if same else total // 2
            sizes.append(x[i + 2] * w['stride'][i])
        else:
            sizes.append(full - begin[i] - end[i] + output_pad[i])
    if same is not None:
        attrs['same'], attrs['same_lower'] = 1, int(same)

    def run(x, k, b=None):
        y = f(x, k, b, stride=w['stride'], dilation=w['dilation'], groups=groups)
        for i in range(n):
            y = y.narrow(2 + i, begin[i], min(sizes[i], y.shape[2 + i] - begin[i]))
            missing = sizes[i] - y.shape[2 + i]
            if missing > 0:
                shape = list(y.shape)
                shape[2 + i] = missing
                fill = torch.zeros(shape, dtype=y.dtype)
                if b is not None:
                    fill = fill + b.reshape([1, -1] + [1] * n)
                y = torch.cat([y, fill], 2 + i)
        return y
    shapes = [x, [x[1], outputs // groups] + w['kernel']] + ([[outputs]] if bias else [])
    case('conv_transpose ' + name, 'ConvTranspose', shapes, run, attrs)


def transposes():
    transposed('2x2', [1, 3, 3, 4], 2, window([2, 2], [2, 2]))
    transposed('3x3 pads', [1, 2, 4, 3], 3, window([3, 3], [2, 2], begin=[1, 1]), output_pad=(1, 0))
    transposed('asymmetric', [1, 2, 4, 4], 2, window([4, 3], [2, 1], begin=[1, 0], end=[2, 1]), bias=False)
    transposed('groups', [1, 4, 3, 3], 6, window([3, 3], [1, 2], begin=[1, 1]), groups=2)
    transposed('dilated', [1, 2, 3, 4], 2, window([3, 2], [2, 1], [2, 3], [1, 0]))
    transposed('same', [1, 2, 3, 4], 2, window([3, 4], [2, 2]), same=False)
    transposed('same lower', [1, 2, 3, 4], 2, window([4, 5], [3, 2]), same=True)
    transposed('same wide stride', [1, 1, 3, 3], 1, window([2, 2], [3, 3]), same=False)
    transposed('1-d', [1, 3, 5], 2, window([4], [2], begin=[1]))


def pool(name, x, kind, w, ceil=False, same=None, **more):
    n = len(w['kernel'])
    attrs = dict(w, kind={'max': 0, 'valid': 1, 'padded': 2}[kind], ceil=int(ceil))
    if same is not None:
        attrs['same'], attrs['same_lower'] = 1, int(same)
        w = dict(w)
        w['begin'], w['end'] = same_pads(w, x[2:], same)

    def run(v):
        if kind == 'max':
            f = F.max_pool1d if n == 1 else F.max_pool2d
            return f(padded(v, w, -math.inf), w['kernel'], w['stride'], dilation=w['dilation'], ceil_mode=ceil)
        f = F.avg_pool1d if n == 1 else F.avg_pool2d
        total = f(padded(v, w), w['kernel'], w['stride'], ceil_mode=ceil)
        if kind == 'padded':
            return total
        return total / f(padded(torch.ones_like(v), w), w['kernel'], w['stride'], ceil_mode=ceil)
    case('pool %s %s' % (kind, name), 'Pool', [x], run, attrs, **more)


def pools():
    for kind in 'max', 'valid', 'padded':
        pool('2x2', [1, 2, 6, 4], kind, window([2, 2], [2, 2]))
        pool('overlapping', [1, 2, 7, 6], kind, window([3, 3], [2, 2], begin=[1, 1]))
        pool('asymmetric', [1, 2, 6, 7], kind, window([3, 2], [2, 1], begin=[0, 1], end=[1, 0]))
        pool('ceil', [1, 2, 6, 8], kind, window([3, 3], [2, 3]), ceil=True)
        pool('ceil pads', [1, 1, 7, 6], kind, window([3, 3], [3, 2], begin=[1, 1]), ceil=True)
        pool('same', [1, 2, 7, 5], kind, window([3, 2], [2, 2]), same=False)
        pool('same lower', [1, 2, 6, 5], kind, window([3, 2], [2, 3]), same=True)
        pool('whole', [1, 3, 4, 5], kind, window([4, 5]))
        pool('1-d', [1, 2, 9], kind, window([3], [2], begin=[1]))
        pool('batch', [2, 2, 4, 4], kind, window([2, 2], [2, 2]))
    pool('dilated', [1, 2, 8, 9], 'max', window([3, 2], [2, 1], [2, 3]))
    pool('ties', [1, 2, 7, 7], 'max', window([3, 3], [1, 2], begin=[1, 1]), step=1.0)
    pool('many ties', [1, 2, 6, 6], 'max', window([3, 3], [1, 1]), low=0.0, high=1.0, step=1.0)


def denses():
    for name, x, units, bias in (('plain', [1, 20], 6, True), ('no bias', [1, 7], 5, False), ('rows', [2, 3, 6], 4, True),
                                 ('one', [1, 1], 1, True)):
        case('dense ' + name, 'Dense', [x, [units, x[-1]]] + ([[units]] if bias else []),
             lambda x, w, b=None: F.linear(x, w, b))
    for a, b in (([3, 4], [4, 5]), ([2, 3, 4], [2, 4, 2]), ([2, 3, 4], [4, 5]), ([3, 4], [2, 4, 3]),
                 ([2, 1, 3, 4], [3, 4, 2]), ([1, 5], [5, 1])):
        case('matmul %sx%s' % (a, b), 'MatMul', [a, b], torch.matmul)


def normalisations():
    for shape, axis in (([1, 3, 4, 5], 1), ([2, 4, 3], 1), ([1, 6], 1), ([1, 2, 3, 4], 3), ([1, 5, 4], 2)):
        view = [shape[axis] if i == axis else 1 for i in range(len(shape))]
        case('batch_norm %s axis %d' % (shape, axis), 'BatchNorm', [shape, [shape[axis]], [shape[axis]]],
             lambda x, s, b, view=view: x * s.reshape(view) + b.reshape(view), {'axis': axis})
    for groups in 1, 2, 6:
        for shape in [1, 6, 3, 4], [2, 6, 5]:
            for weights in True, False:
                attrs = {'groups': groups, 'first_axis': 1, 'epsilon': 1e-3}
                shapes = [shape] + ([[6], [6]] if weights else [])
                case('group norm %d %s %d' % (groups, shape, weights), 'Normalize', shapes,
                     lambda x, g=None, b=None, n=groups: F.group_norm(x, n, g, b, 1e-3), attrs)
    for shape, first in (([1, 4, 6], 2), ([1, 4, 6], 1), ([2, 3, 2, 5], 2)):
        attrs = {'groups': 0, 'first_axis': first, 'epsilon': 1e-5}
        case('layer norm %s from %d' % (shape, first), 'Normalize', [shape, shape[first:], shape[first:]],
             lambda x, g, b, s=shape[first:]: F.layer_norm(x, s, g, b, 1e-5), attrs)
    case('layer norm no beta', 'Normalize', [[1, 3, 8], [8]], lambda x, g: F.layer_norm(x, [8], g, None, 1e-5),
         {'groups': 0, 'first_axis': 2, 'epsilon': 1e-5})
    case('layer norm no gamma', 'Normalize', [[1, 3, 8], None, [8]], lambda x, g, b: F.layer_norm(x, [8], None, b, 1e-5),
         {'groups': 0, 'first_axis': 2, 'epsilon': 1e-5})
    for shape in [1, 5, 3, 4], [2, 5, 3]:
        def channels(x, g, b):
            d = x.dim()
            x = x.permute([0] + list(range(2, d)) + [1])
            return F.layer_norm(x, x.shape[-1:], g, b, 1e-3).permute([0, d - 1] + list(range(1, d - 1)))
        case('channel norm %s' % shape, 'Normalize', [shape, [5], [5]], channels,
             {'groups': -1, 'first_axis': 1, 'epsilon': 1e-3})
    for size, alpha, beta, bias in ((5, 0.1, 0.75, 1.0), (3, 0.5, 0.6, 2.0), (1, 0.2, 0.75, 1.0), (4, 0.3, 0.75, 1.0),
                                    (9, 0.4, 0.5, 1.5)):
        def lrn(x):
            sums = []
            for c in range(x.shape[1]):
                first, last = max(c - (size - 1) // 2, 0), min(c + size // 2, x.shape[1] - 1)
                sums.append((x[:, first:last + 1] ** 2).sum(1, keepdim=True))
            return x / (bias + alpha / size * torch.cat(sums, 1)) ** beta
        case('lrn %d' % size, 'LRN', [[1, 6, 3, 3]], lrn, {'size': size, 'alpha': alpha, 'beta': beta, 'bias': bias})


ACTIVATIONS = ['linear', 'relu', 'elu', 'sigmoid', 'tanh', 'softplus', 'softsign', 'hard_sigmoid', 'hard_swish', 'swish',
               'mish', 'gelu', 'gelu_tanh', 'erf', 'exponential', 'log', 'sqrt', 'abs', 'power', 'clip', 'sign', 'floor',
               'ceil', 'round', 'sin', 'cos']


def activations():
    inf = 1e30

    def act(kind, f, a=0.0, b=0.0, c=0.0, low=-6.0, high=6.0, grads=None):
        case('activation %s %g %g %g' % (kind, a, b, c), 'Activation', [[1, 60]], f,
             {'kind': ACTIVATIONS.index(kind), 'a': a, 'b': b, 'c': c}, low, high, grads=grads)
    act('linear', lambda x: 0.7 * x + 0.3, 0.7, 0.3)
    act('relu', torch.relu, inf)
    act('relu', F.relu6, 6.0, low=-9.0, high=9.0)
    act('relu', lambda x: F.leaky_relu(x, 0.2), inf, 0.2)
    act('relu', lambda x: F.leaky_relu(x, -0.2), inf, -0.2)
    act('relu', lambda x: F.threshold(x, 1.0, 0.0), inf, 0.0, 1.0)
    act('relu', lambda x: F.threshold(x, -1.0, 0.0), inf, 0.0, -1.0)
    act('relu', lambda x: torch.where(x >= 4, torch.full_like(x, 4), torch.where(x > 1, x, 0.1 * (x - 1))), 4.0, 0.1, 1.0)
    act('elu', lambda x: F.elu(x, 0.7), 0.7, 1.0)
    act('elu', F.selu, 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805)
    act('sigmoid', torch.sigmoid, low=-20.0, high=20.0)
    act('tanh', torch.tanh)
    act('tanh', torch.tanh, low=-0.7, high=0.7)
    act('softplus', F.softplus)
    act('softsign', F.softsign)
    act('hard_sigmoid', lambda x: (0.2 * x + 0.5).clamp(0, 1), 0.2, 0.5)
    act('hard_swish', F.hardswish)
    act('swish', F.silu, 1.0)
    act('swish', lambda x: x * torch.sigmoid(1.7 * x), 1.7)
    act('mish', F.mish)
    act('gelu', F.gelu)
    act('gelu_tanh', lambda x: F.gelu(x, approximate='tanh'))
    act('erf', torch.erf, low=-4.0, high=4.0)
    act('exponential', torch.exp)
    act('log', torch.log, low=0.01, high=5.0)
    act('sqrt', torch.sqrt, low=0.01, high=5.0)
    act('abs', torch.abs)
    act('power', lambda x: x ** 2, 2.0)
    act('power', lambda x: x ** 3, 3.0)
    act('power', lambda x: x ** 0.4, 0.4, low=0.1, high=4.0)
    act('clip', lambda x: x.clamp(-1.5, 2.5), -1.5, 2.5)
    act('sign', torch.sign)
    act('floor', torch.floor)
    act('ceil', torch.ceil)
    act('round', torch.round)
    act('sin', torch.sin)
    act('cos', torch.cos)
    for x, s in (([1, 3, 4, 5], [3, 1, 1]), ([1, 3, 4, 5], [3, 4, 5]), ([1, 6], [1]), ([1, 6], [6]), ([2, 3, 4], [1, 4])):
        case('prelu %s %s' % (x, s), 'PRelu', [x, s],
             lambda x, s: torch.where(x > 0, x, s * x))
    for shape in [1, 10], [1, 4, 3, 2], [2, 5]:
        for axis in range(len(shape)):
            for log in False, True:
                f = F.log_softmax if log else F.softmax
                case('softmax %s %d %d' % (shape, axis, log), 'Softmax', [shape], lambda x, f=f, d=axis: f(x, d),
                     {'axis': axis, 'log': int(log)}, low=-8.0, high=8.0)


def binaries():
    kinds = [torch.add, torch.sub, torch.mul, torch.div, torch.maximum, torch.minimum, torch.pow]
    pairs = (([1, 3, 4], [1, 3, 4]), ([1, 3, 4], [3, 1]), ([4], [2, 3, 4]), ([2, 1, 4], [1, 3, 1]), ([1, 5], []))
    for kind, f in enumerate(kinds):
        low, step = (0.25, 0.0) if kind in (3, 6) else (-2.0, 0.5 if kind in (4, 5) else 0.0)
        for a, b in pairs:
            case('binary %d %s %s' % (kind, a, b), 'Binary', [a, b], f, {'kind': kind}, low=low, step=step)
    case('binary 3d middle', 'Binary', [[2, 3, 4, 2], [3, 1, 2]], torch.mul, {'kind': 2})


def moves():
    for axis in range(4):
        shapes = [[2, 3, 2, 3] for _ in range(3)]
        for i in range(3):
            shapes[i][axis] = i + 1
        case('concat axis %d' % axis, 'Concat', shapes, lambda *x, d=axis: torch.cat(x, d), {'axis': axis})
    case('concat one', 'Concat', [[1, 4]], lambda x: torch.cat([x], 1), {'axis': 1})
    for shape, start, step, count in (([1, 4, 5, 6], [0, 1, 0, 2], [1, 1, 1, 1], [1, 2, 5, 3]),
                                      ([1, 4, 5, 6], [0, 0, 1, 0], [1, 2, 2, 5], [-1, -1, -1, -1]),
                                      ([1, 8], [0, 7], [1, -1], [1, 8]), ([1, 3, 7], [0, 2, 6], [1, -2, -3], [1, 2, -1])):
        def take(x):
            for d, (first, by, n) in enumerate(zip(start, step, count)):
                if n == -1:
                    n = (x.shape[d] - first + by - 1) // by if by > 0 else first // -by + 1
                x = x.index_select(d, torch.tensor([first + k * by for k in range(n)]))
            return x
        case('slice %s %s' % (shape, step), 'Slice', [shape], take, {'start': start, 'step': step, 'count': count})
    for kind, mode in enumerate(('constant', 'reflect', 'replicate')):
        def pad(x, before, after):
            flat = [before[3], after[3], before[2], after[2]]
            return F.pad(x, flat, mode, 1.5) if mode == 'constant' else F.pad(x, flat, mode)
        for before, after in (([0, 0, 1, 2], [0, 0, 3, 1]), ([0, 0, 0, 3], [0, 0, 0, 0])):
            case('pad %s %s' % (mode, before), 'Pad', [[1, 2, 4, 5]], lambda x: pad(x, before, after),
                 {'kind': kind, 'before': before, 'after': after, 'value': 1.5})
    case('pad crop', 'Pad', [[1, 2, 4, 5]], lambda x: F.pad(x, [-1, 2, 1, -2], 'constant', -0.5),
         {'kind': 0, 'before': [0, 0, 1, -1], 'after': [0, 0, -2, 2], 'value': -0.5})
    case('pad channels', 'Pad', [[1, 2, 3]], lambda x: F.pad(x, [0, 0, 1, 2], 'constant', 0.0),
         {'kind': 0, 'before': [0, 1, 0], 'after': [0, 2, 0], 'value': 0.0})
    for shape, to, asked in (([1, 2, 3, 4], [1, 24], [0, -1]), ([1, 24], [1, 2, 3, 4], [1, 2, -1, 4])):
        case('reshape %s' % asked, 'Reshape', [shape], lambda x, to=to: x.reshape(to), {'shape': asked})
    for shape, axes in (([1, 3, 4, 5], [0, 2, 3, 1]), ([2, 3, 4], [2, 0, 1]), ([1, 6], [1, 0]), ([2, 2, 3, 2, 2], [0, 4, 2, 1, 3]),
                        ([1, 2, 3], [0, 1, 2])):
        case('transpose %s' % axes, 'Transpose', [shape], lambda x, p=axes: x.permute(p), {'axes': axes})
    case('identity', 'Identity', [[1, 3, 3]], lambda x: x.clone())


def direct_resize(x, sizes, coords, kind, a):
    """By the definition: every output from its coordinate, edges repeated."""
    for d, n in enumerate(sizes):
        size, axis, rows = x.shape[d + 2], d + 2, []
        for o in range(n):
            p = {'half': (o + .5) * size / n - .5, 'pytorch': (o + .5) * size / n - .5 if n > 1 else 0,
                 'corners': o * (size - 1) / (n - 1) if n > 1 else 0, 'asymmetric': o * size / n}[coords]
            first, row = math.floor(p), 0
            taps = (0, 1) if kind == 1 else (-1, 0, 1, 2)
            for t in taps:
                u = abs(p - first - t)
                if kind == 1:
                    w = max(0, 1 - u)
                elif u <= 1:
                    w = (a + 2) * u ** 3 - (a + 3) * u ** 2 + 1
                else:
                    w = a * u ** 3 - 5 * a * u ** 2 + 8 * a * u - 4 * a if u < 2 else 0
                row = row + w * x.select(axis, min(max(first + t, 0), size - 1))
            rows.append(row)
        x = torch.stack(rows, axis)
    return x


def resizes():
    def resize(name, sizes, f, shape=(1, 2, 4, 5), **attrs):
        attrs = dict({'kind': 0, 'coords': 0, 'nearest': 0, 'cubic_a': -0.75, 'antialias': 0, 'size': sizes}, **attrs)
        case('resize ' + name, 'Resize', [list(shape)], f, attrs)
    for sizes in [8, 10], [7, 3], [2, 9]:
        resize('nearest asymmetric floor %s' % sizes, sizes, lambda x: F.interpolate(x, sizes, mode='nearest'),
               coords=3, nearest=2)
        resize('nearest exact %s' % sizes, sizes, lambda x: F.interpolate(x, sizes, mode='nearest-exact'), nearest=1)
        for corners in False, True:
            for kind, mode in (1, 'bilinear'), (2, 'bicubic'):
                resize('%s corners %d %s' % (mode, corners, sizes), sizes,
                       lambda x: F.interpolate(x, sizes, mode=mode, align_corners=corners), kind=kind,
                       coords=2 if corners else 0)
        for kind, mode, a in (1, 'bilinear', 0), (2, 'bicubic', -0.5):
            resize('%s antialias %s' % (mode, sizes), sizes,
                   lambda x: F.interpolate(x, sizes, mode=mode, align_corners=False, antialias=True), kind=kind,
                   antialias=1, cubic_a=a)
        for kind in 1, 2:
            resize('asymmetric %d %s' % (kind, sizes), sizes,
                   lambda x: direct_resize(x, sizes, 'asymmetric', kind, -0.6), kind=kind, coords=3, cubic_a=-0.6)
    resize('pytorch single', [1, 6], lambda x: direct_resize(x, [1, 6], 'pytorch', 1, 0), kind=1, coords=1)
    resize('linear 1-d', [7], lambda x: F.interpolate(x, 7, mode='linear', align_corners=False), shape=(1, 2, 4), kind=1)

    def ties(x):  # 2x: half-pixel coordinates never tie, align_corners of 3 from 2 ties at 1/2
        return x.index_select(2, torch.tensor([0, 0, 1])).index_select(3, torch.tensor([0, 0, 1]))
    resize('prefer floor', [3, 3], ties, shape=(1, 1, 2, 2), coords=2, nearest=0)
    resize('prefer ceil', [3, 3], lambda x: x.index_select(2, torch.tensor([0, 1, 1])).index_select(3, torch.tensor([0, 1, 1])),
           shape=(1, 1, 2, 2), coords=2, nearest=1)
    resize('ceil', [3, 3], lambda x: x.index_select(2, torch.tensor([0, 1, 1])).index_select(3, torch.tensor([0, 1, 1])),
           shape=(1, 1, 2, 2), coords=3, nearest=3)


def reductions():
    fs = [lambda x, d, k: x.mean(d, k), lambda x, d, k: x.sum(d, k), lambda x, d, k: x.amax(d, k),
          lambda x, d, k: x.amin(d, k), None, lambda x, d, k: (x * x).sum(d, k).sqrt()]

    def product(x, dims, keep):
        for d in sorted(dims, reverse=True):
            x = x.prod(d, keep)
        return x
    fs[4] = product
    for kind, f in enumerate(fs):
        for shape, axes, keep in (([1, 3, 4, 5], [2, 3], 0), ([1, 3, 4, 5], [2, 3], 1), ([1, 3, 4, 5], [1], 0),
                                  ([2, 3, 4], [0, 2], 0), ([1, 6], [1], 1), ([1, 2, 3, 2], [1, 3], 1)):
            case('reduce %d %s %s %d' % (kind, shape, axes, keep), 'Reduce', [shape],
                 lambda x: f(x, axes, bool(keep)), {'kind': kind, 'axes': axes, 'keep': keep},
                 step=0.5 if kind in (2, 3, 4) else 0.0)


def choices():
    for shapes in ([2, 3, 4], [2, 3, 4], [2, 3, 4]), ([3, 1], [1, 2, 3, 4], [1, 2, 1, 4]), ([1], [4], [4]):
        case('select %s' % (shapes,), 'Select', list(shapes), lambda c, a, b: torch.where(c != 0, a, b), step=1.0)


def along():
    def sums(x, axis, exclusive, back):
        x = x.flip(axis) if back else x
        y = x.cumsum(axis) - (x if exclusive else 0)
        return y.flip(axis) if back else y
    for exclusive in 0, 1:
        for back in 0, 1:
            case('sums %d %d' % (exclusive, back), 'Along', [[1, 3, 4, 5]], lambda x: sums(x, 2, exclusive, back),
                 {'kind': 0, 'axis': 2, 'exclusive': exclusive, 'backward': back})
    for axis, count, smallest in (1, 2, 0), (2, 4, 1), (3, 1, 0), (3, 1, 1):
        attrs = {'axis': axis, 'count': count, 'smallest': smallest}
        case('values %s' % attrs, 'Along', [[1, 3, 4, 5]], lambda x: x.topk(count, axis, not smallest)[0], dict(attrs, kind=1))
        case('places %s' % attrs, 'Along', [[1, 3, 4, 5]],
             lambda x: x.topk(count, axis, not smallest)[1].double() + 0 * x.narrow(axis, 0, count), dict(attrs, kind=2))
    case('last of equal ones', 'Along', [[2, 9]], lambda x: 8 - x.flip(1).argmax(1, True) + 0 * x[:, :1],
         {'kind': 2, 'axis': 1, 'count': 1, 'last': 1}, step=2.0)
    case('one hot', 'Along', [[1, 3, 4, 5]], lambda x: torch.zeros_like(x).scatter(1, x.argmax(1, True), 1) + 0 * x,
         {'kind': 3, 'axis': 1})


def wrap(places, size):
    """Whole numbers, those below 0 from the end."""
    places = places.detach().long()
    return torch.where(places < 0, places + size, places)


def places():
    whole = dict(low=-3.0, high=2.4, step=1.0)
    for axis in 1, 2:
        case('gather elements %d' % axis, 'Gather', [[1, 4, 5, 3], [1, 4, 5, 3]],
             lambda x, i: x.gather(axis, wrap(i, x.shape[axis])), {'kind': 0, 'axis': axis}, grads=[0, 1], **whole)
        case('gather slices %d' % axis, 'Gather', [[1, 4, 5, 3], [2, 3]],
             lambda x, i: x.index_select(axis, wrap(i, x.shape[axis]).reshape(-1)).unflatten(axis, (2, 3)),
             {'kind': 1, 'axis': axis}, grads=[0, 1], **whole)
        for add in 0, 1:
            case('scatter elements %d %d' % (axis, add), 'Scatter', [[1, 4, 5, 3], [1, 2, 4, 3], [1, 2, 4, 3]],
                 lambda x, i, y: (x.scatter_add if add else x.scatter)(axis, wrap(i, x.shape[axis]), y),
                 {'kind': 0, 'axis': axis, 'add': add}, **whole)
    case('gather tuples', 'Gather', [[3, 4, 5], [2, 3, 2]], lambda x, i: x[wrap(i[..., 0], 3), wrap(i[..., 1], 4)],
         {'kind': 2, 'axis': 0}, **whole)
    case('gather tuples of samples', 'Gather', [[2, 4, 5], [2, 3, 1]],
         lambda x, i: torch.stack([x[k][wrap(i[k, :, 0], 4)] for k in range(2)]), {'kind': 2, 'axis': 1}, **whole)
    for add in 0, 1:
        case('scatter tuples %d' % add, 'Scatter', [[3, 4, 5], [3, 2], [3, 5]],
             lambda x, i, y: x.index_put((wrap(i[:, 0], 3), wrap(i[:, 1], 4)), y, bool(add)),
             {'kind': 2, 'axis': 0, 'add': add}, **whole)


def grids():
    for kind, mode in enumerate(('bilinear', 'nearest', 'bicubic')):
        for padding, how in enumerate(('zeros', 'border', 'reflection')):
            for align in 0, 1:
                case('grid sample %s %s %d' % (mode, how, align), 'GridSample', [[2, 3, 4, 5], [2, 3, 2, 2]],
                     lambda x, g: F.grid_sample(x, g, mode, how, bool(align)),
                     {'kind': kind, 'padding': padding, 'align': align}, low=-1.4, high=1.4)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for group in (convs, transposes, pools, denses, normalisations, activations, binaries, moves, resizes, reductions,
                  choices, along, places, grids):
        group()
    with open(os.path.join(folder, 'kernel-vectors.json'), 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in CASES) + '\n]\n')
    with open(os.path.join(folder, 'kernel-vectors.bin'), 'wb') as f:
        f.write(struct.pack('<%df' % len(NUMBERS), *NUMBERS))
    print('%d cases, %d numbers' % (len(CASES), len(NUMBERS)))


if __name__ == '__main__':
    main()
