"""Ablation: small runs that differ from a base in one ingredient.

    python benchmarks/ablation.py --limit 30000 --epochs 4 --out runs/ablation

The runs follow one after another. Each can be resumed, and is skipped once it is finished. After each run the script
writes ``ablation.json`` into the folder; at the end it prints all runs as a Markdown table. Accuracies are those of the
best epoch on the validation split, whose families are not in training; *hollow* and *in tiles* are 3,000 of its glyphs
drawn so. With ``--checkpoints`` only these two are measured, for finished checkpoints.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.metrics import logged_title
from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import CHECKPOINTS, DATASET, AugmentConfig, TrainConfig
from glyphcore.config.recipe import changed, given, load_recipe
from glyphcore.data.augment import varied
from glyphcore.data.store import GlyphStore
from glyphcore.files import replacing
from glyphcore.jobs import train
from glyphcore.nn.glyphnet import parameter_count
from glyphcore.progress import Terminal
from glyphcore.runtime.predictor import Predictor

INGREDIENTS: dict[str, list[str]] = {
    "base": [],
    "no geometry": ["model.geometry=false"],
    "no augmentation": ["augment.probability=0", "augment.geometry_drop=0", "augment.geometry_scale=0"],
    "no warp": ["augment.warp=0", "augment.noise=0"],
    "parts stay": ["augment.parts=0"],
    "weight as it is": ["augment.weight=0"],
    "hollow letters": ["augment.hollow=0.1"],
    "letters in tiles": ["augment.inverse=0.1"],
    "no slant, aspect, rotation": ["augment.slant=0", "augment.aspect=0", "augment.rotation=0"],
    "stem sees the raster": ["model.stem_sees=raster"],
    "token mixing": ["model.mixing=token"],
    "hourglass": ["model.mixing=hourglass"],
    "argmax": ["model.quantise=argmax"],
    "soft, 1 → 0.1": ["model.quantise=soft", "quantise_temperature=1,0.1"],
    "gumbel, 1 → 0.3": ["model.quantise=gumbel", "quantise_temperature=1,0.3"],
    "learned positions": ["model.position=learned"],
    "class token": ["model.pool=0"],
    "mean over all tokens": ["model.pool=1"],
    "no average of weights": ["ema=0"],
    "no balance": ["balance=0"],
    "α → 0": ["primitive_weight=1,0.3,0"],
    "focal loss, γ = 2": ["primitive_focal=2"],
    "subset head": ["model.subsets=12"],
    "online codebook": ["online_codebook=true"],
    "no label smoothing": ["label_smoothing=0"],
}
"""Settings that differ from the base, in the form of ``--set``."""
SHOWN = ("val/label_top1", "val/label_top5", "val_raster/label_top1", "val/primitive_accuracy")
STILL = AugmentConfig(
    slant=0, aspect=0, rotation=0, weight=0, noise=0, warp=0, parts=0, probability=1, geometry_drop=0, geometry_scale=0
)
DISPLAY = {
    "plain": STILL,
    "hollow": dataclasses.replace(STILL, hollow=1),
    "in tiles": dataclasses.replace(STILL, inverse=1),
}
"""Drawings of display faces, as variations that change nothing else."""
SAMPLE = 3000
"""Glyphs of the validation split that are drawn so."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "full.db", help="glyph database with splits")
    parser.add_argument("--recipe", type=Path, default=CHECKPOINTS / "mixer-geometry.toml", help="the base")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/ablation"),
        help="folder of runs and figures; use another folder for another base",
    )
    parser.add_argument("--limit", type=int, default=30_000, help="train glyphs of each run, spread over all fonts")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="settings of the base")
    parser.add_argument("--only", nargs="+", default=list(INGREDIENTS), choices=INGREDIENTS, metavar="INGREDIENT",
                        help=f"some of: {', '.join(INGREDIENTS)}")  # fmt: skip
    parser.add_argument("--checkpoints", type=Path, nargs="+", default=[], help="finished checkpoints to measure")
    args = parser.parse_args()
    if args.checkpoints:
        for path in args.checkpoints:
            print(
                f"{path.stem}: "
                + ", ".join(f"{name} {100 * share:.1f}" for name, share in drawn(path, args.db).items())
            )
        return
    settings = [f"limit={args.limit}", f"epochs={args.epochs}", *args.set]
    base = load_recipe(args.recipe, settings, db=args.db)
    figures = args.out / "ablation.json"
    done: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8")) if figures.is_file() else {}
    for name in args.only:
        settings_of_run = {"settings": [*settings, *INGREDIENTS[name]], "db": args.db.name, "recipe": args.recipe.name}
        if name in done and all(done[name][key] == value for key, value in settings_of_run.items()):
            continue
        done[name] = settings_of_run | measured(base, name, args.out)
        with replacing(figures) as temporary:
            temporary.write_text(json.dumps(done, indent=1, ensure_ascii=False), encoding="utf-8")
        print(table(done), flush=True)
    print(table(done))


def measured(base: TrainConfig, name: str, folder: Path) -> dict[str, Any]:
    """Train one variant or resume it; return its parameters, minutes and validation figures."""
    Terminal().say(f"— {name}")
    config = changed(base, given(INGREDIENTS[name]))
    # One codebook for all runs, so that chance in clustering does not affect the comparison.
    codebook, own = folder / "base" / "codebook.npy", folder / name.replace(" ", "-")
    if codebook.is_file() and not (own / "codebook.npy").is_file():
        with replacing(own / "codebook.npy") as temporary:
            temporary.write_bytes(codebook.read_bytes())
    config = dataclasses.replace(config, out=own / "final.ckpt", run=own)
    train.run(config, Terminal())
    made = load_checkpoint(config.out)
    return {"parameters": parameter_count(made.net()), "minutes": made.training["minutes"],
            "epochs": made.training["epochs"], **made.training["validation"],
            "drawn": drawn(config.out, config.db)}  # fmt: skip


def drawn(checkpoint: Path, db: Path) -> dict[str, float]:
    """Return label accuracy on glyphs of the validation split in each drawing of :data:`DISPLAY`."""
    predictor, store, random = Predictor(checkpoint), GlyphStore(db), np.random.default_rng(0)
    labels = store.labels()
    known = labels[(labels.split == "val") & labels.label.isin(predictor.labels.labels)]
    rows = [
        row
        for row in store.glyphs(known.sample(min(SAMPLE, len(known)), random_state=0).glyph_id.tolist())
        if not row.outline().empty
    ]
    truth = np.array([predictor.labels.index[row.label] for row in rows])
    shares = {}
    for name, config in DISPLAY.items():
        pictures = [varied(row.outline(), row.advance, row.upem, config, random) for row in rows]
        packed, geometry = map(np.stack, zip(*pictures, strict=True))
        shares[name] = float((predictor.predict(packed, geometry, top=1).top[:, 0] == truth).mean())
    return shares


def table(done: dict[str, Any]) -> str:
    """Return the figures as a Markdown table: one row per ingredient, with the difference to the base in points of
    label accuracy."""
    titles = " | ".join(map(logged_title, SHOWN))
    lines = [f"| ingredient | parameters | minutes | {titles} | Δ label | {' | '.join(DISPLAY)} |",
             "|---" + "|---:" * (7 + len(DISPLAY)) + "|"]  # fmt: skip
    for name in sorted(done, key=list(INGREDIENTS).index):
        row = done[name]
        shares = [f"{100 * row[key]:.1f}" if key in row else "–" for key in SHOWN]
        label = SHOWN[0]
        delta = f"{100 * (row[label] - done['base'][label]):+.1f}" if "base" in done and name != "base" else ""
        cost = f"{row['parameters'] / 1e6:.2f}M | {row['minutes']:.0f}"
        display = [f"{100 * row['drawn'][kind]:.1f}" if "drawn" in row else "–" for kind in DISPLAY]
        lines.append(f"| {name} | {cost} | {' | '.join(shares)} | {delta} | {' | '.join(display)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
