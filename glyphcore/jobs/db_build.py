"""``glyphcore db build``: make ``glyphs.db`` from font files.

Every glyph that a font itself maps to one of the labels becomes a row. Exact copies are stored once. Families that copy
each other share a split. Dropped candidates are counted by reason, and the counts are stored in the database.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from glyphcore.annotations.exchange import corrections
from glyphcore.annotations.store import Key
from glyphcore.cluster.engine import Lost
from glyphcore.cluster.files import content_of, map_files
from glyphcore.config import DATASET, BuildConfig
from glyphcore.data.corpus import CorpusFile, load_corpus, may_redistribute, sha256
from glyphcore.data.drawn_fonts import DrawnFace, DrawnGlyph, draw_file, from_plain, to_plain
from glyphcore.data.font_metrics import Metrics
from glyphcore.data.fonts import font_files
from glyphcore.data.labels import LabelMap, joining_groups, load_labels
from glyphcore.data.raster import PACKED, POLICY
from glyphcore.data.splits import SHARES, assign_splits, copied_pairs, groups
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.writer import write_store
from glyphcore.errors import FontError, GlyphError, StoreError
from glyphcore.progress import Progress, Silent


@dataclass
class _Rows:
    """The rows so far, and the data for deciding splits: every glyph, including exact copies."""

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
    shape: list[bytes]
    """Equal for equal outlines in one place of the em, whatever their label."""


def run(config: BuildConfig, progress: Progress | None = None) -> dict[str, int]:
    """Build the database; return the counts of dropped candidates by reason.

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
        return _build(config, labels, joining, sources, _Rows([], contours, packed, [], [], [], [], [], []), progress)


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
    corrected = _corrections(config.corrections, labels)
    given = len(corrected)
    seen: set[tuple[str, bytes]] = set()
    dropped: Counter[str] = Counter()
    for listed, faces in _drawn(config, sources, progress):
        if faces is None:
            dropped["unreadable font file"] += 1
            continue
        for face in faces:
            font = _font_record(len(fonts) + 1, face, listed)
            fonts.append(font)
            if listed and listed.further:
                further.add(font["f_id"])
            family = family_index.setdefault(font["family"], len(family_index))
            dropped.update(face.dropped)
            if face.fault:
                progress.say(face.fault)
                dropped["unreadable font file"] += 1
                continue
            if face.remark:
                by_freetype.append(font["f_id"])
                progress.say(face.remark)
            for glyph in face.glyphs:
                label = corrected.pop(Key(font["file_hash"], glyph.gid, glyph.label), glyph.label)
                _add(rows, replace(glyph, label=label), font["f_id"], family, labels, joining, seen, dropped)
    if config.corrections is not None:
        fit = f"{given - len(corrected):,} of {given:,} corrections of labels were made"
        progress.say(f"{fit}; the others belong to no glyph of these fonts" if corrected else fit)
    if not rows.stored:
        raise FontError("No font gave a glyph for any label; nothing was written.", remedy="Check the fonts.")
    progress.say(f"{len(rows.stored):,} glyphs; looking for families that copy each other")
    _decide_splits(rows, fonts, family_index, labels, further, _allowed(config, sources, fonts, family_index))
    _drop_held_out(rows, fonts, further, dropped)
    _drop_torn(rows, fonts, dropped)
    _thin(rows, config.per_label, dropped)
    meta = {
        "dropped": dict(sorted(dropped.items())),
        "drawn_alike": _drawn_alike(rows, labels),
        "labels": labels.fingerprint,
        "raster_policy": POLICY.version,
    }
    if further:
        meta["further_fonts"] = sorted(further)
    if by_freetype:  # the other outlines are as HarfBuzz draws them
        meta["fonts_drawn_by_freetype"] = by_freetype
    write_store(config.out, pd.DataFrame(fonts), _written(rows), meta)
    progress.say(f"{len(rows.stored):,} glyphs of {len(fonts)} fonts in {config.out}")
    for reason, count in sorted(dropped.items()):
        progress.say(f"  {count:8,} no row: {reason}")
    return dict(dropped)


def _drawn(
    config: BuildConfig, sources: list[tuple[Path, CorpusFile | None]], progress: Progress
) -> Iterator[tuple[CorpusFile | None, list[DrawnFace] | None]]:
    """Yield the faces of every file in order, None for a file that cannot be read, after a message about it."""
    files = [path for path, _ in sources]
    if config.cluster:
        about = (load_labels(config.labels).fingerprint, POLICY.version)
        labels = Path(config.labels.name) if config.send_files else config.labels.absolute()
        sent = content_of if config.send_files else None
        answers = map_files(
            config.cluster, partial(_draw_plain, labels), files, progress, what="fonts", about=about, sent=sent
        )
        for (_, listed), (path, answer) in zip(sources, answers, strict=True):
            if isinstance(answer, Lost):
                progress.say(f"{path} ended each worker that worked on it.")
            elif isinstance(answer, str):
                progress.say(answer)
            yield listed, from_plain(answer) if isinstance(answer, list) else None
        return
    for path, listed in progress.track(sources, total=len(sources), what="fonts"):
        try:
            yield listed, draw_file(path, config.labels)
        except GlyphError as error:
            progress.say(str(error))
            yield listed, None


def _draw_plain(labels: Path, file: Path) -> list[dict[str, Any]] | str:
    """Return the faces of a file as plain data, or the reason why it cannot be read. ``labels``: the label set, or the
    name of one that ships."""
    try:
        return to_plain(draw_file(file, DATASET / labels))
    except GlyphError as error:
        return str(error)


def _sources(config: BuildConfig) -> list[tuple[Path, CorpusFile | None]]:
    """Return the font files to read: the corpus by its list, then the user's own fonts that are not in the list."""
    listed = load_corpus(config.list) if config.reads_corpus else []
    if config.wider is not None:
        listed = [file for file in listed if not file.further] + load_corpus(config.wider)
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


def _corrections(file: Path | None, labels: LabelMap) -> dict[Key, str]:
    """Return the labels that people gave to glyphs. Raises StoreError for a file of another format."""
    if file is None:
        return {}
    try:
        return corrections(file.read_text(encoding="utf-8-sig"), labels.index)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} cannot be read: {error}.", subject=file,
                         remedy="Name a CSV file of 'glyphcore tags export'.") from error  # fmt: skip


def _font_record(f_id: int, face: DrawnFace, listed: CorpusFile | None) -> dict:
    metrics = Metrics(**face.metrics)
    return {
        "f_id": f_id,
        "file_hash": face.file_hash,
        "file": Path(listed.path).name if listed else face.file,
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
    glyph: DrawnGlyph,
    f_id: int,
    family: int,
    labels: LabelMap,
    joining: dict[str, str],
    seen: set[tuple[str, bytes]],
    dropped: Counter[str],
) -> None:
    index = labels.index[glyph.label]
    copy = glyph.label, glyph.shape
    rows.kept.append(copy not in seen)
    rows.shape.append(glyph.placed_shape)
    rows.packed.write(glyph.packed)
    rows.points.append(glyph.points)
    rows.label.append(index)
    rows.family.append(family)
    rows.f_id.append(f_id)
    if copy in seen:
        dropped["exact copy"] += 1
        return
    seen.add(copy)
    start = rows.contours.tell()
    rows.contours.write(glyph.contours)
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
            *glyph.box,
            start,
            rows.contours.tell(),
        ]
    )


def _drawn_alike(rows: _Rows, labels: LabelMap) -> list[list]:
    """Return pairs of labels that a family draws identically: the earlier label, the later label, the number of
    families that draw them identically, and the number of families that have both. All files of a family are one
    design, since each file may hold one script."""
    has: dict[int, set[int]] = defaultdict(set)
    of_shape: dict[tuple[int, bytes], set[int]] = defaultdict(set)
    for label, family, shape in zip(rows.label, rows.family, rows.shape, strict=True):
        has[label].add(family)
        of_shape[family, shape].add(label)
    alike: dict[tuple[int, int], set[int]] = defaultdict(set)
    for (family, _), drawn in of_shape.items():
        for pair in combinations(sorted(drawn), 2):
            alike[pair].add(family)
    return [
        [labels.labels[a], labels.labels[b], len(families), len(has[a] & has[b])]
        for (a, b), families in sorted(alike.items())
    ]


def _written(rows: _Rows) -> Iterator[tuple]:
    """Yield the stored rows in the order of the schema."""
    for i, (*row, start, end) in enumerate(rows.stored, 1):
        rows.contours.seek(start)
        yield i, *row, rows.contours.read(end - start)


def _allowed(
    config: BuildConfig,
    sources: list[tuple[Path, CorpusFile | None]],
    fonts: list[dict],
    family_index: dict[str, int],
) -> list[tuple[str, ...]]:
    """Return the splits that each family may be in.

    Val and test contain only families that may be redistributed, so that the shipped database gives the same figures as
    the full one.
    """
    allowed = [tuple(SHARES)] * len(family_index)
    for font in fonts:
        if font["source"] != "own" and not may_redistribute(font["licence"]):
            allowed[family_index[font["family"]]] = ("train",)
    if config.wider is None:
        return allowed
    before = GlyphStore(config.splits).fonts()
    kept = dict(zip(before["family"], before["split"], strict=True))
    first = {file.family for file in load_corpus(config.list)}
    for _, file in sources:
        if file is None or file.family not in family_index:
            continue
        family = family_index[file.family]
        if file.family in first:
            allowed[family] = (kept.get(file.family, "train"),)
        elif file.role == "measure":
            allowed[family] = tuple(name for name in allowed[family] if name != "train")
    return allowed


def _decide_splits(
    rows: _Rows,
    fonts: list[dict],
    family_index: dict[str, int],
    labels: LabelMap,
    further: set[int],
    allowed: list[tuple[str, ...]],
) -> None:
    """Fill the split of every row and font. ``further`` styles get the split of their family and do not influence
    it."""
    decides = ~np.isin(rows.f_id, sorted(further))
    label, family = np.array(rows.label)[decides], np.array(rows.family)[decides]
    class_index = pd.factorize(np.array(labels.char_class, dtype=object))[0]
    counts = np.zeros((len(family_index), class_index.max() + 1), dtype=np.int64)
    np.add.at(counts, (family, class_index[label]), np.array(rows.kept)[decides])
    rows.packed.flush()
    packed: np.ndarray = np.memmap(rows.packed, np.uint8, "r", shape=(len(rows.label), PACKED))
    packed = packed if decides.all() else packed[decides]
    pairs = copied_pairs(packed, np.array(rows.points)[decides], label, family)
    group = groups(len(family_index), pairs)
    split = assign_splits(counts, group, allowed)
    names = list(family_index)
    by_font = {}
    for font in fonts:
        its_family = family_index[font["family"]]
        font["split"] = by_font[font["f_id"]] = split[its_family]
        font["split_group"] = names[group[its_family]]
    for row in rows.stored:
        row[6] = by_font[row[0]]


def _drop_held_out(rows: _Rows, fonts: list[dict], further: set[int], dropped: Counter[str]) -> None:
    """Drop further styles of families that came into val or test: further styles are for training only."""
    out = {font["f_id"] for font in fonts if font["f_id"] in further and font["split"] != "train"}
    before = len(rows.stored)
    rows.stored[:] = [row for row in rows.stored if row[0] not in out]
    fonts[:] = [font for font in fonts if font["f_id"] not in out]
    further -= out
    if before > len(rows.stored):
        dropped["further style of a family in val or test"] += before - len(rows.stored)


def _drop_torn(rows: _Rows, fonts: list[dict], dropped: Counter[str]) -> None:
    """Drop families that share copies with several splits, and families that share copies with train but must not be in
    it."""
    before = len(rows.stored)
    rows.stored[:] = [row for row in rows.stored if row[6]]
    fonts[:] = [font for font in fonts if font["split"]]
    if before > len(rows.stored):
        dropped["copy of families of another split"] += before - len(rows.stored)


def _thin(rows: _Rows, most: int, dropped: Counter[str]) -> None:
    """Keep at most ``most`` train glyphs of a label, spread evenly over its fonts; 0 keeps all."""
    of_label: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows.stored):
        if row[6] == "train":
            of_label[row[3]].append(i)
    out: set[int] = set()
    for places in of_label.values():
        if most and len(places) > most:
            kept = np.linspace(0, len(places) - 1, most).astype(int)
            out |= set(places) - {places[i] for i in kept}
    if out:
        rows.stored[:] = [row for i, row in enumerate(rows.stored) if i not in out]
        dropped["more train glyphs of a label than asked for"] += len(out)
