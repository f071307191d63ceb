"""Primitives: the codebook in use, what is confused with what, and one primitive in full."""

from app.primitives import controls
from app.primitives import data as cache
from app.primitives.codebook import codebook, summary
from app.shared import parameters, pictures, sources
from app.shared import view as state
from app.shared.evaluations_panel import offer
from app.shared.messages import fragment, missing
from app.shared.navigation import go


@fragment
def body(source: sources.Source) -> None:
    """Everything under the navigation; choosing runs only this."""
    splits = cache.names_of_splits(source)
    asked = controls.read(splits)
    book = cache.book(source, asked.split)
    ids = book.chosen(asked.kind, asked.sort)
    summary(book, asked.split)
    controls.controls(
        asked, splits, sources.files(), source.file, book,
        lambda: cache.export(source, asked.split, asked.kind, asked.sort),
    )  # fmt: skip
    which = asked.one(ids, len(book))
    seen = None if which is None else cache.seen(source, which, asked.split)
    name = source.file.path.name
    opened = codebook(
        book, ids, source.store.codebook, cache.pairs(source, asked.split) if asked.show == "pairs" else None,
        seen.primitive if seen else None, (seen.sprite, seen.glyphs, seen.shifts) if seen else ("", [], []),
        shape=pictures.SPRITE, key="codebook", on_choose=controls.choose,
        browse=parameters.link("browse", state.search(name, split=asked.split)),
        inspect=parameters.link("inspect", state.search(name)),
    )  # fmt: skip
    if opened and "cells" in opened:
        found = state.search(name, cells=opened["cells"], split=asked.split)
        go("browse", found)
    if opened and "glyph" in opened:
        go("inspect", {**state.search(name), "glyph": str(opened["glyph"])})


def main() -> None:
    """Find the results, draw."""
    source = sources.source(parameters.results())
    if source is None:
        offer(*sources.evaluation_places(), sources.running())
        return
    body(source)
    missing(source.notes)


main()
