"""Fonts built from the shipped outlines of families that no model was trained on: real shapes without a download."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

from glyphcore.config import DATASET
from glyphcore.data.contours import parse
from glyphcore.data.labels import load_labels
from glyphcore.data.outline import CUBIC, ON, Outline

LATIN, ARABIC = "Roboto", "Shabnam"
"""Families of the test split."""
UNITS = {"isol": "isolated", "init": "initial", "medi": "medial", "fina": "final"}


def build(family: str, path: Path, *, cubic: bool = False, style: str = "Regular") -> dict[str, str]:
    """Write a font with the family's characters and joined forms; return glyph name → the text that it shows."""
    labels = load_labels()
    drawn: dict[str, tuple[Outline, int]] = {}
    texts: dict[str, str] = {}
    upem, rows = _rows(family, style)
    for label, advance, contours in rows:
        text = labels.base[labels.index[label]]
        name = _name(text, label)
        if name not in drawn:
            drawn[name], texts[name] = (parse(contours), advance), text
    order = [".notdef", "space", *sorted(drawn)]
    builder = FontBuilder(upem, isTTF=not cubic)
    builder.setupGlyphOrder(order)
    characters = {0x20: "space"}
    for name, text in texts.items():
        if len(text) == 1 and "." not in name:
            characters[ord(text)] = name
    builder.setupCharacterMap(characters)
    advances = {".notdef": upem // 2, "space": upem // 4} | {name: advance for name, (_, advance) in drawn.items()}
    empty = Outline(*parse("[]").__dict__.values())
    outlines = {name: drawn[name][0] if name in drawn else empty for name in order}
    if cubic:
        strings = {}
        for name, outline in outlines.items():
            pen = T2CharStringPen(advances[name], None)
            _draw(outline, pen)
            strings[name] = pen.getCharString()
        builder.setupCFF(family, {}, strings, {})
    else:
        glyphs = {}
        for name, outline in outlines.items():
            pen = TTGlyphPen(None)
            _draw(outline, pen)
            glyphs[name] = pen.glyph()
        builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (advances[name], 0) for name in order})
    builder.setupHorizontalHeader(ascent=upem, descent=-upem // 4)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": f"{family}-Regular"})
    builder.setupOS2(sTypoAscender=upem, sTypoDescender=-upem // 4, usWinAscent=upem, usWinDescent=upem // 4)
    builder.setupPost()
    builder.addOpenTypeFeatures(_features(texts))
    builder.save(path)
    return texts


def _rows(family: str, style: str) -> tuple[int, list[tuple[str, int, bytes]]]:
    with closing(sqlite3.connect(f"file:{DATASET / 'glyphs.db'}?mode=ro", uri=True)) as connection:
        font = connection.execute(
            "SELECT f_id, upem FROM fonts WHERE family = ? AND style = ? AND split != 'train' "
            "ORDER BY subset = 'latin' DESC",
            (family, style),
        ).fetchone()
        assert font is not None, f"{family} is not shipped outside of train"
        its = connection.execute(
            "SELECT label, advance_width, contours FROM glyphs WHERE f_id = ? ORDER BY glyph_id", font[:1]
        )
        return int(font[1]), its.fetchall()


def _name(text: str, label: str) -> str:
    form = label[-4:] if label[-5:-4] == "_" and label[-4:] in UNITS else ""
    base = "_".join(f"uni{ord(each):04X}" for each in text)
    return f"{base}.{form}" if form and form != "isol" else base


def _features(texts: Mapping[str, str]) -> str:
    found = []
    for form in ("init", "medi", "fina"):
        rules = [
            f"sub {name.removesuffix('.' + form)} by {name};"
            for name, text in texts.items()
            if name.endswith("." + form) and len(text) == 1 and name.removesuffix("." + form) in texts
        ]
        if rules:
            found.append(f"feature {form} {{ {' '.join(rules)} }} {form};")
    ligatures = [
        f"sub uni0644.{'init' if form == 'isol' else 'medi'} {alef}.fina by {name};"
        for alef in ("uni0627", "uni0623", "uni0625", "uni0622")
        for form in ("isol", "fina")
        for name in [f"uni0644_{alef}" + (".fina" if form == "fina" else "")]
        if name in texts and f"{alef}.fina" in texts
    ]
    if ligatures:
        found.append(f"feature rlig {{ {' '.join(ligatures)} }} rlig;")
    return "languagesystem DFLT dflt; languagesystem arab dflt;\n" + "\n".join(found)


def _draw(outline: Outline, pen: T2CharStringPen | TTGlyphPen) -> None:
    recorded = RecordingPen()
    start = 0
    for end in outline.ends.tolist():
        points, tags = outline.points[start : end + 1].tolist(), outline.tags[start : end + 1].tolist()
        start = end + 1
        recorded.moveTo(tuple(points[0]))
        waiting: list[tuple[float, float]] = []
        kind = ON
        for point, tag in [*zip(points[1:], tags[1:], strict=True), (points[0], ON)]:
            waiting.append(tuple(point))
            if tag != ON:
                kind = tag
                continue
            if len(waiting) == 1:
                recorded.lineTo(waiting[0])
            elif kind == CUBIC:
                recorded.curveTo(*waiting)
            else:
                recorded.qCurveTo(*waiting)
            waiting, kind = [], ON
        recorded.closePath()
    recorded.replay(pen)
