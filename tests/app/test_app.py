"""The pages as Streamlit runs them: links, filters, empty states and errors. The browser tests check the drawing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from app_fixtures import fake_results
from components import chosen, drawn, headline, offered
from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.runtime.scriptrunner import ScriptRunContext
from streamlit.testing.v1 import AppTest

from app.shared import view as state
from app.shared.naming import SORTS as SORT_WORDS
from glyphcore import config
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import OUTCOMES, SORTS, Filters

ROOT = Path(__file__).resolve().parents[2]
MAIN = str(ROOT / "app" / "main.py")
INSPECT = "inspector/page.py"


@pytest.fixture
def app(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("glyphcore.config.CACHE", tmp_path / "cache")
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    return AppTest.from_file(MAIN, default_timeout=30)


def url(app: AppTest) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in app.query_params.items()}


def ids(app: AppTest) -> list[int]:
    return [item["id"] for item in drawn(app, "grid")["items"]]


def expected(store: ResultsStore, filters: Filters, sort: str = "loss") -> list[int]:
    return [row.glyph_id for row in store.export(filters, sort)][:96]


def test_a_page_that_follows_a_fragment_on_its_thread_starts_at_the_top(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a fragment ends, Streamlit leaves its containers in place for the next run on the same thread."""
    start = ScriptRunContext.on_script_start

    def after_a_fragment(context: ScriptRunContext) -> None:
        start(context)
        context_dg_stack.set((st._main, st.sidebar))

    app.run()
    usual = [type(block).__name__ for block in app.main]
    monkeypatch.setattr(ScriptRunContext, "on_script_start", after_a_fragment)
    app.run()
    assert [type(block).__name__ for block in app.main] == usual


def test_browse_opens_on_the_errors_of_val_worst_first(app: AppTest, store: ResultsStore) -> None:
    app.run()
    assert not app.exception
    assert ids(app) == expected(store, Filters(split=("val",), outcome="wrong"))
    assert url(app) == {}
    assert drawn(app, "grid")["sprite"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("query", "filters", "sort"),
    [
        ({"split": "all", "outcome": "all"}, Filters(), "loss"),
        ({"outcome": "right", "sort": "unsure"}, Filters(split=("val",), outcome="right"), "unsure"),
        ({"family": ["Cairo", "Amiri"], "split": "all"}, Filters(family=("Amiri", "Cairo"), outcome="wrong"), "loss"),
        ({"q": "U+0041", "split": "all", "outcome": "all"}, Filters(search="A"), "loss"),
        ({"p": "0.3-0.5", "split": "all"}, Filters(outcome="wrong", p_min=0.3, p_max=0.5), "loss"),
        ({"sort": "rubbish", "p": "x", "at": "-", "outcome": "<b>"}, state.DEFAULT_FILTERS, "loss"),
    ],
)
def test_a_link_opens_its_view(
    app: AppTest, store: ResultsStore, query: dict[str, Any], filters: Filters, sort: str
) -> None:
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert ids(app) == expected(store, filters, sort)


@pytest.mark.parametrize(
    "view",
    [
        state.View(),
        state.View(filters=Filters(), sort="id", start=4, glyph=5, layout="table", results="a.db"),
        state.View(filters=Filters(split=("val", "test"), base=("ب", "+"), search="a b", outcome="twin")),
        state.View(filters=Filters(split=("train",), p_min=0.2, p_max=0.4, pred=("beh_init",), label=("x",))),
        state.View(filters=Filters(size="0.15-0.2")),
        *(state.View(filters=Filters(outcome=name)) for name in OUTCOMES),
        *(state.View(sort=name) for name in SORTS),
        state.View(most="confusion:12"),
    ],
)
def test_every_view_is_a_link(view: state.View) -> None:
    query = {name: value if isinstance(value, list) else [value] for name, value in state.encode(view).items()}
    assert state.decode(query) == view


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"outcome": "<b>"}, "The link's outcome=<b> is not valid and was ignored."),
        ({"p": "0.9-0.1"}, "The link's p=0.9-0.1 is not valid and was ignored."),
        ({"cells": "zzz"}, "The link's cells=zzz is not valid and was ignored."),
        ({"char_class": "Digit  ·  111"}, "These results have no class “Digit  ·  111”; the condition was removed."),
        ({"family": ["Cairo", "Helvetica"]}, "These results have no family “Helvetica”; the condition was removed."),
        (
            {"like": "grid-999999"},
            "These results have no glyph 999999 for the search by similarity; the condition was removed.",
        ),
    ],
)
def test_what_a_link_names_in_vain_is_left_out_and_said_once(app: AppTest, query: dict[str, Any], said: str) -> None:
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert [toast.value for toast in app.toast] == [said]
    assert ids(app)
    app.run()
    assert not app.toast


def test_confidence_goes_to_the_url_and_back_to_the_first_page(app: AppTest, store: ResultsStore) -> None:
    app.query_params["at"] = str(expected(store, state.DEFAULT_FILTERS)[10])
    app.query_params["family"] = "Cairo"
    app.run()
    app.slider(key="filter_confidence").set_value((0.5, 0.9)).run()
    narrow = Filters(split=("val",), outcome="wrong", family=("Cairo",), p_min=0.5, p_max=0.9)
    assert ids(app) == expected(store, narrow)
    app.button[-1].click().run()
    assert url(app) == {}
    assert chosen(app, "facets", "family") == []


def test_both_handles_of_confidence_at_one_end_are_the_last_tenth(app: AppTest, store: ResultsStore) -> None:
    app.run()
    app.slider(key="filter_confidence").set_value((1.0, 1.0)).run()
    assert not app.exception
    assert url(app)["p"] == ["0.9-1"]
    assert ids(app) == expected(store, Filters(("val",), outcome="wrong", p_min=0.9))
    slider = app.slider(key="filter_confidence")  # the same widget: it keeps the focus
    assert slider.value == (0.9, 1.0)
    slider.set_value((0.0, 0.0)).run()
    assert url(app)["p"] == ["0-0.1"]


def test_sizes_are_a_filter_with_counts_where_they_are_known(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (tmp_path / "without", tmp_path / "with"):
        fake_results(folder / "glyphs.db", place)
        monkeypatch.setattr("glyphcore.config.CACHE", place)
        monkeypatch.setenv("GLYPHCORE_RESULTS", str(place))
        if place.name == "with":
            PackedRasters.of(GlyphStore(folder / "glyphs.db"), place)
        app.run()
        names = [each["name"] for each in drawn(app, "facets")["choices"]]
        assert ("size" in names) == (place.name == "with")
    words, n, _ = offered(app, "facets", "size")["0.8-1"]
    assert words == "0.8 – 1 em"
    app.query_params["size"] = "0.8-1"
    app.run()
    assert drawn(app, "grid")["total"] == n
    app.query_params["size"] = "9-"
    app.run()
    assert [button.label for button in app.button if "size" in button.label] == ["Remove size 9 em and more"]


def test_facets_carry_counts(app: AppTest) -> None:
    app.run()
    assert offered(app, "facets", "family")["Cairo"] == ("Cairo", 18, 18)
    assert offered(app, "facets", "outcome")["wrong"] == ("✗ Wrong", 28, 28)


def test_sort_and_table(app: AppTest, folder: Path, store: ResultsStore) -> None:
    app.run()
    assert set(offered(app, "toolbar", "sort")) == set(SORTS) - {"similar", "outside", "size", "size:down"}
    PackedRasters.of(GlyphStore(folder / "glyphs.db"), config.CACHE)  # from then on the sizes are available
    app.run()
    assert set(offered(app, "toolbar", "sort")) == set(SORTS) - {"similar", "outside"}
    app.query_params["sort"] = "margin"
    app.run()
    assert chosen(app, "toolbar", "sort") == ["margin"]
    assert ids(app) == expected(store, state.DEFAULT_FILTERS, "margin")
    app.query_params["layout"] = "table"
    app.run()
    assert not app.exception
    shown = drawn(app, "table")
    assert [row["id"] for row in shown["items"]] == expected(store, state.DEFAULT_FILTERS, "margin")
    sorted_now = {column["name"]: column["sorted"] for column in shown["header"] if column["sorted"]}
    assert sorted_now == {"margin": "ascending"}
    turns = {column["name"]: column["sort"] for column in shown["header"]}
    assert turns["margin"] == "margin:down", "a click on the column that sorts turns it"
    assert (turns["loss"], turns["p"], turns["rank"], turns["style"]) == ("loss", "unsure", "rank:down", "")


@pytest.mark.parametrize(
    ("sort", "says"),
    [("loss", "loss "), ("sure", "p "), ("margin:down", "margin "), ("cells", "cells "), ("noise", "doubt "),
     ("similar", "loss "), ("id:down", "#"), ("label", "p ")],
)  # fmt: skip
def test_a_card_says_what_its_order_goes_by(app: AppTest, sort: str, says: str) -> None:
    app.query_params["sort"] = sort
    app.run()
    assert not app.exception
    assert chosen(app, "toolbar", "sort") == [sort]
    assert all(item["figure"].startswith(says) for item in drawn(app, "grid")["items"])


def test_every_sort_has_words() -> None:
    assert set(SORT_WORDS) == set(SORTS)


def test_at_most_so_many_of_a_group(app: AppTest, store: ResultsStore) -> None:
    app.query_params["most"] = "family:3"
    app.run()
    left = [row.glyph_id for row in store.export(state.DEFAULT_FILTERS, most="family:3")]
    assert ids(app) == left
    assert len(left) == 6, "two families of val have errors"
    more = {item["id"]: item["more"] for item in drawn(app, "grid")["items"] if item["more"]}
    assert sum(more.values()) == store.count(state.DEFAULT_FILTERS) - 6
    assert "<strong>6</strong> shown, at most 3 per family" in headline(app)
    assert offered(app, "toolbar", "most")["family:3"][0] == "at most 3 per family"
    app.query_params["most"] = "families:3"
    app.run()
    assert [toast.value for toast in app.toast] == ["The link's most=families:3 is not valid and was ignored."]
    assert len(ids(app)) == 28


def test_an_empty_selection_says_what_to_loosen(app: AppTest) -> None:
    app.query_params["q"] = "zzz"
    app.query_params["family"] = "Cairo"
    app.run()
    assert app.subheader[0].value == "No glyph passes all filters"
    (drop,) = [button for button in app.button if "zzz" in button.label]
    drop.click().run()
    assert url(app) == {"family": ["Cairo"]}
    assert ids(app)


def test_inspect_reopens_exactly_this_glyph(app: AppTest, store: ResultsStore) -> None:
    third = expected(store, state.DEFAULT_FILTERS)[2]
    app.run()
    app.switch_page(INSPECT)
    app.query_params["glyph"] = str(third)
    app.run()
    assert not app.exception
    data = drawn(app, "inspector")
    assert data["row"]["id"] == third
    assert data["place"]["position"] == 2
    assert data["raster"]
    assert len(data["target"]) == len(data["primitive"]) == 256
    assert len(data["candidates"]) == 5
    facts = dict(data["facts"])
    assert facts["licence"] == "OFL-1.1"
    assert facts["em"] == "1000 units"


def test_inspect_without_a_glyph_takes_the_first(app: AppTest, store: ResultsStore) -> None:
    app.run()
    app.switch_page(INSPECT).run()
    first = expected(store, state.DEFAULT_FILTERS)[0]
    assert drawn(app, "inspector")["row"]["id"] == first
    assert url(app)["glyph"] == [str(first)]


def test_a_link_of_the_navigation_goes_on_with_the_last_selection(app: AppTest) -> None:
    app.query_params["outcome"] = "right"
    app.run()
    app.switch_page(INSPECT)
    app.query_params.clear()
    app.query_params["continue"] = "1"
    app.run()
    assert url(app)["outcome"] == ["right"]
    assert "continue" not in url(app)


def test_a_bare_address_is_the_default_whatever_was_looked_at_before(app: AppTest, store: ResultsStore) -> None:
    app.query_params["outcome"] = "right"
    app.run()
    app.query_params.clear()
    app.run()
    assert url(app) == {}
    assert ids(app) == expected(store, state.DEFAULT_FILTERS)


def test_a_link_to_results_that_are_gone_says_which_are_shown_instead(app: AppTest, store: ResultsStore) -> None:
    app.query_params["results"] = "gone.db"
    app.run()
    assert f"here; {store.path.name} is shown instead" in headline(app)
    app.query_params.clear()
    app.query_params["results"] = store.path.name
    app.run()
    assert "is shown instead" not in headline(app)


def test_a_link_may_name_the_checkpoint_as_the_commands_do(app: AppTest, store: ResultsStore) -> None:
    app.query_params["results"] = store.meta.checkpoint
    app.run()
    assert not app.exception
    assert "is shown instead" not in headline(app)
    assert ids(app) == expected(store, state.DEFAULT_FILTERS)


def test_an_unknown_glyph_is_one_line(app: AppTest) -> None:
    app.run()
    app.switch_page(INSPECT)
    app.query_params["glyph"] = "999999"
    app.run()
    assert not app.exception
    assert app.error[0].value == "These results have no glyph 999999."
    assert not app.expander
    links = [each.proto.body for each in app.get("html") if "<a " in each.proto.body]
    assert links == ['<a class="back" href="/">Choose a glyph in Browse</a>']


def test_neither_page_loads_torch(folder: Path) -> None:
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({MAIN!r}, default_timeout=60).run()\n"
        f"app.switch_page({INSPECT!r}).run()\n"
        "assert not app.exception\nassert app.get('bidi_component')\n"
        "print(sorted({'torch', 'lightning', 'sklearn', 'onnxruntime'} & set(sys.modules)))"
    )
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "GLYPHCORE_DB": str(folder / "glyphs.db"),
        "GLYPHCORE_RESULTS": str(folder / "results"),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
