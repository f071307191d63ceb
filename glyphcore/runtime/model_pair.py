"""The models that read fonts: one model, or with ``auto`` two, the second for scripts that the first does not know."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from glyphcore.config import AUTO, model_path
from glyphcore.data.labels import LabelMap
from glyphcore.runtime.predictor import Predictor

WIDE = Path("wide")


class Models:
    """The predictor to ask first, and optionally one with more labels, which is loaded on first use."""

    def __init__(
        self, path: Path, *, threads: int = 0, load: Callable[[Path], Predictor] | None = None
    ) -> None:  # fmt: skip
        """``path``: a model file, the name of a shipped model, or ``auto``. Raises CheckpointError."""
        self._load = load or partial(Predictor, threads=threads)
        self._auto = path == AUTO
        self.first = self._load(path)

    @classmethod
    def of_worker(cls, path: Path) -> Models:
        """Return the models for a worker of a cluster (:meth:`Predictor.of_worker`)."""
        return cls(path, load=Predictor.of_worker)

    @cached_property
    def wider(self) -> Predictor | None:
        """The model with more labels; None where one model was named, or where no such model ships."""
        if not self._auto or model_path(WIDE) == WIDE:
            return None
        wider = self._load(WIDE)
        wider.share_cells(self.first)
        return wider

    def labels_up_to(self, highest: int) -> LabelMap:
        """Return the labels that include class index ``highest``; the larger label map begins with the labels of the
        first."""
        wider = self.wider if highest >= len(self.first.labels) else None
        return self.first.labels if wider is None else wider.labels
