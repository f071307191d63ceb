from __future__ import annotations

import numpy as np
import pytest

from glyphcore.data.raster import pack
from glyphcore.data.splits import assign_splits, copied_pairs, groups, is_copy

LABELS = 10
ANY = ("train", "val", "test")


def design(seed: int) -> np.ndarray:
    """Return bool [labels, 128, 128]: a letter of big random squares for each label."""
    squares = np.random.default_rng(seed).integers(0, 2, (LABELS, 8, 8))
    return np.kron(squares, np.ones((1, 16, 16))).astype(bool)


def pairs(designs: list[np.ndarray], points: int = 30) -> dict[tuple[int, int], tuple[int, int]]:
    packed = pack(np.concatenate(designs))
    label = np.tile(np.arange(LABELS), len(designs))
    family = np.repeat(np.arange(len(designs)), LABELS)
    shuffled = np.random.default_rng(0).permutation(len(label))
    return copied_pairs(packed[shuffled], np.full(len(label), points), label[shuffled], family[shuffled])


def test_families_of_their_own_share_nothing() -> None:
    assert pairs([design(1), design(2), design(3)]) == {}


def test_an_exact_copy_is_found_and_counted_by_label() -> None:
    assert pairs([design(1), design(2), design(1)]) == {(0, 2): (LABELS, LABELS)}


def test_a_touched_up_copy_is_found_and_a_redrawing_is_not() -> None:
    touched, redrawn = design(1), design(1)
    touched[:, :2, :16] ^= True  # one square of the border
    redrawn[:, :48, :48] ^= True
    assert pairs([design(1), touched]) == {(0, 1): (LABELS, LABELS)}
    assert pairs([design(1), redrawn]) == {}


def test_partial_copies_count_only_what_is_copied() -> None:
    mixed = np.concatenate([design(1)[:4], design(2)[4:]])
    assert pairs([design(1), mixed]) == {(0, 1): (4, LABELS)}


def test_simple_shapes_prove_nothing() -> None:
    assert pairs([design(1), design(1)], points=19) == {}
    assert pairs([design(1), design(1)], points=20) == {(0, 1): (LABELS, LABELS)}


def test_the_same_shape_under_another_label_is_no_copy() -> None:
    assert pairs([design(1), np.roll(design(1), 1, axis=0)]) == {}


def test_weights_of_one_family_are_counted_once() -> None:
    """Regular and bold of one family have the same labels; each label counts once, for either copied weight."""
    regular, bold = design(1), design(2)
    packed = pack(np.concatenate([regular, bold, regular, bold]))
    label = np.tile(np.arange(LABELS), 4)
    family = np.repeat([0, 0, 1, 1], LABELS)
    assert copied_pairs(packed, np.full(len(label), 30), label, family) == {(0, 1): (LABELS, LABELS)}


def test_nothing_at_all() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert copied_pairs(np.zeros((0, 2048), dtype=np.uint8), none, none, none) == {}


@pytest.mark.parametrize(
    ("near", "common", "copy"), [(6, 6, True), (5, 5, False), (6, 75, True), (6, 76, False), (40, 600, False)]
)
def test_copies_share_several_glyphs_and_a_good_part(near: int, common: int, copy: bool) -> None:
    assert is_copy(near, common) is copy


def test_groups_are_chains_of_copies_named_by_their_first_family() -> None:
    found = groups(7, {(1, 4): (50, 60), (4, 6): (50, 60), (0, 5): (9, 9), (2, 3): (5, 9), (3, 6): (10, 600)})
    assert found.tolist() == [0, 1, 2, 3, 1, 0, 1]


def test_groups_do_not_depend_on_the_order_of_the_pairs() -> None:
    chain = [((2, 3), (9, 9)), ((0, 1), (9, 9)), ((1, 3), (9, 9))]
    assert groups(4, dict(chain)).tolist() == groups(4, dict(reversed(chain))).tolist() == [0, 0, 0, 0]


def many(seed: int = 0, families: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    counts = rng.integers(5, 300, (families, 6)) * rng.integers(0, 2, (families, 6))
    group = np.minimum(np.arange(families), rng.integers(0, families, families))
    group = np.where(group[group] == group, group, np.arange(families))
    return counts, group


@pytest.mark.parametrize("seed", range(5))
def test_every_class_is_shared_out_80_10_10_by_whole_groups(seed: int) -> None:
    counts, group = many(seed)
    split = np.array(assign_splits(counts, group, [ANY] * len(group)))
    for name, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
        shares = counts[split == name].sum(0) / counts.sum(0)
        assert np.abs(shares - share).max() < 0.03, (name, shares)
    for its_group in np.unique(group):
        assert len(set(split[group == its_group])) == 1


def test_families_that_may_not_be_held_out_train_with_their_whole_group() -> None:
    counts, group = many()
    free = np.random.default_rng(1).random(len(group)) < 0.6
    split = np.array(assign_splits(counts, group, [ANY if each else ("train",) for each in free]))
    assert set(split) == {"train", "val", "test"}
    for its_group in np.unique(group):
        if not free[group == its_group].all():
            assert set(split[group == its_group]) == {"train"}


def test_splits_are_deterministic() -> None:
    counts, group = many(3)
    assert assign_splits(counts, group, [ANY] * len(group)) == assign_splits(
        counts.copy(), group.copy(), [ANY] * len(group)
    )


def test_a_family_without_rows_and_a_class_without_rows_do_no_harm() -> None:
    counts = np.array([[0, 0], [50, 0], [40, 0], [10, 0]])
    assert set(assign_splits(counts, np.arange(4), [ANY] * 4)) <= {"train", "val", "test"}


def test_settled_families_stay_and_copies_of_them_follow() -> None:
    counts = np.full((6, 1), 10)
    group = np.array([0, 0, 2, 2, 4, 5])
    allowed = [("val",), ANY, ("test",), ("val", "test"), ("val", "test"), ("train",)]
    split = assign_splits(counts, group, allowed)
    assert split[:4] == ["val", "val", "test", "test"]
    assert split[4] in ("val", "test")
    assert split[5] == "train"


def test_a_copy_of_families_on_both_sides_gets_no_split() -> None:
    counts = np.full((5, 1), 10)
    assert assign_splits(counts, np.zeros(3, int), [("train",), ("test",), ANY]) == ["train", "test", ""]
    held_back = assign_splits(
        counts, np.array([0, 0, 2, 2, 2]), [("train",), ("val", "test"), ("val",), ANY, ("test",)]
    )
    assert held_back == ["train", "", "val", "", "test"]
