"""Every setting, its default and its unit, as plain dataclasses.

Each class checks itself when it is created, so a job never starts with an invalid setting. The error names the field,
which is also the flag of the command line; the sentence below a field is the help of that flag. A module is imported
when one of its names is first used, because a command needs only its own settings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glyphcore.config.annotations import LabelIssuesConfig, TagsConfig, TagsExportConfig, TagsImportConfig
    from glyphcore.config.base import (
        AUTO,
        CACHE,
        CHECKOUT,
        CHECKPOINTS,
        CORPUS,
        DATASET,
        DEFAULT_CHECKPOINT,
        DEFAULT_EXPORTED,
        LABELS,
        LABELS_WIDE,
        OUTSIDERS,
        PROJECT,
        SHIPPED,
        SOURCE,
        WIDER,
        model_path,
        shipped_checkpoints,
    )
    from glyphcore.config.data import (
        BuildConfig,
        CheckConfig,
        FetchConfig,
        FontPriorsConfig,
        GrowConfig,
        OutsideConfig,
        RasterizeConfig,
        StatsConfig,
        SubsetConfig,
        TwinsConfig,
    )
    from glyphcore.config.fonts import DUPLICATE_PENALTY, THRESHOLD, AuditConfig, BenchConfig, InferConfig, ReadConfig
    from glyphcore.config.pdf import PdfConfig, PdfInspectConfig, PdfReadConfig, PdfRepairConfig
    from glyphcore.config.reading import (
        CardConfig,
        CompareConfig,
        EvaluateConfig,
        ExportConfig,
        InspectConfig,
        LabelsConfig,
        MapConfig,
        MergeConfig,
        OverlayConfig,
        ReportConfig,
    )
    from glyphcore.config.recipe import RunConfig
    from glyphcore.config.selection import PrimitivesConfig, SelectConfig
    from glyphcore.config.serving import AppConfig, PrepareConfig
    from glyphcore.config.training import AugmentConfig, ModelConfig, TrainConfig
    from glyphcore.config.words import WordsConfig

_NAMES = {
    "annotations": "LabelIssuesConfig TagsConfig TagsExportConfig TagsImportConfig",
    "base": """
        AUTO CACHE CHECKOUT CHECKPOINTS CORPUS DATASET DEFAULT_CHECKPOINT DEFAULT_EXPORTED LABELS LABELS_WIDE OUTSIDERS
        PROJECT SHIPPED SOURCE WIDER model_path shipped_checkpoints""",
    "selection": "PrimitivesConfig SelectConfig",
    "data": """
        BuildConfig CheckConfig FontPriorsConfig FetchConfig GrowConfig OutsideConfig RasterizeConfig SubsetConfig
        StatsConfig TwinsConfig""",
    "fonts": "DUPLICATE_PENALTY THRESHOLD AuditConfig BenchConfig InferConfig ReadConfig",
    "pdf": "PdfConfig PdfInspectConfig PdfReadConfig PdfRepairConfig",
    "reading": """
        CardConfig CompareConfig EvaluateConfig ExportConfig InspectConfig LabelsConfig MapConfig MergeConfig
        OverlayConfig ReportConfig""",
    "recipe": "RunConfig",
    "serving": "AppConfig PrepareConfig",
    "training": "AugmentConfig ModelConfig TrainConfig",
    "words": "WordsConfig",
}
_MODULE = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'glyphcore.config' has no attribute {name!r}")
    return getattr(import_module(f"glyphcore.config.{_MODULE[name]}"), name)
