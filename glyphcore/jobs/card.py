"""``glyphcore card``: the model card of a checkpoint as Markdown: its training data, its cost and its accuracy.

Nothing is measured here: the figures are those that ``glyphcore evaluate`` has stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.analysis.codebook import perplexity, primitive_counts
from glyphcore.analysis.metrics import logged_title, meanings, table
from glyphcore.analysis.terms import PERPLEXITY
from glyphcore.checkpoint import Checkpoint, load_checkpoint
from glyphcore.config import CardConfig
from glyphcore.config.recipe import differences
from glyphcore.data.store import GlyphStore
from glyphcore.errors import CheckpointError, StoreError
from glyphcore.files import writing
from glyphcore.nn.glyphnet import parameter_count
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.store import results_path

MEASURED = ("val", "test")
SAID = ("settings", "dataset", "epochs", "minutes")
"""Entries of a training record that a card needs."""
HISTORY = ("val/label_top1", "val/label_top5", "val_raster/label_top1", "val/primitive_accuracy")


def run(config: CardConfig, progress: Progress | None = None) -> Path:
    """Write the card beside the checkpoint, from its results; return its path.

    Raises StoreError when the checkpoint was not evaluated on ``config.db``, CheckpointError when it has no complete
    record of its training.
    """
    about, store = load_checkpoint(config.checkpoint), GlyphStore(config.db)
    if missing := [name for name in SAID if name not in about.training]:
        raise CheckpointError(
            f"{about.path.name} has no record of its training ({', '.join(missing)}); no card was written.",
            subject=config.checkpoint,
        )
    path = results_path(config.results, about.name, about.fingerprint, store.fingerprint)
    stored = ResultsStore(path) if path.is_file() else None
    if stored is None or not set(MEASURED) <= set(stored.aggregates["by_split"]):
        raise StoreError(
            f"{config.checkpoint.name} was not evaluated on val and test of {config.db}.", subject=config.checkpoint,
            remedy=f"Run 'glyphcore evaluate {config.checkpoint} --db {config.db}' first.",
        )  # fmt: skip
    card = config.checkpoint.with_suffix(".md")
    with writing(card) as out:
        out.write(_text(about, stored, config.db))
    (progress or Silent()).say(str(card))
    return card


def _text(about: Checkpoint, stored: ResultsStore, db: Path) -> str:
    training, parameters = about.training, parameter_count(about.net())
    data = training["dataset"]
    figures = {split: stored.aggregates["by_split"][split] for split in MEASURED}
    counts = primitive_counts(stored.path, "test", about.model.primitives)
    fonts = len(training.get("trained_fonts", []))
    parts = [
        f"# {about.name}",
        _intro(about.path.with_suffix(".toml")),
        "## Recipe",
        _recipe(training["settings"]),
        training.get("lineage", ""),
        "## Data and cost",
        f"- {data['train_glyphs']:,} train glyphs of {fonts} font files in `{data['file']}` "
        f"(fingerprint `{data['fingerprint']}`)\n"
        f"- {training['epochs']} epoch{'s' * (training['epochs'] != 1)}, "
        f"{training['minutes']:.0f} minutes of training\n"
        f"{_temperature(training)}"
        f"- {parameters:,} parameters, {about.path.stat().st_size / 1e6:.1f} MB\n"
        f"- file `{about.fingerprint}`, label map `{about.labels.fingerprint}`, commit `{_commit(training)}`",
        "## Figures",
        f"`glyphcore evaluate` on `{db.name}` (fingerprint `{stored.meta.dataset_fingerprint}`), per cent. Val was "
        "watched during training, test was not.",
        table(figures | _in_fonts(stored)),
        meanings(),
        f"Cells with ink: {figures['val']['primitive_cells']:,} in val, {figures['test']['primitive_cells']:,} in "
        f"test. The test split uses {(counts > 0).sum():,} of "
        f"{about.model.primitives - 1:,} primitives, perplexity {perplexity(counts):.0f}. {PERPLEXITY}",
        "## While it was trained",
        _history(training.get("history", [])),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _in_fonts(stored: ResultsStore) -> dict[str, Any]:
    """Return the figures of font-level decoding, where they exist."""
    by_split = stored.aggregates.get("in_font", {}).get("by_split", {})
    return {f"{split}, each font as a whole": by_split[split] for split in MEASURED if split in by_split}


def _recipe(settings: dict[str, Any]) -> str:
    if not settings:
        return "The checkpoint names no settings."
    differ = differences(settings)
    return (
        f"Settings that differ from the defaults:\n\n```toml\n{differ}\n```"
        if differ
        else "The defaults of `TrainConfig`."
    )


def _intro(recipe: Path) -> str:
    """Return the comment at the top of the recipe, where the checkpoint has a recipe beside it."""
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
    rows = [["epoch", *map(logged_title, HISTORY)], ["---:"] * (len(HISTORY) + 1)]
    for row in epochs:
        shares = [row.get(name) for name in HISTORY]
        # An epoch from before a figure was logged has no value; NaN is not equal to itself.
        percentages = ["–" if share is None or share != share else f"{100 * share:.1f}" for share in shares]
        rows.append([f"{row['epoch'] + 1:.0f}", *percentages])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
