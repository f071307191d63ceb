#!/usr/bin/env bash
# ONNX Runtime 1.32.0, quantize_dynamic: what an 8-bit model says of a glyph depends on the glyphs that are read with
# it.
#
# Expected: rows of a batch are independent; 8 bits cost a little accuracy, the same for a row wherever it stands.
# Seen: DynamicQuantizeLinear takes one scale from the lowest and highest value of the whole batch. Here a linear
# layer with 100 labels is asked of 500 rows: alone or all together, a few labels differ; with one row in the batch
# thirty times louder than the others, a sixth of all other rows or more gets another label. The same file, the same
# row, no error. float32 gives one answer in all three.
# Matters: a report of a font changes with the batch size, with the order of files, with one odd outline; figures of a
# test set in large batches are not those of one glyph at a time. Ranges that are calibrated once (quantize_static) do
# not move.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
cd "$room"
venv/bin/python - 2>/dev/null <<'PYTHON'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

rng = np.random.default_rng(0)
weights = rng.normal(size=(64, 100)).astype(np.float32)
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 100])
layer = helper.make_node("MatMul", ["x", "weights"], ["y"])
graph = helper.make_graph([layer], "g", [x], [y], [numpy_helper.from_array(weights, "weights")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), "float.onnx")
quantize_dynamic("float.onnx", "8-bit.onnx", weight_type=QuantType.QInt8)

rows = rng.normal(size=(500, 64)).astype(np.float32)
loud = rows.copy()
loud[0] *= 30
seen = {}
for name in ("float", "8-bit"):
    session = ort.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])

    def labels(batch):
        return session.run(None, {"x": batch})[0].argmax(1)

    together = labels(rows)
    alone = np.concatenate([labels(rows[i : i + 1]) for i in range(len(rows))])
    seen[name] = (together != alone).mean(), (together[1:] != labels(loud)[1:]).mean()
    print(f"{name}: other labels alone than together {seen[name][0]:.1%}, beside a loud row {seen[name][1]:.1%}")
assert seen["float"] == (0, 0) and seen["8-bit"][0] > 0 and seen["8-bit"][1] > 0.1, seen
PYTHON
