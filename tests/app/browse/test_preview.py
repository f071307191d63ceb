"""A preview is the page that the run will send, made without a session; changes that need the run are refused in one
line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from browser_fixtures import served
from components import drawn
from streamlit.testing.v1 import AppTest

from app.browse.preview import preview
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")


@pytest.fixture(autouse=True)
def places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setenv("GLYPHCORE_ANNOTATIONS", str(folder / "annotations.db"))


@pytest.fixture
def results(folder: Path) -> str:
    return next((folder / "results").glob("*.db")).name


def opened(query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    for name, value in parse_qsl(query):
        app.query_params[name] = [*app.query_params.get(name, []), value]
    return app.run()


def grid(app: AppTest) -> dict[str, Any]:
    """Return the data that a run has sent to the grid."""
    (found,) = [each for each in app.get("bidi_component") if each.key == "grid"]
    return json.loads(found.proto.json)


def asked(app: AppTest, changes: dict[str, list[str]]) -> dict[str, Any] | None:
    """Return the answer to a browser that sends the changes to the address that the run has given to the panel."""
    address = dict(parse_qsl(urlsplit(drawn(app, "facets")["preview"]).query, keep_blank_values=True))
    return preview(address["results"], address["view"], json.dumps(changes))


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("", {"char_class": ["latin"]}, "char_class=latin"),
        ("split=all&outcome=all", {"family": ["Cairo", "Amiri"]}, "split=all&outcome=all&family=Cairo&family=Amiri"),
        ("split=all&outcome=all&family=Cairo", {"family": []}, "split=all&outcome=all"),
        ("split=all&outcome=all", {"not family": ["Cairo"]}, "split=all&outcome=all&not=family:Cairo"),
        ("split=all&outcome=all&sort=sure", {"search": ["latin"]}, "split=all&outcome=all&sort=sure&q=latin"),
        ("split=all&outcome=all&at=100", {"outcome": ["wrong"], "split": ["train"]}, "split=train"),
    ],
)  # fmt: skip
def test_a_preview_is_what_the_run_sends(before: str, changes: dict[str, list[str]], after: str) -> None:
    sent, shown = grid(opened(after)), asked(opened(before), changes)
    del sent["acknowledged"]
    assert shown is not None
    assert shown["annotations"].pop("at") > sent["annotations"].pop("at")
    assert shown == sent
    assert sent["shown"]["content"]["items"], "an empty page would equal any other"


def test_a_preview_knows_the_tags_of_this_moment(folder: Path, results: str) -> None:
    query, tagged = "split=all&outcome=all&sort=id", '{"tag": ["odd"]}'
    with pytest.raises(StoreError, match="Tags and notes has no option “odd”"):
        preview(results, query, tagged)
    database = GlyphStore(folder / "glyphs.db")
    annotated = Annotated(Annotations(folder / "annotations.db"), database.fingerprint, database)
    annotated.change([Change((2, 7), tag="odd")])
    shown = preview(results, query, tagged)
    assert shown is not None
    assert [item["id"] for item in shown["shown"]["content"]["items"]] == [2, 7]
    assert shown["annotations"]["of"] == {
        glyph: {"tags": ("odd",), "note": "", "correction": ""} for glyph in ("2", "7")
    }
    annotated.change([Change((7,), tag="odd", on=False)])
    later = preview(results, query, tagged)
    assert later is not None
    assert later["shown"]["key"] != shown["shown"]["key"], "a browser that holds the page of before must not show it"


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ("split=all&outcome=all", {"search": ["zzzz"]}),
        ("split=all&outcome=all&layout=table", {"char_class": ["latin"]}),
        ("split=all", {"outcome": ["noise"]}),  # no search for doubtful labels yet: the run makes it and says so
        ("split=all&outcome=all&cells=5,3%3D17", {"char_class": ["latin"]}),
    ],
)  # fmt: skip
def test_where_the_page_shows_no_grid_there_is_no_preview(results: str, query: str, changes: dict) -> None:
    assert preview(results, query, json.dumps(changes)) is None


@pytest.mark.parametrize(
    ("query", "changes", "said"),
    [
        ("", '{"colour": ["red"]}', "not on this page"), ("", '{"char_class": ["Latin · 111"]}', "has no option"),
        ("", '{"char_class": "latin"}', "not on this page"), ("", '{"outcome": []}', "has no option"),
        ("", "", "not a JSON object"), ("", "[]", "not a JSON object"), ("", "[" * 5000, "not a JSON object"),
        ("", '{"search": ["\\ud800"]}', "not a JSON object"), ("outcome=nonsense", "{}", "not a view of Browse"),
        ("like=embedding-99999999", "{}", "99999999"), ("ids=nonsense", "{}", "not a view of Browse"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_in_a_line(results: str, query: str, changes: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as refused:
        preview(results, query, changes)
    assert "\n" not in str(refused.value)


def test_other_results_than_there_are_have_no_preview(results: str) -> None:
    for name in ("", "gone.db", f"../results/{results}", "x" * 5000):
        with pytest.raises(StoreError, match="There are no results"):
            preview(name, "", "{}")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


def answer(address: str, headers: dict[str, str] | None = None, method: str = "GET", **query: str) -> tuple[int, Any]:
    request = Request(f"{address}/api/preview?{urlencode(query)}", headers=headers or {}, method=method)
    try:
        with urlopen(request, timeout=60) as found:
            return found.status, found.read()
    except HTTPError as error:
        return error.code, error.read()


def test_the_route_answers_without_a_session(address: str, results: str) -> None:
    changes = {"char_class": ["latin"]}
    status, body = answer(address, results=results, view="split=all&outcome=all", changes=json.dumps(changes))
    assert status == 200
    same = json.dumps(preview(results, "split=all&outcome=all", json.dumps(changes)))
    first, again = json.loads(body), json.loads(same)
    assert first["annotations"].pop("at") < again["annotations"].pop("at")
    assert first == again
    assert answer(address, results=results, view="", changes='{"search": ["zzzz"]}') == (204, b"")


@pytest.mark.parametrize(
    ("query", "status"),
    [({}, 400), ({"changes": '{"colour": ["red"]}'}, 400), ({"changes": "{"}, 400), ({"view": "q=" + "x" * 9000}, 400)],
)
def test_the_route_says_what_is_malformed_in_one_line(
    address: str, folder: Path, results: str, query: dict[str, str], status: int
) -> None:
    found, body = answer(address, **({"results": results} | query if query else {}))
    assert found == status
    assert set(said := json.loads(body)) == {"error"}
    assert said["error"]
    assert "\n" not in said["error"]
    assert "Traceback" not in (folder / "log").read_text()


def test_the_route_is_for_the_apps_own_pages(address: str, results: str) -> None:
    asked = {"results": results, "view": "", "changes": "{}"}
    assert answer(address, **asked)[0] == 200
    assert answer(address, {"Sec-Fetch-Site": "cross-site"}, **asked)[0] == 403
    assert answer(address, {"Host": "rebound.invalid"}, **asked)[0] == 403
    assert answer(address, method="POST", **asked)[0] == 405
