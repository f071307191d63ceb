"""The models that read fonts: one, or with ``auto`` two, the second for scripts that the first does not know."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from glyphcore.config import AUTO, model_path
from glyphcore.data.labels import LabelMap
from glyphcore.runtime.predictor import Predictor

WIDE = Path("wide")


class Models:
    """A predictor to ask first, and perhaps a wider one, which is loaded when it is asked for."""

    def __init__(
        self, path: Path, *, threads: int = 0, load: Callable[[Path], Predictor] | None = None
    ) -> None:  # fmt: skip
        """``path``: a model file, the name of a shipped model, or ``auto``. Raises CheckpointError."""
        self._load = load or partial(Predictor, threads=threads)
        self._auto = path == AUTO
        self.first = self._load(path)

    @classmethod
    def of_worker(cls, path: Path) -> Models:
        """Return those of a cluster's worker (:meth:`Predictor.of_worker`)."""
        return cls(path, load=Predictor.of_worker)

    @cached_property
    def wider(self) -> Predictor | None:
        """The model of more labels; None where one model was named, or where no wider one ships."""
        if not self._auto or model_path(WIDE) == WIDE:
            return None
        return self._load(WIDE)

    def labels_up_to(self, highest: int) -> LabelMap:
        """Return the labels that have a class index ``highest``; the wider ones begin with the first ones."""
        wider = self.wider if highest >= len(self.first.labels) else None
        return self.first.labels if wider is None else wider.labels
