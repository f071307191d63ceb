"""Font programs out of PDFs: how many can be opened and drawn, by kind, and why the others are refused.

    python benchmarks/programs.py FOLDER [--json FILE]

Every embedded program (``FontFile``, ``FontFile2``, ``FontFile3``) of every PDF below the folder is opened by
:class:`glyphcore.data.fonts.FontFace`, each distinct one once, and all its glyphs are drawn. A program is *opened* when
a glyph of it is drawn, *empty* when it has only spaces; a *broken glyph* is one that could not be drawn in an opened
program. ``mapped``: programs with a Unicode character map or exact names, ``codes``: with codes of one byte only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

import pikepdf

from glyphcore.data.containers import SFNT, file_of
from glyphcore.data.fonts import FontFace
from glyphcore.errors import FontError, OutlineError
from glyphcore.files import writing
from glyphcore.progress import Terminal

LARGEST = 64 << 20
"""Bytes of a program that is looked at."""


@dataclass
class Opened:
    """What became of one program."""

    kind: str
    by: str = ""
    """The library that draws it; empty where it was refused."""
    glyphs: int = 0
    drawn: int = 0
    broken: int = 0
    mapped: bool = False
    codes: bool = False
    refused: str = ""
    """The sentence of the refusal, without the name of the program."""


def programs(pdf: Path) -> list[bytes]:
    """Return the distinct font programs of a PDF; those of a file that cannot be read are left out."""
    found: dict[str, bytes] = {}
    try:
        with pikepdf.open(pdf, suppress_warnings=True) as book:
            for item in book.objects:
                if not isinstance(item, pikepdf.Dictionary):
                    continue
                for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                    stream = item.get(name)
                    if isinstance(stream, pikepdf.Stream):
                        try:
                            data = stream.read_bytes()
                        except (pikepdf.PdfError, RuntimeError):
                            continue
                        if 0 < len(data) <= LARGEST:
                            found[hashlib.sha256(data).hexdigest()] = data
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, RecursionError):
        return []
    return list(found.values())


def opened(data: bytes) -> Opened:
    """Open a program and draw all its glyphs."""
    path = Path("program")
    try:
        file = file_of(data, path)
        face = FontFace(path, 0, file)
    except FontError as error:
        kind = "OpenType" if data[:4] == b"OTTO" else "TrueType" if data[:4] in (b"\0\1\0\0", b"true") else "unknown"
        return Opened(kind, refused=re.sub(r"\b(program|TTF|OTF)\b", "it", error.problem))
    kind = file.kind if file.kind != SFNT else "OpenType" if data[:4] == b"OTTO" else "TrueType"
    outlines = face.outlines(range(face.glyph_count))
    broken = sum(isinstance(outline, OutlineError) for outline in outlines)
    drawn = sum(not isinstance(outline, OutlineError) and not outline.empty for outline in outlines)
    try:
        mapped, codes = bool(face.cmap), bool(face.codes()[1])
    except FontError:
        mapped = codes = False
    return Opened(kind, face.by, face.glyph_count, drawn, broken, mapped, codes)


def all_programs(pdfs: list[Path]) -> Iterator[bytes]:
    seen: set[str] = set()
    for pdf in Terminal().track(pdfs, total=len(pdfs), what="PDFs"):
        for data in programs(pdf):
            key = hashlib.sha256(data).hexdigest()
            if key not in seen:
                seen.add(key)
                yield data


def results(found: Iterator[bytes]) -> Iterator[Opened]:
    """Open programs in another process, which is replaced when a program ends it."""
    pool = ProcessPoolExecutor(1)
    for data in found:
        try:
            yield pool.submit(opened, data).result(120)
        except (BrokenProcessPool, TimeoutError) as error:
            yield Opened("unknown", refused=f"ended the process: {type(error).__name__}")
            pool.shutdown(wait=False)
            pool = ProcessPoolExecutor(1)
    pool.shutdown()


def report(every: list[Opened]) -> str:
    """Return the counts as Markdown."""
    by_kind: dict[str, list[Opened]] = defaultdict(list)
    for program in every:
        by_kind[program.kind].append(program)
    lines = ["| | programs | opened | by FreeType | empty | refused | glyphs drawn | broken | mapped | codes only |",
             "|---|" + "---:|" * 9]  # fmt: skip
    for kind, found in [*sorted(by_kind.items()), ("all", every)]:
        good = [program for program in found if program.drawn]
        numbers = (
            len(found), len(good), sum(program.by == "FreeType" for program in good),
            sum(not program.refused and not program.drawn for program in found),
            sum(bool(program.refused) for program in found), sum(program.drawn for program in good),
            sum(program.broken for program in found), sum(program.mapped for program in good),
            sum(program.codes and not program.mapped for program in good),
        )  # fmt: skip
        lines.append(f"| {kind} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    reasons = Counter(program.refused for program in every if program.refused)
    return "\n".join([*lines, "", *(f"{count} × {reason}" for reason, count in reasons.most_common())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of PDFs")
    parser.add_argument("--json", type=Path, help="JSON file with every program")
    args = parser.parse_args()
    every = list(results(all_programs(sorted(args.folder.rglob("*.pdf")))))
    if args.json:
        with writing(args.json) as out:
            json.dump([asdict(program) for program in every], out)
    print(report(every))


if __name__ == "__main__":
    main()
