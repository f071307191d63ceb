#!/usr/bin/env bash
# ONNX Runtime 1.32.0 on a CPU: of scores with a NaN, TopK's first, ArgMax and ReduceMax are three different answers.
#
# Expected: one rule for NaN in one runtime: it wins or spreads everywhere, as in numpy, torch and the ONNX reference
# evaluator.
# Seen: TopK puts NaN first. ArgMax and ReduceMax compare from the first element on: a NaN in first place wins, one in
# any other place is passed over as if it were not there. So [1, NaN, 2] has top-1 at 1, argmax at 2 and maximum 2.
# Matters: a model that ends in ArgMax or ReduceMax hides a NaN among its logits and names a label with confidence;
# the same weights exported with TopK, or run in torch, show it. Which class the NaN sits in decides whether anybody
# notices.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$room/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

nodes = [
    helper.make_node("TopK", ["x", "one"], ["unused", "top"]),
    helper.make_node("ArgMax", ["x"], ["argmax"], axis=1),
    helper.make_node("ReduceMax", ["x", "axes"], ["max"]),
]
graph = helper.make_graph(
    nodes,
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
    [
        helper.make_tensor_value_info(name, kind, [1, 1])
        for name, kind in (("top", TensorProto.INT64), ("argmax", TensorProto.INT64), ("max", TensorProto.FLOAT))
    ],
    [helper.make_tensor("one", TensorProto.INT64, [1], [1]), helper.make_tensor("axes", TensorProto.INT64, [1], [1])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
onnx.checker.check_model(model, full_check=True)
session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
print("scores           reference: top, argmax, max   runtime: top, argmax, max")
seen = []
for place in range(3):
    scores = np.insert(np.array([1, 2], np.float32), place, np.nan)[None]
    reference, runtime = (
        [each.item() for each in run.run(None, {"x": scores})] for run in (ReferenceEvaluator(model), session)
    )
    print(f"{scores[0].tolist()!s:16} {reference!s:29} {runtime}")
    assert reference[:2] == [place, place] and np.isnan(reference[2])
    seen.append(runtime)
assert seen[0][:2] == [0, 0] and np.isnan(seen[0][2])
assert seen[1:] == [[1, 2, 2.0], [2, 1, 2.0]], seen
PYTHON
