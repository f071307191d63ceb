"""``glyphcore select``: the glyphs of a selection as Browse shows it, by filters, cells or similarity."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from glyphcore.analysis.selection_sheet import MOST_ROWS, ROWS, Beside, sheet
from glyphcore.annotations.dataset import annotated_of, tags_of
from glyphcore.config import SelectConfig
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.filters import Filters, own_sort, parse_exclusion, parse_sort
from glyphcore.results.lookup import answerable, open_gathered, packed_rasters, sortable
from glyphcore.results.parquet import SUFFIX, write_parquet
from glyphcore.results.where import order, parse


def run(config: SelectConfig, progress: Progress | None = None) -> int:
    """Write the selection; return its number of glyphs without the limit. Raises StoreError for a malformed word."""
    progress = progress or Silent()
    filters = _filters(config)
    store = open_gathered(
        config.model, config.db, config.results, config.cache, rasters=config.rasters, progress=progress
    )
    fingerprint = store.meta.dataset_fingerprint
    store = store.joined(tags=lambda: tags_of(ANNOTATIONS, fingerprint, config.db))
    linked_sort, linked_most = order(config.where)
    sort, most = parse_sort(config.sort or linked_sort or own_sort(filters)), config.most or linked_most
    if sort == "similar" and not filters.like:
        raise StoreError("--sort similar needs a glyph.", remedy="Name a glyph, for example --like grid-17.")
    answerable(store, filters)
    sortable(store, filters, sort)
    count, shown = store.count(filters), store.shown(filters, sort, most)
    limited = f"; {shown:,} with at most {most}" if most else ""
    rows = islice(store.export(filters, sort, most=most), config.limit or None)
    if config.as_html:
        drawn = min(config.limit or ROWS, MOST_ROWS)
        beside = _beside(config, store, progress)
        with writing(config.out) as out:
            out.writelines(f"{line}\n" for line in sheet(store, filters, sort, most, beside, drawn))
        limited += f"; the first {drawn:,} in the sheet" if shown > drawn else ""
    elif config.out and config.out.suffix == SUFFIX:
        write_parquet(config.out, rows, store.meta)
    else:
        write = to_jsonl if config.jsonl else to_csv
        with writing(config.out) as out:
            out.write(write(rows))
    progress.say(f"{count:,} of {len(store):,} glyphs of {store.path.name}{limited}")
    return shown


def _beside(config: SelectConfig, store: ResultsStore, progress: Progress) -> Beside:
    """Return the pictures, tags and notes of the glyphs."""
    packed = packed_rasters(store, config.db, config.cache, config.rasters, progress)
    said = annotated_of(ANNOTATIONS, store.meta.dataset_fingerprint, config.db)
    if packed is None:
        progress.say("the database of these results was not found: the sheet has no pictures")
    return Beside(
        None if packed is None else lambda ids: packed.of_glyphs(ids)[0],
        lambda ids: (
            {} if said is None else {glyph: annotation.words for glyph, annotation in said.of_glyphs(ids).items()}
        ),
    )


def _filters(config: SelectConfig) -> Filters:
    """Return the filters of ``--where`` and of the options; an option overrides ``--where``, exclusions are
    combined."""
    query: dict[str, Any] = {
        "split": config.split, "family": config.family, "char_class": config.char_class, "label": config.label,
        "pred": config.pred, "outcome": config.outcome, "search": config.search, "pattern": config.cells,
        "like": config.like, "size": config.size,
    }  # fmt: skip
    filters = parse(config.where)
    excluded = dict.fromkeys((*filters.excluded, *map(parse_exclusion, config.excluded)))
    return replace(filters, **{name: value for name, value in query.items() if value}, excluded=tuple(excluded))
