"""Settings of the jobs about cells: ``primitives`` and ``select``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from glyphcore.config.base import CACHE, DATASET, require


@dataclass(frozen=True)
class PrimitivesConfig:
    """The codebook of one checkpoint's results."""

    model: Path
    """Results file, or an evaluated checkpoint by file or name."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder for rasters read from the database."""
    rasters: Path | None = None
    """The evaluated folder of <glyph_id>.png."""
    split: str = ""
    """Only this split."""
    where: str = ""
    """Only glyphs of a selection: its words as in a link, 'char_class=digit&not=family:Kalam', or a whole link."""
    kind: Literal["", "dead", "duplicate", "badly"] = ""
    """Only primitives of this kind."""
    sort: Literal["use", "accuracy", "recall", "purity", "ink", "id"] = "use"
    """Order of the primitives."""
    pairs: int = 30
    """Number of confusions to list."""
    json: bool = False
    """Print everything as JSON."""
    csv: bool = False
    """Print the primitives as CSV."""

    def __post_init__(self) -> None:
        require(self.pairs >= 0, "pairs", "0 or more", self.pairs)
        require(not (self.json and self.csv), "csv", "given without --json", self.csv)


@dataclass(frozen=True)
class SelectConfig:
    """Glyphs of one checkpoint's results, selected by the filters of Browse."""

    model: Path
    """Results file, or an evaluated checkpoint by file or name."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder for rasters read from the database."""
    rasters: Path | None = None
    """The evaluated folder of <glyph_id>.png."""
    split: tuple[str, ...] = ()
    """Only these splits."""
    family: tuple[str, ...] = ()
    """Only these families."""
    char_class: tuple[str, ...] = ()
    """Only these classes."""
    label: tuple[str, ...] = ()
    """Only these labels."""
    pred: tuple[str, ...] = ()
    """Only these predicted labels."""
    outcome: str = ""
    """right, wrong, unicode_wrong, form_wrong, twin, twin_wrong, beyond_top5, noise."""
    search: str = ""
    """A character, a code point, or part of a label."""
    cells: str = ""
    """row,column=ID or any=ID, separated by spaces; * is any ink, 0 is empty, 17>42 is target 17 predicted as 42."""
    excluded: tuple[str, ...] = ()
    """Exclude these glyphs: FIELD:VALUE, where FIELD is split, family, char_class, label, base, pred, tag, outcome or
    size."""
    where: str = ""
    """A selection as in a link, 'char_class=digit&not=family:Kalam', or a whole link; other options override it."""
    like: str = ""
    """grid-17 or embedding-17: the glyphs most similar to glyph 17."""
    size: str = ""
    """Longer side in em: 0.15-0.2, or 0.4- for all above."""
    sort: str = ""
    """loss (worst first), unsure, sure, noise, similar, or a column such as margin; 'margin:down' reverses the
    order."""
    most: str = ""
    """Keep only the first glyphs of each group: family:3, or confusion:1 for each pair of label and prediction."""
    limit: int = 0
    """Largest number of glyphs; 0: all glyphs, or 1,000 in a sheet."""
    jsonl: bool = False
    """JSON lines instead of CSV."""
    out: Path | None = None
    """File to write; without it: standard output. A .parquet file is a table for pandas, DuckDB or Polars; a .html file
    is a sheet with figures and pictures."""

    def __post_init__(self) -> None:
        require(self.limit >= 0, "limit", "0 or more", self.limit)
        own_form = self.out is not None and self.out.suffix.lower() in (".parquet", ".html")
        require(not (self.jsonl and own_form), "jsonl", "given without an --out in .parquet or .html", self.jsonl)

    @property
    def as_html(self) -> bool:
        """Whether the selection is written as a sheet."""
        return self.out is not None and self.out.suffix.lower() == ".html"
