from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from fontTools.pens.ttGlyphPen import TTGlyphPen
from interruption import StopsAfter
from tiny_corpus import corpus_of
from tiny_fonts import DESIGNS, DROPPED, LABELS, LICENCE, Design, build

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.exchange import to_csv
from glyphcore.annotations.store import Annotations, Change
from glyphcore.cli import main
from glyphcore.config import BuildConfig, SubsetConfig
from glyphcore.data.corpus import CorpusFile, load_corpus
from glyphcore.data.raster import rasterize
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.errors import FontError, StoreError
from glyphcore.jobs import db_build, db_subset


def listed_hashes(corpus: Path) -> set[str]:
    return {file.sha256 for file in load_corpus(corpus)}


def test_every_label_of_every_font_becomes_a_row_or_is_counted(tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    dropped = store.meta["dropped"]
    assert {reason: dropped[reason] for reason in DROPPED} == {
        reason: count * len(DESIGNS) for reason, count in DROPPED.items()
    }
    assert store.count() + dropped["exact copy"] == len(LABELS) * len(DESIGNS)
    assert set(store.labels().label) == set(LABELS)
    assert store.meta["raster_policy"] == 1
    assert not any(label.startswith("yeh_") and label != "yeh_isol" for label in store.labels().label)


def test_exact_copies_are_kept_once_and_other_labels_with_that_outline_stay(tiny_db: Path) -> None:
    rows = list(GlyphStore(tiny_db).rows())
    shapes = [(row.label, row.contours, row.upem) for row in rows]
    assert len(set(shapes)) == len(shapes)
    assert sum(row.label == "full_stop" for row in rows) <= 3, "the same square in every font of 1,000 units"
    zeros = {row.f_id: row.contours for row in rows if row.label == "digit_zero"}
    letters = {row.f_id: row.contours for row in rows if row.label == "latin_capital_letter_o"}
    assert zeros == letters
    assert len(zeros) >= len(DESIGNS) - 1, "a copy under another label is a twin, not a duplicate"


def test_font_records(tiny_db: Path) -> None:
    fonts = GlyphStore(tiny_db).fonts().set_index("file")
    assert len(fonts) == len(DESIGNS)
    bold = fonts.loc["TinySans-Bold.ttf"]
    assert (bold.family, bold["style"], bold.weight, bold.source, bold.licence) == (
        "Tiny Sans",
        "Bold",
        700,
        "own",
        LICENCE,
    )
    pair = fonts.loc["TinyPair.ttc"]
    assert set(pair.family) == {"Tiny First", "Tiny Second"}
    assert len({digest.partition("#")[0] for digest in pair.file_hash}) == 1
    assert fonts.file_hash.is_unique


def test_families_and_copies_stay_in_one_split(tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    fonts = store.fonts()
    assert set(fonts.split) == set(SPLITS)
    assert fonts.groupby("family").split.nunique().max() == 1
    assert fonts.groupby("split_group").split.nunique().max() == 1
    copies = fonts[fonts.family.isin(["Tiny Sans", "Tiny Copy"])]
    assert copies.split_group.nunique() == 1
    assert fonts.split_group.nunique() == fonts.family.nunique() - 1, "nobody else copied"
    by_font = dict(zip(fonts.f_id, fonts.split, strict=True))
    assert all(row.split == by_font[row.f_id] for row in store.rows())


def test_the_same_fonts_give_the_same_bytes(font_folder: Path, tiny_db: Path, tmp_path: Path) -> None:
    db_build.run(BuildConfig(out=tmp_path / "again.db", fonts=(font_folder,)))
    assert (tmp_path / "again.db").read_bytes() == tiny_db.read_bytes()


def test_the_corpus_is_what_the_list_says(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    db_build.run(BuildConfig(out=tmp_path / "a.db", list=corpus, cache=cache))
    fonts = GlyphStore(tmp_path / "a.db").fonts()
    assert set(fonts.file_hash) == listed_hashes(corpus)
    assert set(fonts.licence) == {"OFL-1.1"}, "the list knows better than the name table"
    assert set(fonts.source) == {"npm"}
    assert set(fonts.version) == {"1.2.3"}
    assert set(fonts.package) == {f"@tiny/{Path(d.file).stem}" for d in DESIGNS if not d.file.endswith(".ttc")}


def test_strangers_beside_the_corpus_never_get_in(font_folder: Path, tmp_path: Path) -> None:
    """Packages contain further fonts, and old files remain in a cache: only listed hashes belong to the corpus."""
    corpus, cache = corpus_of(font_folder, tmp_path)
    build(Design("Stranger", "x.ttf", "stranger")).save(cache / "Stranger.ttf")
    listed = load_corpus(corpus)[0]
    build(Design("Newer", "x.ttf", "newer")).save(cache / f"{'0' * 12}-{Path(listed.path).name}")
    build(Design("Unlisted", "x.ttf", "unlisted")).save(corpus.parent / "Unlisted.ttf")
    db_build.run(BuildConfig(out=tmp_path / "a.db", list=corpus, cache=cache))
    fonts = GlyphStore(tmp_path / "a.db").fonts()
    assert set(fonts.file_hash) == listed_hashes(corpus)
    assert not set(fonts.family) & {"Stranger", "Newer", "Unlisted"}


def test_a_changed_corpus_file_stops_the_build(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    listed: CorpusFile = load_corpus(corpus)[2]
    build(Design("Tiny Copy", "x.ttf", "another version")).save(listed.cached(cache))
    with pytest.raises(FontError, match=r"1 of 8 corpus files are not in .*glyphcore fonts fetch") as caught:
        db_build.run(BuildConfig(out=tmp_path / "a.db", list=corpus, cache=cache))
    assert listed.cached(cache).name in str(caught.value)
    assert not (tmp_path / "a.db").exists()


def test_fonts_of_your_own_come_beside_the_corpus(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    build(Design("Mine", "x.ttf", "mine")).save(own / "Mine.ttf")
    db_build.run(BuildConfig(out=tmp_path / "a.db", fonts=(own,), corpus=True, list=corpus, cache=cache))
    fonts = GlyphStore(tmp_path / "a.db").fonts().set_index("family")
    assert fonts.loc["Mine"].source == "own"
    assert fonts.loc["Mine"].licence == LICENCE
    assert len(fonts) == len(listed_hashes(corpus)) + 1


def test_one_file_in_two_places_is_one_font(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    for name in ("a.ttf", "b.ttf"):
        shutil.copy(font_folder / "TinySerif.ttf", own / name)
    build(Design("Mine", "x.ttf", "mine")).save(own / "Mine.ttf")
    shutil.copy(own / "Mine.ttf", own / "Mine again.ttf")
    db_build.run(BuildConfig(out=tmp_path / "a.db", fonts=(own,), corpus=True, list=corpus, cache=cache))
    fonts = GlyphStore(tmp_path / "a.db").fonts()
    assert set(fonts.file_hash) - listed_hashes(corpus) == {hashlib.sha256((own / "Mine.ttf").read_bytes()).hexdigest()}
    assert fonts[fonts.family == "Tiny Serif"].source.tolist() == ["npm"]


def test_families_that_may_not_be_handed_on_only_train(font_folder: Path, tmp_path: Path) -> None:
    """So the shipped part measures the same val and test families as the full database."""
    corpus, cache = corpus_of(font_folder, tmp_path)
    entries = json.loads(corpus.read_text())
    bound = {"Tiny Serif", "Tiny Web", "Tiny Kufi", "Tiny Copy"}
    for entry in entries:
        if entry["family"] in bound:
            entry["licence"] = "GPL-2"
    corpus.write_text(json.dumps(entries))
    db_build.run(BuildConfig(out=tmp_path / "a.db", list=corpus, cache=cache))
    fonts = GlyphStore(tmp_path / "a.db").fonts()
    assert set(fonts[fonts.family.isin([*bound, "Tiny Sans"])].split) == {"train"}, "Tiny Copy holds Tiny Sans back"
    assert set(fonts[~fonts.family.isin([*bound, "Tiny Sans"])].split) & {"val", "test"}


def test_unreadable_fonts_and_odd_glyphs_are_counted_and_the_rest_is_built(font_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    shutil.copy(font_folder / "TinySerif.ttf", folder)
    (folder / "broken.otf").write_bytes(b"OTTO, not quite")
    font = build(DESIGNS[0]).font
    pen = TTGlyphPen(None)
    for point in ((0, 0), (90, 0), (40, 0)):
        (pen.lineTo if pen.points else pen.moveTo)(point)
    pen.closePath()
    font["glyf"]["one"] = pen.glyph()  # encloses no area
    font.save(folder / "flat.ttf")
    dropped = db_build.run(BuildConfig(out=tmp_path / "a.db", fonts=(folder,)))
    assert dropped["unreadable font file"] == 1
    assert dropped["empty"] == 3, "a plus sign each, and the flat figure"
    assert GlyphStore(tmp_path / "a.db").count() == 2 * len(LABELS) - 1


def test_stored_geometry_is_the_font_s(tiny_db: Path) -> None:
    for row in GlyphStore(tiny_db).rows():
        assert row.box is not None
        x_min, y_min, x_max, y_max = row.box
        assert x_max > x_min, row
        assert y_max > y_min, row
        assert rasterize(row.outline(), row.advance, row.upem).any()
        if row.label == "full_stop":
            assert row.box == (50, 0, 50 + (row.upem or 0) // 10, (row.upem or 0) // 10)


def test_an_interrupted_build_leaves_no_half_file(font_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "glyphs.db"
    config = BuildConfig(out=out, fonts=(font_folder,))
    with pytest.raises(KeyboardInterrupt):
        db_build.run(config, StopsAfter(3))
    assert not out.exists()
    db_build.run(config)
    before = out.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        db_build.run(config, StopsAfter(3))
    assert out.read_bytes() == before
    assert list(out.parent.iterdir()) == [out]


def test_a_label_set_of_two_columns_will_do(font_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("label,base_unicode,codepoint\nlatin_small_letter_a,a,U+0061\n")
    fonts = (font_folder / "TinySerif.ttf",)
    db_build.run(BuildConfig(tmp_path / "a.db", fonts, labels=tmp_path / "mine.csv"))
    (row,) = GlyphStore(tmp_path / "a.db").rows()
    assert (row.label, row.char_class) == ("latin_small_letter_a", "")


def test_nothing_to_build_from(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(FontError, match="nothing was written"):
        db_build.run(BuildConfig(out=tmp_path / "a.db", fonts=(tmp_path,)))
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_further_style_is_for_training_only_and_has_no_say(font_folder: Path, tmp_path: Path, split: str) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    entries = json.loads(corpus.read_text())
    (bold,) = [entry for entry in entries if entry["files"][0]["weight"] == 700]
    entries.remove(bold)
    corpus.write_text(json.dumps(entries))
    db_build.run(BuildConfig(out=tmp_path / "plain.db", list=corpus, cache=cache))
    plain = GlyphStore(tmp_path / "plain.db").fonts()
    family = plain[plain["split"] == split]["family"].iloc[0]
    corpus.write_text(json.dumps([*entries, bold | {"family": family, "further": True}]))
    dropped = db_build.run(BuildConfig(out=tmp_path / "more.db", list=corpus, cache=cache))
    more = GlyphStore(tmp_path / "more.db")
    digest = bold["files"][0]["sha256"]
    joined = more.fonts().set_index("file_hash")
    assert joined.drop(digest, errors="ignore")["split"].to_dict() == plain.set_index("file_hash")["split"].to_dict()
    if split == "train":
        assert joined.loc[digest, "split"] == "train"
        assert more.meta["further_fonts"] == [int(joined.loc[digest, "f_id"])]
        assert more.count() > GlyphStore(tmp_path / "plain.db").count()
    else:
        assert digest not in joined.index
        assert dropped["further style of a family in val or test"] > 0
        assert "further_fonts" not in more.meta


def test_a_further_style_does_not_ship(font_folder: Path, tmp_path: Path) -> None:
    corpus, cache = corpus_of(font_folder, tmp_path)
    entries = json.loads(corpus.read_text())
    (bold,) = [entry for entry in entries if entry["files"][0]["weight"] == 700]
    entries.remove(bold)
    corpus.write_text(json.dumps([*entries, bold | {"further": True}]))
    db_build.run(BuildConfig(out=tmp_path / "full.db", list=corpus, cache=cache))
    db_subset.run(SubsetConfig(tmp_path / "full.db", tmp_path / "glyphs.db", tmp_path / "ATTRIBUTION.md"))
    full, shipped = (set(GlyphStore(tmp_path / name).fonts()["file_hash"]) for name in ("full.db", "glyphs.db"))
    assert full - shipped == {bold["files"][0]["sha256"]}


def test_corrected_labels_are_built_and_what_fits_no_glyph_is_said(
    font_folder: Path, tiny_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = GlyphStore(tiny_db)
    one = next(row for row in before.rows() if row.label == "digit_zero")
    annotated = Annotated(Annotations(tmp_path / "a.db"), before.fingerprint, before)
    annotated.change([Change((one.glyph_id,), correction="latin_capital_letter_o")])
    csv = tmp_path / "corrections.csv"
    csv.write_text(to_csv(annotated) + f"{'0' * 64},1,digit_one,,,digit_zero,,,\n", encoding="utf-8")
    out = tmp_path / "glyphs.db"
    assert main(["db", "build", str(font_folder), "--out", str(out), "--corrections", str(csv)]) == 0
    assert "1 of 2 corrections of labels were made; the others belong to no glyph" in capsys.readouterr().err
    key = annotated.key(one)
    hashes = GlyphStore(out).font_hashes()
    found = [row.label for row in GlyphStore(out).rows() if (hashes[str(row.f_id)], row.gid) == (key.font, key.gid)]
    assert "digit_zero" not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("font,glyph_index,label,tags,note,corrected_label\nh,1,a,,,no_such\n", "no label 'no_such'"),
        ("a,b\n", "no column"),
    ],
)
def test_corrections_that_cannot_be_read_stop_the_build(
    text: str, said: str, font_folder: Path, tmp_path: Path
) -> None:
    csv = tmp_path / "corrections.csv"
    csv.write_text(text)
    with pytest.raises(StoreError, match=said):
        db_build.run(BuildConfig(out=tmp_path / "glyphs.db", fonts=(font_folder,), corrections=csv))
    assert not (tmp_path / "glyphs.db").exists()
