"""Output paths of commands that write a file for each PDF: one file, or the same folders and names below a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glyphcore.errors import PdfError
from glyphcore.pdf.files import pdf_files

PDF = ".pdf"


def are_several(inputs: Sequence[Path]) -> bool:
    """Return whether these inputs stand for more than one PDF; a folder does, whatever it holds."""
    return len(inputs) > 1 or inputs[0].is_dir()


@dataclass(frozen=True)
class Targets:
    """Output paths of the files; make them with :meth:`of_inputs`."""

    out: Path
    folders: tuple[Path, ...] | None
    """Folders that files were found in, and are put into ``out`` as there; None: one file, which becomes ``out``."""
    suffix: str
    """Of the outputs; those that are PDFs keep their names."""

    @classmethod
    def of_inputs(cls, inputs: Sequence[Path], out: Path, suffix: str) -> Targets:
        """Return the output paths for all PDFs of ``inputs``, with this suffix.

        Raises PdfError when ``out`` names a file for several PDFs or a folder for one, or when two PDFs would have the
        same output.
        """
        several = are_several(inputs)
        if several and (out.is_file() or (out.suffix.lower() == suffix and not out.is_dir())):
            raise PdfError(
                f"{out} names one file, and there are several to write.", subject=out,
                remedy="Name a folder: --out FOLDER.",
            )  # fmt: skip
        if not several and out.is_dir():
            raise PdfError(f"{out} is a folder.", subject=out, remedy="Name the file to write.")
        targets = cls(out, tuple(path for path in inputs if path.is_dir()) if several else None, suffix)
        found: set[Path] = set()
        for path in pdf_files(inputs):
            if (target := targets.of(path)) in found:
                raise PdfError(
                    f"Two of the files are called {target.name}.", subject=path, remedy="Name them one after another."
                )
            found.add(target)
        return targets

    def of(self, path: Path) -> Path:
        """Return the output path of a file."""
        if self.folders is None:
            return self.out
        folder = next((folder for folder in self.folders if folder in path.parents), path.parent)
        name = path.relative_to(folder)
        return self.out / (name if self.suffix == PDF else name.with_suffix(self.suffix))

    def holds(self, path: Path) -> bool:
        """Whether the output exists and is not older than the file."""
        target = self.of(path)
        return target.exists() and target.stat().st_mtime >= path.stat().st_mtime
