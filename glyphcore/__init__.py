"""glyphcore reads glyph outlines: outline → raster → primitive grid → Unicode character and form.

In Python, :func:`read` a font, :func:`load` a model, :func:`evaluate` it on a database, and select glyphs from
:class:`Results` (docs/api.md). Importing this package does not load the packages that these functions need.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glyphcore.api.fonts import Font, read
    from glyphcore.api.glyph import Candidate, Glyph
    from glyphcore.api.model import Model, load
    from glyphcore.api.results import Results, evaluate

__version__ = "0.1.0"
__all__ = ["Candidate", "Font", "Glyph", "Model", "Results", "evaluate", "load", "read"]

# ONNX Runtime for Linux keeps a number for the machine in the home folder, and reports (1.32); glyphcore does not.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_MODULES = {
    "fonts": ("Font", "read"),
    "glyph": ("Candidate", "Glyph"),
    "model": ("Model", "load"),
    "results": ("Results", "evaluate"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"glyphcore.api.{module}"), name)
    raise AttributeError(f"module 'glyphcore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
