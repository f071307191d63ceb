"""Lists of the checkpoints that are evaluated on a database, of those that are not, and of files that cannot be
used."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glyphcore.results.store import ResultsFile


@dataclass(frozen=True)
class Standing:
    """The state of checkpoints on one database; results of other databases are not included."""

    done: list[ResultsFile] = field(default_factory=list)
    """Finished results of the database."""
    left: list[Path] = field(default_factory=list)
    """Checkpoints without finished results."""
    written: dict[Path, int] = field(default_factory=dict)
    """Checkpoint → number of glyphs that an unfinished evaluation has stored."""
    unusable: dict[str, str] = field(default_factory=dict)
    """File name → the reason, in one line, why that checkpoint or results file cannot be used."""


def standing(
    files: Sequence[ResultsFile], checkpoints: Mapping[Path, tuple[str, str]], dataset_fingerprint: str
) -> Standing:
    """Compare ``files``, the results in a folder, with ``checkpoints``: path → (fingerprint, reason why the file cannot
    be read).

    ``dataset_fingerprint`` identifies the database.
    """
    ours = [file for file in files if file.dataset_fingerprint == dataset_fingerprint]
    left, written = [], {}
    unusable = {path.name: problem for path, (_, problem) in checkpoints.items() if problem}
    kept = set()
    for path, (fingerprint, problem) in checkpoints.items():
        name = f"{path.stem}-{fingerprint}-{dataset_fingerprint}"
        checkpoint_files = [file for file in ours if file.path.name.startswith(name)]
        kept |= {file.path for file in checkpoint_files}
        if problem or any(file.complete for file in checkpoint_files):
            continue
        left.append(path)
        if written_glyphs := max((file.written for file in checkpoint_files), default=0):
            written[path] = written_glyphs
    for file in files:
        if not file.dataset_fingerprint:
            unusable[file.path.name] = file.problem
        elif file in ours and not file.complete and file.path not in kept:
            unusable[file.path.name] = (
                f"{file.path.name} is unfinished, and its checkpoint {file.checkpoint} was removed or changed."
            )
    return Standing([file for file in ours if file.complete], left, written, unusable)


def problem_of(checkpoint: Path) -> str:
    """Return in one line why a file cannot be a checkpoint; empty when it may be one. The file is not loaded."""
    return "" if zipfile.is_zipfile(checkpoint) else f"{checkpoint.name} is not a checkpoint, or a damaged one."
