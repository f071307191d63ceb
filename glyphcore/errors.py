"""Errors that a user can cause. Each is one line: the fault, the action that did not happen, and the remedy.

Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Characters that break or reverse a line or cannot be written; names and values in files may contain them."""
PARTLY = 3
"""Exit code of a command if some of the inputs could not be read and the others were."""
LONGEST = 500
"""Largest number of characters of a problem; SQLite quotes whole schemas."""


class GlyphError(Exception):
    """Base of every error that is caused by the input.

    ``subject`` is the faulty object (a path, a glyph id, a label …) and ``remedy`` the next step for the user.
    """

    def __init__(self, problem: str, *, subject: object = None, remedy: str = "") -> None:
        problem = _UNFIT.sub(" ", problem)
        self.problem = problem if len(problem) <= LONGEST else f"{problem[:LONGEST]} …"
        self.subject = subject
        self.remedy = _UNFIT.sub(" ", remedy)
        super().__init__(f"{self.problem} {self.remedy}".strip())


class ConfigError(GlyphError):
    """A setting is out of range or contradicts another setting."""


class FontError(GlyphError):
    """A font file or one of its glyphs cannot be read."""


class OutlineError(GlyphError):
    """An outline is malformed, not finite or unreasonably large."""


class EmptyOutlineError(OutlineError):
    """An outline has nothing to draw: no contours, or no area. Spaces have such outlines, so it is rarely a fault."""


class StoreError(GlyphError):
    """A database or results file is missing, of another schema, or damaged."""


class CheckpointError(GlyphError):
    """A checkpoint is not of this package, unsafe, damaged, or made for another raster policy or label map."""


class FetchError(GlyphError):
    """A package of the corpus could not be downloaded as listed."""


class PdfError(GlyphError):
    """A PDF cannot be read, or cannot be written as requested."""


class PasswordError(PdfError):
    """A PDF needs a password, or another password."""


class ClusterError(GlyphError):
    """A cluster cannot be reached or has gone away, its workers have another version, or a part of the work ends
    them."""


class MissingExtraError(GlyphError):
    """A package that only some commands need is not installed."""


EXTRAS = {
    "train": ("torch", "lightning", "sklearn", "openTSNE", "scipy", "onnx", "onnxscript", "wordfreq"),
    "app": ("streamlit", "plotly", "pandas", "scipy"),
    "pdf": ("pikepdf", "pypdfium2"),
    "cluster": ("dask", "distributed"),
    "parquet": ("pyarrow",),
}
"""Extra of the distribution → the modules that it installs."""


def missing_extra(module: str | None) -> MissingExtraError | None:
    """Return the error to show when ``module`` cannot be imported; None when no extra installs it."""
    top = (module or "").partition(".")[0]
    extra = next((name for name, modules in EXTRAS.items() if top in modules), None)
    if extra is None:
        return None
    return MissingExtraError(
        f"This needs {top}, which is not installed.", subject=top, remedy=f"pip install 'glyphcore[{extra}]'"
    )


@contextmanager
def extras() -> Iterator[None]:
    """Raise MissingExtraError in place of ModuleNotFoundError for a package that an extra installs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (missing := missing_extra(error.name)) is None:
            raise
        raise missing from error
