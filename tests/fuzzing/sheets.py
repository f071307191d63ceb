"""CSV files: label maps, confirmed characters, tags and notes; encodings, ragged lines, formulas in exports."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app_fixtures import fake_results, tiny_database

from fuzzing import require
from fuzzing.bytewise import damaged
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.exchange import from_csv, to_csv
from glyphcore.annotations.store import Annotations, Change, Key
from glyphcore.audit import corrections
from glyphcore.data.labels import CHARS_CSV, LabelMap, load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.results import export
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

CELLS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''=1",
    '=HYPERLINK("http://x")',
    "",
    " ",
    "\u0644",
    "a\nb",
    'a"b',
    "a,b",
    ";",
    "x" * 5000,
    "\0",
    "\ufeff",
    "U+0644",
    "0644",
    "1e5",
    "-0",
    "9" * 30,
    "nan",
    "\u202e=1",
    "<img src=x onerror=alert(1)>",
    "uni110000",
    "\ud7ff",
    "\uff1d1+1",
    "|cmd",
    "%0A=1",
)


@dataclass(frozen=True)
class Seeds:
    database: GlyphStore
    results: Path
    labels: LabelMap


def prepare(folder: Path) -> Seeds:
    database = tiny_database(folder / "glyphs.db")
    return Seeds(GlyphStore(database), fake_results(database, folder / "results"), load_labels())


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    return rng.choice((_labels, _confirmed, _tags, _tags_there_and_back, _exported))(seeds, rng, box)


def _labels(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / "chars.csv"
    path.write_bytes(_damaged(CHARS_CSV.read_text(encoding="utf-8-sig"), rng))
    found = load_labels.__wrapped__(path)
    require(len(set(found.labels)) == len(found.labels), "a label twice")
    require(
        all(isinstance(word, str) for column in (found.labels, found.base, found.twin_of) for word in column),
        "no words",
    )
    require(len(found.twin_index) == len(found) == len(found.subsets[1]), "tables differ in length")
    return f"{len(found)} labels"


def _confirmed(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / "mine.csv"
    rows = [
        [rng.choice((str(i), *CELLS)), rng.choice(CELLS), rng.choice((*CELLS, *seeds.labels.labels[:5]))]
        for i in range(5)
    ]
    path.write_bytes(_damaged(_csv(["glyph_id", "codepoints", "label"], rows), rng))
    found = corrections.read_csv(path, seeds.labels)
    path.write_text(corrections.to_csv(found), encoding="utf-8")
    _no_formulas(path.read_text(encoding="utf-8"))
    again = corrections.read_csv(path, seeds.labels)
    require(again == found, "writing and reading change confirmed characters")
    return f"{len(found)} confirmed"


def _tags(seeds: Seeds, rng: random.Random, box: Path) -> str:
    rows = list(seeds.database.glyphs([rng.randrange(1, 300) for _ in range(4)]))
    annotated = Annotated(Annotations(box / "tags.db"), "x", seeds.database)
    lines = [[*map(str, annotated.key(row)), rng.choice(("a; b", *CELLS)), rng.choice(CELLS)] for row in rows]
    if lines and rng.random() < 0.5:
        lines[0][rng.randrange(3)] = rng.choice(CELLS)
    text = _damaged(_csv(["font", "glyph_index", "label", "tags", "note"], lines), rng).decode("utf-8", "replace")
    found = from_csv(text, annotated)
    written = to_csv(annotated)
    _no_formulas(written)
    before = annotated.annotations.all()
    again = Annotated(Annotations(box / "again.db"), "x", seeds.database)
    require(
        from_csv(written, again).unfit == () and again.annotations.all() == before, "writing and reading change tags"
    )
    return f"{found.glyphs} tagged"


def _tags_there_and_back(seeds: Seeds, rng: random.Random, box: Path) -> str:
    (row,) = seeds.database.glyphs([rng.randrange(1, 300)])
    annotations = Annotations(box / "tags.db")
    annotated = Annotated(annotations, "x", seeds.database)
    changes = [Change((row.glyph_id,), note=rng.choice(CELLS))]
    changes += [Change((row.glyph_id,), tag=tag) for tag in [rng.choice(CELLS)] if tag]
    annotated.change(changes)
    written = to_csv(annotated)
    _no_formulas(written)
    again = Annotated(Annotations(box / "again.db"), "x", seeds.database)
    from_csv(written, again)
    require(again.annotations.all() == annotations.all(), "writing and reading change tags")
    require(annotated.annotations.all().keys() <= {Key(*annotated.key(row))}, "a different glyph was tagged")
    return "tagged"


def _exported(seeds: Seeds, rng: random.Random, box: Path) -> str:
    """Export rows whose words are formulas, as in somebody's database."""
    store = ResultsStore(seeds.results)
    rows = list(store.export(Filters(), "loss"))[:3]
    for row in rows:
        for name, value in vars(row).items():
            if isinstance(value, str):
                object.__setattr__(row, name, rng.choice(CELLS))
    _no_formulas(export.to_csv(rows))
    return "exported"


def _no_formulas(text: str) -> None:
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        for cell in row:
            number = cell.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()
            require(
                number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), f"a formula in a cell: {cell[:40]!r}"
            )


def _csv(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _damaged(text: str, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    ways: tuple[Callable[[], str], ...] = (
        lambda: text,
        lambda: text.replace(",", rng.choice((";", "\t", ",,"))),
        lambda: text + rng.choice(lines) * 3,
        lambda: "".join(rng.sample(lines, len(lines))),
        lambda: text.replace("\n", rng.choice(("\r", "\n\n", ",\n", "\r\n,,,,,,,,\r\n"))),
        lambda: lines[0] * 3,
        lambda: text + '"' + "x" * rng.choice((10, 200_000)),
        lambda: lines[0].strip() + "," + lines[0] + "".join(lines[1:]),
        lambda: text.replace(rng.choice(text.split(",")), rng.choice(CELLS), 3),
    )
    changed = rng.choice(ways)()
    data = changed.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-7")), "surrogatepass")
    return damaged(data, rng) if rng.random() < 0.35 else data
