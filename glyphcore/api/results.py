"""Evaluations in Python: run an evaluation, and use its results as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphcore.annotations.dataset import tags_of
from glyphcore.api.model import AnyPath
from glyphcore.config import CACHE, CHECKPOINTS, DATASET, DEFAULT_CHECKPOINT, EvaluateConfig
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.data.cache import PngFolder, glyph_raster
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError, extras
from glyphcore.progress import Silent, Terminal
from glyphcore.results.browse import COLUMNS, ResultsStore
from glyphcore.results.filters import EVERYTHING, SORTS, asks_for_cells, asks_for_sizes, own_sort, parse_sort
from glyphcore.results.lookup import find_results, open_gathered, sortable
from glyphcore.results.rows import Details
from glyphcore.results.where import order, parse

if TYPE_CHECKING:
    import pandas as pd

    from glyphcore.jobs.inspect import Judge

Words = str | Sequence[str]
"""One value, or several values of which any one is accepted."""
SHIPPED = DATASET / "glyphs.db"
RESULTS = CACHE / "results"


class Results:
    """The predictions of a model for every glyph of a database, as ``evaluate`` stored them.

    ``results``: a results file, or an evaluated checkpoint by file or name. ``db``: the database, for a checkpoint;
    None is the shipped database. ``folder``: the folder of results; None is the folder where ``glyphcore evaluate``
    puts them. Raises StoreError when there are no results.

    ```python
    results = glyphcore.Results("mine.ckpt", "mine.db")
    print(len(results), results.figures["label_top1"])
    ```
    """

    def __init__(self, results: AnyPath, db: AnyPath | None = None, *, folder: AnyPath | None = None) -> None:
        self._folder = RESULTS if folder is None else Path(folder)
        self._db = SHIPPED if db is None else Path(db)
        self._store = ResultsStore(find_results(self._folder, Path(results), self._db))
        self._checkpoints = Path(results).parent if Path(results).suffix == ".ckpt" else CHECKPOINTS

    @property
    def path(self) -> Path:
        """Path of the results file."""
        return self._store.path

    @property
    def checkpoint(self) -> str:
        """Name of the checkpoint."""
        return self._store.meta.checkpoint

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of ``glyphcore evaluate`` over fonts that the model was not trained on: accuracies and ``n``,
        also by split and class. docs/reading.md explains each figure."""
        return self._store.aggregates

    def select(
        self, *, split: Words = (), family: Words = (), char_class: Words = (), label: Words = (), base: Words = (),
        pred: Words = (), outcome: str = "", p_min: float = 0.0, p_max: float = 1.0, search: str = "", cells: str = "",
        like: str = "", size: str = "", where: str = "", sort: str = "", most: str = "",
        limit: int | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Select glyphs by the filters of Browse; return a table with one row per glyph.

        ``outcome``: right, wrong, unicode_wrong, form_wrong, twin, twin_wrong or beyond_top5. ``p_min`` and ``p_max``:
        confidence. ``search``: a character, a code point, or part of a label. ``cells``: a pattern of primitives such
        as ``5,3=*``. ``like``: ``grid-17`` or ``embedding-17``, glyphs similar to glyph 17. ``size``: longer side in
        em, ``0.15-0.2``. ``where``: the words of a link, such as ``not=family:Kalam``, or a whole link with its order;
        named arguments override it. ``sort``: loss (the default: worst first), unsure, sure, similar, or a column: p,
        margin, entropy, rank, cells, size, outcome, label, base, pred, char_class, family, split or id; ``margin:down``
        reverses the order. ``most``: ``family:3`` keeps the first three glyphs of each family in that order,
        ``confusion:1`` the first glyph of each pair of label and prediction. Raises StoreError for an invalid value.

        ```python
        wrong = glyphcore.Results("mine.ckpt", "mine.db").select(outcome="wrong", split=["val", "test"], limit=20)
        print(wrong[["glyph_id", "label", "pred", "p1"]])
        ```
        """
        named: dict[str, Any] = {
            "split": _words(split), "family": _words(family), "char_class": _words(char_class), "label": _words(label),
            "base": _words(base), "pred": _words(pred), "outcome": outcome, "p_min": p_min, "p_max": p_max,
            "search": search, "pattern": cells, "like": like, "size": size,
        }  # fmt: skip
        given = {name: value for name, value in named.items() if value != getattr(EVERYTHING, name)}
        filters = replace(parse(where), **given)
        with extras():
            import pandas as pd
        linked_sort, linked_most = order(where)
        sort, most = parse_sort(sort or linked_sort or own_sort(filters)), most or linked_most
        sized = asks_for_sizes(filters) or SORTS[sort][0] == "size"
        store = self._gathered if asks_for_cells(filters) or sized else self._store
        fingerprint = store.meta.dataset_fingerprint
        store = store.joined(tags=lambda: tags_of(ANNOTATIONS, fingerprint, self._db))
        sortable(store, filters, sort)
        rows = store.export(filters, sort, most=most)
        return pd.DataFrame([asdict(row) for row in islice(rows, limit)], columns=list(COLUMNS))

    def details(self, glyph_id: int) -> Details:
        """Return the prediction for one glyph: its five candidates, its grid and its embedding. Raises StoreError for
        an unknown id."""
        return self._store.details(glyph_id)

    def verdict(self, glyph_id: int) -> str:
        """Return one sentence about the cause of a glyph's reading, as ``glyphcore inspect`` and the app do: the font,
        the stem, the codebook, the mixer or the label, with the figures behind it.

        The checkpoint is asked once more, so it must be at the path in the results, or in the folder of checkpoints.
        Raises StoreError for an unknown id and for another database, CheckpointError without the checkpoint.

        ```python
        print(glyphcore.Results("mine.ckpt", "mine.db").verdict(7))
        ```
        """
        judge, database = self._judge
        rows = database.glyphs([glyph_id])
        if not rows:
            raise StoreError(f"{self._db} has no glyph {glyph_id}.", subject=glyph_id, remedy="Name one that it has.")
        return judge.verdict(rows[0], glyph_raster(rows[0], PngFolder.of(self._db, None))).text

    @cached_property
    def _judge(self) -> tuple[Judge, GlyphStore]:
        with extras():
            from glyphcore.jobs.inspect import Judge
        from glyphcore.runtime import Predictor
        from glyphcore.runtime.models import model_file

        meta, database = self._store.meta, GlyphStore(self._db)
        if database.fingerprint != meta.dataset_fingerprint:
            raise StoreError(
                f"{self.path.name} was made from another database than {self._db}.",
                remedy="Name the database of the results.",
            )
        training = meta.model.get("training", {})
        file = model_file(meta.checkpoint_file, meta.checkpoint_fingerprint, training, self._checkpoints)
        return Judge(Predictor(file.path), self._store, database, CACHE), database

    @cached_property
    def _gathered(self) -> ResultsStore:
        return open_gathered(self.path, self._db, self._folder, CACHE)

    def __len__(self) -> int:
        return len(self._store.columns)

    def __repr__(self) -> str:
        return f"<Results of {self.checkpoint} on {Path(self._store.meta.dataset).name}: {len(self):,} glyphs>"

    def _repr_html_(self) -> str:
        from glyphcore.analysis.metrics import METRICS

        cells = [
            f"<tr><td title='{escape(metric.meaning)}'>{metric.title}</td><td>{self.figures[metric.key]:.2%}</td></tr>"
            for metric in METRICS.values()
            if self.figures.get(metric.key) is not None
        ]
        return f"<p>{escape(repr(self)[1:-1])}</p><table>{''.join(cells)}</table>"


def evaluate(
    checkpoint: AnyPath | None = None, db: AnyPath | None = None, *, folder: AnyPath | None = None,
    again: bool = False, progress: bool = False,
) -> Results:  # fmt: skip
    """Predict every glyph of a database, store the predictions, and return the results.

    ``checkpoint`` and ``db``: None for those that ship. Existing results are only read, unless ``again`` is set.
    ``folder``: the folder of results. ``progress``: show a progress bar on standard error. Raises GlyphError as
    ``glyphcore evaluate`` does.

    ```python
    results = glyphcore.evaluate("mine.ckpt", "mine.db")
    print(results.figures["by_split"]["test"]["label_top1"])
    ```
    """
    config = EvaluateConfig(
        DEFAULT_CHECKPOINT if checkpoint is None else Path(checkpoint), SHIPPED if db is None else Path(db),
        RESULTS if folder is None else Path(folder), again=again,
    )  # fmt: skip
    with extras():
        from glyphcore.jobs import evaluate as job
    job.run(config, Terminal() if progress else Silent())
    return Results(config.checkpoint, config.db, folder=config.results)


def _words(values: Words) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)
