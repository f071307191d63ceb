"""The shipped files in ``dataset/``: checked row by row against their description."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from glyphcore.config import DATASET
from glyphcore.data.corpus import load_corpus, may_redistribute
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import POLICY, rasterize
from glyphcore.data.splits import copied_pairs, is_copy
from glyphcore.data.store import SPLITS, GlyphRow, GlyphStore

DATABASE = DATASET / "glyphs.db"


@pytest.fixture(scope="module")
def store() -> GlyphStore:
    return GlyphStore(DATABASE)


@pytest.fixture(scope="module")
def rows(store: GlyphStore) -> list[GlyphRow]:
    return list(store.rows())


@pytest.fixture(scope="module")
def fonts(store: GlyphStore) -> pd.DataFrame:
    return store.fonts()


def test_it_opens_without_a_remark_and_small(store: GlyphStore) -> None:
    assert store.notes == []
    assert DATABASE.stat().st_size <= 20_000_000
    with closing(sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_it_was_built_for_the_labels_and_the_policy_of_this_code(store: GlyphStore, labels: LabelMap) -> None:
    assert store.meta["labels"] == labels.fingerprint
    assert store.meta["raster_policy"] == POLICY.version


def test_only_listed_files_of_the_corpus_are_in_it(fonts: pd.DataFrame) -> None:
    listed = {file.sha256: file for file in load_corpus(DATASET / "fonts.json")}
    assert set(fonts.file_hash) <= set(listed)
    for font in fonts.itertuples():
        file = listed[font.file_hash]
        facts = (file.family, file.package, file.version, file.licence, file.source)
        assert (font.family, font.package, font.version, font.licence, font.source) == facts


def test_every_licence_lets_outlines_be_handed_on(fonts: pd.DataFrame) -> None:
    assert len(fonts) > 100
    refused = fonts[~fonts.licence.map(may_redistribute)]
    assert refused.family.tolist() == []


def test_no_family_and_no_group_of_copies_is_in_two_splits(fonts: pd.DataFrame, rows: list[GlyphRow]) -> None:
    assert set(fonts.split) == set(SPLITS)
    for column in ("family", "split_group"):
        divided = fonts.groupby(column).split.nunique()
        assert divided[divided > 1].index.tolist() == []
    split = dict(zip(fonts.f_id, fonts.split, strict=True))
    assert all(row.split == split[row.f_id] for row in rows)


def test_every_label_can_be_learned(rows: list[GlyphRow], labels: LabelMap) -> None:
    assert {row.label for row in rows} == set(labels.labels)
    assert set(labels.labels) - {row.label for row in rows if row.split == "train"} == set()


def test_val_and_test_are_large_enough_to_measure(rows: list[GlyphRow]) -> None:
    counts = pd.Series([row.split for row in rows]).value_counts()
    assert counts.min() > 2000, counts


def test_no_exact_copy_is_stored_twice(rows: list[GlyphRow]) -> None:
    seen = {(row.label, row.upem, row.contours) for row in rows}
    assert len(seen) == len(rows)


def test_near_identical_outlines_do_not_cross_splits(rows: list[GlyphRow], labels: LabelMap) -> None:
    """The pairs are recomputed from the outlines; this also checks that every outline draws."""
    families = sorted({row.family or "" for row in rows})
    number = {family: i for i, family in enumerate(families)}
    split = {row.family or "": row.split for row in rows}
    outlines = [row.outline() for row in rows]
    packed = np.stack([rasterize(outline, row.advance, row.upem) for outline, row in zip(outlines, rows, strict=True)])
    assert packed.any(axis=1).all()
    pairs = copied_pairs(
        packed,
        np.array([len(outline.points) for outline in outlines]),
        np.array([labels.index[row.label] for row in rows]),
        np.array([number[row.family or ""] for row in rows]),
    )
    across = [
        (families[a], families[b], near, common)
        for (a, b), (near, common) in pairs.items()
        if is_copy(near, common) and split[families[a]] != split[families[b]]
    ]
    assert across == []
    assert any(is_copy(*counts) for counts in pairs.values()), "there are copies, all within a split"


def test_every_family_is_attributed(fonts: pd.DataFrame) -> None:
    lines = (DATASET / "ATTRIBUTION.md").read_text(encoding="utf-8").splitlines()
    for font in fonts.drop_duplicates(["family", "package"]).itertuples():
        told = [line for line in lines if f"| {font.family} |" in line and font.package in line]
        assert told, font.family
        assert font.licence in told[0], font.family
        assert font.version in told[0], font.family
    assert sum(line.startswith("| ") for line in lines) == fonts.family.nunique() + 1, "and no other, but the head"
