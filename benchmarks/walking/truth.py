"""The expected content of an address: counts by the code of ``glyphcore select``, and the words of its parameters."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from app.compare import state as comparison
from app.compare.controls import SPLITS as COMPARED
from app.dashboard.controls import CRITERIA, GROUPINGS, PARTS, SORTS, SPLITS
from app.inspector import state as look
from app.map.map import COLOURS
from app.primitives.controls import KIND_NAMES, SHOW
from app.shared import view as views
from app.shared.conditions import conditions
from glyphcore.analysis import alignment, codebook, flips
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import STANDARD, Annotations
from glyphcore.audit.findings import VERDICTS
from glyphcore.config import SOURCE
from glyphcore.data.store import GlyphStore
from glyphcore.results import where
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import SORTS as SORTED
from glyphcore.results.filters import Filters
from glyphcore.results.lookup import open_gathered
from glyphcore.results.store import list_results
from walking.served import Served

Fits = Collection[str] | Callable[[str], object]
LOOKS = ("panel", "beside", "edit", "outline", "near")
NARROWED = ("dashboard", "compare", "primitives", "map")
"""Pages besides Browse and Inspect whose addresses carry the selection."""


def _number(text: str) -> object:
    return re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII)


@dataclass(frozen=True)
class Count:
    """The expected headline of Browse."""

    n: int
    of: int
    shown: int
    """Number of shown glyphs with the limit for each group."""


class Truth:
    """The expected content, computed in this process from the results that the server shows."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.tags: set[str] = set(STANDARD)
        """Every tag that was ever given: a filter may outlive the last glyph with the tag."""
        self._opened = lru_cache(8)(self._open)

    @cached_property
    def fingerprint(self) -> str:
        return GlyphStore(self.served.database).fingerprint

    @cached_property
    def own_splits(self) -> bool:
        return GlyphStore(self.served.database).has_splits

    def files(self) -> list[Path]:
        """Return the finished results in the order in which the app lists them."""
        complete = [file for file in list_results(self.served.results) if file.complete]
        return [file.path for file in sorted(complete, key=lambda file: file.dataset_fingerprint != self.fingerprint)]

    def store(self, name: str) -> ResultsStore:
        """Return the results file that ``name`` selects on a page: that file, else the first."""
        files = self.files()
        path = next((file for file in files if file.name == name), files[0])
        return self._opened(path, path.stat().st_mtime_ns)

    def _open(self, path: Path, stamp: int) -> ResultsStore:
        served = self.served
        store = open_gathered(path, served.database, served.results, served.cache)
        database = GlyphStore(served.database)
        annotated = Annotated(Annotations(served.annotations), store.meta.dataset_fingerprint, database)
        return store.joined(tags=annotated.tagged)

    def count(self, address: str) -> Count:
        """Return the expected counts of Browse at an address."""
        store, filters = self._browsed(address)
        view = views.decode(_query(address))
        shown = store.shown(filters, view.sort, view.most)
        return Count(store.count(filters), store.count(replace(filters, outcome="")), shown)

    def _browsed(self, address: str) -> tuple[ResultsStore, Filters]:
        """Return the results and filters of an address of Browse."""
        view = views.decode(_query(address))
        filters = view.filters
        store = self.store(view.results)
        if "split" not in _query(address) and not (self.own_splits and "val" in store.columns.words["split"]):
            filters = replace(filters, split=())
        return store, filters

    def chips(self, address: str) -> list[str] | None:
        """Return the expected line of the selection at an address; None where there is no line."""
        page, query = urlsplit(address).path.strip("/") or "browse", _query(address)
        if page in ("browse", "inspect"):
            shown = views.shown(self._browsed(address)[1])
        elif page in NARROWED:
            shown = where.everywhere(where.decode(query))
        else:
            return None
        return [condition.text for condition in conditions(shown)]

    def command(self, address: str) -> int | None:
        """Return the number of glyphs that the real ``glyphcore select`` counts, with the limit for each group; None
        for a tag that no glyph has any more, which the command refuses."""
        store, filters = self._browsed(address)
        view = views.decode(_query(address))
        if not {*filters.tag, *filters.without("tag")} <= set(store.selector.tags()):
            return None
        command = [sys.executable, "-m", "glyphcore", "select", str(store.path), "--limit", "1",
                   "--db", str(self.served.database), f"--where={where.write(filters)}"]  # fmt: skip
        if store.selector.column(filters, view.sort) == SORTED[view.sort][0]:  # unknown sorts are refused
            command += ["--sort", view.sort]
        command += ["--most", view.most] if view.most else []
        done = subprocess.run(command, cwd=SOURCE, env=self.served.environment, capture_output=True, text=True)
        answer = done.stderr + done.stdout
        match = re.search(r"([\d,]+) with at most", answer) or re.search(r"([\d,]+) of [\d,]+ glyphs", answer)
        return int(match[1].replace(",", "")) if match else -1

    def unknown(self, address: str) -> list[str]:
        """Return the parameters of an address whose values are not allowed on that page."""
        page = urlsplit(address).path.strip("/") or "browse"
        query = _query(address)
        if page in ("browse", "inspect"):
            return self._of_selection(query, page)
        known = self._known(page, query)
        wrong = []
        for name, values in query.items():
            fits = known.get(name)
            for value in values:
                if fits is None or not (fits(value) if callable(fits) else value in fits):
                    wrong.append(f"{name}={value!r} on {page}")
        return wrong

    def _of_selection(self, query: dict[str, list[str]], page: str) -> list[str]:
        view = views.decode(query)
        written = {name: value if isinstance(value, list) else [value] for name, value in views.encode(view).items()}
        if page == "inspect":
            plain = look.encode(look.decode(query))
            written |= {name: value if isinstance(value, list) else [value] for name, value in plain.items()}
        wrong = [
            f"{name}={query.get(name, [])} means {written.get(name, [])}"
            for name in sorted(query.keys() | written.keys())
            if sorted(query.get(name, [])) != sorted(written.get(name, []))
        ]
        store = self.store(view.results)
        for name in where.SEVERAL:
            known = self._tags(store) if name == "tag" else set(store.columns.words[name])
            chosen = getattr(view.filters, name) if name in query else ()  # val is only the default
            named = (*chosen, *view.filters.without(name))
            wrong += [f"{name}={value!r}" for value in named if value not in known]
        files = self._files()
        wrong += [
            f"results={name!r}" for name in (view.results, *query.get("beside", [])) if name and name not in files
        ]
        return wrong

    def _tags(self, store: ResultsStore) -> set[str]:
        self.tags |= set(store.selector.tags())
        return self.tags

    def _files(self) -> set[str]:
        return {file.path.name for file in list_results(self.served.results)}

    def _known(self, page: str, query: dict[str, list[str]]) -> dict[str, Fits]:
        files = self._files()
        shown = [name for name in query.get("results", []) if name in files]
        words = self.store(shown[0] if shown else "").columns.words
        carried = self._carried(query)
        return {
            "dashboard": {
                **carried, "results": files, "split": SPLITS, "criterion": CRITERIA, "part": PARTS, "by": GROUPINGS,
                "sort": SORTS, "threshold": _number,
            },
            "compare": {
                **carried, "with": files, "a": files, "b": files, "split": COMPARED, "by": alignment.CRITERIA,
                "flip": flips.KINDS, "show": comparison.PARTS, "at": str.isdigit, "glyph": str.isdigit,
            },
            "primitives": {
                **carried, "results": files, "split": words["split"], "kind": KIND_NAMES, "sort": codebook.SORTS,
                "show": SHOW, "id": str.isdigit,
            },
            "map": {
                **carried, "results": files, "colour": COLOURS, "find": lambda text: len(text) <= 80,
                "at": re.compile(r"-?[\d.]+,-?[\d.]+,[\d.]+").fullmatch,
            },
            "fonts": {
                "font": re.compile("[0-9a-f]{12,64}").fullmatch, "face": str.isdigit, "alone": ("1",), "left": ("1",),
                "model": re.compile(r"[\w-]+\.(reader|ckpt)").fullmatch, "verdict": VERDICTS,
                "sort": ("worst", "glyph"), "t": _number, "at": str.isdigit, "glyph": str.isdigit,
            },
            "pdf": {
                "pdf": re.compile("[0-9a-f]{12,64}").fullmatch, "page": str.isdigit, "glyph": str.isdigit,
            },
        }.get(page, {})  # fmt: skip

    @staticmethod
    def _carried(query: dict[str, list[str]]) -> dict[str, Fits]:
        """Return the words of the selection whose values are valid."""
        read = where.encode(where.everywhere(where.decode(query)))
        return {name: [value] if isinstance(value, str) else value for name, value in read.items()}


def _query(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query, keep_blank_values=True)
