"""Scripts of fonts: the script that ``infer`` names for a font, beside the one that it has.

    python benchmarks/scripts.py [--letters 60] [--json FILE]

A document is what a PDF embeds of a font: up to 60 letters of one script and six digits or signs, in the order of the
font. Fonts are those of the test families and those that ``dataset/outsiders.json`` keeps for measuring; no model was
trained on any of them. Each is read by the models of ``auto``. The script that is named is that of most predicted
letters, or that of the sentence about a font whose script no model knows.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glyphcore.audit.model_choice import read_font_by
from glyphcore.audit.scripts import scripts, sentence
from glyphcore.config import AUTO, CACHE, CORPUS, DATASET, DUPLICATE_PENALTY, OUTSIDERS
from glyphcore.data.corpus import CorpusFile, load_corpus
from glyphcore.data.sources import Glyph, SkippedInputs, Source, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.files import writing
from glyphcore.progress import Silent, Terminal
from glyphcore.runtime.model_pair import Models

FEWEST, SIGNS = 20, 6
"""Letters of a script from which a font has it; digits and signs of a document."""
KNOWN = ("Latin", "Arabic", "Cyrillic", "Greek", "Hebrew", "Georgian", "Armenian")
PICTURES, OTHER, SIGNS_ONLY = "pictures", "another", "signs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fonts", type=Path, default=CACHE / "fonts", help="folder of the fetched fonts")
    parser.add_argument("--letters", type=int, default=60, help="letters of a document")
    parser.add_argument("--json", type=Path, help="JSON file with every document")
    args = parser.parse_args()
    models, random, found = Models(AUTO), np.random.default_rng(0), []
    files = list(measured())
    for file in Terminal().track(files, total=len(files), what="fonts"):
        for truth, source, glyphs in documents(file, args.fonts, args.letters, random):
            named, line = read(models, source, glyphs)
            row = {"font": file.sha256, "family": file.family, "script": truth, "named": named, "line": line}
            found.append(row)
    if args.json:
        with writing(args.json) as out:
            json.dump(found, out, ensure_ascii=False, indent=1)
    print(report(found))


def measured() -> Iterator[CorpusFile]:
    """Yield one file of each test family, and the fonts that are kept for measuring, regular weights."""
    fonts = GlyphStore(DATASET / "glyphs.db").fonts()
    test = set(fonts[fonts["split"] == "test"]["family"])
    yield from (file for file in load_corpus(CORPUS) if file.family in test and not file.further and not file.italic)
    yield from (file for file in load_corpus(OUTSIDERS) if file.role == "measure" and not file.italic)


def documents(
    file: CorpusFile, folder: Path, letters: int, random: np.random.Generator
) -> Iterator[tuple[str, Source, list[Glyph]]]:
    """Yield a script, the font, and the glyphs of a document, for each script that the font has."""
    ((source, drawn),) = read_sources([file.cached(folder)], SkippedInputs(), Silent(), only_fonts=True, face=0)
    assert source.face is not None
    characters = {glyph: chr(code) for code, glyph in sorted(source.face.cmap.items(), reverse=True)}
    by_script: dict[str, list[Glyph]] = defaultdict(list)
    for glyph in drawn:
        by_script[script_of(characters.get(glyph.glyph_id, ""), pictures=bool(file.pictures))].append(glyph)
    signs = by_script.pop(SIGNS_ONLY, [])
    for script, glyphs in by_script.items():
        if not script or len(glyphs) < FEWEST:
            continue

        chosen = [glyphs[i] for i in random.permutation(len(glyphs))[:letters]]
        chosen += [signs[i] for i in random.permutation(len(signs))[:SIGNS]]
        yield script, source, sorted(chosen, key=lambda glyph: glyph.glyph_id)


def script_of(character: str, *, pictures: bool) -> str:
    """Return the script of a letter, ``pictures``, ``signs``, or nothing for a glyph without a character."""
    if pictures:
        return PICTURES
    if not character:
        return ""
    if unicodedata.category(character)[0] != "L":
        return SIGNS_ONLY
    plain = unicodedata.normalize("NFKC", character)[0]  # a letter of mathematics is the letter that it is drawn as
    name = unicodedata.name(plain, "").split(" ")[0].capitalize()
    return name if name in KNOWN else f"{OTHER} script"


def read(models: Models, source: Source, glyphs: list[Glyph]) -> tuple[str, str]:
    """Return the script that is named for these glyphs of a font, and the sentence about it."""
    reading = read_font_by(models, source, glyphs, mapping=False)
    findings = reading.findings(DUPLICATE_PENALTY)
    line = sentence(findings, reading.kinds, reading.labels)
    if "looks like a font of" in line:
        words = line.partition("looks like a font of ")[2]
        script = next((script for script in KNOWN if script in words), "")
        return (PICTURES if "pictures" in words else script or f"{OTHER} script"), line
    counts = Counter(scripts(findings, reading.labels))
    counts.pop(SIGNS_ONLY, None)
    return (counts.most_common(1)[0][0] if counts else SIGNS_ONLY), line


def report(found: list[dict[str, str]]) -> str:
    """Return the confusion table as Markdown."""
    rows = [script for script in (*KNOWN, f"{OTHER} script", PICTURES) if any(one["script"] == script for one in found)]
    columns = [*rows, SIGNS_ONLY]
    lines = [
        "| has \\ is called | documents | families | " + " | ".join(columns) + " |",
        "|---|" + "---:|" * (len(columns) + 2),
    ]
    for script in rows:
        its = [one for one in found if one["script"] == script]
        counts = Counter(one["named"] for one in its)
        numbers = [len(its), len({one["family"] for one in its}), *(counts[column] for column in columns)]
        lines.append(f"| {script} | " + " | ".join(str(number) if number else "–" for number in numbers) + " |")
    right = sum(one["script"] == one["named"] for one in found)
    return "\n".join([*lines, "", f"{right} of {len(found)} documents of {len({one['font'] for one in found})} fonts"])


if __name__ == "__main__":
    main()
