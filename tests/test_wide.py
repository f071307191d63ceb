"""The wider label set and its corpus: the parts kept from the first ones, and the families left out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tiny_corpus import corpus_of

from glyphcore.cli.parser import parser
from glyphcore.config import CHECKPOINTS, LABELS_WIDE, WIDER, BuildConfig, GrowConfig, TwinsConfig, model_path
from glyphcore.data.corpus import load_corpus, may_redistribute
from glyphcore.data.label_candidates import candidates, class_of, kind_of, label_of
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.decoding.font_priors import priors_of
from glyphcore.errors import ConfigError, FontError, StoreError
from glyphcore.jobs import db_build, labels_grow, labels_twins
from glyphcore.runtime import Predictor

DATASET = WIDER.parent


@pytest.fixture(scope="module")
def wide() -> LabelMap:
    return load_labels(LABELS_WIDE)


# Labels.


def test_the_first_labels_keep_order_name_and_meaning(labels: LabelMap, wide: LabelMap) -> None:
    assert 3300 <= len(wide) <= 4500
    for column in ("labels", "base", "char_class", "codepoint"):
        assert getattr(wide, column)[: len(labels)] == getattr(labels, column)
    given = [(ours, theirs) for ours, theirs in zip(labels.twin_of, wide.twin_of, strict=False) if ours]
    assert all(ours == theirs for ours, theirs in given)


def test_further_labels_come_by_code_point_and_eight_families_draw_each() -> None:
    with LABELS_WIDE.open(encoding="utf-8", newline="") as file:
        further = list(csv.DictReader(file))[1216:]
    assert [row["codepoint"] for row in further] == sorted(
        (row["codepoint"] for row in further), key=lambda code: int(code[2:], 16)
    )
    assert min(int(row["families"]) for row in further) >= 8


def test_the_scripts_of_documents_are_there(wide: LabelMap) -> None:
    has = set(wide.base)
    for text in ("ЖщїґђѓҚә", "Ωάῷϐ", "אבךשּׁ", "ԱաՖֆ", "აბჰ", "ơƠṩəʃŋ", "²₃½Ⅷ₴₽", "→⇔∀∑∞ℝ√", "─╬█", "ݐ"):
        assert not [character for character in text if character not in has], text


def test_names_follow_from_unicode(labels: LabelMap) -> None:
    assert label_of("Ω") == "greek_capital_letter_omega"
    assert label_of("ῷ") == "greek_small_letter_omega_perispomeni_ypogegrammeni"
    assert label_of("\u0301") == "combining_acute_accent_diacritic"
    assert label_of("ݐ", "_medi") == "beh_three_dots_horizontally_below_medi"
    forms = {"isol": "_isol", "init": "_init", "medi": "_medi", "final": "_fina"}
    columns = zip(labels.labels, labels.base, labels.char_class, strict=True)
    unlike = [label for label, base, kind in columns if len(base) == 1 and label_of(base, forms.get(kind, "")) != label]
    assert unlike == ["tatweel"], "it is the one name of the first labels that says less"


def test_a_character_that_stands_for_another_gets_no_label(labels: LabelMap) -> None:
    for character in ("\u2126", "\ufe91", "\ue000", "\u00ad", "\u2003", "\U0001d400", "क"):
        assert not kind_of(character), hex(ord(character))
    assert kind_of("ж") == class_of("ж") == "cyrillic"
    assert class_of("\u0301") == "diacritic"
    found = candidates(labels)
    assert not set(found.labels) & set(labels.labels)
    assert not set(found.base) & set(labels.base)


# Corpus.


def test_the_wider_list_adds_families_and_no_file_twice() -> None:
    first, wider = load_corpus(DATASET / "fonts.json"), load_corpus(WIDER)
    assert len({file.family for file in wider} - {file.family for file in first}) >= 80
    assert len({file.sha256 for file in first + wider}) == len(first) + len(wider)
    assert {file.role for file in wider} == {"", "measure"}


def test_what_is_measured_with_elsewhere_is_never_trained_on() -> None:
    measured = {file.family for file in load_corpus(DATASET / "outsiders.json") if file.role == "measure"}
    first = {file.family for file in load_corpus(DATASET / "fonts.json")}
    trained = {file.family for file in load_corpus(WIDER) if file.role != "measure"}
    assert not (trained - first) & measured


def test_families_that_are_set_aside_are_in_no_corpus() -> None:
    reserved = Path(__file__).parents[2] / "shared" / "corpus" / "reserved.txt"
    if not reserved.is_file():
        pytest.skip("the list of families that are set aside is not here")
    names = [line.lower() for line in map(str.strip, reserved.read_text().splitlines()) if line and line[0] != "#"]
    for file in load_corpus(DATASET / "fonts.json") + load_corpus(WIDER):
        assert not [name for name in names if file.family.lower().startswith(name)], file.family
        stem = Path(file.path).stem.lower().replace("-", " ").replace("_", " ")
        assert not [name for name in names if stem.startswith(f"{name} ")], file.path


# Building.


def split_corpus(font_folder: Path, folder: Path) -> tuple[BuildConfig, list[dict], list[dict]]:
    """Make a list of some tiny fonts, built, and one of the others; return the settings that build both."""
    corpus, cache = corpus_of(font_folder, folder)
    entries = json.loads(corpus.read_text())
    first, wider = entries[:5], entries[5:]
    corpus.write_text(json.dumps(first))
    db_build.run(BuildConfig(out=folder / "first.db", list=corpus, cache=cache))
    (folder / "wider.json").write_text(json.dumps(wider))
    return (
        BuildConfig(
            out=folder / "wide.db", list=corpus, cache=cache, wider=folder / "wider.json", splits=folder / "first.db"
        ),
        first,
        wider,
    )


def splits(path: Path) -> dict[str, str]:
    fonts = GlyphStore(path).fonts()
    return dict(zip(fonts["family"], fonts["split"], strict=True))


def test_families_of_the_first_list_keep_their_splits(font_folder: Path, tmp_path: Path) -> None:
    config, _, wider = split_corpus(font_folder, tmp_path)
    db_build.run(config)
    before, after = splits(config.splits), splits(config.out)
    assert {family: after[family] for family in before} == before
    assert set(after) - set(before) <= {entry["family"] for entry in wider}


def test_families_to_measure_with_never_train(font_folder: Path, tmp_path: Path) -> None:
    config, _, wider = split_corpus(font_folder, tmp_path)
    assert config.wider is not None
    config.wider.write_text(json.dumps([entry | {"role": "measure"} for entry in wider]))
    db_build.run(config)
    after = splits(config.out)
    assert {after.get(entry["family"], "left out") for entry in wider} <= {"val", "test", "left out"}


def test_train_glyphs_of_a_label_are_thinned_and_the_others_stay(font_folder: Path, tmp_path: Path) -> None:
    whole, thin = tmp_path / "whole.db", tmp_path / "thin.db"
    db_build.run(BuildConfig(out=whole, fonts=(font_folder,)))
    db_build.run(BuildConfig(out=thin, fonts=(font_folder,), per_label=1))
    counts = {path: GlyphStore(path).labels().groupby(["split", "label"]).size() for path in (whole, thin)}
    assert counts[thin]["train"].max() == 1
    for split in ("val", "test"):
        assert counts[thin][split].equals(counts[whole][split])
    with pytest.raises(ConfigError, match="per_label"):
        BuildConfig(out=thin, per_label=-1)


# Growing, and twins.


def test_a_character_that_enough_families_draw_becomes_a_label_at_the_end(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    few = tmp_path / "few.csv"
    few.write_text("codepoint,base_unicode,char_class,label,twin_of,families\nU+0061,a,latin,latin_small_letter_a,,9\n")
    grown = GrowConfig(out=tmp_path / "grown.csv", labels=few, lists=(corpus,), cache=cache, families=5)
    labels_grow.run(grown)
    found = load_labels(grown.out)
    assert found.labels[0] == "latin_small_letter_a"
    assert {"latin_small_letter_a_acute", "beh_init", "beh_medi", "fatha_diacritic"} <= set(found.labels)
    assert "cyrillic_small_letter_zhe" not in found.index
    assert not [base for base in found.base[1:] if ord(base) < 0x80], "plain ASCII is no further script"
    assert labels_grow.run(GrowConfig(out=grown.out, labels=few, lists=(corpus,), cache=cache, families=99)) == 1
    with pytest.raises(FontError, match="fonts fetch"):
        labels_grow.run(GrowConfig(out=grown.out, labels=few, lists=(corpus,), cache=tmp_path / "nothing"))


def test_labels_that_fonts_draw_identically_are_twins(tiny_db: Path, tmp_path: Path) -> None:
    """The tiny fonts draw one outline for O and zero."""
    labels = tmp_path / "labels.csv"
    labels.write_bytes((DATASET / "chars.csv").read_bytes())
    before = load_labels(labels)
    labels_twins.run(TwinsConfig(labels=labels, db=tiny_db, families=3))
    load_labels.cache_clear()
    after = load_labels(labels)
    index = after.index
    assert after.labels == before.labels
    assert after.twin_index[index["digit_zero"]] == after.twin_index[index["latin_capital_letter_o"]]
    assert after.twin_index[index["digit_one"]] != after.twin_index[index["latin_capital_letter_o"]]
    assert [a for a, b in zip(before.twin_of, after.twin_of, strict=True) if a and a != b] == []


def test_how_often_is_alike_enough() -> None:
    alike = [["a", "b", 8, 10], ["a", "c", 7, 10], ["a", "d", 4, 4], ["b", "e", 9, 10], ["a", "e", 8, 10]]
    assert labels_twins.twins(alike, share=0.8, families=5) == {"b": "a", "e": "b"}


def test_a_database_that_did_not_count_says_so(model_db: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not say"):
        labels_twins.run(TwinsConfig(labels=tmp_path / "x.csv", db=model_db))


def test_licences_of_the_wider_list_are_known() -> None:
    free = {file.family for file in load_corpus(WIDER) if may_redistribute(file.licence)}
    assert len(free) >= 80


# The checkpoint that ships.


def test_the_wide_checkpoint_is_small_and_says_the_wide_labels(wide: LabelMap, labels: LabelMap) -> None:
    path = model_path(Path("wide"))
    about = Predictor(path).about
    assert about.labels.fingerprint == wide.fingerprint
    assert about.parameters <= 3_000_000
    assert CHECKPOINTS.joinpath("wide.ckpt").stat().st_size <= 6_000_000
    assert about.labels.labels[: len(labels)] == labels.labels


def test_its_fonts_are_those_of_the_model_that_it_starts_from_too() -> None:
    wide, first = (Predictor(CHECKPOINTS / f"{name}.ckpt").about.training for name in ("wide", "mixer-geometry"))
    assert set(first["trained_fonts"]) <= set(wide["trained_fonts"])


def test_priors_are_those_of_the_label_map(wide: LabelMap, labels: LabelMap) -> None:
    found = priors_of(wide)
    assert found is not None
    assert found.mean.shape == (len(wide), 4)
    assert priors_of(labels) is not found


def test_a_model_is_named_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_path(Path("wide")).parent == CHECKPOINTS
    assert model_path(Path("nothing")) == Path("nothing")
    Path("wide").touch()
    assert model_path(Path("wide")) == Path("wide"), "a file that is there is meant"
    assert model_path(Path("x.ckpt")) == Path("x.ckpt")


@pytest.mark.parametrize("command", ["infer", "audit", "read"])
def test_commands_take_a_model_by_its_name(command: str) -> None:
    words = ["--out", "x.npz"] if command == "read" else []
    args = parser().parse_args([command, "font.ttf", "--model", "wide", *words])
    assert args.checkpoint == Path("wide")
