"""Figures in the README and the manual agree with the shipped files: the corpus list, the database, the cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glyphcore.analysis.metrics import METRICS, table
from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import CORPUS, shipped_checkpoints
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.nn.glyphnet import parameter_count

ROOT = Path(__file__).resolve().parents[1]
README, CARD_OF_DATA, ACCURACY = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/data-card.md", "docs/accuracy.md")
)
NAMES = [path.stem for path in shipped_checkpoints()]


def cells(text: str, start: str) -> list[str]:
    """Return the cells of the first table row whose first cell begins with ``start``."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_corpus_is_as_large_as_they_say() -> None:
    listed = json.loads(CORPUS.read_text(encoding="utf-8"))
    files, families = sum(len(each["files"]) for each in listed), len({each["family"] for each in listed})
    assert f"{files} files of {families} families" in " ".join(README.split())
    assert f"{files} font files of {families} families" in " ".join(CARD_OF_DATA.split())


def test_what_ships_has_the_glyphs_that_they_say() -> None:
    store = GlyphStore(ROOT / "dataset" / "glyphs.db")
    counts = {split: sum(row.split == split for row in store.rows(contours=False)) for split in SPLITS}
    assert cells(CARD_OF_DATA, "shipped: train part")[3] == f"{counts['train']:,}"
    assert cells(CARD_OF_DATA, "shipped: val and test")[3] == f"{counts['val'] + counts['test']:,}"
    for split in ("val", "test"):
        assert cells(CARD_OF_DATA, split)[3] == f"{counts[split]:,}"
        assert cells(README, f"{split}, per glyph")[1] == f"{counts[split]:,}"


def by_title(text: str, row: str) -> dict[str, str]:
    """Return the figures of a row of the first table with one column a metric, by the titles of its columns."""
    head = next(line for line in text.splitlines() if line.startswith("| | n |"))
    titles = [title.strip() for title in head.strip("|").split("|")]
    return dict(zip(titles[1:], cells(text, row)[1:], strict=True))


@pytest.mark.parametrize("split", ["val", "test"])
def test_the_readme_quotes_the_card(split: str) -> None:
    card = by_title((ROOT / "checkpoints" / "mixer-geometry.md").read_text(encoding="utf-8"), split)
    titles = [title.strip() for title in table({}).splitlines()[0].strip("|").split("|")]
    assert set(card) <= set(titles), "a card from before a metric has no column for it, but none that is not a metric's"
    assert by_title(ACCURACY, split) == card
    quoted = by_title(README, f"{split}, per glyph")
    assert len(quoted) >= 6
    assert quoted.items() <= card.items()
    assert set(quoted) - {"n"} < {metric.title for metric in METRICS.values()}


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_checkpoints_quotes_their_cards(name: str) -> None:
    card = (ROOT / "checkpoints" / f"{name}.md").read_text(encoding="utf-8")
    count = parameter_count(load_checkpoint(ROOT / "checkpoints" / f"{name}.ckpt").net())
    figures = by_title(card, "test")
    shown = ("Label accuracy", "Unicode accuracy", "Top-5 accuracy", "Mark accuracy (n)", "Primitive accuracy")
    expected = [f"{count / 1e6:.2f}M", *(figures[title].split()[0] for title in shown)]
    assert cells(ACCURACY, f"{name} ")[3:] == expected
    assert f"{count:,} parameters" in card


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_is_small(name: str) -> None:
    assert (ROOT / "checkpoints" / f"{name}.ckpt").stat().st_size <= 6e6
    assert parameter_count(load_checkpoint(ROOT / "checkpoints" / f"{name}.ckpt").net()) <= 3e6
