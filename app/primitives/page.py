"""Primitives: the codebook in use, its confusions, and the details of one primitive."""

from dataclasses import replace

from app.primitives import controls
from app.primitives import data as cache
from app.primitives.codebook import codebook_panel, summary
from app.shared import parameters, pictures, sources
from app.shared import view as state
from app.shared.evaluations_panel import offer_evaluation
from app.shared.messages import fragment, missing, nothing_selected
from app.shared.navigation import go
from app.shared.selection_bar import selection_bar


@fragment
def body(source: sources.Source) -> None:
    """Draw everything under the navigation. A choice reruns only this fragment."""
    splits = cache.names_of_splits(source)
    selection = controls.read(splits)
    chosen = state.fit(source.store.columns.words, source.has)
    cut = cache.Cut(selection.split, chosen)
    n = cache.count(source, cut)
    selection_bar(chosen, f"{n:,} glyphs of {selection.split or 'all splits'}", key="selection",
                  on_change=state.narrow)  # fmt: skip
    if not n:
        nothing_selected(chosen, state.narrow)
        return
    codebook = cache.load_codebook(source, cut)
    ids = codebook.chosen(selection.kind, selection.sort)
    summary(codebook, selection.split)
    controls.controls(
        selection, splits, sources.files(), source.file, codebook,
        lambda: cache.export(source, cut, selection.kind, selection.sort),
    )  # fmt: skip
    primitive_id = selection.primitive_id(ids, len(codebook))
    shown_primitive = None if primitive_id is None else cache.primitive_view(source, primitive_id, cut)
    name = source.file.path.name
    opened = codebook_panel(
        codebook,
        ids,
        source.store.codebook,
        cache.pairs(source, cut) if selection.show == "pairs" else None,
        shown_primitive.primitive if shown_primitive else None,
        (shown_primitive.sprite, shown_primitive.glyphs, shown_primitive.shifts) if shown_primitive else ("", [], []),
        shape=pictures.SPRITE,
        key="codebook",
        on_choose=controls.choose,
        browse=parameters.link("browse", state.search(name, split=selection.split, within=replace(chosen, pattern=""))),
        pattern=chosen.pattern,
        inspect=parameters.link("inspect", state.search(name, within=chosen)),
    )
    if opened and "cells" in opened:
        query = state.search(name, cells=opened["cells"], split=selection.split, within=chosen)
        go("browse", query)
    if opened and "glyph" in opened:
        go("inspect", {**state.search(name, within=chosen), "glyph": str(opened["glyph"])})


def main() -> None:
    """Find the results and draw the page."""
    source = sources.source(state.arrive())
    if source is None:
        offer_evaluation(*sources.evaluation_paths(), sources.running())
        return
    body(source)
    missing(source.notes)


main()
