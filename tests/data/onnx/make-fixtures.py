#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the ONNX files that tests/formats/onnx-*.c read, with inputs and outputs as numpy files.

Needs python3-onnx and python3-torch. The outputs are PyTorch's own (float64), so they are independent of the
program; weights are random from a fixed seed. The files under bad/ are wrong on purpose.
Usage: make-fixtures.py [FOLDER]
"""
import os
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
BAD = os.path.join(OUT, 'bad')


class Modern(nn.Module):
    """Batch-norm, capped rectifier, squeeze and excitation, hard swish, GELU, layer normalisation, residual add."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 5, padding=2, groups=8)
        self.norm = nn.LayerNorm(8, eps=1e-6)
        self.up = nn.Linear(8, 16)
        self.down = nn.Linear(16, 8)
        self.squeeze = nn.Conv2d(8, 4, 1)
        self.excite = nn.Conv2d(4, 8, 1)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu6(self.bn(self.conv(x)))
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.down(F.gelu(self.up(y))).permute(0, 3, 1, 2)
        x = x + y
        s = torch.sigmoid(self.excite(F.silu(self.squeeze(F.adaptive_avg_pool2d(x, 1)))))
        x = F.hardswish(x * s)
        return F.log_softmax(self.head(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)), dim=1)


class Rows(nn.Module):
    """Sizes of values worked out in the graph, which hold for one picture size only: rows of pixels, mixed and averaged."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.mix = nn.Linear(4, 6)
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.reshape(1, 4, x.shape[2] * x.shape[3]).permute(0, 2, 1)
        return self.head(self.mix(x).mean(1))


class Shapes(nn.Module):
    """Shape arithmetic on the batch, chunks, concatenation, padding, resizing, other normalisations and activations."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.group = nn.GroupNorm(2, 8)
        self.instance = nn.InstanceNorm2d(4, affine=True)
        self.prelu = nn.PReLU(4)
        self.transpose = nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1, dilation=1, groups=2)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        n, c, h, w = x.shape
        x = self.group(self.conv(F.pad(x, (1, 0, 2, 1), mode='reflect')))
        b, c, h, w = x.shape
        x = x.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)
        a, d = x.chunk(2, dim=1)
        x = torch.cat([self.prelu(self.instance(a)), F.elu(d)], 1)
        x = self.transpose(F.max_pool2d(x, 3, stride=2, ceil_mode=True))
        x = F.interpolate(x, scale_factor=2, mode='nearest') + F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
        x = F.leaky_relu(x[:, :, 1:, ::2], 0.2) * 0.5 - 0.1
        return self.head(x.mean((2, 3)).view(n, -1))


def randomise(module):
    torch.manual_seed(3)
    for parameter in module.parameters():
        parameter.data.normal_(0, 0.4)
    for name, buffer in module.named_buffers():
        if name.endswith('running_var'):
            buffer.data.uniform_(0.5, 1.5)
        elif name.endswith('running_mean'):
            buffer.data.normal_(0, 0.2)
    return module.eval()


def save_npy(name, array):
    np.save(os.path.join(OUT, name), np.ascontiguousarray(array, dtype=np.float32))


def export(name, module, shape, opset, **options):
    module = randomise(module)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(5))
    path = os.path.join(OUT, name + '.onnx')
    torch.onnx.export(module, x, path, opset_version=opset, input_names=['input'], output_names=['output'], **options)
    with torch.no_grad():
        y = module.double()(x.double())
    save_npy(name + '.input.npy', x.numpy())
    save_npy(name + '.output.npy', y.numpy())


def tensor_value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model_of(nodes, initializers, inputs, outputs, opset=13):
    graph = helper.make_graph(nodes, 'graph', inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], producer_name='make-fixtures')


def stored(name, array, how):
    """An initialiser in one of the ways that the format allows."""
    if how == 'raw':
        return numpy_helper.from_array(array.astype(np.float32), name)
    if how == 'typed':
        return helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.astype(np.float32).flatten().tolist())
    if how == 'half':
        return numpy_helper.from_array(array.astype(np.float16), name)
    if how == 'half-typed':
        half = array.astype(np.float16)
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT16, dims=array.shape)
        tensor.int32_data.extend(half.view(np.uint16).flatten().astype(int).tolist())
        return tensor
    if how == 'bfloat':
        bits = (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        tensor = TensorProto(name=name, data_type=TensorProto.BFLOAT16, dims=array.shape, raw_data=bits.tobytes())
        return tensor
    if how == 'double':
        return numpy_helper.from_array(array.astype(np.float64), name)
    if how == 'double-typed':
        return helper.make_tensor(name, TensorProto.DOUBLE, array.shape, array.astype(np.float64).flatten().tolist())
    raise ValueError(how)


def nhwc_reversed():
    """As the TensorFlow exporters write: pictures as NHWC, a Transpose before the first convolution, nodes from last to
    first, weights listed as inputs too, each stored in another way, opset 12 Softmax of a (N, C, 1, 1)."""
    g = np.random.default_rng(4)
    exact = lambda *shape: g.integers(-8, 9, shape) / 8.0  # the same in half and bfloat16
    w1, b1, w2, w3, b3 = exact(4, 3, 3, 3), exact(4), exact(6, 4, 1, 1), exact(6, 5), exact(5)
    nodes = [
        helper.make_node('Sub', ['picture', 'offset'], ['centred'], 'sub'),
        helper.make_node('Transpose', ['centred'], ['nchw'], 'turn', perm=[0, 3, 1, 2]),
        helper.make_node('Conv', ['nchw', 'w1', 'b1'], ['c1'], 'conv1', auto_pad='SAME_UPPER', strides=[2, 2]),
        helper.make_node('Clip', ['c1', 'low', 'high'], ['r1'], 'relu6'),
        helper.make_node('Conv', ['r1', 'w2'], ['c2'], 'conv2'),
        helper.make_node('Add', ['c2', 'bias2'], ['a2'], 'add2'),
        helper.make_node('GlobalAveragePool', ['a2'], ['p'], 'pool'),
        helper.make_node('Squeeze', ['p'], ['flat'], 'squeeze', axes=[2, 3]),
        helper.make_node('MatMul', ['flat', 'w3'], ['m'], 'dense'),
        helper.make_node('Add', ['m', 'b3'], ['logits'], 'dense_bias'),
        helper.make_node('Unsqueeze', ['logits'], ['wide'], 'unsqueeze', axes=[2, 3]),
        helper.make_node('Softmax', ['wide'], ['prob4'], 'softmax', axis=1),
        helper.make_node('Reshape', ['prob4', 'shape'], ['prob'], 'reshape'),
    ]
    bias2 = exact(6, 1, 1)
    weights = [stored('w1', w1, 'half'), stored('b1', b1, 'typed'), stored('w2', w2, 'bfloat'), stored('bias2', bias2, 'double'),
               stored('w3', w3, 'half-typed'), stored('b3', b3, 'double-typed'), stored('low', np.array(0.0), 'raw'),
               stored('high', np.array(6.0), 'raw'), stored('offset', np.array([0.5, 0.25, 0.125]), 'raw'),
               numpy_helper.from_array(np.array([-1, 5], np.int64), 'shape')]
    inputs = [tensor_value('picture', ['N', 12, 10, 3])] + [tensor_value('w1', w1.shape, TensorProto.FLOAT16),
                                                           tensor_value('b1', b1.shape)]
    model = model_of(nodes[::-1], weights, inputs, [tensor_value('prob', ['N', 5])], 12)
    onnx.save(model, os.path.join(OUT, 'nhwc.onnx'))
    x = g.random((1, 12, 10, 3)).astype(np.float32)
    t = lambda a: torch.tensor(np.asarray(a, dtype=np.float64))
    y = t(x - np.array([0.5, 0.25, 0.125], np.float32)).permute(0, 3, 1, 2)
    y = F.conv2d(F.pad(y, (0, 1, 0, 1)), t(w1), t(b1), stride=2).clamp(0, 6)
    y = (F.conv2d(y, t(w2)) + t(bias2)).mean((2, 3)) @ t(w3) + t(b3)
    save_npy('nhwc.input.npy', x)
    save_npy('nhwc.output.npy', torch.softmax(y, 1).numpy())


def external():
    """Weights in a file beside the model, one behind an offset."""
    g = np.random.default_rng(6)
    w, b = g.standard_normal((2, 1, 3, 3)).astype(np.float32), g.standard_normal(2).astype(np.float32)
    model = simple_conv(w, b)
    place_outside(model, 'external.weights', {'w': 0, 'b': 80})
    onnx.save(model, os.path.join(OUT, 'external.onnx'))
    with open(os.path.join(OUT, 'external.weights'), 'wb') as f:
        f.write(w.tobytes() + b'\0' * (80 - w.nbytes) + b.tobytes())
    x = g.standard_normal((1, 1, 6, 6)).astype(np.float32)
    y = F.conv2d(torch.tensor(x).double(), torch.tensor(w).double(), torch.tensor(b).double())
    save_npy('external.input.npy', x)
    save_npy('external.output.npy', y.numpy())


def recent():
    """Operators in the forms that they have in operator sets 18 to 21, and weights stored as whole numbers."""
    g = np.random.default_rng(12)
    ints = lambda name, *values: numpy_helper.from_array(np.array(values, np.int64), name)
    floats = lambda name, *shape: stored(name, g.standard_normal(shape), 'raw')
    value = lambda t: torch.tensor(numpy_helper.to_array(t).astype(np.float64))
    q = TensorProto(name='q', data_type=TensorProto.INT8, dims=[3, 8], raw_data=g.integers(-100, 101, (3, 8)).astype(np.int8).tobytes())
    zero = TensorProto(name='zero', data_type=TensorProto.INT8, dims=[3], raw_data=np.array([1, -2, 0], np.int8).tobytes())
    scale = stored('scale', np.array([0.01, 0.02, 0.03]), 'raw')
    w, gs, gb, ls, lb = floats('w', 4, 3, 3, 3), floats('gs', 4), floats('gb', 4), floats('ls', 12), floats('lb', 12)
    mask = numpy_helper.from_array(g.random((1, 4, 1, 1)) > 0.5, 'mask')
    nodes = [
        helper.make_node('Conv', ['input', 'w'], ['c'], 'conv', auto_pad='VALID'),
        helper.make_node('GroupNormalization', ['c', 'gs', 'gb'], ['n'], 'group', num_groups=2),
        helper.make_node('Split', ['n'], ['a', 'b'], 'split', axis=1, num_outputs=2),
        helper.make_node('Mish', ['a'], ['ma'], 'mish'),
        helper.make_node('Gelu', ['b'], ['gb2'], 'gelu', approximate='tanh'),
        helper.make_node('Concat', ['ma', 'gb2'], ['cat'], 'concat', axis=-3),
        helper.make_node('Pad', ['cat', 'pads', '', 'axes'], ['padded'], 'pad', mode='reflect'),
        helper.make_node('Resize', ['padded', '', '', 'sizes'], ['up'], 'resize', mode='linear', axes=[2, 3],
                         keep_aspect_ratio_policy='not_larger'),
        helper.make_node('Where', ['mask', 'up', 'half'], ['chosen'], 'where'),
        helper.make_node('HardSwish', ['chosen'], ['hs'], 'hard_swish'),
        helper.make_node('Clip', ['hs', '', 'most'], ['capped'], 'cap'),
        helper.make_node('LayerNormalization', ['capped', 'ls', 'lb'], ['ln'], 'layer_norm', axis=-1, epsilon=1e-4),
        helper.make_node('ReduceL1', ['ln', 'last'], ['l1'], 'l1', keepdims=0),
        helper.make_node('Shape', ['l1'], ['batch'], 'shape', start=0, end=1),
        helper.make_node('Concat', ['batch', 'rest'], ['target'], 'target', axis=0),
        helper.make_node('AveragePool', ['ln'], ['pool'], 'pool', kernel_shape=[3, 3], dilations=[2, 2], strides=[2, 2]),
        helper.make_node('ReduceMean', ['pool', 'last2'], ['m'], 'mean', keepdims=0),
        helper.make_node('ReduceLogSumExp', ['l1', 'last'], ['lse'], 'lse', keepdims=0),
        helper.make_node('Concat', ['m', 'lse'], ['flat0'], 'join', axis=1),
        helper.make_node('Reshape', ['flat0', 'target'], ['flat'], 'reshape'),
        helper.make_node('DequantizeLinear', ['q', 'scale', 'zero'], ['dense'], 'dequantize', axis=0),
        helper.make_node('Gemm', ['flat', 'dense'], ['output'], 'gemm', transB=1),
    ]
    weights = [w, gs, gb, ls, lb, q, zero, scale, mask, ints('pads', 1, 2, 1, 0), ints('axes', 2, 3), ints('sizes', 20, 12),
               stored('half', np.array(0.5), 'raw'), stored('most', np.array(1.5), 'raw'), ints('last', -1), ints('last2', -2, -1), ints('rest', -1)]
    model = model_of(nodes, weights, [tensor_value('input', [1, 3, 8, 8])], [tensor_value('output', [1, 3])], 21)
    onnx.save(model, os.path.join(OUT, 'recent.onnx'))
    x = g.standard_normal((1, 3, 8, 8)).astype(np.float32)
    y = F.group_norm(F.conv2d(torch.tensor(x).double(), value(w)), 2, value(gs), value(gb))
    y = torch.cat([F.mish(y[:, :2]), F.gelu(y[:, 2:], approximate='tanh')], 1)
    y = F.pad(y, (2, 0, 1, 1), mode='reflect')  # 8 x 8: 12 / 8 is the smaller scale
    y = F.interpolate(y, size=(12, 12), mode='bilinear', align_corners=False)
    y = F.hardswish(torch.where(torch.tensor(numpy_helper.to_array(mask)), y, torch.tensor(0.5).double())).clamp(max=1.5)
    y = F.layer_norm(y, (12,), value(ls), value(lb), 1e-4)
    l1 = y.abs().sum(-1)
    windows = torch.stack([y[:, :, i:i + 8:2, j:j + 8:2] for i in (0, 2, 4) for j in (0, 2, 4)]).mean(0)
    flat = torch.cat([windows.mean((2, 3)), torch.logsumexp(l1, -1)], 1)
    dense = (np.frombuffer(q.raw_data, np.int8).reshape(3, 8) - np.array([[1.0], [-2.0], [0.0]])) * np.array([[0.01], [0.02], [0.03]])
    save_npy('recent.input.npy', x)
    save_npy('recent.output.npy', (flat @ torch.tensor(dense).T).numpy())


def functions():
    """Functions of the file's own, one in the other, with an attribute handed down, and branches on the shape: as TorchScript and
    torch.onnx.dynamo_export() write them."""
    g = np.random.default_rng(13)
    w, b = g.standard_normal((4, 3, 3, 3)).astype(np.float32), g.standard_normal(4).astype(np.float32)
    handed = onnx.AttributeProto(name='alpha', ref_attr_name='slope', type=onnx.AttributeProto.FLOAT)
    leaky = helper.make_node('LeakyRelu', ['v'], ['r'], 'leaky')
    leaky.attribute.append(handed)
    opset = [helper.make_opsetid('', 17), helper.make_opsetid('own', 1)]
    act = helper.make_function('own', 'act', ['v'], ['r'], [leaky], opset, ['slope'])
    inner = helper.make_node('act', ['y'], ['r'], 'act', domain='own')
    inner.attribute.append(onnx.AttributeProto(name='slope', ref_attr_name='leak', type=onnx.AttributeProto.FLOAT))
    block = helper.make_function('own', 'block', ['x', 'k', 'c'], ['r'],
                                 [helper.make_node('Conv', ['x', 'k', 'c'], ['y'], 'conv', pads=[1, 1, 1, 1]), inner], opset, ['leak'])
    one, axes = numpy_helper.from_array(np.array(1, np.int64), 'one'), numpy_helper.from_array(np.array([2, 3], np.int64), 'axes')
    branch = lambda name, *nodes: helper.make_graph(list(nodes), name, [], [tensor_value(nodes[-1].output[0], None)])
    nodes = [
        helper.make_node('block', ['input', 'w', 'b'], ['y1'], 'block1', domain='own', leak=0.1),
        helper.make_node('block', ['y1', 'w2', ''], ['y2'], 'block2', domain='own', leak=0.3),
        helper.make_node('GlobalAveragePool', ['y2'], ['p'], 'pool'),
        helper.make_node('Shape', ['p'], ['s'], 'shape'),
        helper.make_node('Gather', ['s', 'one'], ['n'], 'gather'),
        helper.make_node('Equal', ['n', 'four'], ['is_four'], 'equal'),
        helper.make_node('If', ['is_four'], ['output'], 'if',
                         then_branch=branch('then', helper.make_node('Squeeze', ['p', 'axes'], ['t'], 'squeeze'), helper.make_node('Neg', ['t'], ['u'], 'neg')),
                         else_branch=branch('else', helper.make_node('Identity', ['p'], ['u'], 'same'))),
    ]
    w2 = g.standard_normal((4, 4, 3, 3)).astype(np.float32)
    weights = [stored('w', w, 'raw'), stored('b', b, 'raw'), stored('w2', w2, 'raw'), one, axes, numpy_helper.from_array(np.array(4, np.int64), 'four')]
    model = model_of(nodes, weights, [tensor_value('input', ['N', 3, 6, 5])], [tensor_value('output', ['N', 4])], 17)
    model.functions.extend([block, act])
    onnx.save(model, os.path.join(OUT, 'functions.onnx'))
    x = g.standard_normal((1, 3, 6, 5)).astype(np.float32)
    t = lambda a: torch.tensor(a).double()
    y = F.leaky_relu(F.conv2d(t(x), t(w), t(b), padding=1), 0.1)
    y = F.leaky_relu(F.conv2d(y, t(w2), padding=1), 0.3)
    save_npy('functions.input.npy', x)
    save_npy('functions.output.npy', -y.mean((2, 3)).numpy())


def bad_functions():
    """Functions that call themselves, and short ones that ask for 2^30 operators."""
    tensors = [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 1, 6, 6])]
    opset = [helper.make_opsetid('own', 1)]
    calls = lambda name: [helper.make_node(name, ['x'], ['m'], domain='own'), helper.make_node(name, ['m'], ['y'], domain='own')]
    model = model_of([helper.make_node('f0', ['input'], ['output'], domain='own')], [], *tensors)
    model.functions.append(helper.make_function('own', 'f0', ['x'], ['y'], calls('f0')[:1], opset))
    onnx.save(model, os.path.join(BAD, 'endless-function.onnx'))
    del model.functions[:]
    for i in range(30):
        body = calls('f%d' % (i + 1)) if i < 29 else [helper.make_node('Relu', ['x'], ['y'])]
        model.functions.append(helper.make_function('own', 'f%d' % i, ['x'], ['y'], body, opset))
    onnx.save(model, os.path.join(BAD, 'function-bomb.onnx'))


def bad_claims():
    """Little graphs whose constants would be large, and numbers at the edge of their type."""
    number = lambda name, values: numpy_helper.from_array(np.array(values, np.int64), name)

    def save(name, nodes, constants):
        model = model_of(nodes, constants, [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', None)])
        onnx.save(model, os.path.join(BAD, name + '.onnx'))

    double = lambda i: helper.make_node('Concat', [f's{i}', f's{i}'], [f's{i + 1}'], f'double{i}', axis=0)
    save('doubled-constant', [*map(double, range(30)), helper.make_node('Reshape', ['input', 's30'], ['output'], 'reshape')],
         [number('s0', [1])])
    expand = lambda i: [helper.make_node('Expand', ['row', 'shape'], [f'e{i}'], f'expand{i}')]
    save('many-constants', [*sum(map(expand, range(200)), []), helper.make_node('Sum', ['input', *(f'e{i}' for i in range(200))], ['output'], 'sum')],
         [number('shape', [1, 64, 64, 64]), numpy_helper.from_array(np.ones((64, 1), np.float32), 'row')])
    save('smallest-pads', [helper.make_node('Pad', ['input', 'pads'], ['output'], 'pad')],
         [number('pads', [0, 0, -2**63, 0, 0, 0, -2**63, 0])])


def unsupported():
    """An operator that nothing knows between a convolution and a dense layer."""
    g = np.random.default_rng(7)
    nodes = [helper.make_node('Conv', ['input', 'w', 'b'], ['y'], 'conv'),
             helper.make_node('NonMaxSuppressionOfTheFuture', ['y'], ['z'], 'odd'),
             helper.make_node('Relu', ['z'], ['r'], 'relu'),
             helper.make_node('Gemm', ['r', 'w2'], ['output'], 'gemm')]
    weights = [stored('w', g.standard_normal((2, 1, 3, 3)), 'raw'), stored('b', g.standard_normal(2), 'raw'),
               stored('w2', g.standard_normal((32, 4)), 'raw')]
    onnx.save(model_of(nodes, weights, [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 4])]),
              os.path.join(OUT, 'unsupported.onnx'))


def labelled():
    """Probabilities with class names, after an output of names that cannot be computed."""
    g = np.random.default_rng(9)
    nodes = [helper.make_node('Conv', ['input', 'w'], ['y'], 'conv'),
             helper.make_node('GlobalAveragePool', ['y'], ['p'], 'pool'),
             helper.make_node('Flatten', ['p'], ['f'], 'flatten'),
             helper.make_node('Softmax', ['f'], ['prob'], 'softmax'),
             helper.make_node('ArgMax', ['prob'], ['best'], 'best', axis=1),
             helper.make_node('ZipMap', ['prob'], ['map'], 'map', domain='ai.onnx.ml', classlabels_strings=['ant', 'bee'])]
    model = model_of(nodes, [stored('w', g.standard_normal((2, 1, 3, 3)), 'raw')], [tensor_value('input', [1, 1, 6, 6])],
                     [tensor_value('best', [1], TensorProto.INT64), tensor_value('map', [1, 2])])
    onnx.save(model, os.path.join(OUT, 'labelled.onnx'))
    del model.graph.node[5:]
    model.graph.output[1].name = 'prob'
    entry = model.metadata_props.add()
    entry.key, entry.value = 'names', "{0: 'cat', 1: \"bird's nest\"}"
    onnx.save(model, os.path.join(OUT, 'named.onnx'))


def simple_conv(w, b, name='conv'):
    nodes = [helper.make_node('Conv', ['input', 'w', 'b'], ['output'], name)]
    weights = [numpy_helper.from_array(w, 'w'), numpy_helper.from_array(b, 'b')]
    return model_of(nodes, weights, [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 2, 4, 4])])


def place_outside(model, location, offsets):
    for tensor in model.graph.initializer:
        length = len(tensor.raw_data)
        tensor.ClearField('raw_data')
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (('location', location), ('offset', offsets[tensor.name]), ('length', length)):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)


def bad_files():
    g = np.random.default_rng(8)
    w, b = g.standard_normal((2, 1, 3, 3)).astype(np.float32), g.standard_normal(2).astype(np.float32)
    fresh = lambda: simple_conv(w, b)

    def save(name, model):
        data = model if isinstance(model, bytes) else model.SerializeToString()
        with open(os.path.join(BAD, name + '.onnx'), 'wb') as f:
            f.write(data)

    save('truncated', fresh().SerializeToString()[:-60])
    save('no-graph', onnx.ModelProto(ir_version=7, opset_import=[helper.make_opsetid('', 13)]))
    m = fresh()
    m.graph.initializer[0].dims[0] = 2 ** 40
    save('huge-weight', m)
    m = fresh()
    m.graph.initializer[0].dims[:] = [2 ** 32, 2 ** 32, 3, 3]
    save('overflowing-weight', m)
    m = fresh()
    m.graph.initializer[0].dims[0] = -2
    save('negative-weight', m)
    m = fresh()
    m.graph.initializer[0].raw_data = m.graph.initializer[0].raw_data[:20]
    save('short-weight', m)
    m = fresh()
    m.graph.initializer[0].data_type = 99
    save('unknown-type', m)
    m = fresh()
    m.graph.input[0].type.tensor_type.shape.dim[2].dim_value = -5
    save('negative-input', m)
    m = fresh()
    m.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 2 ** 40
    m.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 2 ** 40
    save('huge-input', m)
    m = fresh()
    m.graph.node[0].input[0] = 'nowhere'
    save('missing-input', m)
    m = fresh()
    m.graph.node.add().CopyFrom(m.graph.node[0])
    save('duplicate-name', m)
    m = fresh()
    m.graph.initializer.add().CopyFrom(m.graph.initializer[0])
    save('duplicate-weight', m)
    m = fresh()
    m.graph.node[0].input[0] = 'loop'
    m.graph.node.append(helper.make_node('Relu', ['output'], ['loop'], 'relu'))
    save('cycle', m)
    m = fresh()
    m.graph.output[0].name = 'nothing'
    save('missing-output', m)
    m = fresh()
    del m.graph.output[:]
    save('no-output', m)
    m = fresh()
    m.graph.node[0].attribute.append(helper.make_attribute('kernel_shape', [5, 5]))
    save('wrong-kernel', m)
    m = fresh()
    m.graph.node[0].attribute.append(helper.make_attribute('strides', [0, 1]))
    save('zero-stride', m)
    m = fresh()
    m.graph.node[0].attribute.append(helper.make_attribute('pads', [2 ** 62, 0, 2 ** 62, 0]))
    save('huge-pads', m)
    m = fresh()
    m.graph.node[0].attribute.append(helper.make_attribute('group', 0))
    save('zero-groups', m)
    for name, location in (('outside', '../../../../../../etc/passwd'), ('absolute', '/etc/passwd'), ('absent', 'absent.weights')):
        m = fresh()
        place_outside(m, location, {'w': 0, 'b': 80})
        save('external-' + name, m)
    m = fresh()
    place_outside(m, '../external.weights', {'w': 0, 'b': 80})
    save('external-parent', m)
    m = fresh()
    place_outside(m, 'short.weights', {'w': 2 ** 62, 'b': 80})
    save('external-beyond', m)
    with open(os.path.join(BAD, 'short.weights'), 'wb') as f:
        f.write(b'\0' * 8)
    shape = numpy_helper.from_array(np.array([2 ** 20, 2 ** 20], np.int64), 'shape')
    fill = [helper.make_node('ConstantOfShape', ['shape'], ['big'], 'fill'),
            helper.make_node('Add', ['big', 'input'], ['output'], 'add')]
    save('huge-constant', model_of(fill, [shape], [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 1])]))
    numbers = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in (('a', 0), ('b', 2 ** 45), ('c', 1))]
    ranged = [helper.make_node('Range', ['a', 'b', 'c'], ['big'], 'range'),
              helper.make_node('Reshape', ['input', 'big'], ['output'], 'reshape')]
    save('huge-range', model_of(ranged, numbers, [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 1])]))
    shape = numpy_helper.from_array(np.array([1, 7], np.int64), 'shape')
    save('wrong-reshape', model_of([helper.make_node('Reshape', ['input', 'shape'], ['output'], 'reshape')], [shape],
                                   [tensor_value('input', [1, 1, 6, 6])], [tensor_value('output', [1, 7])]))
    deep = [helper.make_node('Relu', ['t%d' % i], ['t%d' % (i + 1)]) for i in range(3000)][::-1]
    save('deep-missing', model_of(deep, [], [tensor_value('input', [1, 1, 6, 6])], [tensor_value('t3000', [1, 1, 6, 6])]))


def main():
    os.makedirs(BAD, exist_ok=True)
    export('modern', Modern(), (1, 3, 18, 14), 13, dynamic_axes={'input': {0: 'batch'}, 'output': {0: 'batch'}},
           training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    export('free', Modern(), (1, 3, 18, 14), 12, dynamic_axes={'input': {0: 'batch', 2: 'height', 3: 'width'}})
    export('rows', Rows(), (1, 3, 18, 14), 13, dynamic_axes={'input': {2: 'height', 3: 'width'}})
    export('shapes', Shapes(), (1, 3, 13, 16), 12, dynamic_axes={'input': {0: 'batch'}, 'output': {0: 'batch'}})
    export('batch4', Shapes(), (4, 3, 13, 16), 11)
    nhwc_reversed()
    external()
    recent()
    functions()
    bad_functions()
    bad_claims()
    unsupported()
    labelled()
    bad_files()


if __name__ == '__main__':
    main()
