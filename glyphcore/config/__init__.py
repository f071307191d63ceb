"""Every setting, its default and its unit, as plain dataclasses.

Each class checks itself when it is made, so a job never starts on a setting that cannot work. The error names the
field, which is also the command line's flag.
"""

from glyphcore.config.annotations import NoiseConfig, TagsConfig
from glyphcore.config.base import (
    CACHE,
    CHECKOUT,
    CHECKPOINTS,
    CORPUS,
    DATASET,
    LABELS,
    PROJECT,
    SHIPPED,
    SOURCE,
    shipped_checkpoints,
)
from glyphcore.config.cells import PrimitivesConfig, SelectConfig
from glyphcore.config.fonts import AuditConfig, DesignsConfig, InferConfig, ReadConfig
from glyphcore.config.jobs import (
    BenchConfig,
    BuildConfig,
    CheckConfig,
    CompareConfig,
    EvaluateConfig,
    ExportConfig,
    FetchConfig,
    InspectConfig,
    MapConfig,
    MergeConfig,
    OverlayConfig,
    RasterizeConfig,
    ReportConfig,
    ShipConfig,
)
from glyphcore.config.serving import AppConfig
from glyphcore.config.training import AugmentConfig, ModelConfig, TrainConfig

__all__ = [
    "CACHE",
    "CHECKOUT",
    "CHECKPOINTS",
    "CORPUS",
    "DATASET",
    "LABELS",
    "PROJECT",
    "SHIPPED",
    "SOURCE",
    "AppConfig",
    "AuditConfig",
    "AugmentConfig",
    "BenchConfig",
    "BuildConfig",
    "CheckConfig",
    "CompareConfig",
    "DesignsConfig",
    "EvaluateConfig",
    "ExportConfig",
    "FetchConfig",
    "InferConfig",
    "InspectConfig",
    "MapConfig",
    "MergeConfig",
    "ModelConfig",
    "NoiseConfig",
    "OverlayConfig",
    "PrimitivesConfig",
    "RasterizeConfig",
    "ReadConfig",
    "ReportConfig",
    "SelectConfig",
    "ShipConfig",
    "TagsConfig",
    "TrainConfig",
    "shipped_checkpoints",
]
