"""``glyphcore select``: the glyphs of a selection as Browse shows it, by filters, cells or likeness."""

from __future__ import annotations

from itertools import islice

from glyphcore.config import SelectConfig
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.filters import Filters
from glyphcore.results.lookup import open_gathered


def run(config: SelectConfig, progress: Progress | None = None) -> int:
    """Write the selection; returns how many glyphs it has. Raises StoreError for a malformed filter."""
    progress = progress or Silent()
    filters = Filters(
        config.split, config.family, config.char_class, config.label, pred=config.pred, outcome=config.outcome,
        search=config.search, pattern=config.cells, like=config.like, size=config.size,
    )  # fmt: skip
    store = open_gathered(
        config.model, config.db, config.results, config.cache, rasters=config.rasters, progress=progress
    )
    if config.sort == "similar" and not filters.like:
        raise StoreError("--sort similar needs a glyph to be similar to.", remedy="Name one: --like grid-17.")
    if filters.size and store.selector.extents() is None:
        raise StoreError("The sizes of these glyphs are unknown.", remedy="Leave --size away, or keep their database.")
    for name in ("split", "family", "char_class", "label", "pred"):
        if unknown := [each for each in getattr(filters, name) if each not in store.columns.words[name]]:
            raise StoreError(
                f"These results have no {name.replace('_', '-')} {', '.join(map(repr, unknown))}.",
                subject=store.path,
                remedy=f"Leave --{name.replace('_', '-')} away to see all.",
            )
    count = store.count(filters)
    rows = store.export(filters, config.sort or ("similar" if config.like else "loss"))
    write = to_jsonl if config.jsonl else to_csv
    with writing(config.out) as out:
        out.write(write(islice(rows, config.limit or None)))
    progress.say(f"{count:,} of {len(store):,} glyphs of {store.path.name}")
    return count
