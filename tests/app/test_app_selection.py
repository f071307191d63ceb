"""One selection on every page: it is in the address, its figures are those of the commands, and links carry it
along."""

from __future__ import annotations

import base64
import json
import re
import zlib
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from browser_fixtures import pages
from streamlit.testing.v1 import AppTest

from app.shared import view as views
from app.shared.conditions import conditions
from glyphcore import cli, config
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.where import parse

MAIN = str(Path(__file__).resolve().parents[2] / "app" / "main.py")
OF_FILES = {"fonts", "pdf"}
"""Pages about files of a person, which have no selection of evaluated glyphs."""
WHERE = "char_class=digit&char_class=latin&not=family:Lora&p=0.2-1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("selection")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate("ab"):
        store = ResultsStore(fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed))
        store.build_cell_index(
            lambda ids: PackedRasters.of(GlyphStore(folder / "glyphs.db"), folder / "cache").of_glyphs(ids)[0]
        )
    return folder


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setattr(config, "CACHE", folder / "cache")
    return AppTest.from_file(MAIN, default_timeout=30)


def results(folder: Path, name: str = "a") -> Path:
    return next((folder / "results").glob(f"{name}-*.db"))


def opened(app: AppTest, page: str, query: str, **more: str) -> AppTest:
    """Open ``page`` at an address."""
    turn_to(app, page)
    for name in list(app.query_params):
        del app.query_params[name]
    for name, values in parse_qs(query, keep_blank_values=True).items():
        app.query_params[name] = values
    for name, value in more.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def component(app: AppTest, key: str) -> dict[str, Any]:
    (found,) = [each for each in app.get("bidi_component") if each.key == key]
    return json.loads(found.proto.json)


def chips(app: AppTest) -> list[str]:
    return [text for text, _ in component(app, "selection")["chips"]]


def reported(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = cli.main(["report", str(results(folder)), "--db", str(folder / "glyphs.db"), "--json", *words])
    assert code == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("split", ["val", "unseen"])
def test_the_dashboard_shows_what_report_says_of_a_selection(
    app: AppTest, folder: Path, capsys: pytest.CaptureFixture[str], split: str
) -> None:
    found = reported(folder, capsys, "--where", WHERE, "--split", split)
    opened(app, "dashboard", WHERE, split=split, by="class", results=results(folder).name)
    assert chips(app) == ["class digit", "class latin", "confidence 0.2 – 1", "≠ family Lora"]
    assert component(app, "selection")["count"].startswith(f"{found['n']:,} glyphs of ")
    html = component(app, "scores_sheet")["html"]
    for row in found["scores"]:
        assert (f"{100 * row['value']:.1f}%" if row["n"] else "–") in html
        if row["interval"]:
            assert f"{100 * row['interval'][0]:.1f} – {100 * row['interval'][1]:.1f}" in html
    assert "In its font" not in html, "nobody knows it of some glyphs of a font"
    html = component(app, "overview_sheet")["html"]
    causes = {name: int(n) for name, n in re.findall(r'data-pick="cause (\w+)"[^>]*>(\d+)<', html)}
    assert causes == {row["name"]: row["n"] for row in found["causes"] if row["n"]}
    assert re.findall(r'data-key="row (\w*)"', html) == [row["name"] for row in found["by"]["class"] if row["wrong"]]
    opened(app, "dashboard", WHERE, split=split, part="confidence", results=results(folder).name)
    bins = re.findall(r"<td>(0\.\d – \d\.\d)</td>", component(app, "tenths_sheet")["html"])
    assert len(bins) == len(found["reliability"]["bins"])


def test_links_of_the_dashboard_keep_the_selection(app: AppTest, folder: Path) -> None:
    opened(app, "dashboard", WHERE, results=results(folder).name)
    store, seen = ResultsStore(results(folder)), 0
    for key in ("scores_sheet", "overview_sheet"):
        for address in re.findall(r'<a [^>]*?href="(/\?[^"]*)"', component(app, key)["html"]):
            filters = views.decode(parse_qs(urlparse(unescape(address)).query)).filters
            assert ("family", "Lora") in filters.excluded
            assert set(filters.char_class) <= {"digit", "latin"}
            assert store.count(filters) > 0
            seen += 1
    assert seen > 5


def test_an_empty_selection_says_what_to_loosen(app: AppTest) -> None:
    opened(app, "dashboard", "char_class=digit&not=char_class:digit")
    assert [each.label for each in app.button if each.label.startswith("Remove")] == [
        "Remove class digit", "Remove ≠ class digit"
    ]  # fmt: skip
    next(each for each in app.button if each.label == "Remove ≠ class digit").click().run()
    assert not app.exception
    assert chips(app) == ["class digit"]
    assert app.query_params.get("not") is None


def test_what_a_link_names_in_vain_is_said_once(app: AppTest) -> None:
    opened(app, "dashboard", "not=family&not=family:Nobody&char_class=digit")
    assert [toast.value for toast in app.toast] == [
        "The link's not=family is not valid and was ignored.",
        "These results have no family “Nobody”; the condition was removed.",
    ]
    assert chips(app) == ["class digit"]
    app.run()
    assert not app.toast


def test_the_navigation_takes_the_selection_along(app: AppTest) -> None:
    opened(app, "browse", f"{WHERE}&outcome=right&split=test")
    opened(app, "dashboard", "continue=1")
    assert chips(app) == ["class digit", "class latin", "confidence 0.2 – 1", "≠ family Lora"]
    query = {name: app.query_params.get_all(name) if hasattr(app.query_params, "get_all") else app.query_params[name]
             for name in app.query_params}  # fmt: skip
    written = urlencode({name: value for name, value in query.items() if name != "results"}, doseq=True)
    assert parse(written) == parse(WHERE)
    opened(app, "browse", "continue=1")
    filters = app.session_state["view"].filters
    assert (filters.outcome, filters.split) == ("right", ("test",)), "outcome and split are Browse's own"
    assert views.where.everywhere(filters) == parse(WHERE)
    opened(app, "dashboard", "")
    assert not [each for each in app.get("bidi_component") if each.key == "selection"], "a bare address narrows nothing"


def test_every_condition_can_be_dropped_alone() -> None:
    filters = Filters(
        ("val",), ("Amiri", "Lora"), search="beh", p_max=0.5, pattern="5,3=*", like="grid-3", ids="0123456789ab",
        excluded=(("tag", "x"), ("size", "0-0.15"), ("outcome", "noise"), ("base", "ب"), ("pred", "beh_init")),
    )  # fmt: skip
    shown = conditions(filters)
    assert len({condition.text for condition in shown}) == len(shown) == 13
    for condition in shown:
        rest = conditions(views.replace(filters, **condition.without))
        assert [each.text for each in rest] == [each.text for each in shown if each != condition]
    assert conditions(EVERYTHING) == []


def test_primitives_count_what_the_command_counts(
    app: AppTest, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["primitives", str(results(folder)), "--db", str(folder / "glyphs.db"), "--split", "val", "--json", "-q"]
    assert cli.main([*words, "--where", WHERE]) == 0
    found = json.loads(capsys.readouterr().out)
    opened(app, "primitives", WHERE, split="val", results=results(folder).name)
    book = component(app, "codebook")
    assert sum(book["use"]) == found["cells"]
    assert {row["id"]: row["use"] for row in found["primitives"]} == dict(enumerate(book["use"], 1))
    assert "≠ family Lora" in chips(app)
    link = views.decode(parse_qs(urlparse(book["browse"]).query)).filters
    assert link == parse(WHERE + "&split=val")
    opened(app, "primitives", "char_class=digit&not=char_class:digit")
    assert any(each.label == "Remove class digit" for each in app.button)


def test_compare_counts_what_the_command_counts(
    app: AppTest, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [results(folder, name).name for name in "ab"]
    paths = [str(results(folder, name)) for name in "ab"]
    out = tmp_path / "out.json"
    assert cli.main(["compare", *paths, "--db", str(folder / "glyphs.db"), "--where", WHERE, "--out", str(out)]) == 0
    found = json.loads(out.read_text())
    query = f"{WHERE}&{urlencode({'with': names, 'a': names[0], 'b': names[1]}, doseq=True)}"
    opened(app, "compare", query)
    shown = component(app, "compare")
    assert shown["n"] == found["n"]
    for model, its in zip(shown["models"], found["models"], strict=True):
        assert model["values"][0] == its["figures"]["label_top1"]
    pair = found["pairs"][0]["label"]
    assert shown["models"][1]["pair"] == pair
    assert component(app, "flips")["total"] == pair["broken"]
    assert (
        component(app, "selection")["count"]
        == f"{found['n']:,} of {found['n'] + found['left_out']['not_selected']:,} glyphs compared"
    )
    assert any("outside the selection" in line for line in shown["leftOut"])
    opened(app, "compare", f"{query}&not=char_class:digit&not=char_class:latin")
    assert any(each.label == "Remove ≠ class digit" for each in app.button)


def test_the_map_dims_what_is_not_selected(app: AppTest, folder: Path) -> None:
    path = results(folder)
    assert cli.main(["map", str(path), "--db", str(folder / "glyphs.db"), "-q"]) == 0
    opened(app, "map", WHERE, results=path.name)
    shown = component(app, "map")
    bits = np.unpackbits(np.frombuffer(base64.b64decode(shown["within"]), np.uint8))[: shown["points"]["n"]]
    columns = zlib.decompress(base64.b64decode(shown["points"]["packed"]))  # ids come first, as differences
    ids = np.cumsum(np.frombuffer(columns, "<f8", shown["points"]["n"])).astype(int)
    store = ResultsStore(path)
    assert sorted(ids[bits > 0].tolist()) == sorted(row.glyph_id for row in store.export(parse(WHERE)))
    assert views.decode(parse_qs(urlparse(shown["links"]["glyph"]).query)).filters == parse(WHERE)
    opened(app, "map", "", results=path.name)
    assert component(app, "map")["within"] == ""


def test_browse_and_inspect_say_what_they_are_narrowed_to(app: AppTest) -> None:
    opened(app, "browse", "split=all&outcome=right&char_class=digit&not=family:Lora&not=outcome:twin")
    assert chips(app) == ["class digit", "≠ family Lora", "≠ outcome ≈ Predicted as a confusable"]
    opened(app, "inspect", "continue=1")
    assert chips(app) == ["class digit", "≠ family Lora", "≠ outcome ≈ Predicted as a confusable"]
    opened(app, "browse", "")
    assert not [each for each in app.get("bidi_component") if each.key == "selection"]


@pytest.mark.parametrize("page", sorted(set(pages()) - OF_FILES))
def test_every_page_about_results_shows_the_selection(app: AppTest, page: str) -> None:
    """A new page shows the selection that a person carries along, or is named in OF_FILES."""
    opened(app, page or "browse", "char_class=digit")
    assert "class digit" in chips(app)
