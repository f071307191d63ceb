"""Runs a model file: :mod:`.predictor` takes rasters and returns candidates; each backend has its own module.

Importing the package loads nothing; ``Predictor`` and ``EXPORTED_SUFFIX`` are loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glyphcore.runtime.predictor import EXPORTED_SUFFIX, Predictor

__all__ = ["EXPORTED_SUFFIX", "Predictor"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("glyphcore.runtime.predictor"), name)
    raise AttributeError(f"module 'glyphcore.runtime' has no attribute {name!r}")
