"""``glyphcore pdf repair``: copies of PDFs whose lying fonts have the text that they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.config.pdf import PdfRepairConfig
from glyphcore.errors import PdfError
from glyphcore.pdf.child import Child
from glyphcore.pdf.files import Outcome, each_file, pdf_files
from glyphcore.progress import Progress, Silent, counted


def run(config: PdfRepairConfig, progress: Progress | None = None) -> Outcome:
    """Repair every file. One file goes to ``config.out``, several into it as a folder; what is there is not made again.

    Raises GlyphError when the only file cannot be read, or when settings name one file where there are several.
    """
    progress = progress or Silent()
    assert config.out is not None
    several = len(config.inputs) > 1 or config.inputs[0].is_dir()
    if several and (config.report or config.sheet or config.confirmed):
        raise PdfError("--report, --sheet and --confirmed are about one file, not several.", remedy="Name one PDF.")
    if not several and config.out.is_dir():
        raise PdfError(f"{config.out} is a folder.", subject=config.out, remedy="Name the file to write.")
    targets = _targets(config) if several else {config.inputs[0]: config.out}
    outcome = Outcome()

    def repair(child: Child, path: Path) -> dict[str, Any] | None:
        target = targets[path]
        if target.resolve() == path.resolve():
            raise PdfError(f"{path} would be written over itself.", subject=path, remedy="Name another --out.")
        if several and target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            return None
        names = ("password", "language", "every", "unsure", "ligatures", "signed")
        options = {name: getattr(config, name) for name in names}
        named = {name: str(value) for name in ("confirmed", "report", "sheet") if (value := getattr(config, name))}
        return child.ask("repair", path, out=str(target), **options, **named)

    for answer in each_file(config, progress, repair, outcome):
        fonts = answer["repaired"]
        left = [font["font"] for font in answer["fonts"] if font["lies"] and font["font"] not in fonts]
        outcome_text = (
            f"{counted(len(fonts), 'font')} repaired ({', '.join(fonts[:5])})" if fonts else "copied as it is"
        )
        outcome_text += f"; {counted(len(left), 'font')} cannot be read ({', '.join(left[:5])})" if left else ""
        outcome_text += f"; language: {', '.join(answer['languages'])}" if answer["languages"] else ""
        progress.say(f"{answer['file']}: {outcome_text}" + "".join(f"; {remark}" for remark in answer["remarks"]))
    return outcome


def _targets(config: PdfRepairConfig) -> dict[Path, Path]:
    """Return where each file goes: into the folder, below it as below the folder that it was found in."""
    assert config.out is not None
    targets: dict[Path, Path] = {}
    for given in config.inputs:
        for path in pdf_files([given]):
            target = config.out / (path.relative_to(given) if given.is_dir() else path.name)
            if target in targets.values() and path not in targets:
                raise PdfError(f"Two of the files are called {target.name}.", subject=path, remedy="Take them in turn.")
            targets.setdefault(path, target)
    return targets
