"""Patterns of cells: their syntax, their matches, and their forms as selection, link and chip."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database
from components import chosen, offered
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from app.browse.cell_search import words
from app.shared import view as state
from glyphcore.data.cache import glyph_raster
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.cell_index import cells_matching
from glyphcore.results.cell_pattern import ANY, Condition, of_cells, parse, write
from glyphcore.results.filters import Filters
from glyphcore.results.rows import Details

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def gathered(store: ResultsStore, database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    path = tmp_path_factory.mktemp("pattern") / store.path.name
    shutil.copy(store.path, path)
    found = ResultsStore(path)
    rasters = {row.glyph_id: glyph_raster(row) for row in database.rows()}
    found.build_cell_index(lambda ids: np.stack([rasters[glyph] for glyph in ids]))
    return found


@pytest.fixture(scope="module")
def details(store: ResultsStore, rows: list[ResultRow]) -> list[Details]:
    return [store.details(row.glyph_id) for row in rows]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("", ()),
        ("5,3=17", (Condition(83, 17),)),
        ("  0,0=* 15,15=0;any=9 ", (Condition(0, ANY), Condition(255, 0), Condition(ANY, 9))),
        ("ANY=17>42 1,2=*>3 any=3>* any=*>*",
         (Condition(ANY, 42, 17), Condition(18, 3, ANY), Condition(ANY, ANY, 3), Condition(ANY, ANY, ANY))),
        ("any=9 any=9", (Condition(ANY, 9),)),
    ],
)  # fmt: skip
def test_text_and_conditions(text: str, conditions: tuple[Condition, ...]) -> None:
    assert parse(text) == conditions
    assert parse(write(conditions)) == conditions


@pytest.mark.parametrize(
    "text", ["x", "5=3", "16,0=1", "0,16=1", "5,3=", "5,3=-1", "5,3=12345", "any=7>7", "any=7>0", "any=0>7", "5,3=1>",
             "5,3=<b>", " ".join(f"{i % 16},{i // 16 % 16}={i}" for i in range(257))]
)  # fmt: skip
def test_what_is_no_pattern_is_said_in_one_line(text: str) -> None:
    with pytest.raises(StoreError) as error:
        parse(text)
    assert "\n" not in str(error.value)


def test_readings_are_found_where_they_are(gathered: ResultsStore, details: list[Details]) -> None:
    grids = np.stack([each.primitive for each in details])
    cell = int((grids > 0).sum(0).argmax())
    which = int(np.bincount(grids[:, cell][grids[:, cell] > 0]).argmax())
    row, column = divmod(cell, 16)
    for text, expected in (
        (f"{row},{column}={which}", grids[:, cell] == which),
        (f"{row},{column}=*", grids[:, cell] > 0),
        (f"{row},{column}=0", grids[:, cell] == 0),
        (f"any={which}", (grids == which).any(1)),
        (f"any={which} {row},{column}=0", (grids == which).any(1) & (grids[:, cell] == 0)),
        ("any=*", (grids > 0).any(1)),
    ):
        assert np.array_equal(cells_matching(gathered.cells, parse(text)), expected), text
        assert expected.any(), text


def test_misreadings_are_found_by_both_sides(gathered: ResultsStore) -> None:
    cells = gathered.cells
    at = len(cells.wrong_row) // 2
    row, cell, read, target = (
        int(each[at]) for each in (cells.wrong_row, cells.wrong_cell, cells.wrong_read, cells.wrong_target)
    )
    place = f"{cell // 16},{cell % 16}"
    for text, mask in (
        (f"{place}={target}>{read}", (cells.wrong_cell == cell) & (cells.wrong_read == read)
            & (cells.wrong_target == target)),
        (f"any={target}>{read}", (cells.wrong_read == read) & (cells.wrong_target == target)),
        (f"any={target}>*", cells.wrong_target == target),
        (f"any=*>{read}", cells.wrong_read == read),
        (f"{place}=*>*", cells.wrong_cell == cell),
    ):  # fmt: skip
        found = cells_matching(gathered.cells, parse(text))
        assert found[row]
        assert np.array_equal(np.flatnonzero(found), np.unique(cells.wrong_row[mask])), text


def test_the_cells_of_a_glyph_find_it(gathered: ResultsStore, details: list[Details], rows: list[ResultRow]) -> None:
    chosen = np.flatnonzero(details[40].primitive)[:3].tolist()
    found = gathered.page(Filters(pattern=of_cells(details[40].primitive, chosen)), "id", limit=500)
    assert rows[40].glyph_id in [row.glyph_id for row in found.rows]
    assert found.total < len(rows)


def test_a_pattern_goes_with_other_filters_and_facets(gathered: ResultsStore) -> None:
    pattern = f"any={int(gathered.cells.use.sum(0).argmax())}"
    both = gathered.count(Filters(pattern=pattern, outcome="wrong"))
    mask = gathered.selector.mask(Filters(pattern=pattern)) & gathered.selector.mask(Filters(outcome="wrong"))
    assert both == mask.sum() > 0
    facets = gathered.facets(Filters(pattern=pattern))
    assert sum(each.n for each in facets["family"]) == gathered.count(Filters(pattern=pattern))


@pytest.mark.parametrize(
    "view",
    [
        state.View(filters=Filters(pattern="5,3=17 any=*>4")),
        state.View(filters=Filters(like="grid-7"), sort="similar"),
        state.View(filters=Filters(like="embedding-7", pattern="any=1"), sort="loss"),
    ],
)
def test_links_keep_cells_and_likeness(view: state.View) -> None:
    query = {name: value if isinstance(value, list) else [value] for name, value in state.encode(view).items()}
    assert state.decode(query) == view


def test_links_to_all_glyphs_with_some_cells() -> None:
    assert state.search("a.db", cells="any=7") == {
        "split": "all",
        "outcome": "all",
        "cells": "any=7",
        "results": "a.db",
    }
    assert state.search(like="grid-7", outcome="wrong", split="test") == {"split": ["test"], "like": "grid-7"}
    with pytest.raises(StoreError):
        state.search(cells="any")


def test_malformed_cells_in_a_link_are_left_out() -> None:
    filters = state.decode({"cells": ["<b>"], "like": ["grid-x"]}).filters
    assert (filters.pattern, filters.like) == ("", "")
    assert state.decode({"like": ["grid-7"]}).sort == "similar"


def test_conditions_in_words() -> None:
    said = [words(each) for each in parse("5,3=17 any=* 0,1=0 any=17>42 any=*>*")]
    assert said == [
        "row 5, column 3 is 17", "some cell has ink", "row 0, column 1 is empty",
        "some cell: target 17, predicted 42", "some cell: target another primitive, predicted another primitive",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app_pattern")
    tiny_database(folder / "glyphs.db")
    fake_results(folder / "glyphs.db", folder / "results")
    return folder


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setenv("GLYPHCORE_ANNOTATIONS", str(tmp_path / "annotations.db"))
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    app.query_params["split"] = "all"
    app.query_params["outcome"] = "all"
    return app


def url(app: AppTest, name: str) -> Any:
    value = app.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def field(app: AppTest, label: str) -> TextInput:
    """Return the field with a label: a field that the URL has changed has another key."""
    return next(each for each in app.text_input if each.label == label)


def test_cells_are_typed_gathered_and_dropped_again(app: AppTest, folder: Path) -> None:
    app.run()
    field(app, "Primitives in cells").set_value("any=*  8,8=*").run()
    assert not app.exception
    assert url(app, "cells") == "any=* 8,8=*"
    store = ResultsStore(next((folder / "results").glob("*.db")))
    assert store.has_cell_index, "the page has gathered them"
    (chip,) = [each for each in app.button if "8,8" in each.label]
    chip.click().run()
    assert url(app, "cells") == "any=*"


def test_what_is_mistyped_is_said_and_stays(app: AppTest) -> None:
    app.run()
    field(app, "Primitives in cells").set_value("99,1=3").run()
    assert url(app, "cells") is None
    assert any("rows and columns go from 0 to 15" in each.value for each in app.caption)
    assert field(app, "Primitives in cells").value == "99,1=3"


def test_likeness_sorts_likest_first_and_takes_its_sort_along(app: AppTest) -> None:
    app.run()
    field(app, "Similar to glyph").set_value("#12").run()
    assert url(app, "like") == "grid-12"
    assert chosen(app, "toolbar", "sort") == ["similar"]
    app.segmented_control(key="filter_like_by").set_value("embedding").run()
    assert url(app, "like") == "embedding-12"
    (chip,) = [each for each in app.button if "similar to 12" in each.label]
    chip.click().run()
    assert url(app, "like") is None
    assert chosen(app, "toolbar", "sort") == ["loss"]
    assert "similar" not in offered(app, "toolbar", "sort")
    app.query_params["like"] = "grid-999999"
    app.run()
    assert not app.exception
    assert [each.value for each in app.toast] == [
        "These results have no glyph 999999 for the search by similarity; the condition was removed."
    ]
    field(app, "Similar to glyph").set_value("999999").run()
    assert any("These results have no glyph 999999." in each.value for each in app.caption)
