"""``glyphcore labels export``: the label of each output of a model, as JSON for other programs."""

from __future__ import annotations

import json

from glyphcore.config import LabelsConfig
from glyphcore.data.labels import load_labels
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent


def run(config: LabelsConfig, progress: Progress | None = None) -> int:
    """Write the label map of a checkpoint, or of the CSV file of labels if there is no checkpoint; return the number of
    labels.

    ``{"fingerprint": …, "labels": [{"index": 0, "label": …, "base_unicode": …, …}, …]}``, in class order.
    """
    if config.checkpoint is None:
        known = load_labels(config.labels)
    else:
        from glyphcore.checkpoint import load_checkpoint  # loads torch

        known = load_checkpoint(config.checkpoint).labels
    columns = known.to_plain()
    rows = [{"index": i} | dict(zip(columns, row, strict=True))
            for i, row in enumerate(zip(*columns.values(), strict=True))]  # fmt: skip
    text = json.dumps({"fingerprint": known.fingerprint, "labels": rows}, ensure_ascii=False, indent=1)
    with writing(config.out) as out:
        out.write(text + "\n")
    (progress or Silent()).say(f"{config.out}: {len(known):,} labels")
    return len(known)
