"""Merges results of the parts of one database into results of the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.results.connection import EVALUATE_AGAIN, reading
from glyphcore.results.linked import FOLDER, Shard, in_order, shard_of
from glyphcore.results.store import ResultsMeta, ResultsWriter, meta_from, read_meta

ALIKE = ("checkpoint_fingerprint", "dataset_fingerprint", "labels", "raster_policy")


def shard_path(whole: Path, part: str) -> Path:
    """Return the path for the results of a part (``-1of2``) of the results file ``whole``."""
    return whole.parent / FOLDER / f"{whole.stem}{part}.db"


def check_shards(shards: Sequence[Path]) -> tuple[ResultsMeta, np.ndarray, str]:
    """Return the meta entries of the shards, their codebook, and the name of the merged file.

    Raises StoreError when a file is not a finished shard, and when a shard is missing, named twice, or belongs to
    another evaluation.
    """
    if not shards:
        raise StoreError("There are no shards; nothing was merged.", remedy="Make them with 'evaluate --shard K/N'.")
    named: dict[int, Path] = {}
    stems, counts = set(), set()
    for path in shards:
        match = re.fullmatch(r"(.+)-(\d+)of(\d+)", path.stem)
        if not match:
            raise StoreError(
                f"{path.name} is not a shard.", subject=path, remedy="Make them with 'evaluate --shard K/N'."
            )
        if int(match[2]) in named:
            raise StoreError(f"Shard {match[2]} is named twice; nothing was merged.", subject=path)
        if not read_meta(path)["complete"]:
            raise StoreError(
                f"{path.name} is unfinished; nothing was merged.", subject=path, remedy="Run its command again."
            )
        named[int(match[2])] = path
        stems.add(match[1])
        counts.add(int(match[3]))
    missing = sorted(set(range(1, max(counts) + 1)) - set(named))
    if len(stems) > 1 or len(counts) > 1:
        raise StoreError(
            "These are shards of several evaluations; nothing was merged.", remedy="Name the shards of one evaluation."
        )
    if missing:
        wanted = ", ".join(map(str, missing))
        raise StoreError(f"Shard {wanted} of {max(counts)} is missing; nothing was merged.", remedy="Evaluate it too.")
    metas = [_meta(named[number]) for number in sorted(named)]
    for path, meta in zip((named[number] for number in sorted(named)), metas, strict=True):
        if any(getattr(meta, name) != getattr(metas[0], name) for name in ALIKE):
            raise StoreError(f"{path.name} is of another checkpoint or database.", subject=path, remedy=EVALUATE_AGAIN)
    with reading(named[1]) as connection:
        patches = connection.execute("SELECT patches FROM codebook").fetchone()[0]
        codebook = np.frombuffer(patches, np.uint8).reshape(-1, 8, 8)
    return metas[0], codebook, f"{stems.pop()}.db"


def merge(writer: ResultsWriter, shards: Iterable[Path]) -> None:
    """Put the rows of checked shards into ``writer``; shards that it already has are left out."""
    for path in shards:
        with reading(path) as connection:
            last = connection.execute("SELECT max(glyph_id) FROM predictions").fetchone()[0]
        if last is not None and not writer.has(last):
            writer.take(path)


def link(writer: ResultsWriter, shards: Iterable[Path], folder: Path) -> None:
    """Let the results of ``writer`` have their rows in checked shards. Raises StoreError when a shard is not in the
    folder ``shards`` below ``folder``, the folder of results."""
    found: list[Shard] = []
    for path in shards:
        if path.resolve().parent != (folder / FOLDER).resolve():
            raise StoreError(
                f"{path} is not in {folder / FOLDER}, where linked results read it; nothing was linked.",
                subject=path,
                remedy="Move the shards there, name their folder of results with --results, or merge without --link.",
            )
        if (shard := shard_of(path)) is not None:
            found.append(shard)
    writer.link(in_order(found))


def _meta(path: Path) -> ResultsMeta:
    with reading(path) as connection:
        return meta_from({key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM meta")})
