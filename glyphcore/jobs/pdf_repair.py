"""``glyphcore pdf repair``: write copies of PDFs in which lying fonts have the text that they show."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from glyphcore.cluster.files import for_workers
from glyphcore.config.pdf import PdfRepairConfig
from glyphcore.errors import PdfError
from glyphcore.pdf.files import Outcome, Request, each_file
from glyphcore.pdf.targets import PDF, Targets, are_several
from glyphcore.progress import Progress, Silent, counted


def run(config: PdfRepairConfig, progress: Progress | None = None) -> Outcome:
    """Repair every file. One file is written to ``config.out``, several files into it as a folder; existing copies are
    not made again.

    Raises GlyphError when the only file cannot be read, or when settings name one file where there are several.
    """
    progress = progress or Silent()
    assert config.out is not None
    several = are_several(config.inputs)
    if several and (config.report or config.sheet or config.confirmed):
        raise PdfError("--report, --sheet and --confirmed need a single file.", remedy="Name one PDF.")
    seen = for_workers(config)
    assert seen.out is not None
    targets = Targets.of_inputs(seen.inputs, seen.out, PDF)
    names = ("password", "language", "every", "unsure", "ligatures", "signed")
    options = {name: getattr(seen, name) for name in names}
    options |= {name: str(value) for name in ("confirmed", "report", "sheet") if (value := getattr(seen, name))}
    outcome = Outcome()
    for answer in each_file(config, progress, partial(_request, targets, options), outcome, targets.holds):
        fonts = answer["repaired"]
        left = [font["font"] for font in answer["fonts"] if font["lies"] and font["font"] not in fonts]
        outcome_text = (
            f"{counted(len(fonts), 'font')} repaired ({', '.join(fonts[:5])})" if fonts else "copied unchanged"
        )
        outcome_text += f"; {counted(len(left), 'font')} cannot be read ({', '.join(left[:5])})" if left else ""
        outcome_text += f"; language: {', '.join(answer['languages'])}" if answer["languages"] else ""
        progress.say(f"{answer['file']}: {outcome_text}" + "".join(f"; {remark}" for remark in answer["remarks"]))
    return outcome


def _request(targets: Targets, options: Request, path: Path) -> Request | None:
    """Return the request for a file; None when its copy exists already. Raises PdfError when the copy would overwrite
    the file."""
    target = targets.of(path)
    if target.resolve() == path.resolve():
        raise PdfError(f"The output would overwrite {path}.", subject=path, remedy="Name another --out.")
    if targets.folders is not None and targets.holds(path):
        return None
    return {"do": "repair", "out": str(target), **options}
