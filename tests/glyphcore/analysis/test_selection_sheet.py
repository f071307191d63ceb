"""The sheet of a selection: one file without other files, which gives the numbers of shown and of all glyphs."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database

from glyphcore import cli
from glyphcore.analysis.selection_sheet import Beside, sheet
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.data.raster import PACKED, png
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

WRONG = Filters(split=("val",), outcome="wrong")


class Seen(HTMLParser):
    """Elements and text of a page; an end tag without its start tag fails."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def rasters(ids: list[int]) -> np.ndarray:
    return np.stack([np.full(PACKED, glyph % 251, np.uint8) for glyph in ids])


def page_of(
    store: ResultsStore, filters: Filters = WRONG, sort: str = "loss", most: str = "", limit: int = 1000
) -> str:
    beside = Beside(rasters, lambda ids: {ids[0]: "odd <one>"})
    return "\n".join(sheet(store, filters, sort, most, beside, limit))


def test_the_sheet_stands_alone_and_shows_the_selection_in_its_order(store: ResultsStore) -> None:
    page = page_of(store)
    seen = Seen(page)
    assert seen.open == []
    assert not {"script", "link", "iframe"} & {tag for tag, _ in seen.elements}
    assert not [value for _, each in seen.elements for value in each.values() if value and "://" in value]
    assert "prefers-color-scheme: dark" in page
    rows = list(store.export(WRONG))
    pictures = [each["src"] for tag, each in seen.elements if tag == "img"]
    wanted = [f"data:image/png;base64,{base64.b64encode(png(rasters([row.glyph_id])[0])).decode()}" for row in rows]
    assert pictures == wanted
    assert re.findall(r"<td>(\d+)</td><td>[✓≈✗]</td>", page) == [str(row.glyph_id) for row in rows]
    assert "odd <one>" in seen.text, "escaped, so it is text"


def test_its_figures_are_those_of_all_glyphs_under_the_same_filters(store: ResultsStore) -> None:
    around = store.summary(Filters(split=("val",)))
    page = page_of(store)
    assert f"of all {around.n:,} glyphs under the same filters" in page
    assert f"Label accuracy</td><td class=n>{around.right / around.n:.1%}</td><td class=n>{around.right:,}" in page
    for family in ("Cairo", "Lora"):
        n, wrong = (store.count(Filters(split=("val",), family=(family,), outcome=each)) for each in ("", "wrong"))
        assert f"<td>{family}</td><td class=n>{n:,}</td><td class=n>{wrong:,}</td>" in page
    assert "Vazir" not in page, "it is not in val"


def test_it_says_how_many_it_shows_of_how_many(store: ResultsStore) -> None:
    n = store.count(WRONG)
    seen = Seen(page_of(store, most="family:3", limit=4))
    assert f"{n:,}, 6 of them with at most 3 per family, the first 4 shown" in seen.text
    assert len([tag for tag, _ in seen.elements if tag == "img"]) == 4
    assert "shown" not in Seen(page_of(store)).text.split("Glyphs")[-1]


def test_a_selection_without_glyphs_or_pictures_has_a_sheet_too(store: ResultsStore) -> None:
    assert "0 glyphs" in Seen(page_of(store, Filters(family=("nobody",)))).text
    bare = "\n".join(sheet(store, WRONG, "loss", "", Beside(None, lambda ids: {})))
    assert "<img" not in bare


def test_the_command_writes_it_for_a_name_that_ends_in_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = GlyphStore(tiny_database(tmp_path / "glyphs.db"))
    store = ResultsStore(fake_results(database.path, tmp_path / "results"))
    first = next(iter(store.export(WRONG, "margin:down")))
    said = Annotated(Annotations(ANNOTATIONS), database.fingerprint, database)
    said.change([Change((first.glyph_id,), tag="thin stem"), Change((first.glyph_id,), note="see 2")])
    out = tmp_path / "selection.html"
    words = ["select", str(store.path), "--db", str(database.path), "--split", "val", "--outcome", "wrong"]
    words += ["--sort", "margin:down", "--limit", "5", "--out", str(out)]
    assert cli.main(words) == 0
    page = out.read_text(encoding="utf-8")
    assert page.count("<img") == 5
    assert "thin stem; see 2" in page
    assert "the first 5 in the sheet" in capsys.readouterr().err
    assert cli.main([*words, "--jsonl"]) == 1
    assert "jsonl must be given without an --out in .parquet or .html" in capsys.readouterr().err
