"""Validates a glyph database: one pass over its rows, with a few bytes of memory per glyph.

A finding is *wrong* where it makes figures false or loses glyphs. It is a *note* where it is only useful to know: for
example, a font may draw two characters alike, so that they cannot be told apart.
"""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from glyphcore.data.cache import PngFolder
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline import Outline
from glyphcore.data.raster import bounds
from glyphcore.data.splits import TELLING_POINTS
from glyphcore.data.store import SPLITS, GlyphRow, GlyphStore
from glyphcore.errors import EmptyOutlineError, GlyphError
from glyphcore.progress import Progress, Silent

EXAMPLES = 3
FEW = 5
"""A label with fewer glyphs can hardly be learned or judged."""
WRONG = {
    "orphan": "glyphs whose font is not in the fonts table",
    "malformed": "glyphs whose contours cannot be read",
    "flat": "glyphs whose contours enclose no area",
    "outside": "glyphs with a label outside the map",
    "leak": "families in more than one split",
    "copied": "glyphs whose outline also occurs in another split, under the same label",
    "raster": "glyphs whose PNG is missing, unreadable or not 128×128",
}
NOTES = {
    "empty": "glyphs without contours",
    "dropped": "glyphs with a contour of fewer than three points, which is left out",
    "doubled": "glyphs whose outline and position also occur under an unrelated label (no twin, no other form)",
    "twin": "glyphs whose outline and position also occur under a twin or another form of their label",
    "few": f"labels with fewer than {FEW} glyphs",
    "unused": "fonts without a glyph",
}


@dataclass
class Finding:
    """The number of times something was found, and the first examples."""

    kind: str
    """A key of :data:`WRONG` or :data:`NOTES`."""
    count: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        return self.kind in WRONG

    @property
    def what(self) -> str:
        """The finding in words."""
        return (WRONG | NOTES)[self.kind]

    def add(self, example: object) -> None:
        """Count one more example."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(str(example))


@dataclass(frozen=True)
class Health:
    """The contents of a database and the findings in it."""

    glyphs: int
    labels: int
    fonts: int
    notes: list[str]
    """Missing or unusual parts (:attr:`GlyphStore.notes`)."""
    findings: list[Finding]
    """One finding of every kind that this database can have; its count is 0 where nothing was found."""

    @property
    def wrong(self) -> bool:
        """Whether any finding is wrong."""
        return any(finding.wrong and finding.count for finding in self.findings)


class _Shapes:
    """Outlines by hash, with their names: 29 bytes per glyph."""

    def __init__(self) -> None:
        self.glyph, self.key, self.label = array("q"), array("Q"), array("I")
        self.split, self.telling = array("b"), array("b")

    def add(self, row: GlyphRow, outline: Outline, label: int) -> None:
        self.glyph.append(row.glyph_id)
        self.key.append(_key(outline, row.upem))
        self.label.append(label)
        self.split.append(SPLITS.index(row.split))
        self.telling.append(len(outline.points) >= TELLING_POINTS)

    def shared(self, names: Sequence[str], labels: LabelMap) -> Iterable[tuple[str, str]]:
        """Yield kind and example of every glyph whose outline also occurs where it should not."""
        key, label, split = (np.array(column) for column in (self.key, self.label, self.split))
        order = np.lexsort((np.array(self.glyph), key))
        groups = np.split(order, np.flatnonzero(np.diff(key[order])) + 1) if len(order) else []
        for rows in groups:
            if len(rows) < 2:
                continue
            here = sorted({names[i] for i in label[rows].tolist()})
            if len(here) > 1:
                kind = "twin" if _akin(here, labels) else "doubled"
                for row in rows.tolist():
                    others = ", ".join(other for other in here if other != names[label[row]])
                    yield kind, f"{self.glyph[row]} {names[label[row]]} = {others}"
            if self.telling[rows[0]]:
                for label_id in np.unique(label[rows]):
                    alike = rows[label[rows] == label_id]
                    if len(np.unique(split[alike])) > 1:
                        yield from (("copied", f"{self.glyph[row]} {names[label_id]}") for row in alike.tolist())


def examine(
    store: GlyphStore, labels: LabelMap, pngs: PngFolder | None = None, progress: Progress | None = None
) -> Health:
    """Check every glyph; with ``pngs`` also its raster. Raises StoreError where the database cannot be read."""
    progress = progress or Silent()
    kinds = {kind: Finding(kind) for kind in WRONG | NOTES}
    fonts = store.font_keys()
    seen_fonts: set[str] = set()
    counts: Counter[str] = Counter()
    number: dict[str, int] = {}
    splits_of: dict[str, set[str]] = defaultdict(set)
    shapes = _Shapes()
    for row in progress.track(store.rows(), total=store.count(), what="glyphs"):
        counts[row.label] += 1
        if row.label not in labels.index:
            kinds["outside"].add(f"{row.glyph_id} {row.label}")
        if fonts is not None:
            seen_fonts.add(str(row.f_id))
            if str(row.f_id) not in fonts:
                kinds["orphan"].add(f"{row.glyph_id} (font {row.f_id})")
        if store.has_splits and row.family:
            splits_of[row.family].add(row.split)
        if store.has_contours and (outline := _outline(row, kinds)):
            shapes.add(row, outline, number.setdefault(row.label, len(number)))
        if pngs is not None:
            try:
                pngs.packed(row.glyph_id, row.raster)
            except GlyphError as error:
                kinds["raster"].add(error.problem)
    for family, splits in sorted(splits_of.items()):
        if len(splits) > 1:
            kinds["leak"].add(f"{family} ({', '.join(sorted(splits, key=SPLITS.index))})")
    for label, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count < FEW:
            kinds["few"].add(f"{label} ({count})")
    for font in sorted(fonts - seen_fonts) if fonts is not None else ():
        kinds["unused"].add(font)
    for kind, example in shapes.shared(list(number), labels):
        kinds[kind].add(example)
    looked = _looked_for(store, pngs, fonts is not None)
    findings = [finding for kind, finding in kinds.items() if kind in looked]
    return Health(sum(counts.values()), len(counts), len(fonts or ()), store.notes, findings)


def _looked_for(store: GlyphStore, pngs: PngFolder | None, fonts: bool) -> set[str]:
    """Return the kinds of findings that such a database can have."""
    looked = {"outside", "few"}
    if store.has_contours:
        looked |= {"malformed", "flat", "empty", "dropped", "doubled", "twin"}
    if store.has_contours and store.has_splits:
        looked.add("copied")
    if fonts:
        looked |= {"orphan", "unused"}
    if store.has_splits:
        looked.add("leak")
    if pngs is not None:
        looked.add("raster")
    return looked


def _outline(row: GlyphRow, kinds: dict[str, Finding]) -> Outline | None:
    """Return a glyph's outline if it encloses an area; otherwise count the kind of its fault and return None."""
    try:
        outline = row.outline()
        if outline.empty and not _contours(row.contours):
            kinds["empty"].add(f"{row.glyph_id} {row.label}")
            return None
        bounds(outline)
    except EmptyOutlineError as error:
        kinds["flat"].add(f"{row.glyph_id} {row.label}: {error.problem}")
        return None
    except GlyphError as error:
        kinds["malformed"].add(f"{row.glyph_id} {row.label}: {error.problem}")
        return None
    if _contours(row.contours) > len(outline.ends):
        kinds["dropped"].add(f"{row.glyph_id} {row.label}")
    return outline


def _contours(stored: str | bytes | None) -> int:
    """Return the number of contours in readable data, before empty contours are left out."""
    if stored is None:
        return 0
    text = stored.encode() if isinstance(stored, str) else stored
    text = text if text.startswith(b"[") else zlib.decompress(text)
    return max(text.count(b"moveTo"), text.count(b"closePath") + text.count(b"endPath"))


def _key(outline: Outline, upem: float | None) -> int:
    """Return a key that is equal for one outline at one place in its em, in any units. The place counts, because a
    raised comma is a quotation mark."""
    shape = np.round(outline.points / (upem or 1000), 4).astype(np.float32) + 0  # no negative zeros
    digest = hashlib.blake2b(np.ascontiguousarray(shape).tobytes(), digest_size=8)
    digest.update(np.ascontiguousarray(outline.tags).tobytes() + np.ascontiguousarray(outline.ends).tobytes())
    return int.from_bytes(digest.digest(), "little")


def _akin(names: Sequence[str], labels: LabelMap) -> bool:
    """Return whether labels stand for one character, or are usually drawn alike; unknown labels are not related to
    any."""
    places = [labels.index.get(name, -1) for name in names]
    if -1 in places:
        return False
    return len(set(labels.twin_index[places].tolist())) == 1 or len(set(labels.base_index[places].tolist())) == 1
