"""Rules that hold for any input: hypothesis searches for a counterexample and reduces it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.inspector import state as look
from app.shared import view
from glyphcore.data.contours import commands, parse, serialise
from glyphcore.data.geometry import geometry
from glyphcore.data.outline import MAX_COORDINATE, Outline, OutlineBuilder, canonical
from glyphcore.data.raster import GRID, PACKED, bounds, cells, pack, rasterize, unpack
from glyphcore.decoding.assignment import assign_labels
from glyphcore.errors import GlyphError, OutlineError
from glyphcore.files import plain, spreadsheet

settings.register_profile("glyphcore", deadline=None, derandomize=True, database=None, max_examples=100)
settings.load_profile("glyphcore")

UNITS = st.integers(-2000, 2000)
POINTS = st.tuples(UNITS, UNITS)
SEGMENTS = st.one_of(
    st.tuples(st.just("line"), st.lists(POINTS, min_size=1, max_size=1)),
    st.tuples(st.just("quadratic"), st.lists(POINTS, min_size=2, max_size=5)),
    st.tuples(st.just("cubic"), st.lists(POINTS, min_size=3, max_size=3)),
)
CONTOURS = st.tuples(POINTS, st.lists(SEGMENTS, min_size=1, max_size=5))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["moveTo", "lineTo", "qCurveTo", "curveTo", "closePath", "type", "points"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["type", "points", "x"]), inner),
    max_leaves=25,
)  # fmt: skip


def drawn(contours: Sequence[tuple[tuple[int, int], list[tuple[str, list[tuple[int, int]]]]]]) -> Outline:
    pen = OutlineBuilder()
    for start, segments in contours:
        pen.move_to(start)
        for kind, points in segments:
            if kind == "line":
                pen.line_to(points[0])
            elif kind == "quadratic":
                pen.quadratic_to(points)
            else:
                pen.cubic_to(points)
        pen.close()
    return pen.outline()


OUTLINES = st.lists(CONTOURS, min_size=1, max_size=4).map(drawn)


def same(a: Outline, b: Outline) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("points", "tags", "ends"))


def pixels(outline: Outline) -> bytes | None:
    """Return the raster of an outline; None where it encloses nothing."""
    try:
        return rasterize(outline).tobytes()
    except GlyphError:
        return None


@given(OUTLINES)
def test_an_outline_is_stored_without_loss(outline: Outline) -> None:
    assert same(parse(serialise(outline)), outline)
    assert same(parse(json.dumps(commands(outline))), outline)


@given(OUTLINES)
def test_the_canonical_form_is_its_own(outline: Outline) -> None:
    assert same(canonical(outline.points, outline.tags, outline.ends.astype(np.int64)), outline)


@given(JSON)
def test_any_json_is_an_outline_or_refused(value: Any) -> None:
    try:
        outline = parse(json.dumps(value))
    except OutlineError:
        return
    assert np.abs(outline.points).max(initial=0) <= MAX_COORDINATE
    pixels(outline)


@given(st.binary(max_size=64))
def test_any_bytes_are_an_outline_or_refused(value: bytes) -> None:
    with suppress(OutlineError):
        parse(value)


@given(OUTLINES, POINTS)
def test_place_does_not_change_the_raster(outline: Outline, by: tuple[int, int]) -> None:
    assert pixels(Outline(outline.points + by, outline.tags, outline.ends)) == pixels(outline)


@given(OUTLINES, st.integers(1, 2000), st.integers(1, 3))
def test_geometry_is_in_the_em(outline: Outline, advance: int, power: int) -> None:
    """Twice the units in an em twice as large give the same five numbers; boxes are exact to 1/16 unit."""
    assume(pixels(outline) is not None)
    larger = Outline(outline.points * 2.0**power, outline.tags, outline.ends)
    found = geometry(bounds(larger), advance * 2.0**power, 1000 * 2.0**power)
    assert np.allclose(found, geometry(bounds(outline), advance, 1000), rtol=0, atol=1 / 16 / 1000)


@given(st.binary(min_size=PACKED, max_size=PACKED))
def test_pixels_and_cells_are_the_packed_bits(value: bytes) -> None:
    packed = np.frombuffer(value, np.uint8)
    raster = unpack(packed)
    assert np.array_equal(pack(raster), packed)
    each = raster.reshape(GRID, 8, GRID, 8).swapaxes(1, 2).reshape(GRID * GRID, 64)
    assert np.array_equal(np.unpackbits(cells(packed), axis=-1), each)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_a_spreadsheet_gives_back_what_was_written_and_runs_nothing(rows: list[list[str]]) -> None:
    written = "".join(spreadsheet(rows)).removeprefix("\ufeff")
    back = list(csv.reader(io.StringIO(written, newline="")))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in back for cell in row)
    assert [[plain(cell) for cell in row] for row in back] == rows


def linked(query: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in query.items()}


PARAMETERS = st.sampled_from(
    ["results", "split", "outcome", "p", "q", "ids", "cells", "like", "size", "sort", "most", "at", "glyph", "layout",
     "family", "label", "char_class", "predicted", "tag", "panel", "beside", "edit", "outline", "near"]
)  # fmt: skip
VALUES = st.text(max_size=12) | st.sampled_from(
    ["all", "wrong", "train", "val", "0.1-0.9", "1-", "-", "nan-inf", "1,2-5", "loss", "table", "1", "edit", "7-8.9-10"]
)


@given(st.dictionaries(PARAMETERS, st.lists(VALUES, min_size=1, max_size=3)))
def test_any_link_is_a_view_that_links_to_itself(query: dict[str, list[str]]) -> None:
    once = view.decode(query)
    assert view.decode(linked(view.encode(once))) == once
    seen = look.decode(query)
    assert look.decode(linked(look.encode(seen))) == seen


@given(st.integers(1, 6), st.integers(1, 4), st.floats(0, 9), st.integers(0, 2**32 - 1))
def test_giving_way_never_costs_more_than_sharing(rows: int, k: int, duplicate_penalty: float, seed: int) -> None:
    """The cost is at most that of every glyph's best label, and a single glyph gets its best label."""
    rng = np.random.default_rng(seed)
    top = np.stack([rng.choice(5, k, replace=False) for _ in range(rows)])
    p = -np.sort(-rng.dirichlet(np.ones(k), rows))

    def cost(place: np.ndarray) -> float:
        each = np.arange(rows)
        return float(-np.log(p[each, place]).sum() + duplicate_penalty * (rows - len(np.unique(top[each, place]))))

    place = assign_labels(top, p, duplicate_penalty)
    assert cost(place) <= cost(np.zeros(rows, int)) + 1e-6
    assert assign_labels(top[:1], p[:1], duplicate_penalty).tolist() == [0]
