"""Answers to requests about a PDF, in plain types: for the commands, which ask another process, and for Python
callers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import groupby
from math import exp
from pathlib import Path
from typing import Any

from glyphcore.audit.corrections import csv_rows, parse
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.errors import GlyphError, PdfError
from glyphcore.files import replacing, writing
from glyphcore.pdf import write
from glyphcore.pdf.claims import settle
from glyphcore.pdf.glyphs import Glyph
from glyphcore.pdf.lines import page_texts
from glyphcore.pdf.model_choice import read_pdf_by
from glyphcore.pdf.reading import Reading
from glyphcore.pdf.spans import enclose
from glyphcore.pdf.texts import decipher
from glyphcore.pdf.verdicts import STRANGER, Verdict
from glyphcore.progress import counted
from glyphcore.runtime.model_pair import Models
from glyphcore.text.choosing import wanted
from glyphcore.text.grammar import Candidate

Record = dict[str, Any]


@lru_cache(maxsize=1)
def models_of(checkpoint: Path) -> Models:
    """Return the models that a checkpoint, a model name or ``auto`` stands for; the last models stay open."""
    return Models(checkpoint)


def answer(request: Mapping[str, Any], checkpoint: Path) -> Record:
    """Answer one request. Raises GlyphError."""
    options = {name: value for name, value in request.items() if name not in ("do", "path", "password")}
    reading, model = read_pdf_by(models_of(checkpoint), Path(request["path"]), request.get("password", ""))
    do: dict[str, Callable[..., Record]] = {"inspect": inspected, "repair": repaired, "text": texts}
    with reading.pdf:
        return do[request["do"]](reading, model.labels, **options)


def inspected(reading: Reading, labels: LabelMap) -> Record:
    """Return the fonts with their verdicts, and the share of each page that is not to be trusted."""
    return {
        "file": str(reading.path),
        "damage": reading.damage,
        "whole": reading.whole,
        "lies": reading.lies,
        "fonts": [_font(verdict) for verdict in reading.verdicts],
        "pages": _pages(reading),
        "snags": dict(reading.content.snags),
    }


def _font(verdict: Verdict) -> Record:
    font = verdict.font
    return {
        "font": font.name,
        "kind": font.described,
        "verdict": verdict.verdict,
        "lies": verdict.lies,
        "glyphs": len(font.used),
        "shown": verdict.shown,
        "covered": round(verdict.covered, 4),
        "legible": verdict.legible,
        "snag": font.snag,
        "sources": {source: vars(found) for source, found in verdict.agreements.items()},
    }


def _pages(reading: Reading) -> list[Record]:
    """Return one record per page: the glyphs shown, the number of glyphs of lying fonts, and their ranges in the page's
    drawing order."""
    lying = {id(verdict.font) for verdict in reading.verdicts if verdict.lies}
    numbers = range(1, reading.content.pages + 1)
    found: list[Record] = [{"page": number, "shown": 0, "untrusted": 0, "ranges": []} for number in numbers]
    for number, shown in groupby(reading.content.shown, key=lambda shown_glyph: shown_glyph.page):
        page = found[number]
        at = 0
        for bad, run in groupby(shown, key=lambda shown_glyph: id(shown_glyph.font) in lying):
            count = sum(1 for _ in run)
            if bad:
                page["untrusted"] += count
                page["ranges"].append([at, at + count])
            at += count
        page["shown"] = at
    for page in found:
        page["share"] = round(page["untrusted"] / page["shown"], 4) if page["shown"] else 0.0
    return found


def decide(
    reading: Reading, labels: LabelMap, language: str, every: bool, confirmed: str | None
) -> tuple[list[str], list[str]]:
    """Give every glyph its reading. Returns the languages whose words decided, and one sentence for each kind of lines
    of ``confirmed`` that were left out."""
    names = wanted(language)
    settle(reading.verdicts, reading.glyphs, every=every)
    unheard = confirm(reading, Path(confirmed), labels) if confirmed else []
    languages = decipher(reading, names) if reading.lies or every else []
    leave_strangers(reading)
    return languages, unheard


def leave_strangers(reading: Reading) -> None:
    """Remove the text of glyphs that are probably none of the labels, and of fonts whose glyphs look like nothing
    known.

    A text that the PDF or a person gives stays. Words have already been used as evidence when this function runs.
    """
    strange = {id(verdict.font) for verdict in reading.verdicts if verdict.lies and not verdict.mendable}
    for glyph in reading.glyphs.all:
        none = glyph.none > STRANGER and glyph.source in ("outline", "text")
        if (
            glyph.source == "confirmed"
            or glyph.blank
            or not (none or all(id(font) in strange for font, _ in glyph.uses))
        ):
            continue
        if any((id(font), code) not in reading.glyphs.kept for font, code in glyph.uses):
            glyph.text, glyph.source, glyph.sure = write.UNKNOWN, "outside", 0.0


def confirm(reading: Reading, path: Path, labels: LabelMap) -> list[str]:
    """Take the corrections of people from a CSV file with the columns ``font``, ``code`` and one of ``codepoints``,
    ``text``. Other codes and fonts that show the same glyph follow. Returns one sentence about lines whose font the PDF
    does not show, and one about lines whose code it does not show. Raises GlyphError, which names the line."""
    fields, rows = csv_rows(path)
    if not {"font", "code"} <= set(fields) or not {"codepoints", "text"} & set(fields):
        raise GlyphError(
            f"{path} needs the columns font, code and one of codepoints, text.", subject=path,
            remedy="Name them in the first line.",
        )  # fmt: skip
    fonts = {verdict.font.name: verdict.font for verdict in reading.verdicts}
    strange: dict[str, list[str]] = {"font": [], "glyph": []}
    for line, row in enumerate(rows, 2):
        said = row.get("codepoints", "").strip() or row.get("text", "").strip()
        font = fonts.get(row["font"].strip())
        try:
            code = int(row["code"].strip().strip("<>"), 16)
            text = parse(said, labels).text
        except ValueError as error:
            raise GlyphError(
                f"{path}, line {line}: {row['code'][:40]!r} is no hexadecimal code.", subject=path
            ) from error
        except GlyphError as error:
            raise GlyphError(f"{path}, line {line}: {error}", subject=path) from error
        glyph = reading.glyphs.find(font, code) if font is not None else None
        if font is None:
            strange["font"].append(row["font"].strip()[:60])
        elif glyph is None:
            strange["glyph"].append(f"{font.name} {row['code'].strip()[:12]}")
        else:
            joins = glyph.candidates[0].joins if glyph.candidates else None
            glyph.candidates = [Candidate(text, joins, 0.0)]
            glyph.read(glyph.candidates[0], "confirmed", 1.0)
            for used, its_code in glyph.uses:
                reading.glyphs.kept.pop((id(used), its_code), None)
    return [
        f"{path}: {counted(len(its), 'line')} ignored, because the PDF does not show their {what} "
        f"({', '.join(dict.fromkeys(its[:5]))})"
        for what, its in strange.items()
        if its
    ]


def repaired(
    reading: Reading, labels: LabelMap, *, out: str, language: str = "auto", every: bool = False,
    confirmed: str | None = None, unsure: str = write.GUESS, ligatures: str = write.PRESENTATION,
    report: str | None = None, sheet: str | None = None, signed: bool = False,
) -> Record:  # fmt: skip
    """Write a copy in which lying fonts have the text that they show, and fonts with confirmed glyphs have those; a
    file without such fonts is copied unchanged."""
    path = Path(out)
    languages, unheard = decide(reading, labels, language, every, confirmed)
    said = {id(font) for glyph in reading.glyphs.all if glyph.source == "confirmed" for font, _ in glyph.uses}
    broken = [
        verdict
        for verdict in reading.verdicts
        if ((verdict.lies or every) and verdict.mendable) or id(verdict.font) in said
    ]
    if not broken:
        with replacing(path) as temporary:
            shutil.copyfile(reading.path, temporary)
    else:
        if write.signed(reading.pdf) and not signed:
            raise PdfError(
                f"{reading.path} is signed, and a repaired copy would break its signature.", subject=reading.path,
                remedy="Extract the text with glyphcore pdf text, or add --break-signatures.",
            )  # fmt: skip
        for verdict in broken:
            write.put(
                reading.pdf, verdict.font,
                write.texts_of(verdict.font, reading.glyphs, unsure=unsure, ligatures=ligatures),
            )  # fmt: skip
        enclose(reading.pdf, write.composed(reading.content, reading.glyphs, unsure=unsure, ligatures=ligatures))
        write.save(reading.pdf, path)
    record = inspected(reading, labels) | {
        "out": out,
        "repaired": [verdict.font.name for verdict in broken],
        "remarks": write.remarks(reading.pdf) if broken else [],
        "languages": languages,
        "unheard": unheard,
    }
    if report:
        _write_report(Path(report), record | {"glyphs": [_glyph(glyph) for glyph in reading.glyphs.all]})
    if sheet:
        from glyphcore.pdf.sheet import sheet as page

        with writing(Path(sheet)) as file:
            file.write(page(reading))
    return record


def _write_report(path: Path, record: Record) -> None:
    import json

    with writing(path) as file:
        json.dump(record, file, ensure_ascii=False, indent=1)
        file.write("\n")


def _glyph(glyph: Glyph) -> Record:
    return {
        "uses": [{"font": font.name, "code": f"{code:0{2 * font.width}X}"} for font, code in glyph.uses],
        "shown": glyph.count,
        "text": glyph.text,
        "codepoints": codepoints(glyph.text),
        "by": glyph.source,
        "p": round(glyph.sure, 4),
        "by_outline": glyph.shape,
        "fault": glyph.fault,
        "candidates": [
            {"text": candidate.text, "p": round(min(exp(candidate.log_p), 1.0), 4)}
            for candidate in glyph.candidates[:5]
        ],
    }


def texts(
    reading: Reading, labels: LabelMap, *, language: str = "auto", every: bool = False, confirmed: str | None = None,
    unsure: str = write.GUESS,
) -> Record:  # fmt: skip
    """Return the text of each page."""
    languages, unheard = decide(reading, labels, language, every, confirmed)
    for glyph in reading.glyphs.all:
        if unsure != write.GUESS and glyph.sure < write.UNSURE and not glyph.blank:
            glyph.text = "" if unsure == write.DROP else write.UNKNOWN
    return {
        "file": str(reading.path),
        "damage": reading.damage,
        "whole": reading.whole,
        "pages": page_texts(reading.content, reading.glyphs),
        "lies": reading.lies,
        "languages": languages,
        "unheard": unheard,
    }
