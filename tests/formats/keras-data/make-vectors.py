#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes vectors.json: small Keras networks with their output, computed by the definitions in plain numpy.

Usage: make-vectors.py > vectors.json
"""
import json
import math

import numpy as np

rng = np.random.default_rng(7)
cases = []


def array(*shape):
    return np.round(rng.normal(0, 1, shape), 3)


def packed(a):
    return {"shape": list(np.shape(a)), "data": [float(round(v, 6)) for v in np.ravel(a)]}


def add(name, x, expected, model, weights=(), version="2.4.0"):
    cases.append({"name": name, "version": version, "input": packed(x), "expected": packed(expected), "model": model,
                  "weights": [dict(packed(w), name=n) for n, w in weights]})


def sequential(x, *layers):
    first = {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, *x.shape]}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [first] + [layer(*spec) for spec in layers]}}


def layer(class_name, name="l", **config):
    return {"class_name": class_name, "config": dict(config, name=name)}


def one(case, x, expected, class_name, weights=(), version="2.4.0", **config):
    model = sequential(x)
    model["config"]["layers"].append(layer(class_name, **config))
    add(case, x, expected, model, [("l/" + n, w) for n, w in weights], version)


def functional(x, *nodes):
    """nodes: (class, name, inbound names or a raw inbound entry, config)"""
    layers = [{"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
               "config": {"name": "in", "batch_input_shape": [None, *x.shape]}}]
    for class_name, name, inbound, config in nodes:
        entry = [[i, 0, 0, {}] for i in inbound] if isinstance(inbound[0], str) else inbound
        layers.append({"class_name": class_name, "name": name, "config": dict(config, name=name), "inbound_nodes": [entry]})
    return {"class_name": "Functional", "config": {"name": "f", "layers": layers, "input_layers": [["in", 0, 0]],
                                                   "output_layers": [[nodes[-1][1], 0, 0]]}}


def same(n, k, s, d=1):
    reach = (k - 1) * d + 1
    total = max((-(-n // s) - 1) * s + reach - n, 0)
    return total // 2, total - total // 2


def conv2d(x, kernel, stride=(1, 1), padding="valid", groups=1, dilation=(1, 1)):
    """channels last; kernel (rows, columns, in / groups, out)"""
    kh, kw, cin, cout = kernel.shape
    if padding == "same":
        x = np.pad(x, (same(x.shape[0], kh, stride[0], dilation[0]), same(x.shape[1], kw, stride[1], dilation[1]), (0, 0)))
    h = (x.shape[0] - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    w = (x.shape[1] - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    out = np.zeros((h, w, cout))
    for i in range(h):
        for j in range(w):
            for o in range(cout):
                g = o // (cout // groups)
                for a in range(kh):
                    for b in range(kw):
                        out[i, j, o] += x[i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1], g * cin:(g + 1) * cin] @ kernel[a, b, :, o]
    return out


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


sigmoid = lambda v: 1 / (1 + np.exp(-v))
erf = np.vectorize(math.erf)
x = array(4, 5, 3)

for name, f in {"relu": lambda v: np.maximum(v, 0), "relu6": lambda v: np.clip(v, 0, 6), "elu": lambda v: np.where(v > 0, v, np.exp(v) - 1),
                "selu": lambda v: 1.0507009873554805 * np.where(v > 0, v, 1.6732632423543772 * (np.exp(v) - 1)), "sigmoid": sigmoid,
                "tanh": np.tanh, "softplus": lambda v: np.log1p(np.exp(v)), "softsign": lambda v: v / (1 + abs(v)),
                "hard_sigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1), "swish": lambda v: v * sigmoid(v), "silu": lambda v: v * sigmoid(v),
                "gelu": lambda v: v * 0.5 * (1 + erf(v / math.sqrt(2))), "exponential": np.exp, "linear": lambda v: v,
                "mish": lambda v: v * np.tanh(np.log1p(np.exp(v))), "softmax": lambda v: softmax(v, -1)}.items():
    one("activation_" + name, x, f(x), "Activation", activation=name)
one("hard_sigmoid_keras3", x, np.clip(x / 6 + 0.5, 0, 1), "Activation", version="3.5.0", activation="hard_sigmoid")
one("relu_layer", 2 * x, np.where(2 * x >= 1.5, 1.5, np.where(2 * x > 0.3, 2 * x, 0.2 * (2 * x - 0.3))), "ReLU", max_value=1.5, negative_slope=0.2, threshold=0.3)
one("leaky_relu", x, np.where(x > 0, x, 0.1 * x), "LeakyReLU", alpha=0.1)
one("leaky_relu_keras3", x, np.where(x > 0, x, 0.25 * x), "LeakyReLU", version="3.5.0", negative_slope=0.25)
one("elu_layer", x, np.where(x > 0, x, 0.5 * (np.exp(x) - 1)), "ELU", alpha=0.5)
one("thresholded_relu", x, np.where(x > 0.4, x, 0), "ThresholdedReLU", theta=0.4)
one("softmax_axis_1", x, softmax(x, 0), "Softmax", axis=1)
one("softmax_list", x, softmax(x, -1), "Softmax", axis=[-1])
alpha = array(1, 5, 3)
one("prelu_shared", x, np.where(x > 0, x, alpha * x), "PReLU", [("alpha", alpha)], shared_axes=[1])

gamma, beta, mean = array(3), array(3), array(3)
variance = abs(array(3)) + 0.1
m, v = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
one("layer_norm", x, (x - m) / np.sqrt(v + 1e-3) * gamma + beta, "LayerNormalization", [("gamma", gamma), ("beta", beta)], axis=[3], epsilon=1e-3)
g, b = array(4, 5, 3), array(4, 5, 3)
one("layer_norm_all", x, (x - x.mean()) / np.sqrt(x.var() + 1e-3) * g + b, "LayerNormalization", [("gamma", g), ("beta", b)], axis=[1, 2, 3], epsilon=1e-3)
x4 = array(3, 3, 4)
gamma4, beta4 = array(4), array(4)


def group_norm(x, groups):
    out = np.empty_like(x)
    size = x.shape[-1] // groups
    for k in range(groups):
        part = x[..., k * size:(k + 1) * size]
        out[..., k * size:(k + 1) * size] = (part - part.mean()) / np.sqrt(part.var() + 1e-3)
    return out * gamma4 + beta4


one("group_norm", x4, group_norm(x4, 2), "GroupNormalization", [("gamma", gamma4), ("beta", beta4)], groups=2, axis=-1, epsilon=1e-3)
one("instance_norm", x4, group_norm(x4, 4), "GroupNormalization", [("gamma", gamma4), ("beta", beta4)], groups=-1, axis=-1, epsilon=1e-3)
one("rescaling", x, x * 0.25 - 1, "Rescaling", scale=0.25, offset=-1)
one("rescaling_channels", x, x * [1, 2, 3] + [0.5, 0, -0.5], "Rescaling", scale=[1, 2, 3], offset=[0.5, 0, -0.5])
one("normalization", x, (x - mean) / np.sqrt(variance), "Normalization", [("mean", mean), ("variance", variance), ("count", np.float64(3))], axis=[-1])
one("normalization_config", x, (x - mean) / np.sqrt(variance), "Normalization", axis=[3], mean=[[[list(mean)]]], variance=[[[list(variance)]]])
one("normalization_invert", x, x * np.sqrt(variance) + mean, "Normalization", axis=-1, invert=True, mean=list(mean), variance=list(variance))

dk, db = array(3, 3, 3, 2), array(6)
dw = np.concatenate([conv2d(x[..., c:c + 1], dk[:, :, c:c + 1, :], (2, 2), "same") for c in range(3)], -1)
one("depthwise", x, dw + db, "DepthwiseConv2D", [("depthwise_kernel", dk), ("bias", db)], kernel_size=3, strides=[2, 2], padding="same", depth_multiplier=2)
gk = array(2, 2, 2, 6)
one("conv_groups", x4, conv2d(x4, gk, groups=2), "Conv2D", [("kernel", gk)], filters=6, kernel_size=2, groups=2, use_bias=False)
k = array(3, 2, 3, 4)
one("conv_same_stride", x, np.maximum(conv2d(x, k, (2, 3), "same"), 0), "Conv2D", [("kernel", k)], filters=4, kernel_size=[3, 2], strides=[2, 3], padding="same", use_bias=False, activation="relu")
s1 = array(9, 3)
k1 = array(3, 3, 2)
causal = conv2d(np.pad(s1, ((4, 0), (0, 0)))[:, None], k1[:, None], dilation=(2, 1))[:, 0]
one("conv1d_causal", s1, causal, "Conv1D", [("kernel", k1)], filters=2, kernel_size=[3], padding="causal", dilation_rate=2, use_bias=False)
one("max_pool1d", s1, np.stack([s1[i:i + 3].max(0) for i in range(0, 7, 2)]), "MaxPooling1D", pool_size=[3], strides=[2], padding="valid")
one("average_pool1d", s1, np.stack([s1[i:i + 2].mean(0) for i in range(0, 8, 2)]), "AveragePooling1D", pool_size=2)
one("global_average_1d", s1, s1.mean(0), "GlobalAveragePooling1D")
one("global_max_keepdims", x, x.max((0, 1), keepdims=True), "GlobalMaxPooling2D", keepdims=True)
pf = array(2, 4, 4)
one("flatten_channels_first", pf, np.transpose(pf, (1, 2, 0)).ravel(), "Flatten", data_format="channels_first")


def linear_axis(x, axis, n):
    size = x.shape[axis]
    at = np.clip((np.arange(n) + 0.5) * size / n - 0.5, 0, size - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, size - 1)
    t = (at - low).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return np.take(x, low, axis) * (1 - t) + np.take(x, high, axis) * t


one("up_sampling_bilinear", x, linear_axis(linear_axis(x, 0, 8), 1, 15), "UpSampling2D", size=[2, 3], interpolation="bilinear")
one("up_sampling_nearest", x, x.repeat(2, 0).repeat(3, 1), "UpSampling2D", size=[2, 3])
one("resizing", x, linear_axis(linear_axis(x, 0, 7), 1, 3), "Resizing", height=7, width=3, interpolation="bilinear")
rows, columns = np.floor((np.arange(7) + 0.5) * 4 / 7).astype(int), np.floor((np.arange(3) + 0.5) * 5 / 3).astype(int)
one("resizing_nearest", x, x[rows][:, columns], "Resizing", height=7, width=3, interpolation="nearest")
one("center_crop", x, x[1:3, 1:4], "CenterCrop", height=2, width=3)
dense, bias = array(3, 2), array(2)
one("dense_on_images", x, x @ dense + bias, "Dense", [("kernel", dense), ("bias", bias)], units=2)
one("dense_on_sequences", s1, np.tanh(s1 @ dense + bias), "Dense", [("kernel", dense), ("bias", bias)], units=2, activation="tanh")
one("time_distributed", s1, s1 @ dense + bias, "TimeDistributed", [("kernel", dense), ("bias", bias)], layer={"class_name": "Dense", "config": {"name": "d", "units": 2}})
one("reshape", x, x.reshape(6, 10), "Reshape", target_shape=[6, -1])
one("permute", x, np.transpose(x, (2, 0, 1)), "Permute", dims=[3, 1, 2])

model = sequential(x)
model["config"]["layers"] += [layer("GlobalMaxPooling2D", "g"), layer("RepeatVector", "r", n=2)]
add("repeat_vector", x, np.stack([x.max((0, 1))] * 2), model)
ck = array(2, 2, 4, 2)
model = sequential(x)
model["config"]["layers"] += [layer("Activation", "a", activation="tanh"), layer("Conv2D", "c", filters=2, kernel_size=2, data_format="channels_first", use_bias=False)]
first = np.transpose(conv2d(np.transpose(np.tanh(x), (1, 2, 0)), ck), (2, 0, 1))
add("channels_first_conv", x, first, model, [("c/kernel", ck)])

d1, d2 = array(3, 2), array(2, 3)
excite = sigmoid(np.maximum(x.mean((0, 1)) @ d1, 0) @ d2)
squeeze = [("GlobalAveragePooling2D", "g", ["in"], {}), ("Reshape", "r", ["g"], {"target_shape": [1, 1, 3]}),
           ("Dense", "d1", ["r"], {"units": 2, "use_bias": False, "activation": "relu"}),
           ("Dense", "d2", ["d1"], {"units": 3, "use_bias": False, "activation": "sigmoid"}), ("Multiply", "m", ["in", "d2"], {})]
add("squeeze_excite", x, x * excite, functional(x, *squeeze), [("d1/kernel", d1), ("d2/kernel", d2)])
add("multiply_by_vector", x, x * x.mean((0, 1)), functional(x, squeeze[0], ("Multiply", "m", ["in", "g"], {})))
t = ("Activation", "t", ["in"], {"activation": "tanh"})
y = np.tanh(x)
for class_name, value in {"Add": x + y, "Subtract": x - y, "Multiply": x * y, "Average": (x + y) / 2, "Maximum": np.maximum(x, y), "Minimum": np.minimum(x, y)}.items():
    add(class_name.lower(), x, value, functional(x, t, (class_name, "o", ["in", "t"], {})))
add("concatenate_rows", x, np.concatenate([x, y], 0), functional(x, t, ("Concatenate", "o", ["in", "t"], {"axis": 1})))
add("dot_vectors", x, [x.mean((0, 1)) @ x.max((0, 1))], functional(x, squeeze[0], ("GlobalMaxPooling2D", "h", ["in"], {}), ("Dot", "o", ["g", "h"], {"axes": 1, "normalize": False})))
add("dot_matrices", s1, s1 @ np.tanh(s1).T, functional(s1, t, ("Dot", "o", ["in", "t"], {"axes": [2, 2]})))
add("dot_matrices_first", s1, s1.T @ np.tanh(s1), functional(s1, t, ("Dot", "o", ["in", "t"], {"axes": 1})))


def op(name, function, inbound):
    return ("TFOpLambda", name, inbound, {"function": function})


add("hard_swish_ops", x, x * np.clip(x + 3, 0, 6) / 6,
    functional(x, op("a", "__operators__.add", [["in", 0, 0, {"y": 3.0, "name": None}]]), ("ReLU", "r", ["a"], {"max_value": 6.0}),
               op("m", "math.multiply", [["r", 0, 0, {"y": 0.16666667}]]), op("o", "math.multiply", [["in", 0, 0, {"y": ["m", 0, 0]}]])))
add("preprocess_ops", x, (x / 127.5 - 1) * [1, 2, 3],
    functional(x, op("a", "math.truediv", [["in", 0, 0, {"y": 127.5}]]), op("b", "math.subtract", [["a", 0, 0, {"y": 1.0}]]), op("o", "math.multiply", [["b", 0, 0, {"y": [1.0, 2.0, 3.0]}]])))
add("constant_first", x, 1 - x, functional(x, op("o", "math.subtract", [["_CONSTANT_VALUE", -1, 1.0, {"y": ["in", 0, 0]}]])))
add("reduce_mean", x, x.mean((0, 1)), functional(x, op("o", "math.reduce_mean", [["in", 0, 0, {"axis": [1, 2], "keepdims": False}]])))
add("reduce_rows", x, x.mean(0), functional(x, op("o", "math.reduce_mean", [["in", 0, 0, {"axis": 1}]])))
add("tensor_flow_op", x, np.clip(x + 3, 0, 6),
    functional(x, ("TensorFlowOpLayer", "a", ["in"], {"node_def": json.dumps({"name": "a", "op": "AddV2", "input": ["in", "a/y"]}), "constants": {"1": 3.0}}),
               ("TensorFlowOpLayer", "o", ["a"], {"node_def": json.dumps({"name": "o", "op": "Relu6"}), "constants": {}})))


def keras3(*nodes):
    """A functional model as Keras 3 writes it. nodes: (class, name, arguments, configuration, module); a string is a tensor"""
    tensor = lambda name: {"class_name": "__keras_tensor__", "config": {"shape": [None], "dtype": "float32", "keras_history": [name, 0, 0]}}
    layers = [{"class_name": "InputLayer", "name": "in", "inbound_nodes": [], "config": {"name": "in", "batch_shape": [None, *x.shape]}}]
    for class_name, name, args, config, module in nodes:
        args = [tensor(a) if isinstance(a, str) else a for a in args]
        layers.append({"module": module, "class_name": class_name, "name": name, "config": dict(config, name=name), "inbound_nodes": [{"args": args, "kwargs": {}}]})
    return {"class_name": "Functional", "config": {"name": "f", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [[nodes[-1][1], 0, 0]]}}


def numpy_op(class_name, name, *args, **config):
    return (class_name, name, args, config, "keras.src.ops.numpy")


# the preparations that tf.keras' applications put into models: Caffe's means in other order
mean3 = [-103.9, -116.8, -123.7]
every = {"start": None, "stop": None, "step": None}
backwards = [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]
add("caffe_preprocess", x, x[..., ::-1] + mean3,
    functional(x, ("SlicingOpLambda", "s", [["in", 0, 0, {"slice_spec": {"class_name": "__tuple__", "items": backwards}}]], {"function": "__operators__.getitem"}),
               op("o", "nn.bias_add", [["s", 0, 0, {"bias": mean3, "data_format": "channels_last"}]])))
key = [{"class_name": "__ellipsis__", "config": {}}, {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": -1}}]
add("caffe_preprocess_keras3", x, x[..., ::-1] + mean3,
    keras3(numpy_op("GetItem", "s", "in", key), numpy_op("Add", "o", "s", {"class_name": "__numpy__", "config": {"value": mean3, "dtype": "float32"}})), version="3.5.0")
add("caffe_preprocess_tf2_0", x, x[..., ::-1],
    functional(x, ("TensorFlowOpLayer", "o", ["in"], {"constants": {"1": [0, 0], "2": [0, 0], "3": [1, -1]}, "node_def": json.dumps(
        {"name": "o", "op": "StridedSlice", "attr": {"ellipsis_mask": {"i": "1"}, "begin_mask": {"i": "2"}, "end_mask": {"i": "2"}, "new_axis_mask": {"i": "0"}}})})))
part = [every, {"start": 1, "stop": -1, "step": None}, {"start": None, "stop": None, "step": 2}, 1]
add("slice_and_index", x, x[1:-1, ::2, 1], functional(x, ("SlicingOpLambda", "o", [["in", 0, 0, {"slice_spec": part}]], {"function": "__operators__.getitem"})))
add("new_axis", x, x[:, :, 1][None], functional(x, ("SlicingOpLambda", "o", [["in", 0, 0, {"slice_spec": [every, None, every, every, 1]}]], {"function": "__operators__.getitem"})))

add("mean_keras3", x, x.mean((0, 1)), keras3(numpy_op("Mean", "o", "in", axis=[1, 2], keepdims=False)), version="3.5.0")
add("max_keras3", x, x.max(-1, keepdims=True), keras3(numpy_op("Max", "o", "in", axis=-1, keepdims=True)), version="3.5.0")
add("clip_keras3", x, np.clip(x, -0.5, 1), keras3(numpy_op("Clip", "o", "in", x_min=-0.5, x_max=1)), version="3.5.0")
add("reshape_keras3", x, x.reshape(6, 10), keras3(numpy_op("Reshape", "o", "in", newshape=[-1, 6, 10])), version="3.5.0")
add("transpose_keras3", x, np.transpose(x, (2, 0, 1)), keras3(numpy_op("Transpose", "o", "in", axes=[0, 3, 1, 2])), version="3.5.0")
add("pad_keras3", x, np.pad(x, ((1, 2), (0, 3), (0, 0))), keras3(numpy_op("Pad", "o", "in", pad_width=[[0, 0], [1, 2], [0, 3], [0, 0]], mode="constant")), version="3.5.0")
add("pad_reflect", x, np.pad(x, ((1, 2), (2, 1), (0, 0)), mode="reflect"), functional(x, op("o", "pad", [["in", 0, 0, {"paddings": [[0, 0], [1, 2], [2, 1], [0, 0]], "mode": "REFLECT"}]])))
add("expand_and_squeeze", x, x, functional(x, op("e", "expand_dims", [["in", 0, 0, {"axis": -1}]]), op("o", "squeeze", [["e", 0, 0, {"axis": [4]}]])))
add("flip_keras3", x, x[::-1], keras3(numpy_op("Flip", "o", "in", axis=1)), version="3.5.0")
add("square_keras3", x, x * x, keras3(numpy_op("Square", "o", "in")), version="3.5.0")
add("leaky_relu_op_keras3", x, np.where(x > 0, x, 0.1 * x), keras3(("LeakyRelu", "o", ["in"], {"negative_slope": 0.1}, "keras.src.ops.nn")), version="3.5.0")
add("resize_function", x, linear_axis(linear_axis(x, 0, 7), 1, 3), functional(x, op("o", "image.resize", [["in", 0, 0, {"size": {"class_name": "__tuple__", "items": [7, 3]}, "method": "bilinear"}]])))
unit = x / np.sqrt((x * x).sum(-1, keepdims=True))
one("unit_normalization", x, unit, "UnitNormalization", axis=-1)
add("l2_normalize", x, unit, functional(x, op("o", "linalg.l2_normalize", [["in", 0, 0, {"axis": -1}]])))

# layers that applications bring along
scale3 = array(3)
one("layer_scale", x, x * scale3, "LayerScale", [("gamma", scale3)], init_values=1e-6, projection_dim=3)
one("stochastic_depth", x, x, "StochasticDepth", drop_path_rate=0.1)
one("random_crop_of_that_size", x, x, "RandomCrop", height=4, width=5)
add("scaled_residual", x, x + 0.17 * y, functional(x, t, ("CustomScaleLayer", "o", ["in", "t"], {"scale": 0.17})))
add("scaled_residual_lambda", x, x + 0.17 * y,
    functional(x, t, ("Lambda", "block35_1", ["in", "t"], {"function": ["4wEAAAA=", None, None], "function_type": "lambda", "arguments": {"scale": 0.17}})))
one("hard_tanh", 2 * x, np.clip(2 * x, -1, 1), "Activation", version="3.5.0", activation={"module": "keras.activations", "class_name": "function", "config": "hard_tanh", "registered_name": "hard_tanh"})
one("rescaling_numpy", x, x * [1, 2, 3], "Rescaling", version="3.5.0", scale={"class_name": "__numpy__", "config": {"value": [1, 2, 3], "dtype": "float32"}})

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
