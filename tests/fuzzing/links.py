"""Addresses of the app: every parameter of every page, with values that the app's own links never have."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app_fixtures import fake_results, tiny_database
from browser_fixtures import pages
from streamlit.testing.v1 import AppTest
from tiny_fonts import DESIGNS, build

from fuzzing import Wrong, require
from glyphcore.config import PROJECT

PAGES = tuple(path or "browse" for path in pages())
PARAMETERS = (
    "results",
    "split",
    "char_class",
    "family",
    "label",
    "base",
    "pred",
    "tag",
    "outcome",
    "p",
    "q",
    "ids",
    "cells",
    "like",
    "sort",
    "at",
    "glyph",
    "layout",
    "most",
    "panel",
    "beside",
    "edit",
    "outline",
    "near",
    "with",
    "a",
    "b",
    "by",
    "flip",
    "show",
    "criterion",
    "part",
    "threshold",
    "id",
    "kind",
    "colour",
    "find",
    "font",
    "model",
    "face",
    "assign",
    "verdict",
    "t",
    "page",
    "unknown",
)
WORDS = (
    "",
    "x",
    "val",
    "test",
    "all",
    "wrong",
    "right",
    "loss",
    "unsure",
    "similar",
    "table",
    "grid",
    "edit",
    "sensitivity",
    "fix",
    "models",
    "near",
    "families",
    "1",
    "0",
    "-1",
    "7",
    "12",
    "999999999",
    "9" * 18,
    "9" * 19,
    "9" * 400,
    "-" * 50 + "1",
    "--1",
    "٣",
    "²",
    "1_0",
    "1e5",
    "1e308",
    "nan",
    "inf",
    "-inf",
    "0.5",
    "0.2-0.7",
    "0-1",
    "nan-nan",
    "-0-1",
    "Amiri",
    "alef_isol",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE glyphs; --",
    "../../etc/passwd",
    "/etc/passwd",
    "..%2f..",
    "\0",
    "\ud7ff",
    "\u202e",
    "%00",
    "a\nb",
    "*",
    "[]",
    "{}",
    "null",
    "5-0",
    "5-0.6-1",
    "300-0",
    "5-99999",
    "5-0." * 3000,
    "r5=17",
    "5,5=17",
    "17",
    "17@5",
    "17@r5",
    "row",
    "x" * 3000,
    "glyph",
    "worst",
    "use",
    "misread",
    "agrees",
    "label",
    "flips",
    "broken",
    "fixed",
    "confidence",
    "file:///etc/passwd",
    "http://127.0.0.1/",
    "∞",
    "½",
    "१",
)


@dataclass(frozen=True)
class Seeds:
    folder: Path
    known: tuple[str, ...]


def prepare(folder: Path) -> Seeds:
    tiny_database(folder / "glyphs.db")
    results = [fake_results(folder / "glyphs.db", folder / "results")]
    (folder / "fonts").mkdir()
    build(DESIGNS[0]).save(folder / "fonts" / "0123456789ab-TinySans.ttf")
    os.environ |= {
        "GLYPHCORE_DB": str(folder / "glyphs.db"),
        "GLYPHCORE_RESULTS": str(folder / "results"),
        "GLYPHCORE_FONTS": str(folder / "fonts"),
    }
    words = ["0123456789ab", "0123456789ab-TinySans.ttf", *[each.name for each in results], "mixer-geometry.reader"]
    run("browse", {}, folder)  # loads the libraries before any fork
    return Seeds(folder, tuple(words))


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    shutil.copytree(seeds.folder / "results", box / "results")
    os.environ |= {
        "GLYPHCORE_RESULTS": str(box / "results"),
        "GLYPHCORE_UPLOADS": str(box / "uploads"),
        "GLYPHCORE_CONFIRMED": str(box / "confirmed.db"),
        "GLYPHCORE_ANNOTATIONS": str(box / "tags.db"),
    }
    page = rng.choice(PAGES)
    words = (*WORDS, *seeds.known * 4)
    names = rng.sample(PARAMETERS, rng.choice((1, 1, 2, 5)))
    query = {name: [rng.choice(words) for _ in range(rng.choice((1, 1, 1, 3, 60)))] for name in names}
    if page == "fonts" and rng.random() < 0.7:
        query["font"] = ["0123456789ab"]
    if page == "inspect" and rng.random() < 0.7:
        query["glyph"] = [str(rng.randrange(1, 300))]
    return run(page, query, seeds.folder)


FOLDERS = {"inspect": "inspector"}
"""Pages whose folder has another name: the standard library has a module ``inspect``, and the app's folder is on the
path."""


def run(page: str, query: dict[str, Any], folder: Path) -> str:
    """Open a page as a link does; its messages must not contain a path of this machine."""
    app = AppTest.from_file(str(PROJECT / "app" / "main.py"), default_timeout=60)
    if page != "browse":
        app.run()
        app.switch_page(f"{FOLDERS.get(page, page)}/page.py")
    for name, values in query.items():
        app.query_params[name] = values
    app.run()
    if app.exception:
        raise Wrong(
            f"{page} {json.dumps(query)[:300]}: {app.exception[0].message[:200]} {app.exception[0].stack_trace[-1:]}"
        )
    require_no_paths(app, folder, f"{page} {json.dumps(query)[:300]}")
    return f"{page}: {len(app.error)} errors said"


def require_no_paths(app: AppTest, folder: Path, where: str) -> None:
    """Require that no element, component or message names a folder of this machine."""
    text = repr(app.main) + repr(app.sidebar)
    text += " ".join(str(each.proto) for each in app.get("bidi_component"))
    for place in (str(folder.parent), str(PROJECT), str(Path.home())):
        found = re.search(re.escape(place) + r".{0,60}", text)
        require(found is None or len(place) < 3, f"{where}: shows {found and found[0]}")
