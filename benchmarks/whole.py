"""The gain from font-level decoding: accuracy by label, by Unicode and up to confusables, against each glyph alone.

Every glyph of every font file of a split is predicted, alternates and glyphs outside the label set included, because
they are the rivals that a real font has. Accuracy is measured on the glyphs that have a label in the database. A row
names the knowledge about the font (its other glyphs, their sizes, their order) and the cost of a label that another
glyph already has (0: nothing); ``glyphcore.decoding`` uses both. Fixed and broken glyphs, and better and worse fonts
and families, are counted by Unicode.

    python benchmarks/whole.py                           # val, for several costs
    python benchmarks/whole.py --split test --duplicate-penalty 2.5  # once, with the cost chosen on val
    python benchmarks/whole.py --some 30 --duplicate-penalty 2.5  # 30 random glyphs of each font, as in a document
    python benchmarks/whole.py --swap 5 --duplicate-penalty 2.5  # five pairs of each font swapped
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.config import CACHE, DATASET, DEFAULT_CHECKPOINT
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.decoding.charset import Charset
from glyphcore.decoding.decode import CANDIDATES, decode
from glyphcore.decoding.font_priors import FontPriors, shipped
from glyphcore.decoding.glyph_order import GlyphOrder
from glyphcore.progress import Silent, Terminal
from glyphcore.runtime.predictor import Predictor

NOTHING = "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "full.db")
    parser.add_argument("--fonts", type=Path, default=CACHE / "fonts", help="folder of the fetched corpus")
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--duplicate-penalty", type=float, nargs="+", default=[0.5, 1, 1.5, 2, 2.5, 3, 4])
    parser.add_argument("--some", type=int, default=0, help="read this many random glyphs of a font; 0: all")
    parser.add_argument("--swap", type=int, default=0,
                        help="swap this many pairs of a font's glyphs, and judge only these")  # fmt: skip
    args = parser.parse_args()
    predictor, store, progress = Predictor(args.checkpoint), GlyphStore(args.db), Terminal()
    labels = predictor.labels
    groups = np.stack([criterion.same(labels) for criterion in CRITERIA.values()], 1)  # [classes, criteria]
    rows = pd.DataFrame([(row.f_id, row.gid, labels.index[row.label]) for row in store.rows(contours=False)
                         if row.split == args.split], columns=["f_id", "gid", "truth"])  # fmt: skip
    fonts = store.fonts().set_index("f_id").loc[rows["f_id"].unique()]
    paths = {path.name.partition("-")[0]: path for path in args.fonts.iterdir()}  # names begin with the hash
    read_glyphs = 0
    known = knowledge(shipped())
    ways = [(what, duplicate_penalty) for what in known for duplicate_penalty in [0.0, *args.duplicate_penalty]]
    right: dict[tuple[str, float], list[np.ndarray]] = {way: [] for way in ways}  # [labelled, criteria] per font
    random = np.random.default_rng(0)
    families: list[str] = []
    rows_font: list[int] = []
    for f_id, font in progress.track(fonts.iterrows(), total=len(fonts), what="fonts"):
        font_rows = rows[rows["f_id"] == f_id]
        (glyphs,) = (
            list(glyphs) for _, glyphs in read_sources([paths[font["file_hash"][:12]]], SkippedInputs(), Silent())
        )
        if args.some:
            glyphs = [glyphs[i] for i in np.sort(random.permutation(len(glyphs))[: args.some])]
            font_rows = font_rows[font_rows["gid"].isin([glyph.glyph_id for glyph in glyphs])]
        if args.swap:
            labelled = np.flatnonzero(np.isin([glyph.glyph_id for glyph in glyphs], font_rows["gid"]))
            moved = random.permutation(labelled)[: 2 * args.swap]
            moved = moved[: len(moved) // 2 * 2]
            for i, j in moved.reshape(-1, 2):
                glyphs[i], glyphs[j] = glyphs[j], glyphs[i]
            font_rows = font_rows[font_rows["gid"].isin([glyphs[i].glyph_id for i in moved])]
        predictions = predictor.predict(
            np.stack([g.packed for g in glyphs]), np.stack([g.geometry for g in glyphs]), top=CANDIDATES
        )
        read_glyphs += len(glyphs)
        families += [font["family"]] * len(font_rows)
        rows_font += [int(f_id)] * len(font_rows)
        index_of = {glyph.glyph_id: i for i, glyph in enumerate(glyphs)}
        mine, truth = [index_of[gid] for gid in font_rows["gid"]], font_rows["truth"].to_numpy()
        geometry = np.stack([g.geometry for g in glyphs])
        for (what, duplicate_penalty), counts in right.items():
            decoded = decode(
                predictions.top,
                predictions.top_p,
                geometry,
                known[what],
                ordered=True,
                duplicate_penalty=duplicate_penalty,
            )
            counts.append(groups[decoded.label[mine]] == groups[truth])
    print(f"{args.split}: {len(fonts)} fonts of {fonts['family'].nunique()} families, {read_glyphs:,} glyphs read, "
          f"{len(families):,} of them labelled; {args.checkpoint.name}\n")  # fmt: skip
    titles = " | ".join(criterion.title for criterion in CRITERIA.values())
    print(f"| known | reuse | {titles} | fixed | broken | fonts + / − | families + / − |")
    print("|---|---:|" + "---:|" * 7)
    alone = np.concatenate(right[NOTHING, 0.0])
    for (what, duplicate_penalty), counts in right.items():
        both = np.concatenate(counts)
        cells = [f"{100 * p:.2f}" + (f" ({100 * (p - q):+.2f})" if (what, duplicate_penalty) != (NOTHING, 0) else "")
                 for p, q in zip(both.mean(0), alone.mean(0), strict=True)]  # fmt: skip
        change = pd.Series(both[:, 1].astype(int) - alone[:, 1])
        better = [f"{(sums > 0).sum()} / {(sums < 0).sum()}" for sums in
                  (change.groupby(per).sum() for per in (rows_font, families))]  # fmt: skip
        print(
            "| "
            + " | ".join(
                [what, f"{duplicate_penalty:g}", *cells, str((change > 0).sum()), str((change < 0).sum()), *better]
            )
            + " |"
        )


def knowledge(priors: FontPriors) -> dict[str, FontPriors | None]:
    """Return subsets of the font priors by name: nothing, other glyphs, their sizes, their order, and all three."""
    no_repertoire = Charset(*(0 * array for array in vars(priors.charset).values()))
    no_sizes = {name: 0 * getattr(priors, name) for name in ("mean", "basis")}
    no_order = GlyphOrder.unknown(priors.order.classes)
    return {
        NOTHING: None,
        "repertoire": replace(priors, **no_sizes, order=no_order),
        "design": replace(priors, charset=no_repertoire, order=no_order),
        "order": replace(priors, **no_sizes, charset=no_repertoire),
        "all but order": replace(priors, order=no_order),
        "all": priors,
    }


if __name__ == "__main__":
    main()
