# SPDX-License-Identifier: GPL-3.0-or-later
"""Small Keras networks, written down once and saved as Keras 1, 2 and 3 would save them.

A network is a list of Node; the first layer reads "in". Each dialect writes the same layers and weights in its own way.
"""

import dataclasses
import io
import json
import re
import zipfile

import h5py
import numpy as np

import keras_1


@dataclasses.dataclass
class Node:
    """One layer: what it is, what feeds it, its weights by name; of a nested model, its own nodes."""

    kind: str
    name: str
    inputs: list
    config: dict = dataclasses.field(default_factory=dict)
    weights: list = dataclasses.field(default_factory=list)
    nodes: list = None  # of a nested model, which reads "<name>_in"
    keywords: dict = dataclasses.field(default_factory=dict)  # of an operation
    module: str = None
    calls: list = None  # further inputs of a shared layer
    inner: tuple = ()  # of a wrapped layer: its weights lie in a folder of its own


def snake(kind):
    """Keras' folder for a class: an underscore before a capital that follows or precedes a small letter."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", kind).lower()


def address(name):
    """A node that feeds: "name", "name@call" for a further call of a shared layer, "name#output" for a further output."""
    name, _, output = name.partition("#")
    name, _, call = name.partition("@")
    return [name, int(call or 0), int(output or 0)]


# ---- configurations


def inbound_2(inputs, keywords):
    return [[*address(name), {k: address(v) if k in ("y",) and isinstance(v, str) else v for k, v in keywords.items()}]
            for name in inputs]  # fmt: skip


def tensor_3(name):
    return {"class_name": "__keras_tensor__",
            "config": {"shape": [None, 1], "dtype": "float32", "keras_history": address(name)}}  # fmt: skip


def is_operation(node):
    return node.module is not None and ".ops" in node.module


def inbound_3(node, inputs):
    tensors = [tensor_3(name) for name in inputs]
    merged = len(tensors) > 1 and not is_operation(node)
    keywords = {"training": False} if "Dropout" in node.kind else {}
    return {"args": [tensors] if merged else tensors, "kwargs": keywords | node.keywords}


def input_layer(name, shape, major):
    config = {"name": name, "dtype": "float32", "sparse": False}
    config["batch_shape" if major == 3 else "batch_input_shape"] = [None, *shape]
    return {"class_name": "InputLayer", "name": name, "config": config, "inbound_nodes": []}


def layer_json(node, major, shape):
    config = dict(node.config, name=node.name, trainable=True)
    kind = "Model" if major == 1 and node.nodes is not None else node.kind
    if node.nodes is not None:
        config = functional(node.nodes, shape, major, node.name + "_in")["config"]
        config["name"] = node.name
    elif major == 1:
        pass
    elif is_operation(node):
        config = dict(node.config, name=node.name)
    elif major == 3:
        if "SpatialDropout" in node.kind:  # says nothing about training
            del config["trainable"]
        config["dtype"] = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
    else:
        config["dtype"] = "float32"
    every = [node.inputs, *(node.calls or [])]
    entry = {"class_name": kind, "name": node.name, "config": config}
    if major == 3:
        entry |= {"module": node.module or "keras.layers", "registered_name": None, "build_config": {"input_shape": [None, 1]}}
        entry["inbound_nodes"] = [inbound_3(node, inputs) for inputs in every]
    else:
        entry["inbound_nodes"] = [inbound_2(inputs, node.keywords) for inputs in every]
    return entry


def functional(nodes, shape, major, source="in"):
    layers = [input_layer(source, shape, major)] + [layer_json(node, major, shape) for node in nodes]
    ends = [[source, 0, 0]], [[nodes[-1].name, 0, 0]]
    if major == 3:
        ends = ends[0][0], ends[1][0]
    kind = "Functional" if major == 3 else "Model"
    config = {"name": "net", "trainable": True, "layers": layers, "input_layers": ends[0], "output_layers": ends[1]}
    return {"class_name": kind, "config": config} | ({"module": "keras.src.models.functional"} if major == 3 else {})


# ---- files


def all_weights(node):
    if node.nodes is None:
        return list(node.weights)
    return [(f"{inner.name}/{kind}", values) for inner in node.nodes for kind, values in all_weights(inner)]


def write_hdf5(path, model, nodes, version, order=None):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        if version is not None:
            file.attrs["keras_version"] = version
        if version is not None and version[0] != "1":
            file.attrs["backend"] = "tensorflow"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([node.name.encode() for node in nodes])
        for node in nodes:
            own = group.create_group(node.name)
            names = []
            for kind, values in all_weights(node):
                name = order(node.name, kind) if order else kind + ":0" if node.nodes is not None else f"{node.name}/{kind}:0"
                names.append(name.encode())
                own.create_dataset(name, data=np.asarray(values, "f4"))
            own.attrs["weight_names"] = np.array(names, dtype="S") if names else np.zeros(0, "S1")


def write_2(path, nodes, shape):
    write_hdf5(path, functional(nodes, shape, 2), nodes, "2.11.0")


def write_1(path, nodes, shape, order="tf", rotate=False, version="1.2.2"):
    nodes = [keras_1.translate(node, order, rotate) for node in nodes]
    write_hdf5(path, functional(nodes, shape, 1), nodes, version, lambda layer, kind: keras_1.weight_name(layer, kind) + ":0")


def without_modules(config):
    """As Keras 3 writes HDF5 files: nothing tells there where a class of the network comes from."""
    if isinstance(config, list):
        return [without_modules(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {key: without_modules(value) for key, value in config.items() if key not in ("module", "registered_name", "build_config")}


def write_3_hdf5(path, nodes, shape):
    write_hdf5(path, without_modules(functional(nodes, shape, 3)), nodes, "3.8.0")


def fill(group, nodes):
    used = {}
    for node in nodes:
        kind = "Functional" if node.nodes is not None else node.kind
        n = used[kind] = used.get(kind, -1) + 1
        own = group.create_group(f"layers/{snake(kind)}" + (f"_{n}" if n else ""))
        if node.nodes is not None:
            fill(own, node.nodes)
            continue
        values = own.create_group("/".join([*node.inner, "vars"]))
        for i, (_, value) in enumerate(node.weights):
            values.create_dataset(str(i), data=np.asarray(value, "f4"))


def write_3(path, nodes, shape):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        fill(file, nodes)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.8.0", "date_saved": "2025-01-01@00:00:00"}))
        archive.writestr("config.json", json.dumps(functional(nodes, shape, 3)))
        archive.writestr("model.weights.h5", weights.getvalue())


def write_tfjs(path, nodes, shape):
    flat = [(f"{node.name}/{kind}", np.asarray(values, "<f4")) for node in nodes for kind, values in all_weights(node)]
    manifest = [{"paths": ["group1-shard1of1.bin"], "weights": [
        {"name": name, "shape": list(values.shape), "dtype": "float32"} for name, values in flat]}]  # fmt: skip
    path.with_name("group1-shard1of1.bin").write_bytes(b"".join(values.tobytes() for _, values in flat))
    path.write_text(json.dumps({"format": "layers-model", "generatedBy": "keras v2.11.0", "weightsManifest": manifest,
                                "modelTopology": {"keras_version": "2.11.0", "backend": "tensorflow",
                                                  "model_config": functional(nodes, shape, 2)}}))  # fmt: skip
