"""Selections of results agree with plain loops: filters, facets, pages, search, examples."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from glyphcore.data.cache import glyph_geometry
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.buckets import SIZES
from glyphcore.results.filters import OUTCOMES, SORTS, Filters, parse_exclusion, parse_most, parse_sort
from glyphcore.results.grouping import at_most
from glyphcore.results.selection import examples, labels_matching


def passes(row: ResultRow, store: ResultsStore, filters: Filters) -> bool:
    """Return whether a row passes the filters, implemented a second time and plainly."""
    words = all(
        not getattr(filters, name) or getattr(row, name) in getattr(filters, name)
        for name in ("split", "family", "char_class", "label", "base", "pred")
    )
    words = words and not any(getattr(row, name) == value for name, value in filters.excluded if name != "outcome")
    top5 = 0 < row.rank <= 5
    outcomes = {
        "": True, "right": row.correct, "wrong": not row.correct, "unicode_wrong": not row.unicode_correct,
        "form_wrong": not row.correct and row.unicode_correct, "twin": not row.correct and row.twin_correct,
        "twin_wrong": not row.twin_correct, "beyond_top5": not top5, "noise": False,
    }  # fmt: skip
    outcome = outcomes[filters.outcome] and not any(
        outcomes[value] for name, value in filters.excluded if name == "outcome"
    )
    p1 = np.float32(row.p1)
    sure = p1 >= np.float32(filters.p_min) and (filters.p_max >= 1 or p1 < np.float32(filters.p_max))
    found = not filters.search or row.label in labels_matching(
        store.columns.words["label"], store.labels, filters.search
    )
    return bool(words and outcome and sure and found)


KEYS = {
    "loss": lambda row: np.float32(row.loss), "p": lambda row: np.float32(row.p1),
    "margin": lambda row: np.float32(row.margin), "entropy": lambda row: np.float32(row.entropy),
    "rank": lambda row: row.rank, "cells": lambda row: np.float32(row.cells_right) / np.float32(row.cells_total),
    "outcome": lambda row: 0 if row.correct else 1 if row.unicode_correct or row.twin_correct else 2,
    "id": lambda row: row.glyph_id,
}  # fmt: skip
"""The sort keys of columns; other columns hold words and are their own keys."""


def key(row: ResultRow, column: str):
    return KEYS[column](row) if column in KEYS else getattr(row, column)


SELECTIONS = [
    Filters(),
    Filters(split=("val",), outcome="wrong"),
    Filters(family=("Amiri", "Cairo"), char_class=("latin",)),
    Filters(base=("ب",)),
    Filters(p_min=0.3, p_max=0.6),
    Filters(p_min=0.9),
    Filters(search="beh", outcome="right"),
    *(Filters(outcome=name) for name in OUTCOMES),
    Filters(family=("nobody",)),
    Filters(excluded=(("family", "Amiri"),)),
    Filters(
        split=("val",), outcome="wrong", excluded=(("char_class", "latin"), ("char_class", "digit"), ("split", "x"))
    ),
    Filters(family=("Amiri", "Cairo"), excluded=(("family", "Cairo"), ("base", "ب"), ("outcome", "twin"))),
    Filters(family=("Cairo",), excluded=(("family", "Cairo"),)),
    Filters(excluded=(("outcome", "right"), ("outcome", "beyond_top5"))),
]


@pytest.mark.parametrize("filters", SELECTIONS)
@pytest.mark.parametrize("sort", SORTS)
def test_a_selection_is_what_a_plain_loop_finds(
    store: ResultsStore, rows: list[ResultRow], filters: Filters, sort: str
) -> None:
    expected = [row.glyph_id for row in rows if passes(row, store, filters)]
    found = list(store.export(filters, sort))
    assert sorted(row.glyph_id for row in found) == expected
    column, descends = SORTS[sort]
    if column in ("noise", "outside", "similar", "size"):  # unknown here: worst first
        column, descends = "loss", True
    plain = sorted(found, key=lambda row: row.glyph_id)  # equal keys: by ascending id in both directions
    plain.sort(key=lambda row: key(row, column), reverse=descends)
    assert [row.glyph_id for row in found] == [row.glyph_id for row in plain]
    assert store.count(filters) == store.summary(filters).n == len(expected)


@pytest.mark.parametrize("filters", SELECTIONS)
def test_facets_count_under_all_other_filters(store: ResultsStore, rows: list[ResultRow], filters: Filters) -> None:
    facets = store.facets(filters)
    for name in ("split", "family", "char_class", "label", "base", "pred"):
        lifted = tuple(pair for pair in filters.excluded if pair[0] != name)
        others = [row for row in rows if passes(row, store, replace(filters, **{name: ()}, excluded=lifted))]
        for value in facets[name]:
            mine = [row for row in others if getattr(row, name) == value.value]
            assert (value.n, value.wrong) == (len(mine), sum(not row.correct for row in mine))
        assert sum(value.n for value in facets[name]) == len(others)
    for value in facets["outcome"]:
        lifted = tuple(pair for pair in filters.excluded if pair != ("outcome", value.value))
        assert value.n == store.count(replace(filters, outcome=value.value, excluded=lifted))
    everyone = store.count(replace(filters, p_min=0.0, p_max=1.0))
    assert sum(value.n for value in facets["confidence"]) == everyone
    for value in facets["confidence"]:
        low = float(value.value)
        assert value.n == store.count(replace(filters, p_min=low, p_max=round(low + 0.1, 1)))


@pytest.mark.parametrize("filters", SELECTIONS[:4])
def test_pages_walk_the_selection_both_ways(store: ResultsStore, filters: Filters) -> None:
    whole = [row.glyph_id for row in store.export(filters, "margin")]
    page = store.page(filters, "margin", limit=7)
    there, back = list(page.rows), []
    while page.next is not None:
        page = store.page(filters, "margin", page.next, limit=7)
        assert page.position == len(there)
        there += page.rows
    assert [row.glyph_id for row in there] == whole
    assert page.rows[0].glyph_id == page.last
    while page.previous is not None:
        page = store.page(filters, "margin", page.previous, limit=7)
        back.append(page.position)
    assert page.position == 0
    assert page.first == whole[0]
    for i, glyph in enumerate(whole):
        near = store.neighbours(filters, "margin", glyph)
        assert (near.position, near.total, near.inside) == (i, len(whole), True)
        assert near.previous == (whole[i - 1] if i else None)
        assert near.next == (whole[i + 1] if i + 1 < len(whole) else None)
        assert store.start_of(filters, "margin", glyph, 7) == whole[i // 7 * 7]


@pytest.mark.parametrize("most", ["family:1", "family:3", "confusion:1", "confusion:2", "family:9999"])
@pytest.mark.parametrize("filters", SELECTIONS)
def test_at_most_so_many_of_a_group_are_its_first_ones_in_the_order(
    store: ResultsStore, filters: Filters, most: str
) -> None:
    group, limit = parse_most(most)

    def its_group(row: ResultRow) -> object:
        return row.family if group == "family" else (row.label, row.pred)

    whole = list(store.export(filters, "margin"))
    left, last = [], {}
    seen: Counter[object] = Counter()
    for row in whole:
        seen[its_group(row)] += 1
        if seen[its_group(row)] <= limit:
            left.append(row.glyph_id)
            last[its_group(row)] = row.glyph_id
    assert [row.glyph_id for row in store.export(filters, "margin", most=most)] == left
    assert store.shown(filters, "margin", most) == len(left)
    assert store.count(filters) == len(whole), "the selection stays what it is"
    more, start = {}, None
    while True:
        page = store.page(filters, "margin", start, limit=7, most=most)
        more |= page.more
        if (start := page.next) is None:
            break
    assert more == {last[each]: n - limit for each, n in seen.items() if n > limit}


def test_places_are_counted_among_those_that_are_left(store: ResultsStore) -> None:
    left = [row.glyph_id for row in store.export(Filters(), "margin", most="family:3")]
    for i, glyph in enumerate(left):
        near = store.neighbours(Filters(), "margin", glyph, most="family:3")
        assert (near.position, near.total, near.inside) == (i, len(left), True)
        assert near.next == (left[i + 1] if i + 1 < len(left) else None)
        assert store.start_of(Filters(), "margin", glyph, 7, most="family:3") == left[i // 7 * 7]
    whole = [row.glyph_id for row in store.export(Filters(), "margin")]
    beside = next(glyph for glyph in whole if glyph not in left)
    near = store.neighbours(Filters(), "margin", beside, most="family:3")
    assert not near.inside
    assert near.position == sum(whole.index(glyph) < whole.index(beside) for glyph in left)


def test_a_page_says_what_it_is_sorted_by(store: ResultsStore, sized: ResultsStore) -> None:
    assert store.page(Filters(), "similar").by == store.page(Filters(), "size").by == "loss"
    for sort, by, value in (("sure", "p", "p1"), ("margin:down", "margin", "margin"), ("rank", "rank", "rank")):
        page = store.page(Filters(), sort)
        assert page.by == by
        assert page.values == {row.glyph_id: pytest.approx(getattr(row, value)) for row in page.rows}
    assert store.page(Filters(), "family").values == {}, "words are no numbers"
    page = sized.page(Filters(), "size:down")
    assert page.by == "size"
    assert list(page.values.values()) == sorted(page.values.values(), reverse=True)
    assert page.values[page.rows[0].glyph_id] == pytest.approx(sized.selector.extents()[page.rows[0].glyph_id - 1])


def test_a_sort_has_one_name_and_a_way(store: ResultsStore) -> None:
    assert [parse_sort(text) for text in ("p", "p:up", "p:down", "loss:down", "rank:up", "rank:down")] == [
        "unsure", "unsure", "sure", "loss", "rank", "rank:down",
    ]  # fmt: skip
    assert store.page(Filters(), "p:down").rows == store.page(Filters(), "sure").rows
    for text in ("", "up", "p:sideways", "margin:", "style"):
        with pytest.raises(StoreError, match="There is no sort"):
            parse_sort(text)


@pytest.mark.parametrize(
    "text", ["family", "family:", "family:0", "family:x", "label:3", "family:-1", "family:10000", ":3"]
)
def test_what_limits_no_group(store: ResultsStore, text: str) -> None:
    with pytest.raises(StoreError, match="not a limit of groups"):
        store.page(Filters(), most=text)


def test_half_a_million_glyphs_are_grouped_in_a_moment() -> None:
    """A page may take 60 ms; the test allows ten times as much for a slow machine."""
    rng = np.random.default_rng(0)
    labels, preds = (rng.integers(0, 1216, 500_000).astype(np.uint16) for _ in range(2))
    start = time.perf_counter()
    kept, more = at_most(3, [labels, preds])
    assert time.perf_counter() - start < 0.6
    assert kept.sum() + more.sum() == 500_000


def test_a_glyph_outside_the_selection_still_has_a_place(store: ResultsStore, rows: list[ResultRow]) -> None:
    wrong = Filters(outcome="wrong")
    right = next(row for row in rows if row.correct)
    near = store.neighbours(wrong, "id", right.glyph_id)
    assert not near.inside
    assert near.previous is None or near.previous < right.glyph_id
    assert near.next is not None
    assert near.next > right.glyph_id
    assert store.start_of(wrong, "id", right.glyph_id, 7) is None
    assert store.page(wrong, "id", right.glyph_id, 7).rows[0].glyph_id == near.next
    assert store.page(wrong, "id", 10**9, 7).position == 0


def test_an_empty_selection_has_an_empty_page(store: ResultsStore) -> None:
    page = store.page(Filters(family=("nobody",)))
    assert (page.rows, page.total, page.first, page.next, page.last) == ([], 0, None, None, None)


@pytest.fixture
def sized(store: ResultsStore, database: GlyphStore) -> ResultsStore:
    """Return the results, joined with the geometry of their database's glyphs."""
    described = [(row.glyph_id, glyph_geometry(row)) for row in database.rows()]
    known = np.array([glyph for glyph, _ in described]), np.stack([each for _, each in described])
    return store.joined(geometry=lambda: known)


def test_a_size_is_the_longer_side_in_em(store: ResultsStore, sized: ResultsStore, database: GlyphStore) -> None:
    extents = {row.glyph_id: max(row.box[2] - row.box[0], row.box[3] - row.box[1]) / row.upem
               for row in database.rows() if row.box and row.upem}  # fmt: skip
    for size, low, high in (("0.7-0.8", 0.7, 0.8), ("0.9-", 0.9, 9.0)):
        found = {row.glyph_id for row in sized.export(Filters(size=size))}
        assert found == {glyph for glyph, extent in extents.items() if low <= np.float32(extent) < high}
        assert 0 < len(found) < len(store)
    counts = {each.value: each.n for each in sized.facets(Filters(size="0.9-"))["size"]}
    assert sum(counts.values()) == len(extents)
    assert list(counts) == [bucket for bucket in SIZES if bucket in counts]
    assert counts["0.8-1"] == sized.count(Filters(size="0.8-1")) > 0


def test_what_one_view_knows_besides_no_other_one_does(store: ResultsStore, sized: ResultsStore) -> None:
    """Results are shared: tags or sizes joined for one view must not change the answers of another view."""
    first, second = (store.joined(tags=lambda ids=ids: {"odd": np.array(ids)}) for ids in ([1, 2], [3]))
    assert [each.count(Filters(tag=("odd",))) for each in (first, second, sized, store)] == [2, 1, 0, 0]
    assert sized.count(Filters(size="0-")) > 0
    assert store.count(Filters(size="0-")) == 0
    assert sized.columns is store.columns, "arrays are shared"


def test_tags_and_sizes_can_be_excluded_too(store: ResultsStore, sized: ResultsStore) -> None:
    tagged = sized.joined(tags=lambda: {"odd": np.array([1, 2]), "even": np.array([2, 4])})
    assert tagged.count(Filters(excluded=(("tag", "odd"),))) == len(store) - 2
    assert tagged.count(Filters(tag=("even",), excluded=(("tag", "odd"),))) == 1
    assert tagged.count(Filters(excluded=(("tag", "nobody's"),))) == len(store), "nothing has that tag"
    counts = {value.value: value.n for value in tagged.facets(Filters(excluded=(("tag", "odd"),)))["tag"]}
    assert counts == {"odd": 2, "even": 1}, "glyph 2 is odd: 'even' would show 4 alone, 'odd' chosen instead both"
    small = tagged.count(Filters(size="0.7-0.8"))
    assert tagged.count(Filters(excluded=(("size", "0.7-0.8"),))) == len(store) - small
    assert store.count(Filters(excluded=(("size", "0.7-0.8"),))) == len(store), "unknown sizes are not that size"


@pytest.mark.parametrize("excluded", [("families", "Amiri"), ("search", "beh"), ("outcome", "x"), ("size", "x")])
def test_what_excludes_nothing_is_an_error_in_one_line(excluded: tuple[str, str]) -> None:
    with pytest.raises(StoreError, match=r"cannot be excluded|no outcome|no size"):
        Filters(excluded=(excluded,))


def test_an_exclusion_is_a_field_and_a_value() -> None:
    assert parse_exclusion("family:Noto Sans: Italic") == ("family", "Noto Sans: Italic")
    assert parse_exclusion("char_class:") == ("char_class", ""), "glyphs of no class"
    for text in ("family", "", "x:y", ":", "outcome:bad"):
        with pytest.raises(StoreError):
            parse_exclusion(text)


def test_unknown_sizes_fit_no_size_and_are_no_facet(store: ResultsStore) -> None:
    assert store.count(Filters(size="0-")) == 0
    assert store.facets(Filters())["size"] == []


@pytest.mark.parametrize("size", ["x", "0.4", "0.4-0.2", "-0.4", "1-2-3", "nan-", "0.2-0.2"])
def test_a_malformed_size_is_an_error_in_one_line(size: str) -> None:
    with pytest.raises(StoreError, match="no size"):
        Filters(size=size)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("U+0041", "latin_capital_letter_a"),
        ("0041", "latin_capital_letter_a"),
        ("A", "latin_capital_letter_a"),
        ("latin capital letter b", "latin_capital_letter_b"),
        ("no such label", ""),
        ("U+FFFFFF", ""),
    ],
)
def test_search_by_character_code_point_and_label(store: ResultsStore, search: str, expected: str) -> None:
    found = labels_matching(store.columns.words["label"], store.labels, search)
    assert (expected in found) if expected else found == []


def test_examples_come_from_other_families_one_each(store: ResultsStore, rows: list[ResultRow]) -> None:
    label = rows[0].label
    found = store.rows(examples(store.columns, label, exclude_family=rows[0].family, n=9))
    families = [row.family for row in found]
    assert {row.label for row in found} == {label}
    assert rows[0].family not in families
    assert len(set(families)) == len(families) == 5
    assert [row.correct for row in found] == sorted((row.correct for row in found), reverse=True)
