"""All commands, in the order of ``glyphcore --help``, which follows the data.

A command is a function. The annotation of ``config`` names its settings, a dataclass of :mod:`glyphcore.config`. The
function imports its job when it runs, and returns the exit code, None for 0.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from glyphcore import config as settings
from glyphcore.cli.options import Options, cell_edit, shard, word_list
from glyphcore.config.base import CHECKOUT
from glyphcore.errors import PARTLY
from glyphcore.progress import Progress

MODEL = {"checkpoint": "checkpoint model"}
READ_CODES = (
    f"0 everything was read; 1 nothing was read; {PARTLY} some inputs or glyphs could not be read (each is named)"
)
GROUPS = {
    "fonts": "the training corpus",
    "db": "glyph databases",
    "labels": "the label set",
    "tags": "tags and notes of glyphs",
    "pdf": "PDFs with wrong text",
    "words": "word lists of languages",
}
"""Words that are followed by a command."""


@dataclass(frozen=True)
class Command:
    """A row of the table of commands."""

    name: str
    """Its words: ``db build``."""
    text: str
    """One sentence."""
    example: str
    run: Callable[[Any, Progress], int | None]
    options: Options
    codes: str
    """Its exit codes, where they are more than 0 and 1."""
    resumes: str
    """When the same command continues after an interruption without a cluster: ALWAYS, with this option, or never."""

    @property
    def settings(self) -> type:
        """The dataclass that ``run`` takes."""
        return getattr(settings, self.run.__annotations__["config"].removeprefix("settings."))


ALWAYS = "always"
COMMANDS: list[Command] = []


def command(
    name: str, text: str, example: str, *, first: str = "", hidden: tuple[str, ...] = ("cache",),
    shown: Mapping[str, str] | None = None, read: Mapping[str, Callable[[str], Any]] | None = None,
    more: Mapping[str, Callable[[], str]] | None = None, flags: Mapping[str, str] | None = None, codes: str = "",
    resumes: str = "",
) -> Callable[[Callable[[Any, Progress], int | None]], Callable[[Any, Progress], int | None]]:  # fmt: skip
    """Register the decorated function as a command; see :class:`Command` and :class:`Options`."""

    def add(run: Callable[[Any, Progress], int | None]) -> Callable[[Any, Progress], int | None]:
        options = Options(first, hidden, shown or {}, read or {}, more or {}, flags or {})
        COMMANDS.append(Command(name, text, example, run, options, codes, resumes))
        return run

    return add


@command("fonts fetch", "Download the listed font packages into the cache; nothing is installed.",
         "glyphcore fonts fetch", hidden=(), resumes=ALWAYS)  # fmt: skip
def fonts_fetch(config: settings.FetchConfig, progress: Progress) -> None:
    from glyphcore.jobs import fonts_fetch

    fonts_fetch.run(config, progress)


@command("db build", "Build a glyph database from the corpus or from your own fonts.",
         "glyphcore db build ~/fonts --out mine.db", first="fonts", hidden=())  # fmt: skip
def db_build(config: settings.BuildConfig, progress: Progress) -> None:
    from glyphcore.jobs import db_build

    db_build.run(config, progress)


@command("db subset", "Write the part of a full database that may be redistributed, and its attribution.",
         "glyphcore db subset")  # fmt: skip
def db_subset(config: settings.SubsetConfig, progress: Progress) -> None:
    from glyphcore.jobs import db_subset

    db_subset.run(config, progress)


@command("db stats", "Print the contents of a database as Markdown tables.", "glyphcore db stats", first="db")
def db_stats(config: settings.StatsConfig, progress: Progress) -> None:
    from glyphcore.jobs import db_stats

    print(db_stats.run(config, progress))


@command("db font-priors", "Learn which labels fonts draw together, and their sizes and order.",
         "glyphcore db font-priors --db dataset/full.db")  # fmt: skip
def db_font_priors(config: settings.FontPriorsConfig, progress: Progress) -> None:
    from glyphcore.jobs import db_font_priors

    db_font_priors.run(config, progress)


@command("db outside", "Learn to recognise glyphs that have none of the labels.", "glyphcore db outside")
def db_outside(config: settings.OutsideConfig, progress: Progress) -> None:
    from glyphcore.jobs import db_outside

    db_outside.run(config, progress)


@command("db check", "Check a database: orphans, broken outlines, doubtful labels, split leaks.",
         "glyphcore db check theirs.db", first="db", codes="0 no problem was found; 1 a problem was found")  # fmt: skip
def db_check(config: settings.CheckConfig, progress: Progress) -> int:
    from glyphcore.jobs import db_check

    health = db_check.run(config, progress)
    print(db_check.as_json(health) if config.json else db_check.report(health))
    return int(health.wrong)


@command("rasterize", "Write the rasters of a database as <glyph_id>.png, or continue to write them.",
         "glyphcore rasterize --out dataset/rasters", resumes=ALWAYS)  # fmt: skip
def rasterize(config: settings.RasterizeConfig, progress: Progress) -> None:
    from glyphcore.jobs import rasterize

    rasterize.run(config, progress)


def _setting_names() -> str:
    from glyphcore.config.recipe import setting_names

    return f" Names: {', '.join(setting_names())}."


@command("train", "Train a checkpoint by a recipe; after an interruption the same command continues.",
         "glyphcore train checkpoints/mixer.toml --set epochs=5 model.embedding=48", first="recipe",
         shown={"set": "NAME=VALUE"}, more={"set": _setting_names}, resumes=ALWAYS)  # fmt: skip
def train(config: settings.RunConfig, progress: Progress) -> None:
    from glyphcore.config.recipe import load_recipe

    recipe = load_recipe(config.recipe, config.set, db=config.db, out=config.out, run=config.run)
    from glyphcore.jobs import train

    train.run(recipe, progress, fast_dev_run=config.fast_dev_run)


@command("card", "Write a checkpoint's card beside it: recipe, data, cost, figures.",
         "glyphcore card checkpoints/mixer.ckpt", first="checkpoint")  # fmt: skip
def card(config: settings.CardConfig, progress: Progress) -> None:
    from glyphcore.jobs import card

    card.run(config, progress)


@command("labels export", "Write the meaning of each output of a model as JSON.",
         "glyphcore labels export --out label_map.json")  # fmt: skip
def labels_export(config: settings.LabelsConfig, progress: Progress) -> None:
    from glyphcore.jobs import labels_export

    labels_export.run(config, progress)


@command("labels grow", "Add all characters that enough families draw to the label set.",
         "glyphcore labels grow --out dataset/chars-wide.csv")  # fmt: skip
def labels_grow(config: settings.GrowConfig, progress: Progress) -> None:
    from glyphcore.jobs import labels_grow

    labels_grow.run(config, progress)


@command("labels twins", "Mark the labels of a label set that most fonts draw identically.",
         "glyphcore labels twins --labels mine.csv --db mine.db")  # fmt: skip
def labels_twins(config: settings.TwinsConfig, progress: Progress) -> None:
    from glyphcore.jobs import labels_twins

    labels_twins.run(config, progress)


@command("evaluate", "Predict all glyphs of a database, store the results, and print the accuracies.",
         "glyphcore evaluate checkpoints/mixer-geometry.ckpt --db mine.db --out figures.json", first="checkpoint",
         shown={"shard": "K/N"}, read={"shard": shard}, resumes=ALWAYS)  # fmt: skip
def evaluate(config: settings.EvaluateConfig, progress: Progress) -> None:
    from glyphcore.jobs import evaluate

    print(evaluate.report(evaluate.run(config, progress)))


@command("merge", "Merge the results of all shards of one evaluation.",
         "glyphcore merge .cache/results/shards", first="shards")  # fmt: skip
def merge(config: settings.MergeConfig, progress: Progress) -> None:
    from glyphcore.jobs import evaluate, merge

    print(evaluate.report(merge.run(config, progress)))


@command("compare", "Compare evaluated checkpoints on the same glyphs: differences, flips, significance.",
         "glyphcore compare checkpoints/mixer-geometry.ckpt mine.ckpt --split test", first="models",
         shown={"models": "MODEL", "where": "TEXT"})  # fmt: skip
def compare(config: settings.CompareConfig, progress: Progress) -> None:
    from glyphcore.jobs import compare

    print(compare.report(compare.run(config, progress)))


@command("report", "Analyse the results of one checkpoint: its errors and their causes.",
         "glyphcore report checkpoints/mixer-geometry.ckpt --split test", first="model",
         shown={"where": "TEXT"})  # fmt: skip
def report(config: settings.ReportConfig, progress: Progress) -> None:
    from glyphcore.jobs import report

    report.run(config, progress)


@command("map", "Compute the map of the app: the embeddings of results on a plane.", "glyphcore map mixer-geometry",
         first="results")  # fmt: skip
def map_(config: settings.MapConfig, progress: Progress) -> None:
    from glyphcore.jobs import map as job

    job.run(config, progress)


@command("export", "Export a checkpoint for use without torch or in other programs.",
         "glyphcore export checkpoints/mixer-geometry.ckpt --to onnx", first="checkpoint",
         hidden=("calibrate",))  # fmt: skip
def export(config: settings.ExportConfig, progress: Progress) -> None:
    from glyphcore.jobs import export

    export.run(config, progress)


@command("overlay", "Draw the primitive grid over glyphs of a database.",
         "glyphcore overlay 35365 54399 --out overlays", first="glyphs")  # fmt: skip
def overlay(config: settings.OverlayConfig, progress: Progress) -> None:
    from glyphcore.jobs import overlay

    overlay.run(config, progress)


@command("inspect", "Analyse single glyphs: top-5, decisive cells, smallest edit.",
         "glyphcore inspect 35365 --edit 3,7=0 3,8=0 --similar 8", first="glyphs", read={"edit": cell_edit},
         shown={"edit": "ROW,COLUMN=ID", "beside": "CKPT", "similar": "K"})  # fmt: skip
def inspect(config: settings.InspectConfig, progress: Progress) -> None:
    from glyphcore.jobs import inspect

    for inspected in inspect.run(config, progress):
        print(inspect.as_json(inspected) if config.json else inspect.report(inspected))


@command("prepare", "Make the missing files that the app needs; 'make app' calls it.", "glyphcore prepare --all",
         resumes=ALWAYS)  # fmt: skip
def prepare(config: settings.PrepareConfig, progress: Progress) -> None:
    from glyphcore.jobs import prepare

    prepare.run(progress, every=config.all)


TEXTS = {"confirmed": "CSV", "tounicode": "FILE", "codes": "FILE|font", "face": "N"}


@command("infer", "Read glyphs: one JSON line each, with candidates and flags.",
         "glyphcore infer broken.ttf --out glyphs.jsonl", first="inputs", shown={"inputs": "INPUT", **TEXTS},
         flags=MODEL, codes=READ_CODES)  # fmt: skip
def infer(config: settings.InferConfig, progress: Progress) -> int:
    from glyphcore.jobs import infer

    return PARTLY if infer.run(config, progress).any else 0


@command("read", "Read one font into arrays: candidates, geometry, the font's own mapping.",
         "glyphcore read broken.ttf --out broken.npz", first="font", flags=MODEL)  # fmt: skip
def read(config: settings.ReadConfig, progress: Progress) -> int:
    from glyphcore.jobs import read

    return PARTLY if read.run(config, progress)[1].any else 0


@command("audit", "Compare the mappings of fonts with the outlines of their glyphs, worst first.",
         "glyphcore audit broken.ttf --sheet audit.html", first="fonts", shown={"fonts": "FONT", **TEXTS},
         flags=MODEL, codes=READ_CODES)  # fmt: skip
def audit(config: settings.AuditConfig, progress: Progress) -> int:
    from glyphcore.jobs import audit

    table, skipped = audit.run(config, progress)
    print(table)
    return PARTLY if skipped.any else 0


READ_PDF = {"every": "all", "signed": "break-signatures", **MODEL}
PDF_TEXTS = {"inputs": "PDF", "confirmed": "CSV", "unsure": "guess|drop|mark", "ligatures": "presentation|logical",
             "report": "FILE", "sheet": "HTML"}  # fmt: skip


@command("pdf inspect", "Find the fonts of PDFs that have wrong text, and print one line for each font.",
         "glyphcore pdf inspect in.pdf", first="inputs", shown=PDF_TEXTS, flags=MODEL,
         codes=f"0 no font has wrong text; 1 a font has wrong text, or nothing could be read; {PARTLY} some files "
               "could not be read completely (each is named), and no font of the others has wrong text")  # fmt: skip
def pdf_inspect(config: settings.PdfInspectConfig, progress: Progress) -> int:
    from glyphcore.jobs import pdf_inspect

    lines, outcome = pdf_inspect.run(config, progress)
    for line in lines:
        print(line, flush=True)
    return 1 if outcome.lying or not outcome.read else PARTLY if outcome.unread or outcome.partly else 0


PDF_CODES = f"1 nothing could be read; {PARTLY} some files could not be read completely (each is named)"


@command("pdf repair", "Restore the text of PDFs; only fonts with wrong text are changed.",
         "glyphcore pdf repair in.pdf --out out.pdf", first="inputs", shown=PDF_TEXTS, flags=READ_PDF,
         codes=f"0 all files are written; {PDF_CODES}", resumes=ALWAYS)  # fmt: skip
def pdf_repair(config: settings.PdfRepairConfig, progress: Progress) -> int:
    from glyphcore.jobs import pdf_repair

    outcome = pdf_repair.run(config, progress)
    if not outcome.read and not outcome.skipped:
        return 1
    return PARTLY if outcome.unread or outcome.partly else 0


@command("pdf text", "Print the text of PDFs; fonts with wrong text are read from their outlines.",
         "glyphcore pdf text in.pdf", first="inputs", shown=PDF_TEXTS, flags=READ_PDF,
         codes=f"0 all files were read; {PDF_CODES}", resumes="out")  # fmt: skip
def pdf_text(config: settings.PdfReadConfig, progress: Progress) -> int:
    from glyphcore.jobs import pdf_text

    outcome = pdf_text.run(config, progress)
    return 1 if not outcome.read else PARTLY if outcome.unread or outcome.partly else 0


@command("words build", "Build the language tables for reading PDFs from word lists.",
         "glyphcore words build --list ckb=words.tsv --out languages", first="languages", flags={"lists": "list"},
         shown={"lists": "LANGUAGE=FILE", "languages": "LANGUAGE"}, read={"lists": word_list})  # fmt: skip
def words_build(config: settings.WordsConfig, progress: Progress) -> None:
    from glyphcore.jobs import words_build

    words_build.run(config, progress)


@command("bench", "Measure the speed of reading fonts: each stage, cold and warm, with each model file.",
         "glyphcore bench broken.ttf --models mine.ckpt mine.reader", first="fonts",
         shown={"fonts": "FONT"})  # fmt: skip
def bench(config: settings.BenchConfig, progress: Progress) -> None:
    from glyphcore.jobs import bench

    print(bench.report(bench.run(config, progress)))


@command("primitives", "Examine the use of a codebook: dead, duplicate and poorly predicted primitives.",
         "glyphcore primitives mixer-geometry --kind badly --sort recall", first="model",
         shown={"model": "MODEL", "where": "TEXT"})  # fmt: skip
def primitives(config: settings.PrimitivesConfig, progress: Progress) -> None:
    from glyphcore.jobs import primitives

    if config.csv:
        print(primitives.as_csv(config, progress), end="")
        return
    figures = primitives.run(config, progress)
    print(primitives.as_json(figures) if config.json else primitives.report(figures))


@command("select", "List evaluated glyphs by the filters of Browse, which include cells.",
         "glyphcore select mixer-geometry --cells '5,3=* any=17>42' --most family:3 --out errors.html", first="model",
         shown={"model": "MODEL", "cells": "PATTERN", "like": "BY-ID", "size": "FROM-TO", "excluded": "FIELD:VALUE",
                "where": "TEXT", "most": "GROUP:N"}, flags={"excluded": "not"})  # fmt: skip
def select(config: settings.SelectConfig, progress: Progress) -> None:
    from glyphcore.jobs import select

    select.run(config, progress)


@command("label-issues", "List labels that the model and other fonts contradict, worst first, as CSV.",
         "glyphcore label-issues checkpoints/mixer-geometry.ckpt --out doubtful.csv", first="model")  # fmt: skip
def label_issues(config: settings.LabelIssuesConfig, progress: Progress) -> None:
    from glyphcore.jobs import label_issues

    label_issues.run(config, progress)


@command("tags export", "Write every tag, note and corrected label as CSV.", "glyphcore tags export --out tags.csv")
def tags_export(config: settings.TagsExportConfig, progress: Progress) -> None:
    from glyphcore.jobs import tags

    tags.export(config, progress)


@command("tags import", "Add tags, notes and corrected labels from CSV; a malformed file changes nothing.",
         "glyphcore tags import tags.csv", first="file")  # fmt: skip
def tags_import(config: settings.TagsImportConfig, progress: Progress) -> None:
    from glyphcore.jobs import tags

    tags.take(config, progress)


@command("tags list", "Print the number of glyphs with each tag, and the saved views.", "glyphcore tags list")
def tags_list(config: settings.TagsConfig, progress: Progress) -> None:
    from glyphcore.jobs import tags

    print(tags.listing(config))


@command("app", "Start the app for the shipped glyphs or for your own.",
         "glyphcore app --db mine.db --checkpoints mine")  # fmt: skip
def app(config: settings.AppConfig, progress: Progress) -> None:
    from glyphcore.jobs import app, prepare

    own = {"GLYPHCORE_DB", "GLYPHCORE_CHECKPOINTS", "GLYPHCORE_RESULTS"} & {*os.environ, *app.places(config)}
    if CHECKOUT and not own:  # evaluate the shipped checkpoint before the first page
        prepare.run(progress)
    app.run(config, progress)
