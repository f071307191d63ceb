"""``glyphcore card``: what a checkpoint is, what it was made of and what it cost, and how good it is, as Markdown.

Nothing is measured here: the figures are those that ``glyphcore evaluate`` has stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.analysis.metrics import table
from glyphcore.analysis.usage import perplexity, primitive_counts
from glyphcore.checkpoint import Checkpoint, load_checkpoint
from glyphcore.config.recipe import differences
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import replacing
from glyphcore.nn.glyphnet import parameter_count
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.store import results_path

MEASURED = ("val", "test")
HISTORY = {
    "label": "val/label_top1", "top-5": "val/label_top5", "label, raster alone": "val_raster/label_top1",
    "primitives": "val/primitive_accuracy",
}  # fmt: skip


def run(checkpoint: Path, db: Path, results: Path, progress: Progress | None = None) -> Path:
    """Write the card beside ``checkpoint``, from its results on ``db`` in the folder ``results``; returns its path.

    Raises StoreError when it was not evaluated on ``db``.
    """
    about, store = load_checkpoint(checkpoint), GlyphStore(db)
    path = results_path(results, about.name, about.fingerprint, store.fingerprint)
    stored = ResultsStore(path) if path.is_file() else None
    if stored is None or not set(MEASURED) <= set(stored.aggregates["by_split"]):
        raise StoreError(
            f"{checkpoint.name} was not evaluated on val and test of {db}.", subject=checkpoint,
            remedy=f"Run 'glyphcore evaluate {checkpoint} --db {db}' first.",
        )  # fmt: skip
    card = checkpoint.with_suffix(".md")
    with replacing(card) as temporary:
        temporary.write_text(_text(about, stored, db), encoding="utf-8")
    (progress or Silent()).say(f"{card}")
    return card


def _text(about: Checkpoint, stored: ResultsStore, db: Path) -> str:
    training, parameters = about.training, parameter_count(about.net())
    data = training["dataset"]
    figures = {split: stored.aggregates["by_split"][split] for split in MEASURED}
    counts = primitive_counts(stored.path, "test", about.model.primitives)
    recipe = differences(training["settings"])
    fonts = len(training.get("trained_fonts", []))
    parts = [
        f"# {about.name}",
        _intro(about.path.with_suffix(".toml")),
        "## Recipe",
        f"What differs from the defaults:\n\n```toml\n{recipe}\n```" if recipe else "The defaults of `TrainConfig`.",
        training.get("lineage", ""),
        "## Data and cost",
        f"- {data['train_glyphs']:,} train glyphs of {fonts} font files in `{data['file']}` "
        f"(fingerprint `{data['fingerprint']}`)\n"
        f"- {training['epochs']} epochs, {training['minutes']:.0f} minutes of training\n"
        f"{_temperature(training)}"
        f"- {parameters:,} parameters, {about.path.stat().st_size / 1e6:.1f} MB\n"
        f"- file `{about.fingerprint}`, label map `{about.labels.fingerprint}`, commit `{_commit(training)}`",
        "## Figures",
        f"`glyphcore evaluate` on `{db.name}` (fingerprint `{stored.meta.dataset_fingerprint}`), per cent. Val was "
        "watched during training, test was not.",
        table(figures),
        f"Primitives are right cells among the cells with ink ({figures['val']['primitive_cells']:,} in val, "
        f"{figures['test']['primitive_cells']:,} in test). The test split uses {(counts > 0).sum():,} of "
        f"{about.model.primitives - 1:,} primitives, perplexity {perplexity(counts):.0f}.",
        "## While it was trained",
        _history(training.get("history", [])),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _intro(recipe: Path) -> str:
    """The comment at the head of the recipe, where the checkpoint has one beside it."""
    if not recipe.is_file():
        return ""
    lines = recipe.read_text(encoding="utf-8").splitlines()
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(line.lstrip("# ") for line in lines[:head])


def _commit(training: dict[str, Any]) -> str:
    return training.get("git_commit", "")[:12] or "unknown"


def _temperature(training: dict[str, Any]) -> str:
    by = training.get("temperature")
    return (
        ""
        if by is None
        else f"- logits divided by {by:.2f} afterwards, fitted on val, so that confidences are honest\n"
    )


def _history(epochs: list[dict[str, float]]) -> str:
    if not epochs:
        return "No history was kept."
    rows = [["epoch", *HISTORY], ["---:"] * (len(HISTORY) + 1)]
    for row in epochs:
        shares = [row.get(name) for name in HISTORY.values()]
        # An epoch from before a figure was logged has none; NaN is unequal to itself.
        told = ["–" if share is None or share != share else f"{100 * share:.1f}" for share in shares]
        rows.append([f"{row['epoch'] + 1:.0f}", *told])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
