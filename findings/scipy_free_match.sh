#!/usr/bin/env bash
# SciPy 1.17.1: in sparse assignment, what costs nothing may not be chosen.
#
# Expected: min_weight_full_bipartite_matching is linear_sum_assignment for sparse costs: same optimum on the same
# matrix, where an edge is an entry that is stored, a zero as well as any other (csr_array keeps stored zeros, and
# counts them in nnz).
# Seen: a stored 0 is taken out before matching, with a warning. So the perfect pair is the only one that cannot be
# had: of costs [[0, 1], [1, 0]] the sparse function returns the matching that costs 2, the dense one that of 0; and
# where the free edge is a row's only one, it raises "no full matching exists".
# Matters: reading a font at once assigns glyphs to characters by -log(probability); where the model is certain in
# float32 that is exactly 0, so certainty is what is thrown out. Adding 1 to all weights leaves the optimum as it is.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 scipy==1.17.1
"$room/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

probability = np.array([[1.0, 0.37], [0.37, 1.0]], np.float32)
cost = np.abs(np.log(probability.astype(np.float64)))
rows, columns = np.indices((2, 2)).reshape(2, 4)
sparse = csr_array((cost.ravel(), (rows, columns)))


def total(pair):
    return float(cost[pair].sum())


dense, free, raised = (
    linear_sum_assignment(cost),
    min_weight_full_bipartite_matching(sparse),
    csr_array((cost.ravel() + 1, (rows, columns))),
)
raised = min_weight_full_bipartite_matching(raised)
print(
    f"stored entries: {sparse.nnz}; cost of the dense matching {total(dense):.2f}, "
    f"of the sparse one {total(free):.2f}, with 1 added everywhere {total(raised):.2f}"
)
try:
    min_weight_full_bipartite_matching(csr_array((np.array([0.0, 0.0]), ([0, 1], [0, 1]))))
    error = ""
except ValueError as caught:
    error = str(caught)
print("two glyphs, one certain label each:", error)
assert sparse.nnz == 4 and total(dense) == total(raised) == 0 and total(free) > 1.9 and "no full matching" in error
PYTHON
