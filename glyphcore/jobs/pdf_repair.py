"""``glyphcore pdf repair``: write copies of PDFs in which lying fonts have the text that they show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from glyphcore.cluster.files import for_workers
from glyphcore.config.pdf import PdfRepairConfig
from glyphcore.errors import PdfError
from glyphcore.pdf.files import Outcome, Request, each_file, pdf_files
from glyphcore.progress import Progress, Silent, counted


def run(config: PdfRepairConfig, progress: Progress | None = None) -> Outcome:
    """Repair every file. One file is written to ``config.out``, several files into it as a folder; existing copies are
    not made again.

    Raises GlyphError when the only file cannot be read, or when settings name one file where there are several.
    """
    progress = progress or Silent()
    assert config.out is not None
    several = len(config.inputs) > 1 or config.inputs[0].is_dir()
    if several and (config.report or config.sheet or config.confirmed):
        raise PdfError("--report, --sheet and --confirmed need a single file.", remedy="Name one PDF.")
    if several and config.out.suffix.lower() == ".pdf" and not config.out.is_dir():
        raise PdfError(
            f"{config.out} names one file, and there are several to write.", subject=config.out,
            remedy="Name a folder: --out FOLDER.",
        )  # fmt: skip
    if not several and config.out.is_dir():
        raise PdfError(f"{config.out} is a folder.", subject=config.out, remedy="Name the file to write.")
    seen = for_workers(config)
    assert seen.out is not None
    targets = _Targets(seen.out, tuple(path for path in seen.inputs if path.is_dir()) if several else None)
    targets.check(pdf_files(seen.inputs))
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


@dataclass(frozen=True)
class _Targets:
    """Output paths of the files."""

    out: Path
    folders: tuple[Path, ...] | None
    """Folders that files were found in, and are put into ``out`` as there; None: one file, which becomes ``out``."""

    def of(self, path: Path) -> Path:
        """Return the path of the copy of a file."""
        if self.folders is None:
            return self.out
        folder = next((folder for folder in self.folders if folder in path.parents), path.parent)
        return self.out / path.relative_to(folder)

    def holds(self, path: Path) -> bool:
        """Whether the copy exists and is not older than the file."""
        target = self.of(path)
        return target.exists() and target.stat().st_mtime >= path.stat().st_mtime

    def check(self, files: Iterable[Path]) -> None:
        """Raise PdfError when two files would have the same copy."""
        found: set[Path] = set()
        for path in files:
            if (target := self.of(path)) in found:
                raise PdfError(
                    f"Two of the files are called {target.name}.", subject=path, remedy="Repair them one after another."
                )
            found.add(target)


def _request(targets: _Targets, options: Request, path: Path) -> Request | None:
    """Return the request for a file; None when its copy exists already. Raises PdfError when the copy would overwrite
    the file."""
    target = targets.of(path)
    if target.resolve() == path.resolve():
        raise PdfError(f"The output would overwrite {path}.", subject=path, remedy="Name another --out.")
    if targets.folders is not None and targets.holds(path):
        return None
    return {"do": "repair", "out": str(target), **options}
