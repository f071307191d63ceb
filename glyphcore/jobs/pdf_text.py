"""``glyphcore pdf text``: write the text that the pages of PDFs show."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from glyphcore.cluster.files import for_workers
from glyphcore.config.pdf import PdfReadConfig
from glyphcore.errors import PdfError
from glyphcore.files import writing
from glyphcore.pdf.files import Outcome, Request, each_file
from glyphcore.pdf.targets import Targets, are_several
from glyphcore.progress import Progress, Silent


def run(config: PdfReadConfig, progress: Progress | None = None) -> Outcome:
    """Write the text of a file to ``config.out`` or standard output; a form feed ends a page.

    The texts of several files go into ``config.out`` as a folder, one ``.txt`` for each PDF, and existing ones are not
    made again; on standard output each begins with a line that names the PDF. Raises GlyphError when the only file
    cannot be read, or when settings name one file where there are several.
    """
    several = are_several(config.inputs)
    if config.confirmed and several:
        raise PdfError("--confirmed needs a single file.", remedy="Name one PDF.")
    outcome = Outcome()
    options: dict[str, Any] = {name: getattr(config, name) for name in ("password", "language", "every", "unsure")}
    if config.confirmed:
        options["confirmed"] = str(config.confirmed)
    seen = for_workers(config)
    targets = Targets.of_inputs(seen.inputs, seen.out, ".txt") if seen.out else None
    holds = targets.holds if targets else lambda _: True
    for answer in each_file(config, progress or Silent(), partial(_request, targets, options), outcome, holds):
        with writing(targets.of(Path(answer["file"])) if targets else None) as out:
            if several and not targets:
                out.write(f"==> {answer['file']} <==\n")
            out.writelines(f"{page}\f" for page in answer["pages"])
    return outcome


def _request(targets: Targets | None, options: dict[str, Any], path: Path) -> Request | None:
    """Return the request for a file; None when its text exists already."""
    done = targets is not None and targets.folders is not None and targets.holds(path)
    return None if done else {"do": "text", **options}
