"""Whole-font assignment: glyphs that give way, glyphs that may share a label, and values that must not change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from glyphcore.decoding.assignment import assign_labels


def places(probabilities: list[dict[int, float]], duplicate_penalty: float) -> list[int]:
    """Return the label that each glyph gets."""
    ranked = [sorted(each.items(), key=lambda item: -item[1]) for each in probabilities]
    top = np.array([[label for label, _ in each] for each in ranked])
    top_p = np.array([[p for _, p in each] for each in ranked], np.float32)
    place = assign_labels(top, top_p, duplicate_penalty)
    return top[np.arange(len(top)), place].tolist()


SURE, UNSURE = {1: 0.9, 2: 0.05, 3: 0.01}, {1: 0.5, 2: 0.4, 4: 0.05}


def test_the_less_sure_glyph_gives_way() -> None:
    assert places([SURE, UNSURE], duplicate_penalty=0.0) == [1, 1]
    assert places([SURE, UNSURE], duplicate_penalty=2.0) == [1, 2]
    assert places([UNSURE, SURE], duplicate_penalty=2.0) == [2, 1]


def test_two_sure_glyphs_share_for_the_price() -> None:
    assert places([SURE, SURE], duplicate_penalty=2.0) == [1, 1], "ln(0.9 / 0.05) = 2.9 is more than 2"
    assert sorted(places([SURE, SURE], duplicate_penalty=4.0)) == [1, 2]


def test_look_alikes_share_labels_that_look_alike() -> None:
    """Two glyphs of the same pixels get the same candidates: a font that draws both has one for each label."""
    assert sorted(places([UNSURE, UNSURE], duplicate_penalty=2.0)) == [1, 2]
    assert places([UNSURE, UNSURE], duplicate_penalty=0.2) == [1, 1]


def test_a_chain_is_solved_together_not_one_by_one() -> None:
    """The third glyph needs 2, so the second does better with 4; a greedy assignment would give it 2 first."""
    third = {2: 0.95, 1: 0.03, 5: 0.001}
    assert places([SURE, {1: 0.5, 2: 0.3, 4: 0.2}, third], duplicate_penalty=9.0) == [1, 4, 2]


def test_without_rivals_nothing_changes() -> None:
    rng = np.random.default_rng(3)
    top = np.arange(40).reshape(8, 5)
    assert assign_labels(top, -np.sort(-rng.random((8, 5))), 3.0).tolist() == [0] * 8
    assert assign_labels(np.zeros((0, 5), int), np.zeros((0, 5)), 3.0).shape == (0,)


def test_certainty_and_impossibility_are_numbers() -> None:
    """Probabilities of 1 and 0 (rounded by float32) give finite costs."""
    certain = {1: 1.0, 2: 0.0, 3: 0.0}
    assert places([certain, certain, certain], duplicate_penalty=2.0) == [1, 1, 1]


def test_it_is_the_cheapest_of_all_assignments() -> None:
    """The cost is compared with every combination of three candidates for five glyphs."""
    from itertools import product

    rng = np.random.default_rng(11)
    for _ in range(20):
        top = np.stack([rng.choice(5, 3, replace=False) for _ in range(5)])
        p = -np.sort(-rng.dirichlet(np.ones(3), 5))

        def cost(choice, top=top, p=p) -> float:
            rows = np.arange(5)
            used = top[rows, choice]
            return -np.log(p[rows, choice]).sum() + 1.5 * (5 - len(set(used.tolist())))

        best = min(cost(np.array(choice)) for choice in product(range(3), repeat=5))
        assert np.isclose(cost(assign_labels(top, p, 1.5)), best)


@given(
    glyphs=st.integers(1, 40), labels=st.integers(2, 60), candidates=st.integers(1, 10), seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([0.05, 0.3, 1]), duplicate_penalty=st.sampled_from([0.0, 0.5, 2.5, 9.0]), ties=st.booleans(),
)  # fmt: skip
def test_it_costs_what_scipy_finds(
    glyphs: int, labels: int, candidates: int, seed: int, spread: float, duplicate_penalty: float, ties: bool
) -> None:
    """Many glyphs compete, or have the same candidates; without ties the glyphs get the same labels."""
    rng, k = np.random.default_rng(seed), min(candidates, labels)
    top = np.stack([rng.choice(labels, k, replace=False) for _ in range(glyphs)])
    p = -np.sort(-rng.dirichlet(np.full(labels, spread), glyphs)[:, :k], axis=1)
    p = np.round(p, 1) if ties else p
    ours, theirs = assign_labels(top, p, duplicate_penalty), by_scipy(top, p, duplicate_penalty)
    assert np.isclose(
        price(top, p, ours, duplicate_penalty), price(top, p, theirs, duplicate_penalty), rtol=0, atol=1e-9
    )
    if not ties and (p > 1e-12).all():
        assert ours.tolist() == theirs.tolist()


def price(top: np.ndarray, p: np.ndarray, place: np.ndarray, duplicate_penalty: float) -> float:
    """Return the cost of an assignment."""
    rows = np.arange(len(top))
    used = top[rows, place]
    return float(
        -np.log(np.maximum(p[rows, place], 1e-12)).sum() + duplicate_penalty * (len(used) - len(np.unique(used)))
    )


def by_scipy(top: np.ndarray, p: np.ndarray, duplicate_penalty: float) -> np.ndarray:
    """Solve it with a dense matrix: a column per label, and one per row for its best label shared with others."""
    n, impossible = len(top), 1e6
    cost = -np.log(np.maximum(p, 1e-12))
    matrix = np.full((n, top.max() + 1 + n), impossible)
    np.put_along_axis(matrix, top, cost, 1)
    matrix[np.arange(n), top.max() + 1 + np.arange(n)] = cost[:, 0] + duplicate_penalty
    taken = linear_sum_assignment(matrix)[1]
    return (top == taken[:, None]).argmax(1)
