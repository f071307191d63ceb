"""A corpus list and a cache, made of the tiny fonts."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from tiny_fonts import DESIGNS

from glyphcore.data.corpus import load_corpus


def corpus_of(font_folder: Path, folder: Path, licence: str = "OFL-1.1") -> tuple[Path, Path]:
    """Make a corpus list and a full cache of the tiny single-face fonts; return both paths."""
    entries, cache = [], folder / "cache"
    cache.mkdir(parents=True)
    for design in DESIGNS:
        if design.file.endswith(".ttc"):
            continue
        path = font_folder / design.file
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        weight = 700 if design.style == "Bold" else 400
        file = {"path": f"files/{path.name}", "weight": weight, "subset": "all", "sha256": digest}
        entry = {"source": "npm", "package": f"@tiny/{path.stem}", "version": "1.2.3", "family": design.family}
        entries.append(entry | {"licence": licence, "files": [file]})
    (folder / "fonts.json").write_text(json.dumps(entries))
    for listed in load_corpus(folder / "fonts.json"):
        shutil.copy(font_folder / next(d.file for d in DESIGNS if d.file.endswith(Path(listed.path).name)),
                    listed.cached(cache))  # fmt: skip
    return folder / "fonts.json", cache
