"""Commands that read PDFs: ``pdf inspect``, ``pdf repair``, ``pdf text``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import PARTLY, add, add_group
from glyphcore.config.pdf import PdfConfig, PdfInspectConfig, PdfReadConfig, PdfRepairConfig
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    pdf = add_group(commands, "pdf", "PDFs whose text is wrong")
    inspect = add(pdf, "inspect", _inspect, "Say which fonts of PDFs lie: a line a font.",
                  "glyphcore pdf inspect in.pdf",
                  codes=f"0 no font lies; 1 one does, or nothing could be read; {PARTLY} some files could not be read "
                        "(each is named), no font of the rest lies")  # fmt: skip
    _add_inputs(inspect)
    inspect.add_argument("--json", action="store_true", help="one JSON line a file, with fonts and pages")

    partly = f"1 nothing could be read; {PARTLY} some could not (each is named)"
    repair = add(pdf, "repair", _repair, "Give PDFs back the text that they show; only fonts that lie are touched.",
                 "glyphcore pdf repair in.pdf --out out.pdf", codes=f"0 all are written; {partly}")  # fmt: skip
    _add_inputs(repair)
    repair.add_argument("--out", type=Path, required=True, help="PDF to write; a folder where there are several")
    _add_reading(repair)
    repair.add_argument("--ligatures", choices=("presentation", "logical"), default=PdfRepairConfig.ligatures,
                        help="an Arabic ligature as one presentation form, or as its letters")  # fmt: skip
    repair.add_argument("--report", type=Path, metavar="FILE", help="JSON file: fonts, and each glyph's candidates")
    repair.add_argument("--sheet", type=Path, metavar="HTML", help="HTML file with the glyphs as they look")
    repair.add_argument("--break-signatures", action="store_true", help="write signed files too")

    text = add(pdf, "text", _text, "Print what PDFs show, with the fonts that lie read from their outlines.",
               "glyphcore pdf text in.pdf", codes=f"0 all were read; {partly}")  # fmt: skip
    _add_inputs(text)
    text.add_argument("--out", type=Path, help="text file to write; none: standard output")
    _add_reading(text)


def _add_inputs(command: argparse.ArgumentParser) -> None:
    command.add_argument("inputs", nargs="+", type=Path, metavar="PDF", help="PDF files and folders of them")
    command.add_argument("--checkpoint", type=Path, default=PdfConfig.checkpoint, help="checkpoint or export (.reader)")
    command.add_argument("--password", default="", help="of encrypted files")
    command.add_argument("--seconds", type=int, default=PdfConfig.seconds, help="processor time that a file may take")
    command.add_argument("--megabytes", type=int, default=PdfConfig.megabytes, help="memory that reading may ask for")


def _add_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--language", default=PdfReadConfig.language, metavar="auto|none|fa,en",
                         help="languages whose words decide between readings; auto finds out which")  # fmt: skip
    command.add_argument("--all", action="store_true", help="read all fonts anew, also those that are right")
    command.add_argument("--confirmed", type=Path, metavar="CSV",
                         help="what people say: columns font, code and one of codepoints, text")  # fmt: skip
    command.add_argument("--unsure", choices=("guess", "drop", "mark"), default=PdfReadConfig.unsure,
                         help="what a glyph becomes that was not read surely")  # fmt: skip


def _shared(args: argparse.Namespace) -> dict[str, Any]:
    names = ("checkpoint", "password", "seconds", "megabytes")
    return {"inputs": tuple(args.inputs), **{name: getattr(args, name) for name in names}}


def _reading(args: argparse.Namespace) -> dict[str, Any]:
    return _shared(args) | {
        "every": args.all,
        **{name: getattr(args, name) for name in ("language", "confirmed", "unsure", "out")},
    }


def _inspect(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import pdf_inspect

    lines, outcome = pdf_inspect.run(PdfInspectConfig(**_shared(args), json=args.json), progress)
    for line in lines:
        print(line, flush=True)
    return 1 if outcome.lying or not outcome.read else PARTLY if outcome.unread else 0


def _repair(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import pdf_repair

    config = PdfRepairConfig(
        **_reading(args), ligatures=args.ligatures, report=args.report, sheet=args.sheet, signed=args.break_signatures
    )
    outcome = pdf_repair.run(config, progress)
    return 0 if not outcome.unread else PARTLY if outcome.read or outcome.skipped else 1


def _text(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import pdf_text

    outcome = pdf_text.run(PdfReadConfig(**_reading(args)), progress)
    return 0 if not outcome.unread else PARTLY if outcome.read else 1
