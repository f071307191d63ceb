"""``glyphcore pdf text``: write the text that the pages of PDFs show."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from glyphcore.config.pdf import PdfReadConfig
from glyphcore.errors import PdfError
from glyphcore.files import writing
from glyphcore.pdf.files import Outcome, Request, each_file
from glyphcore.progress import Progress, Silent


def run(config: PdfReadConfig, progress: Progress | None = None) -> Outcome:
    """Write the text of all files to ``config.out`` or standard output; a form feed ends a page.

    Raises GlyphError when the only file cannot be read.
    """
    if config.confirmed and len(config.inputs) > 1:
        raise PdfError("--confirmed needs a single file.", remedy="Name one PDF.")
    outcome = Outcome()
    options: dict[str, Any] = {name: getattr(config, name) for name in ("password", "language", "every", "unsure")}
    if config.confirmed:
        options["confirmed"] = str(config.confirmed)
    with writing(config.out) as out:
        for answer in each_file(config, progress or Silent(), partial(_request, options), outcome):
            out.writelines(f"{page}\f" for page in answer["pages"])
    return outcome


def _request(options: dict[str, Any], path: Path) -> Request:
    return {"do": "text", **options}
