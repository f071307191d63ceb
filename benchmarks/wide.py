"""Accuracy of the wide model by script, beside mixer-geometry on the labels that both have.

    python benchmarks/wide.py                 (database: glyphcore db build --corpus --wider dataset/fonts-wide.json …)
    python benchmarks/wide.py --checkpoint mine.ckpt --confusions 20 --picture confusions.png

The families are those that neither model was trained on: val and test of the wide database, regular weights. The output
of each model's mixer is computed once for each glyph and kept. ``alone``: each glyph by itself, against all labels of
its model. ``font``: each font file decoded as a whole.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from glyphcore.checkpoint import Checkpoint, load_checkpoint
from glyphcore.config import CACHE, DATASET, DEFAULT_CHECKPOINT, DUPLICATE_PENALTY, SHIPPED
from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.label_candidates import kind_of
from glyphcore.data.labels import LabelMap
from glyphcore.data.primitives import EMPTY, nearest_primitives
from glyphcore.data.raster import CELL, SIZE, cells, unpack
from glyphcore.data.store import GlyphStore
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import priors_of
from glyphcore.runtime import Predictor
from glyphcore.training.frozen import CHUNK, Trunk

GLYPHS = """
    select g.glyph_id, g.label, g.split, f.family, g.f_id, g.gid from glyphs g join fonts f using (f_id)
    where g.split in ('val', 'test') and f.weight = 400 order by g.glyph_id"""
EXAMPLES, TITLE = 10, 520
"""Glyphs of a row of the picture, and the width of its title in pixels."""
SAMPLE = 2000
"""Glyphs of a split whose primitives are compared."""
FIRST, FURTHER, ALL = "the first labels", "further labels", "all"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs-wide.db")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED / "checkpoints" / "wide.ckpt")
    parser.add_argument(
        "--confusions",
        type=int,
        default=0,
        help="number of most common confusions to print, by glyphs "
        "alone, of val and test, without those of confusables",
    )
    parser.add_argument("--families", metavar="KIND", help="kind of labels whose table has a row for each family")
    parser.add_argument("--picture", type=Path, help="picture of these confusions to write: a row each")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with sqlite3.connect(f"file:{args.db}?mode=ro", uri=True) as rows:
        glyph_id, label, split, family, font, gid = map(np.array, zip(*rows.execute(GLYPHS), strict=True))
    first, wide = load_checkpoint(DEFAULT_CHECKPOINT), load_checkpoint(args.checkpoint)
    old_pooled, geometry = mixed(first, GlyphStore(args.db), glyph_id)
    pooled, _ = mixed(wide, GlyphStore(args.db), glyph_id)
    true = np.array([wide.labels.index[word] for word in label])
    shared = np.flatnonzero(true < len(first.labels))
    alone, in_font = answers(wide, pooled, geometry, font, gid)
    old_alone, old_in_font = answers(first, old_pooled[shared], geometry[shared], font[shared], gid[shared])
    kinds = np.array([kind(wide.labels, word, len(first.labels)) for word in true])
    for part in ("val", "test"):
        part_rows = np.flatnonzero(split == part)
        print(as_evaluated(part, wide, GlyphStore(args.db), glyph_id[part_rows], true[part_rows], alone[part_rows]))
    print("| split | labels | n | families | alone | macro | up to confusables | top-5 | font | font, confusables |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    confusable = wide.labels.twin_index
    for part in ("val", "test"):
        for name in (FIRST, *sorted(set(kinds) - {FIRST}), FURTHER, ALL):
            part_rows = (split == part) & ((kinds == name) | (name == ALL) | ((name == FURTHER) & (kinds != FIRST)))
            if part_rows.any():
                line(
                    part,
                    name,
                    true[part_rows],
                    alone[part_rows],
                    in_font[part_rows],
                    confusable,
                    len(set(family[part_rows])),
                )
        part_rows = split[shared] == part
        line(
            part,
            "the first labels, mixer-geometry",
            true[shared][part_rows],
            old_alone[part_rows],
            old_in_font[part_rows],
            confusable,
            0,
        )
    for part, name in sorted(set(zip(split[kinds == args.families], family[kinds == args.families], strict=True))):
        rows = (split == part) & (family == name) & (kinds == args.families)
        line(part, f"{args.families}, {name}", true[rows], alone[rows], in_font[rows], confusable, 1)
    wrong = confusable[alone[:, 0]] != confusable[true]
    worst = Counter(zip(true[wrong], alone[wrong, 0], strict=True)).most_common(args.confusions)
    for (right, predicted), n in worst:
        fonts = Counter(family[wrong & (true == right) & (alone[:, 0] == predicted)])
        print(f"{n:5} {wide.labels.base[right]} {wide.labels.labels[right]} read as {wide.labels.labels[predicted]}; "
              f"{len(fonts)} families")  # fmt: skip
    if args.picture:
        misread = [np.flatnonzero((true == right) & (alone[:, 0] == predicted)) for (right, predicted), _ in worst]
        rasters = [rasters_of(GlyphStore(args.db), glyph_id[rows[:EXAMPLES]]) for rows in misread]
        titles = [f"{n} x {wide.labels.labels[a]} > {wide.labels.labels[b]}" for (a, b), n in worst]
        sheet(titles, rasters).save(args.picture, optimize=True)


def rasters_of(store: GlyphStore, glyph_id: np.ndarray) -> np.ndarray:
    """Return the rasters of glyphs, 0 or 1, uint8 [n, 128, 128]."""
    return unpack(np.stack([glyph_raster(row) for row in store.glyphs(glyph_id.tolist())]))


def sheet(titles: list[str], rasters: list[np.ndarray]) -> Image.Image:
    """Return a picture with a title and rasters in each row."""
    step = SIZE + 4
    picture = Image.new("L", (TITLE + EXAMPLES * step, len(titles) * step), 205)
    draw = ImageDraw.Draw(picture)
    for i, (title, its) in enumerate(zip(titles, rasters, strict=True)):
        draw.text((6, i * step + SIZE // 2), title, fill=0)
        for j, raster in enumerate(its):
            picture.paste(Image.fromarray(255 * (1 - raster)), (TITLE + j * step, i * step))
    return picture


def as_evaluated(
    part: str, wide: Checkpoint, store: GlyphStore, glyph_id: np.ndarray, true: np.ndarray, top: np.ndarray
) -> str:
    """Return a row of a card: n, label, Unicode, up to confusables, top-5, macro, marks, primitives of some glyphs."""
    labels, pred = wide.labels, top[:, 0]
    right, mark = pred == true, labels.is_diacritic[true]
    macro = np.bincount(true, right)[np.unique(true)] / np.bincount(true)[np.unique(true)]
    shares = (
        right, labels.base_index[pred] == labels.base_index[true], labels.twin_index[pred] == labels.twin_index[true],
        (top[:, :5] == true[:, None]).any(1), macro,
    )  # fmt: skip
    said_so = " | ".join(f"{100 * np.mean(share):.1f}" for share in shares)
    sample = glyph_id[:: max(1, len(glyph_id) // SAMPLE)]
    packed = np.stack([glyph_raster(row) for row in store.glyphs(sample.tolist())])
    ids = Predictor(wide.path).primitives(packed)[0]
    wanted = nearest_primitives(cells(packed).reshape(-1, CELL), wide.codebook)[0].reshape(len(packed), -1)
    ink = wanted != EMPTY
    return (
        f"| {part} | {len(true):,} | {said_so} | {100 * right[mark].mean():.1f} ({mark.sum():,}) "
        f"| {100 * (ids[ink] == wanted[ink]).mean():.1f} |"
    )


def mixed(checkpoint: Checkpoint, store: GlyphStore, glyph_id: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mixer's outputs for glyphs, float16 [n, width], and their geometry float32 [n, 6]; kept in the
    cache."""
    path = CACHE / f"mixed-{checkpoint.fingerprint}-{store.fingerprint}.npz"
    if path.is_file():
        with np.load(path) as arrays:
            return arrays["pooled"], arrays["geometry"]
    trunk, parts = Trunk(checkpoint.net()), []
    for start in range(0, len(glyph_id), CHUNK):
        rows = list(store.glyphs(glyph_id[start : start + CHUNK].tolist()))
        packed = np.stack([glyph_raster(row) for row in rows])
        geometry = np.stack([glyph_geometry(row) for row in rows])
        parts.append((trunk(torch.from_numpy(unpack(packed))[:, None]).numpy(), geometry))
    pooled, geometry = (np.concatenate(part) for part in zip(*parts, strict=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, pooled=pooled, geometry=geometry)
    return pooled, geometry


def answers(
    checkpoint: Checkpoint, pooled: np.ndarray, geometry: np.ndarray, font: np.ndarray, gid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the candidates int [n, 10] of each glyph alone, and the label int [n] that each gets within its font."""
    net, tops, ps = checkpoint.net(), [], []
    with torch.inference_mode():
        for start in range(0, len(pooled), 1024):
            rows = slice(start, start + 1024)
            logits = net.predict_labels(torch.from_numpy(pooled[rows]).float(), torch.from_numpy(geometry[rows]))[1]
            p, top = logits.softmax(1).topk(10)
            tops.append(top.numpy())
            ps.append(p.numpy())
    top, p = np.concatenate(tops), np.concatenate(ps)
    priors, gets = priors_of(checkpoint.labels), np.empty(len(top), np.int64)
    for font_id in np.unique(font):
        font_rows = np.flatnonzero(font == font_id)
        font_rows = font_rows[np.argsort(gid[font_rows], kind="stable")]
        gets[font_rows] = decode(
            top[font_rows], p[font_rows], geometry[font_rows], priors, ordered=True, duplicate_penalty=DUPLICATE_PENALTY
        ).label
    return top, gets


def kind(labels: LabelMap, label: int, first: int) -> str:
    """Return the row of the table to which a label belongs."""
    if label < first:
        return FIRST
    return "marks" if labels.char_class[label] == "diacritic" else kind_of(labels.base[label])


def line(
    part: str, name: str, true: np.ndarray, top: np.ndarray, gets: np.ndarray, confusable: np.ndarray, families: int
) -> None:
    """Print a row of the table."""
    right = top[:, 0] == true
    macro = np.bincount(true, right)[np.unique(true)] / np.bincount(true)[np.unique(true)]
    shares = (
        right, macro, confusable[top[:, 0]] == confusable[true], (top[:, :5] == true[:, None]).any(1), gets == true,
        confusable[gets] == confusable[true],
    )  # fmt: skip
    cells = " | ".join(f"{100 * np.mean(share):.1f}" for share in shares)
    print(f"| {part} | {name} | {len(true):,} | {families or ''} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
