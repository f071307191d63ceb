"""``glyphcore labels export``: what each output of a model means, as JSON for other programs."""

from __future__ import annotations

import json
from pathlib import Path

from glyphcore.data.labels import load_labels
from glyphcore.files import replacing


def run(out: Path, *, checkpoint: Path | None = None, labels: Path) -> int:
    """Write the label map of ``checkpoint``, or else of the CSV file ``labels``; returns the number of labels.

    ``{"fingerprint": …, "labels": [{"index": 0, "label": …, "base_unicode": …, …}, …]}``, in class order.
    """
    if checkpoint is None:
        known = load_labels(labels)
    else:
        from glyphcore.checkpoint import load_checkpoint  # loads torch

        known = load_checkpoint(checkpoint).labels
    columns = known.to_plain()
    rows = [{"index": i} | dict(zip(columns, row, strict=True))
            for i, row in enumerate(zip(*columns.values(), strict=True))]  # fmt: skip
    text = json.dumps({"fingerprint": known.fingerprint, "labels": rows}, ensure_ascii=False, indent=1)
    with replacing(out) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return len(known)
