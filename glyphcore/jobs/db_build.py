"""``glyphcore db build``: font files → ``glyphs.db``.

Every glyph that a font itself maps to one of the labels becomes a row; exact copies are kept once; families that copy
each other share a split. What became no row is counted by reason and written into the database.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from glyphcore.config import BuildConfig
from glyphcore.data.contours import serialise
from glyphcore.data.corpus import CorpusFile, load_corpus, may_redistribute, sha256
from glyphcore.data.fonts import FontFace, font_files, open_faces
from glyphcore.data.labelled import LabelledGlyph, labelled_glyphs
from glyphcore.data.labels import LabelMap, joining_groups, load_labels
from glyphcore.data.outline import Outline
from glyphcore.data.programs import HARFBUZZ
from glyphcore.data.raster import PACKED, POLICY, bounds, rasterize
from glyphcore.data.splits import assign_splits, copied_pairs, groups
from glyphcore.data.store_write import write_store
from glyphcore.errors import FontError, GlyphError
from glyphcore.progress import Progress, Silent


@dataclass
class _Rows:
    """The rows so far, and what splits are decided on: every glyph, exact copies included."""

    stored: list[list]
    """In the end of each, where its contours begin and end in ``contours``."""
    contours: IO[bytes]
    packed: IO[bytes]
    """2,048 bytes a glyph; on disk, like the contours, since a million of them would not fit into memory."""
    kept: list[bool]
    """Whether a glyph is stored; False for an exact copy of an earlier one."""
    points: list[int]
    label: list[int]
    family: list[int]
    f_id: list[int]


def run(config: BuildConfig, progress: Progress | None = None) -> dict[str, int]:
    """Build the database; returns the counts of dropped candidates by reason.

    Raises FontError when the corpus was not fetched, or when no given font yields a glyph.
    """
    progress = progress or Silent()
    labels = load_labels(config.labels)
    joining = joining_groups(config.labels)
    sources = _sources(config)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryFile(dir=config.out.parent) as contours,
        tempfile.TemporaryFile(dir=config.out.parent) as packed,
    ):
        return _build(config, labels, joining, sources, _Rows([], contours, packed, [], [], [], [], []), progress)


def _build(
    config: BuildConfig,
    labels: LabelMap,
    joining: dict[str, str],
    sources: list[tuple[Path, CorpusFile | None]],
    rows: _Rows,
    progress: Progress,
) -> dict[str, int]:
    fonts: list[dict] = []
    further: set[int] = set()
    by_freetype: list[int] = []
    family_index: dict[str, int] = {}
    seen: set[bytes] = set()
    dropped: Counter[str] = Counter()
    for path, listed in progress.track(sources, total=len(sources), what="fonts"):
        try:
            faces = open_faces(path)
        except GlyphError as error:
            progress.say(str(error))
            dropped["unreadable font file"] += 1
            continue
        for face in faces:
            font = _font_record(len(fonts) + 1, face, listed)
            fonts.append(font)
            if listed and listed.further:
                further.add(font["f_id"])
            family = family_index.setdefault(font["family"], len(family_index))
            try:
                glyphs = list(labelled_glyphs(face, labels, dropped))
            except GlyphError as error:
                progress.say(str(error))
                dropped["unreadable font file"] += 1
                continue
            if face.by != HARFBUZZ:
                by_freetype.append(font["f_id"])
                progress.say(f"{path.name}: {face.remarks()[0]}")
            for glyph in glyphs:
                _add(rows, glyph, face, font["f_id"], family, labels, joining, seen, dropped)
    if not rows.stored:
        raise FontError("No font gave a glyph for any label; nothing was written.", remedy="Check the fonts.")
    progress.say(f"{len(rows.stored):,} glyphs; looking for families that copy each other")
    _decide_splits(rows, fonts, family_index, len(set(labels.char_class)), labels, further)
    _drop_held_out(rows, fonts, further, dropped)
    meta = {
        "dropped": dict(sorted(dropped.items())),
        "labels": labels.fingerprint,
        "raster_policy": POLICY.version,
    }
    if further:
        meta["further_fonts"] = sorted(further)
    if by_freetype:  # the others are as HarfBuzz draws them
        meta["fonts_drawn_by_freetype"] = by_freetype
    write_store(config.out, pd.DataFrame(fonts), _written(rows), meta)
    progress.say(f"{len(rows.stored):,} glyphs of {len(fonts)} fonts in {config.out}")
    for reason, count in sorted(dropped.items()):
        progress.say(f"  {count:8,} no row: {reason}")
    return dict(dropped)


def _sources(config: BuildConfig) -> list[tuple[Path, CorpusFile | None]]:
    """Font files to read: the corpus by its list, then the user's own that are not in it."""
    listed = load_corpus(config.list) if config.reads_corpus else []
    sources: list[tuple[Path, CorpusFile | None]] = []
    missing = []
    for file in listed:
        path = file.cached(config.cache)
        if not path.is_file() or sha256(path) != file.sha256:
            missing.append(path.name)
        sources.append((path, file))
    if missing:
        raise FontError(
            f"{len(missing)} of {len(listed)} corpus files are not in {config.cache} (first: {missing[0]}).",
            remedy="Run 'glyphcore fonts fetch'.",
        )
    taken = {file.sha256 for file in listed}
    for path in font_files(list(config.fonts)):
        digest = sha256(path)
        if digest not in taken:  # one file in two places is one font
            taken.add(digest)
            sources.append((path, None))
    return sources


def _font_record(f_id: int, face: FontFace, listed: CorpusFile | None) -> dict:
    metrics = face.metrics
    return {
        "f_id": f_id,
        "file_hash": face.file_hash if face.number == 0 else f"{face.file_hash}#{face.number}",
        "file": Path(listed.path).name if listed else face.path.name,
        "family": listed.family if listed else metrics.family,
        "style": listed.style if listed else metrics.style,
        "weight": listed.weight if listed else metrics.weight,
        "subset": listed.subset if listed else "all",
        "source": listed.source if listed else "own",
        "package": listed.package if listed else "",
        "version": listed.version if listed else "",
        "licence": listed.licence if listed else metrics.licence,
        "upem": metrics.upem,
        "ascent": metrics.ascent,
        "descent": metrics.descent,
        "typo_ascent": metrics.typo_ascent,
        "typo_descent": metrics.typo_descent,
        "x_height": metrics.x_height,
        "cap_height": metrics.cap_height,
    }


def _add(
    rows: _Rows,
    glyph: LabelledGlyph,
    face: FontFace,
    f_id: int,
    family: int,
    labels: LabelMap,
    joining: dict[str, str],
    seen: set[bytes],
    dropped: Counter[str],
) -> None:
    try:
        box = bounds(glyph.outline)
        packed = rasterize(glyph.outline, glyph.advance, face.upem)
    except GlyphError:
        dropped["empty"] += 1
        return
    index = labels.index[glyph.label]
    copy = _copy_key(glyph.label, glyph.outline, face.upem)
    rows.kept.append(copy not in seen)
    rows.packed.write(packed.tobytes())
    rows.points.append(len(glyph.outline.points))
    rows.label.append(index)
    rows.family.append(family)
    rows.f_id.append(f_id)
    if copy in seen:
        dropped["exact copy"] += 1
        return
    seen.add(copy)
    start = rows.contours.tell()
    rows.contours.write(serialise(glyph.outline))
    rows.stored.append(
        [
            f_id,
            glyph.gid,
            glyph.name,
            glyph.label,
            labels.char_class[index],
            joining[glyph.label],
            "",  # the split, decided once all families are known
            glyph.advance,
            *box,
            start,
            rows.contours.tell(),
        ]
    )


def _written(rows: _Rows) -> Iterator[tuple]:
    """What is stored, as the schema has it."""
    for i, (*row, start, end) in enumerate(rows.stored, 1):
        rows.contours.seek(start)
        yield i, *row, rows.contours.read(end - start)


def _copy_key(label: str, outline: Outline, upem: int) -> bytes:
    """Equal for one label with one outline, wherever it stands and whatever its units per em."""
    shape = np.round((outline.points - outline.points.min(0)) / upem, 4)
    digest = hashlib.sha256(label.encode())
    for part in (shape.astype(np.float32), outline.tags, outline.ends):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()


def _decide_splits(
    rows: _Rows,
    fonts: list[dict],
    family_index: dict[str, int],
    classes: int,
    labels: LabelMap,
    further: set[int],
) -> None:
    """Fill the split of every row and font. ``further`` styles go where their family goes and have no say in it."""
    decides = ~np.isin(rows.f_id, sorted(further))
    label, family = np.array(rows.label)[decides], np.array(rows.family)[decides]
    class_index = pd.factorize(np.array(labels.char_class, dtype=object))[0]
    counts = np.zeros((len(family_index), classes), dtype=np.int64)
    np.add.at(counts, (family, class_index[label]), np.array(rows.kept)[decides])
    rows.packed.flush()
    packed: np.ndarray = np.memmap(rows.packed, np.uint8, "r", shape=(len(rows.label), PACKED))
    packed = packed if decides.all() else packed[decides]
    pairs = copied_pairs(packed, np.array(rows.points)[decides], label, family)
    group = groups(len(family_index), pairs)
    # Val and test are families that may be handed on, so that the shipped database measures what the full one does.
    free = [True] * len(family_index)
    for font in fonts:
        if font["source"] != "own" and not may_redistribute(font["licence"]):
            free[family_index[font["family"]]] = False
    split = assign_splits(counts, group, free)
    names = list(family_index)
    by_font = {}
    for font in fonts:
        its_family = family_index[font["family"]]
        font["split"] = by_font[font["f_id"]] = split[its_family]
        font["split_group"] = names[group[its_family]]
    for row in rows.stored:
        row[6] = by_font[row[0]]


def _drop_held_out(rows: _Rows, fonts: list[dict], further: set[int], dropped: Counter[str]) -> None:
    """Further styles are for training only: those of a family that came into val or test are taken out again."""
    out = {font["f_id"] for font in fonts if font["f_id"] in further and font["split"] != "train"}
    before = len(rows.stored)
    rows.stored[:] = [row for row in rows.stored if row[0] not in out]
    fonts[:] = [font for font in fonts if font["f_id"] not in out]
    further -= out
    if before > len(rows.stored):
        dropped["further style of a family in val or test"] += before - len(rows.stored)
