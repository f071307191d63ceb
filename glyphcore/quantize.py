"""The exported mixer in 8-bit integers: weights with one scale per channel, activations with ranges from typical
glyphs.

ONNX Runtime's static quantisation leaves GELU in float32, between a dequantise and a quantise: two fifths of the
mixer's time. But a byte has only 256 values. ``x·Φ(x)`` is close to ``x·σ(αx)`` (arXiv:1606.08415), for which ONNX
Runtime takes σ from a table and multiplies bytes. α is fitted to the values that each layer sees; the mean of the
remaining error is added to the bias of the next layer, channel by channel.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

CALIBRATION_BATCH = 32
BYTES = np.arange(256)
SIGMOID_STEP = 1 / 255
"""Scale of σ, so that its bytes cover 0 to 1."""
ALPHAS = np.arange(1.5, 2.0, 0.01)
"""Values of α to try: 1.702 is usual; narrow activations need a larger value."""
WIDE = 256
"""Number of channels from which a matrix product is faster than a 1×1 convolution (a processor with AMX)."""
CONTRIB = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""


def quantized(graph: bytes, ids: np.ndarray, geometry: np.ndarray) -> bytes:
    """Return the graph from grids to labels in 8 bit, for glyphs with ``ids`` int64 [n, 256] and ``geometry`` float32
    [n, 6]."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Typical(CalibrationDataReader):
        def __init__(self) -> None:
            self.batches = _batches(ids, geometry)

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.batches, None)

    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, small = (Path(folder) / f"{name}.onnx" for name in ("plain", "prepared", "small"))
        plain.write_bytes(graph)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            small,
            Typical(),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
        quantised = with_table_activations(small.read_bytes(), ids, geometry)
    return with_matrix_products(optimized(quantised, layouts=True), ids, geometry)


def optimized(graph: bytes, *, layouts: bool = False) -> bytes:
    """Return a graph with ONNX Runtime's fused operators, so that opening it takes half of the time.

    Without ``layouts``, layouts are left to the program that opens the graph: those of float32 depend on the processor.
    """
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if layouts else levels.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "optimized.onnx"
        options.optimized_model_filepath = str(file)
        onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        return file.read_bytes()


def with_matrix_products(graph: bytes, ids: np.ndarray, geometry: np.ndarray) -> bytes:
    """Replace 1×1 convolutions between at least :data:`WIDE` channels by matrix products; results do not change.

    ONNX Runtime uses the tiles of a processor (AMX) for matrix products only. With fewer channels most of a product's
    time is the rounding of its results, and the convolution is faster.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(graph)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    products = {node.output[0]: node for node in model.graph.node if _is_wide(node, weights)}
    shapes = dict(zip(products, _shapes(model, list(products), ids, geometry), strict=True))
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.output[0] not in products:
            nodes.append(node)
            continue
        name, (value, step, zero, weight, *scales, out_step, out_zero, bias) = node.name, node.input
        matrix = numpy_helper.to_array(weights[weight])[:, :, 0, 0].T
        shapes_by_name = {f"{name}_rows": [-1, len(matrix)], f"{name}_grid": [-1, *shapes[node.output[0]][1:]]}
        for constant, array in shapes_by_name.items():
            model.graph.initializer.append(numpy_helper.from_array(np.array(array, np.int64), constant))
        weights[weight].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(matrix), weight))
        nodes += [
            helper.make_node("Reshape", [value, f"{name}_rows"], [f"{name}_in"], name=f"{name}_in"),
            helper.make_node("QGemm", [f"{name}_in", step, zero, weight, *scales, bias, out_step, out_zero],
                             [f"{name}_out"], name=name, domain=CONTRIB),
            helper.make_node("Reshape", [f"{name}_out", f"{name}_grid"], [node.output[0]], name=f"{name}_out"),
        ]  # fmt: skip
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _is_wide(node: NodeProto, weights: dict[str, TensorProto]) -> bool:
    """Return whether a node is a 1×1 convolution of rows of channels, with a bias, between many channels."""
    if node.op_type != "QLinearConv" or node.domain != CONTRIB or len(node.input) != 9:
        return False
    attributes = {attribute.name: attribute.i for attribute in node.attribute}
    shape = weights[node.input[3]].dims
    return (
        attributes.get("channels_last") == 1
        and attributes.get("group", 1) == 1
        and list(shape[2:]) == [1, 1]
        and min(shape[:2]) >= WIDE
    )


def _shapes(
    model: ModelProto, names: list[str], ids: np.ndarray, geometry: np.ndarray
) -> list[tuple[int, ...]]:  # fmt: skip
    """Return the shapes of some values for a batch of glyphs."""
    import onnx

    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    for name in names:
        probe.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.UINT8, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [value.shape for value in session.run(names, next(_batches(ids, geometry)))] if names else []


def _batches(ids: np.ndarray, geometry: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    for start in range(0, len(ids), CALIBRATION_BATCH):
        batch = slice(start, start + CALIBRATION_BATCH)
        yield {"ids": ids[batch], "geometry": geometry[batch]}


def with_table_activations(graph: bytes, ids: np.ndarray, geometry: np.ndarray) -> bytes:
    """Replace every GELU between quantised values; others stay as they are."""
    import onnx

    model = onnx.load_from_string(graph)
    layers = _Layers(model.graph)
    gelus = layers.between_bytes("Gelu")
    if not gelus:
        return graph
    histograms = _histograms(model, [layers.producer[gelu.input[0]].input[0] for gelu in gelus], ids, geometry)
    for gelu, histogram in zip(gelus, histograms, strict=True):
        layers.replace_gelu(gelu, histogram)
    layers.write()
    if CONTRIB not in {opset.domain for opset in model.opset_import}:
        model.opset_import.append(onnx.helper.make_opsetid(CONTRIB, 1))
    return bytes(model.SerializeToString())


def _histograms(model: ModelProto, names: list[str], ids: np.ndarray, geometry: np.ndarray) -> list[np.ndarray]:
    """Return how often each channel of some uint8 activations has each value: int64 [channels, 256]."""
    import onnx

    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    for name in names:
        probe.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.UINT8, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Fused operators would remove the activations that are counted here.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    histograms: list[np.ndarray] = []
    for batch in _batches(ids, geometry):
        counted = [_count(values) for values in session.run(names, batch)]
        histograms = [a + b for a, b in zip(histograms, counted, strict=True)] if histograms else counted
    return histograms


def _count(values: np.ndarray) -> np.ndarray:
    """Convert uint8 [n, channels, height, width] or [n, channels] to counts int64 [channels, 256]."""
    by_channel = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
    return np.stack([np.bincount(channel, minlength=256) for channel in by_channel])


def gelu(x: np.ndarray) -> np.ndarray:
    """Return ``x·Φ(x)``, float64."""
    from math import erf, sqrt

    return x * np.array([(1 + erf(value / sqrt(2))) / 2 for value in x.tolist()])


class _Layers:
    """A graph of quantised layers: the node that makes each value, the nodes that use it, and the constants."""

    def __init__(self, graph: GraphProto) -> None:
        from onnx import numpy_helper

        self.graph = graph
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.producer = {name: node for node in graph.node for name in node.output}
        self.takers: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.takers.setdefault(name, []).append(node)
        self._replacement: dict[str, list[NodeProto]] = {}
        """Name of a node → its replacement."""

    def between_bytes(self, operator: str) -> list[NodeProto]:
        """Return nodes whose only input was just dequantised and whose output is quantised next."""
        return [
            node for node in self.graph.node
            if node.op_type == operator and node.input[0] in self.producer
            and self.producer[node.input[0]].op_type == "DequantizeLinear"
            and [taker.op_type for taker in self.takers.get(node.output[0], ())] == ["QuantizeLinear"]
        ]  # fmt: skip

    def replace_gelu(self, node: NodeProto, histogram: np.ndarray) -> None:
        """Replace a GELU by a table of σ(αx) and a product; ``histogram``: int64 [channels, 256] of the values that the
        layer sees."""
        from onnx import helper

        before = self.producer[node.input[0]]
        (after,) = self.takers[node.output[0]]
        value, step, zero = before.input
        _, out_step, out_zero = after.input
        x = (BYTES - float(self.constants[zero])) * float(self.constants[step])
        exact, share = gelu(x), histogram.sum(0) / histogram.sum()
        levels = float(self.constants[out_step]), float(self.constants[out_zero])
        errors = [float((share * (_product(x, alpha, *levels) - exact) ** 2).sum()) for alpha in ALPHAS]
        alpha = float(ALPHAS[int(np.argmin(errors))])
        missing = histogram @ (exact - _product(x, alpha, *levels)) / histogram.sum(1)
        name = node.name
        sigmoid_step = self.constant(f"{name}_alpha", np.float32(alpha * float(self.constants[step])))
        one, nought = self.constant(f"{name}_one", np.float32(SIGMOID_STEP)), self.constant(f"{name}_0", np.uint8(0))
        self._replacement |= {
            name: [
                helper.make_node("QLinearSigmoid", [value, sigmoid_step, zero, one, nought], [f"{name}_sigmoid"],
                                 name=f"{name}_sigmoid", domain=CONTRIB),
                helper.make_node("QLinearMul", [value, step, zero, f"{name}_sigmoid", one, nought, out_step, out_zero],
                                 [after.output[0]], name=f"{name}_product", domain=CONTRIB),
            ],
            after.name: [],
        }  # fmt: skip
        if len(self.takers[before.output[0]]) == 1:
            self._replacement[before.name] = []
        self._add_to_bias(after.output[0], missing)

    def _add_to_bias(self, value: str, missing: np.ndarray) -> None:
        """Add the mean error of a layer's input, float [channels], to its bias. A layer that uses more than one
        position of the grid, or has no bias, is not changed."""
        for dequantised in self.takers[value]:
            for layer in (
                self.takers.get(dequantised.output[0], ()) if dequantised.op_type == "DequantizeLinear" else ()
            ):
                if layer.op_type not in ("Conv", "Gemm") or len(layer.input) < 3:
                    continue
                sources = [self.producer.get(name) for name in layer.input[1:3]]
                if any(source is None or source.op_type != "DequantizeLinear" for source in sources):
                    continue
                (weight, bias) = (source for source in sources if source is not None)
                matrix = self.constants[weight.input[0]]
                if matrix.size != matrix.shape[0] * len(missing) or not _by_row(layer):
                    continue
                rows = matrix.reshape(matrix.shape[0], -1) * self.constants[weight.input[1]].reshape(-1, 1)
                counts = np.rint(rows @ missing / self.constants[bias.input[1]])
                self.constant(bias.input[0], (self.constants[bias.input[0]] + counts).astype(np.int32))

    def constant(self, name: str, value: np.ndarray | np.generic) -> str:
        """Set a constant; return its name."""
        from onnx import numpy_helper

        tensor = numpy_helper.from_array(np.asarray(value), name)
        self.constants[name] = np.asarray(value)
        for stored in self.graph.initializer:
            if stored.name == name:
                stored.CopyFrom(tensor)
                return name
        self.graph.initializer.append(tensor)
        return name

    def write(self) -> None:
        """Put the replacements into the graph."""
        nodes = [new for node in self.graph.node for new in self._replacement.get(node.name, [node])]
        del self.graph.node[:]
        self.graph.node.extend(nodes)


def _by_row(layer: NodeProto) -> bool:
    """Return whether the weights of a layer have one row per output."""
    attributes = {attribute.name: attribute.i for attribute in layer.attribute}
    return attributes.get("transB", 0) == 1 if layer.op_type == "Gemm" else attributes.get("group", 1) == 1


def _product(x: np.ndarray, alpha: float, step: float, zero: float) -> np.ndarray:
    """Compute ``x·σ(αx)`` in 8 bit: σ in steps of 1/255, the product in its own steps."""
    sigmoid = np.rint(255 / (1 + np.exp(-alpha * x))) * SIGMOID_STEP
    return (np.clip(np.rint(x * sigmoid / step) + zero, 0, 255) - zero) * step
