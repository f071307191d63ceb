"""The Dashboard as Streamlit runs it: every part, malformed links, missing data, and the targets of its figures."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import plotly.graph_objects as go
import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from streamlit.testing.v1 import AppTest

from app.dashboard import charts
from app.dashboard.confusions import confusion_cards
from app.shared import theme
from app.shared import view as state
from app.shared.html import Html, named, tag
from glyphcore import config
from glyphcore.analysis.calibration import coverage, operating_point, reliability
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.analysis.metrics import METRICS
from glyphcore.analysis.report import glyphs_of_figure
from glyphcore.data.cache import PackedRasters
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")
PARTS = {"overview": "overview", "confusions": "confusions", "marks": "marks", "confidence": "tenths",
         "training": "made"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dashboard")
    tiny_database(folder / "glyphs.db")
    fake_results(folder / "glyphs.db", folder / "results")
    PackedRasters.of(GlyphStore(folder / "glyphs.db"), folder / "cache")
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    return ResultsStore(next((folder / "results").glob("*.db")))


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setattr(config, "CACHE", folder / "cache")
    return AppTest.from_file(MAIN, default_timeout=30)


def opened(app: AppTest, **query: str) -> AppTest:
    turn_to(app, "dashboard")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest, key: str) -> dict[str, Any]:
    (found,) = [each for each in app.get("bidi_component") if each.key == f"{key}_sheet"]
    return json.loads(found.proto.json)


def links(html: str) -> list[tuple[Filters, str]]:
    """Return the selection of each link of a sheet, and its words."""
    found = []
    for address, words in re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', html):
        query = parse_qs(urlparse(unescape(address)).query)
        found.append((state.decode(query).filters, re.sub("<[^>]*>", " ", words)))
    return found


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("criterion", ["label", "unicode", "twin"])
def test_every_part_is_drawn_and_every_link_leads_to_glyphs(
    app: AppTest, store: ResultsStore, part: str, criterion: str
) -> None:
    opened(app, part=part, criterion=criterion)
    assert not app.error
    for key in ("scores", PARTS[part]):
        for filters, words in links(drawn(app, key)["html"]):
            assert store.count(filters) > 0, words


def test_a_count_that_is_a_link_is_what_browse_shows(app: AppTest, store: ResultsStore) -> None:
    opened(app)
    counted = 0
    for filters, words in links(drawn(app, "scores")["html"]):
        missed = re.search(r"✗ ([\d,]+) of", words)
        if missed:
            assert store.count(filters) == int(missed[1].replace(",", ""))
            counted += 1
    assert counted == 5


def test_the_ceiling_is_there_with_the_rasters(app: AppTest) -> None:
    opened(app)
    assert "Ceiling" in drawn(app, "scores")["html"]
    assert drawn(app, "overview")["sprite"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(("criterion", "share"), [("label", "91.1%"), ("unicode", "92.2%"), ("twin", "93.3%")])
def test_what_the_rest_of_the_font_adds_is_there_where_it_is_known(app: AppTest, criterion: str, share: str) -> None:
    html = drawn(opened(app, criterion=criterion), "scores")["html"]
    shares = dict(re.findall(r'<span class="title">([^<]+)</span><b>([\d.]+)%', html))
    alone, together = float(shares[METRICS[criterion].short]), float(shares["In its font"])
    assert f"{together}%" == share
    assert f"{together - alone:+.1f} points".replace("-", "−") in html
    assert "In its font" not in drawn(opened(app, split="test"), "scores")["html"]


def test_every_error_has_its_cause_and_leads_to_it(app: AppTest, store: ResultsStore, folder: Path) -> None:
    html = drawn(opened(app, split="test"), "overview")["html"]
    counted = [(name, int(n)) for name, n in re.findall(r'data-pick="cause (\w+)"[^>]*>(\d+)<', html)]
    its = evaluation_slice(store, GlyphStore(folder / "glyphs.db"), "test")
    assert sum(n for _, n in counted) == its.wrong("label").sum() > 0
    for name, n in counted:
        assert (
            len(
                glyphs_of_figure(
                    its, Shapes.of(GlyphStore(folder / "glyphs.db"), config.CACHE), "label", f"cause {name}"
                )
            )
            == n
        )


def test_without_rasters_it_says_so_once(app: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE", folder / "nowhere")
    opened(app, part="marks")
    assert "Ceiling" not in drawn(app, "scores")["html"]
    assert "Size of marks" not in drawn(app, "marks")["html"]
    assert sum("The ceiling and the sizes" in each.value for each in app.caption) == 1


def test_without_the_database_only_what_needs_it_is_gone(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    fake = tiny_database(tmp_path / "other.db")
    results = fake_results(fake, tmp_path / "results", name="gone", limit=200)
    fake.unlink()
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("GLYPHCORE_DB", str(fake))
    opened(app, results=results.name, split="train")
    assert drawn(app, "overview")["sprite"] == ""
    assert any("no pictures" in each.value for each in app.caption)


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ({"part": "<b>", "split": "x", "criterion": "", "by": "rank", "sort": "?", "threshold": "nan"},
         {"part", "split", "by", "sort", "threshold"}),
        ({"threshold": "2", "results": "../../etc/passwd", "part": "confidence"}, {"threshold"}),
    ],
)  # fmt: skip
def test_malformed_links_fall_back_to_the_default(app: AppTest, query: dict[str, str], refused: set[str]) -> None:
    opened(app, **query)
    assert not app.error
    lines = {f"The link's {name}={query[name]} is not valid here and was ignored." for name in refused}
    assert {toast.value for toast in app.toast} == lines
    said = drawn(app, "scores")["html"]
    opened(app, part="overview", split="val", criterion="label")
    assert drawn(app, "scores")["html"] == said


def test_an_empty_folder_offers_to_evaluate(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    opened(app)
    assert any("Nothing has been evaluated" in each.value for each in app.subheader)


def test_the_threshold_goes_to_the_url(app: AppTest) -> None:
    opened(app, part="confidence", threshold="0.4")
    assert app.slider(key="dashboard_threshold").value == 0.4
    app.slider(key="dashboard_threshold").set_value(0.7).run()
    assert not app.exception
    assert app.query_params["threshold"] in ("0.7", ["0.7"])


def test_the_sort_is_of_the_url(app: AppTest) -> None:
    counts = []
    for sort in ("n", "name"):
        opened(app, by="class", sort=sort)
        html = drawn(app, "overview")["html"]
        assert f'aria-sort="{"descending" if sort == "n" else "ascending"}"' in html
        counts.append(re.findall(r'data-key="row ([^"]*)"', html))
    assert counts[1] == sorted(counts[1])
    assert sorted(counts[0]) == counts[1] != counts[0]


def test_markup_escapes_what_is_not_markup() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    assert str(tag("b", hostile, title='"><i>')).count("<") == 2
    assert "<img" not in named(hostile, hostile)
    assert str(tag("p", Html("<b>x</b>"))) == "<p><b>x</b></p>"
    assert tag("td", class_="a", data_x=None, hidden=True) == '<td class="a" hidden></td>'


def test_charts_say_what_they_are_given(store: ResultsStore) -> None:
    val = evaluation_slice(store, None, "val")
    made = charts.reliability(reliability(val, "label"))
    assert len(made.data[1].x) == len(reliability(val, "label")["bins"])
    made = charts.coverage(coverage(val), operating_point(val, 0.5))
    assert [line.name for line in made.data] == [criterion.title for criterion in CRITERIA.values()]
    assert made.layout.shapes[0].x0 == operating_point(val, 0.5)["coverage"]
    nan = float("nan")
    history = [{"epoch": 0.0, "val/label_top1": 0.5, "val/label_top5": nan}, {"epoch": 1.0, "val/label_top1": 0.6}]
    made = charts.learning(history)
    assert [(line.name, line.x, line.y) for line in made.data] == [("Label accuracy", (1, 2), (0.5, 0.6))]
    assert charts.learning([]).data == ()


def test_the_look_is_of_no_theme() -> None:
    made = theme.figure(theme.line([0, 1], [0, 1], "a", i=9), theme.reference([0], [1]), x="t", y="u", legend=True)
    assert isinstance(made, go.Figure)
    assert made.layout.paper_bgcolor == made.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert made.layout.font.color is None, "the page's theme decides"
    assert made.data[0].line.dash == theme.DASHES[9 % len(theme.DASHES)]
    assert not made.data[1].showlegend


def test_no_confusion_is_said_in_words(store: ResultsStore) -> None:
    assert "There are no errors" in confusion_cards(None, [], {})  # type: ignore[arg-type]
