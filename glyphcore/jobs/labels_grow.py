"""``glyphcore labels grow``: the existing labels, and a label for every further character that enough families draw.

Existing labels stay first, in their order, so that the outputs of a trained model keep their meaning.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict

from glyphcore.config import GrowConfig
from glyphcore.data.corpus import load_corpus
from glyphcore.data.fonts import open_faces
from glyphcore.data.label_candidates import candidates
from glyphcore.data.labelled import reached
from glyphcore.data.labels import load_labels
from glyphcore.errors import FontError, GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent


def run(config: GrowConfig, progress: Progress | None = None) -> int:
    """Write the grown label set; return the number of labels. Raises FontError when a listed font was not fetched."""
    progress = progress or Silent()
    known = candidates(load_labels(config.labels))
    files = [file for path in config.lists for file in load_corpus(path) if not file.further]
    families: dict[str, set[str]] = defaultdict(set)
    for file in progress.track(files, total=len(files), what="fonts"):
        path = file.cached(config.cache)
        if not path.is_file():
            raise FontError(
                f"{path.name} is not in {config.cache}.", remedy="Run 'glyphcore fonts fetch --corpus LIST'."
            )
        try:
            faces = open_faces(path)
        except GlyphError as error:
            progress.say(str(error))
            continue
        for face in faces:
            for label, _ in reached(face, known, Counter()):
                families[label].add(file.family)
    with config.labels.open(encoding="utf-8-sig", newline="") as file_of_labels:
        table = csv.DictReader(file_of_labels)
        columns, rows = list(table.fieldnames or ()), list(table)
    groups = {row["base_unicode"]: row.get("joining_group", "") for row in rows}
    columns_of = zip(known.labels, known.base, known.char_class, known.codepoint, strict=True)
    for label, base, kind, codepoint in columns_of:
        if len(families[label]) >= config.families:
            new = {"codepoint": codepoint, "base_unicode": base, "joining_group": groups.get(base, "")}
            rows.append(new | {"char_class": kind, "label": label, "families": str(len(families[label]))})
    with writing(config.out) as out:
        writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    progress.say(f"{config.out}: {len(rows):,} labels")
    return len(rows)
