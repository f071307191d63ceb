"""PDFs whose text was removed or made wrong: how much of the text is recovered, compared with the output of readers.

    python benchmarks/pdf.py [--files N] [--splits val test] [--only typst-fa] [--letters N] [--json FILE]
                             [--readers] [--ocr] [--wide]

A file is a producer, a language and a family that no model was trained on; each is harmed in two ways (``ToUnicode``
stripped, permuted). The files of a run come from a fixed order, so that a larger run has the same files and further
ones. With ``--wide`` the texts are Cyrillic, Greek and Hebrew, alone and beside English. Fonts are those of the corpus
that ``glyphcore fonts fetch`` downloads. Scores are shares of correct characters in the output of the reader
``pdftotext``; the benchmark needs poppler.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sqlite3
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from pdfs.fonts import Measured, prepare
from pdfs.harm import HARMS, harm
from pdfs.producers import LATIN_ONLY, PRODUCERS, family_of
from pdfs.readers import OCR, READERS, ocr, read
from pdfs.scoring import accuracy, score
from pdfs.texts import ARABIC, TEXTS, UNLISTED, WIDE_TEXTS

from glyphcore.config import AUTO, CACHE, CORPUS, DATASET
from glyphcore.data.corpus import load_corpus
from glyphcore.pdf import write
from glyphcore.pdf.answers import leave_strangers
from glyphcore.pdf.claims import settle
from glyphcore.pdf.model_choice import read_pdf_by
from glyphcore.pdf.spans import enclose
from glyphcore.pdf.texts import decipher
from glyphcore.pdf.verdicts import BROKEN
from glyphcore.runtime.model_pair import Models

warnings.filterwarnings("ignore")  # warnings of producers about fonts
FOLDER = CACHE / "pdfs"
METHODS = {"fonts alone": None, "--language none": (), "--language auto": "auto"}
ODD = ("Aref Ruqaa", "blaka", "Great Vibes", "VT323", "Amiri Quran", "UKIJ Imaret", "UKIJ Jelliy")
"""Families whose letters are unlike those of text faces: ruqaa, broken letters, copperplate, pixels, marks of the
Quran, towers."""
EVERY = TEXTS | WIDE_TEXTS
Case = tuple[str, str, Measured]


def families(splits: list[str]) -> list[Measured]:
    with sqlite3.connect(f"file:{DATASET / 'glyphs.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT DISTINCT family, split FROM fonts WHERE split != 'train'").fetchall()
    split = {family: family_split for family, family_split in rows if family_split in splits}
    files = [file for file in load_corpus(CORPUS) if file.family in split and file.weight == 400 and not file.italic]
    return [
        prepare(list(family_files), split[family], CACHE / "fonts", FOLDER / "fonts")
        for family, family_files in itertools.groupby(files, key=lambda file: file.family)
    ]


def plan(measured: list[Measured], count: int, texts: Mapping[str, tuple[str, ...]]) -> list[Case]:
    """Return cases in a fixed order that takes all producers and languages in turn."""
    cases = [
        (producer, language, font)
        for producer in PRODUCERS
        for language, paragraphs in texts.items()
        for font in measured
        if font.draws(" ".join(paragraphs)) and not (producer in LATIN_ONLY and language in ARABIC)
    ]
    random.Random("pdf").shuffle(cases)
    uses: dict[str, int] = defaultdict(int)
    plan_cases: list[Case] = []
    while cases and len(plan_cases) < count:
        best = min(cases, key=lambda case: uses[case[0]] + uses[case[1]] + uses[case[2].family])
        cases.remove(best)
        plan_cases.append(best)
        for key in (best[0], best[1], best[2].family):
            uses[key] += 1
    return plan_cases


def shortened(paragraphs: tuple[str, ...], letters: int) -> tuple[str, ...]:
    """Return the first words of a text, with at least ``letters`` characters that are no spaces; all words for 0."""
    if not letters:
        return paragraphs
    words, count = [], 0
    for word in " ".join(paragraphs).split():
        if count < letters:
            words.append(word)
            count += len(word)
    return (" ".join(words),)


def made(case: Case, letters: int = 0) -> Path | None:
    """Return the file as its producer writes it; None where the producer fails."""
    producer, language, font = case
    path = FOLDER / f"{producer}-{language}-{font.family.replace(' ', '')}{f'-{letters}' if letters else ''}.pdf"
    if not path.exists():
        try:
            PRODUCERS[producer](shortened(EVERY[language], letters), font.path, family_of(font.path), path)
        except Exception as error:
            print(f"{path.name}: not made: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            return None
    return path


def repaired(path: Path, out: Path, models: Models, names: object) -> tuple[list[str], list[str], float]:
    """Repair ``path`` into ``out``; return verdicts, languages and seconds."""
    start = time.perf_counter()
    reading, _ = read_pdf_by(models, path)
    settle(reading.verdicts, reading.glyphs)
    languages = [] if names is None else decipher(reading, None if names == "auto" else ())
    leave_strangers(reading)
    for verdict in reading.verdicts:
        if verdict.lies and verdict.mendable:
            write.put(reading.pdf, verdict.font, write.texts_of(verdict.font, reading.glyphs))
    enclose(reading.pdf, write.composed(reading.content, reading.glyphs))
    write.save(reading.pdf, out)
    return [row.verdict for row in reading.verdicts], languages, time.perf_counter() - start


def measure(
    case: Case, models: Models, readers: bool, tesseract: bool, letters: int = 0
) -> Iterator[dict[str, object]]:
    producer, language, font = case
    path = made(case, letters)
    if path is None:
        return
    truth = " ".join(shortened(EVERY[language], letters))
    untouched = accuracy(truth, read("pdftotext", path))
    healthy = [verdict.verdict for verdict in read_pdf_by(models, path)[0].verdicts]
    asked = (True, False) if tesseract else ()
    pictures = {named: score(truth, ocr(path, language if named else "", FOLDER), 1.0) for named in asked}
    for how in HARMS:
        broken, out = (FOLDER / f"{name}-{os.getpid()}.tmp" for name in ("broken", "repaired"))  # runs may share it
        if not harm(path, broken, how, path.name):
            continue
        row: dict[str, object] = {
            "file": path.name, "harm": how, "producer": producer, "language": language, "family": font.family,
            "split": font.split, "healthy": healthy,
            "untouched": score(truth, read("pdftotext", path), untouched),
        }  # fmt: skip
        for reader in READERS if readers else ("pdftotext",):
            whole = untouched if reader == "pdftotext" else accuracy(truth, read(reader, path))
            row[reader] = score(truth, read(reader, broken), whole)
        row |= {OCR[named]: got for named, got in pictures.items()}
        for method, names in METHODS.items():
            verdicts, languages, seconds = repaired(broken, out, models, names)
            row[method] = score(truth, read("pdftotext", out), untouched)
            row |= {"verdicts": verdicts, "told": languages, f"seconds {method}": seconds}
        yield row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--splits", nargs="+", default=["val", "test"])
    parser.add_argument("--only", default="", help="parts of file names")
    parser.add_argument("--letters", type=int, default=0, help="use only the first letters of each text, this many")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--readers", action="store_true", help="read with pypdf, pdfminer.six and pypdfium2 too")
    parser.add_argument("--ocr", action="store_true", help="read with Tesseract too, with and without the language")
    parser.add_argument("--wide", action="store_true", help="texts in Cyrillic, Greek and Hebrew")
    arguments = parser.parse_args()
    if not shutil.which("pdftotext"):
        raise SystemExit("pdftotext (poppler-utils) is needed to judge.")
    os.nice(5)
    FOLDER.mkdir(parents=True, exist_ok=True)
    models = Models(AUTO)
    rows: list[dict[str, object]] = []
    for case in plan(families(arguments.splits), arguments.files, WIDE_TEXTS if arguments.wide else TEXTS):
        name = f"{case[0]}-{case[1]}-{case[2].family}"
        if arguments.only and arguments.only not in name:
            continue
        for row in measure(case, models, arguments.readers, arguments.ocr, arguments.letters):
            rows.append(row)
            scores = "  ".join(f"{row[method]:.3f}" for method in ("untouched", "pdftotext", *METHODS))
            print(f"{row['file']:<45} {row['harm']:<9} {scores}  {row['verdicts']} {row['told']}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    report(rows)
    return 0


def report(rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    columns = [column for column in ("untouched", *READERS, *OCR.values(), *METHODS) if column in rows[0]]
    groups = {
        "all": rows,
        "Arabic script": [row for row in rows if row["language"] in ARABIC],
        "Latin": [row for row in rows if row["language"] not in ARABIC],
        **{language: [row for row in rows if row["language"] == language] for language in WIDE_TEXTS},
        "languages without a list": [row for row in rows if row["language"] in UNLISTED],
        "odd families": [row for row in rows if row["family"] in ODD],
        "all but odd families": [row for row in rows if row["family"] not in ODD],
        "val": [row for row in rows if row["split"] == "val"],
        "test": [row for row in rows if row["split"] == "test"],
        **{harm: [row for row in rows if row["harm"] == harm] for harm in HARMS},
        **{name: [row for row in rows if row["producer"] == name] for name in PRODUCERS},
    }
    print("\n| | harmed files | " + " | ".join(columns) + " |\n|---|---:|" + "---:|" * len(columns))
    for name, group in groups.items():
        if group:
            means = " | ".join(f"{statistics.mean(float(str(row[column])) for row in group):.3f}" for column in columns)
            print(f"| {name} | {len(group)} | {means} |")
    medians = " | ".join(f"{statistics.median(float(str(row[column])) for row in rows):.3f}" for column in columns)
    print(f"| median | {len(rows)} | {medians} |")
    wrong = {str(row["file"]) for row in rows if _lies(row["healthy"])}
    files, lies = {row["file"] for row in rows}, sum(_lies(row["verdicts"]) for row in rows)
    print(
        f"\nverdicts: {lies} of {len(rows)} harmed files lie; {len(wrong)} of {len(files)} untouched: {sorted(wrong)}"
    )
    for method in METHODS:
        print(f"{method}: {statistics.mean(float(str(row[f'seconds {method}'])) for row in rows):.2f} s a file")


def _lies(verdicts: object) -> bool:
    return any(verdict in BROKEN for verdict in verdicts) if isinstance(verdicts, list) else False


if __name__ == "__main__":
    sys.exit(main())
