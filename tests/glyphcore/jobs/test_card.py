"""A checkpoint's card, and the label map as a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from glyphcore import cli
from glyphcore.analysis.codebook import perplexity, primitive_counts
from glyphcore.checkpoint import load_checkpoint, save_checkpoint
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore
from glyphcore.results.store import list_results


def run(*words: object) -> int:
    return cli.main([str(word) for word in words])


def test_a_card_says_what_is_stored(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = Path(shutil.copy(tiny_checkpoint, tmp_path / "tiny.ckpt"))
    (tmp_path / "tiny.toml").write_text("# A toy,\n# for tests.\n\nepochs = 2\n", encoding="utf-8")
    asked = ("card", checkpoint, "--db", model_db, "--results", tmp_path / "results")
    assert run(*asked) == 1
    assert "glyphcore evaluate" in capsys.readouterr().err
    assert not checkpoint.with_suffix(".md").exists()
    figures = tmp_path / "figures.json"
    assert run("evaluate", "-q", *asked[1:], "--out", figures) == 0
    assert run(*asked) == 0
    card = checkpoint.with_suffix(".md").read_text(encoding="utf-8")
    said = json.loads(figures.read_text(encoding="utf-8"))["by_split"]
    split = GlyphStore(model_db).labels()["split"].value_counts()
    training = load_checkpoint(checkpoint).training
    expected = [
        "# tiny\n\nA toy,\nfor tests.", 'epochs = 2\n', "[model]\nprimitives = 32", 'precision = "32-true"',
        f"{split['train']:,} train glyphs", training["dataset"]["fingerprint"], f"| val | {split['val']} |",
        f"| test | {split['test']} | {100 * said['test']['label_top1']:.1f} |", "of 31 primitives, perplexity",
        f"| 1 | {100 * training['history'][0]['val/label_top1']:.1f} |",
    ]  # fmt: skip
    for text in expected:
        assert text in card


def test_a_checkpoint_that_does_not_say_how_it_was_made_has_no_card(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = load_checkpoint(tiny_checkpoint)
    bare = tmp_path / "bare.ckpt"
    save_checkpoint(bare, whole.net(), whole.model, whole.labels, whole.codebook, {})
    assert run("card", bare, "--db", model_db, "--results", tmp_path) == 1
    assert "has no record of its training" in capsys.readouterr().err
    assert not bare.with_suffix(".md").exists()


def test_usage_counts_what_was_predicted(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    assert run("evaluate", "-q", tiny_checkpoint, "--db", model_db, "--results", tmp_path) == 0
    (found,) = list_results(tmp_path)
    counts = primitive_counts(found.path, "test", 32)
    assert counts[0] == 0
    assert counts.sum() > 500
    assert primitive_counts(found.path, "none", 32).sum() == 0
    assert perplexity(np.array([0, 5, 5, 5])) == pytest.approx(3)
    assert 1 < perplexity(counts) <= (counts > 0).sum()


def test_the_label_map_is_exported(tiny_checkpoint: Path, tmp_path: Path, labels: LabelMap) -> None:
    one, other = tmp_path / "one.json", tmp_path / "deep" / "other.json"
    assert run("labels", "export", "--out", one) == 0
    assert run("labels", "export", "--checkpoint", tiny_checkpoint, "--out", other) == 0
    assert one.read_bytes() == other.read_bytes()
    written = json.loads(one.read_text(encoding="utf-8"))
    assert written["fingerprint"] == labels.fingerprint
    assert [row["index"] for row in written["labels"]] == list(range(len(labels)))
    assert tuple(row["label"] for row in written["labels"]) == labels.labels
    assert tuple(row["base_unicode"] for row in written["labels"]) == labels.base
