"""``words build``: the tables that PDFs are read with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add, add_group
from glyphcore.config.words import WordsConfig
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add it to the parser's commands."""
    words = add_group(commands, "words", "what words of languages look like")
    build = add(words, "build", _build, "Make the tables of languages that PDFs are read with, from word lists.",
                "glyphcore words build --list ckb=words.tsv --out languages")  # fmt: skip
    build.add_argument("languages", nargs="*", help="languages of wordfreq; none: all that are listed, or only --list")
    build.add_argument("--list", nargs="+", default=[], metavar="LANGUAGE=FILE,…", dest="lists",
                       help="lists of other languages: a word a line, its count behind a tab; .dic, .csv")  # fmt: skip
    build.add_argument("--out", type=Path, default=WordsConfig().out, help="folder to write")
    build.add_argument("--words", type=int, default=WordsConfig().words, help="words kept of each language")


def _build(args: argparse.Namespace, progress: Progress) -> None:
    lists = dict(each.partition("=")[::2] for each in args.lists)
    if bad := [name for name, file in lists.items() if not file]:
        raise GlyphError(f"--list wants LANGUAGE=FILE, not {bad[0]!r}.")
    named = tuple(args.languages) or (() if lists else WordsConfig().languages)
    config = WordsConfig(
        named, {name: tuple(map(Path, files.split(","))) for name, files in lists.items()}, args.out, args.words
    )
    from glyphcore.jobs import words_build

    words_build.run(config, progress)
