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
    OUTSIDERS,
    PROJECT,
    SHIPPED,
    SOURCE,
    shipped_checkpoints,
)
from glyphcore.config.cells import PrimitivesConfig, SelectConfig
from glyphcore.config.data import (
    BuildConfig,
    CheckConfig,
    DesignsConfig,
    FetchConfig,
    OutsideConfig,
    RasterizeConfig,
    ShipConfig,
    StatsConfig,
)
from glyphcore.config.fonts import AuditConfig, BenchConfig, InferConfig, ReadConfig
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
from glyphcore.config.serving import AppConfig
from glyphcore.config.training import AugmentConfig, ModelConfig, TrainConfig

__all__ = [
    "CACHE",
    "CHECKOUT",
    "CHECKPOINTS",
    "CORPUS",
    "DATASET",
    "LABELS",
    "OUTSIDERS",
    "PROJECT",
    "SHIPPED",
    "SOURCE",
    "AppConfig",
    "AuditConfig",
    "AugmentConfig",
    "BenchConfig",
    "BuildConfig",
    "CardConfig",
    "CheckConfig",
    "CompareConfig",
    "DesignsConfig",
    "EvaluateConfig",
    "ExportConfig",
    "FetchConfig",
    "InferConfig",
    "InspectConfig",
    "LabelsConfig",
    "MapConfig",
    "MergeConfig",
    "ModelConfig",
    "NoiseConfig",
    "OutsideConfig",
    "OverlayConfig",
    "PrimitivesConfig",
    "RasterizeConfig",
    "ReadConfig",
    "ReportConfig",
    "SelectConfig",
    "ShipConfig",
    "StatsConfig",
    "TagsConfig",
    "TrainConfig",
    "shipped_checkpoints",
]
