"""A run's state is replaced as a whole: a kill during writing leaves the previous one, wherever temporary files are."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_model import tiny_training

from glyphcore.jobs import train
from glyphcore.training.callbacks import WholeFiles


def test_what_is_cut_off_while_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.ckpt"
    WholeFiles().save_checkpoint({"epoch": 1}, path)

    def killed(content: object, to: Path) -> None:
        Path(to).write_bytes(b"half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            WholeFiles().save_checkpoint({"epoch": 2}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_keeps_its_state_that_way(model_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    original = WholeFiles.save_checkpoint

    def noted(self: WholeFiles, checkpoint: dict, path: Path, storage_options: object = None) -> None:
        kept.append(Path(path).name)
        original(self, checkpoint, path, storage_options)

    monkeypatch.setattr(WholeFiles, "save_checkpoint", noted)
    train.run(tiny_training(model_db, tmp_path, epochs=1, limit=32))
    assert {"last.ckpt", "best.ckpt"} <= set(kept)
