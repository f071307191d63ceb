"""Glyphs outside the label set: they are reported, for a glyph and for a font, and letters keep their labels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cmap_parser import parsed
from tiny_fonts import CYRILLIC, STRAIGHT, write_bars

from glyphcore import cli
from glyphcore.audit.decisions import decide
from glyphcore.audit.findings import finding
from glyphcore.audit.scripts import sentence
from glyphcore.config import DATASET
from glyphcore.config.base import DEFAULT_CHECKPOINT, DEFAULT_EXPORTED
from glyphcore.data.corpus import load_corpus
from glyphcore.data.fonts import open_faces
from glyphcore.data.glyph_mappings import GlyphMapping
from glyphcore.data.labels import LabelMap
from glyphcore.data.words import beside, words
from glyphcore.decoding import documents, outside
from glyphcore.decoding.decode import decode, decode_each
from glyphcore.decoding.font_priors import shipped as priors
from glyphcore.decoding.outside import KINDS, Layers, Outside, Strangers, scaled, without
from glyphcore.decoding.parts import parts
from glyphcore.errors import StoreError
from glyphcore.runtime import Predictor
from glyphcore.training.layers import Fit, fit_layers

RANDOM = np.random.default_rng(0)


def candidates(n: int, k: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return class indices int64 [n, k], distinct in each row, and probabilities float32 [n, k], the best first."""
    top = np.stack([RANDOM.permutation(classes)[:k] for _ in range(n)])
    p = -np.sort(-RANDOM.dirichlet(np.full(k + 1, 0.3), n)[:, :k], axis=1)
    return top, p.astype(np.float32)


def kinds(n: int) -> np.ndarray:
    return np.log(RANDOM.dirichlet(np.full(len(KINDS), 0.3), n)).clip(-20).astype(np.float32)


@pytest.fixture(scope="module")
def strangers(labels: LabelMap) -> Strangers:
    return Strangers(outside.shipped(), kinds(40), labels)


# A judgement changes the confidence of an answer, never the answer.


@pytest.mark.parametrize("duplicate_penalty", [0.0, 2.5, 8.0])
def test_a_glyph_gets_the_label_that_it_would_get_anyway(
    labels: LabelMap, strangers: Strangers, duplicate_penalty: float
) -> None:
    top, p = candidates(40, 10, len(labels))
    geometry = RANDOM.uniform(0, 1, (40, 6)).astype(np.float32)
    before = decode(top, p, geometry, priors(), ordered=True, duplicate_penalty=duplicate_penalty)
    after = decode(top, p, geometry, priors(), ordered=True, duplicate_penalty=duplicate_penalty, strangers=strangers)
    assert after.label.tolist() == before.label.tolist()
    assert (after.top == before.top).all()
    assert (np.diff(after.top_p, axis=1) <= 0).all()
    assert (after.p + after.outside <= 1 + 1e-5).all()
    assert after.outside.max() > 0
    assert before.outside.max() == 0
    assert decode_each(top, p, strangers).label.tolist() == top[:, 0].tolist()


def test_what_is_said_does_not_depend_on_how_many_candidates_are_asked_for(labels: LabelMap) -> None:
    top, p = candidates(40, 30, len(labels))
    model = Strangers(outside.shipped(), kinds(40), labels)
    geometry = RANDOM.uniform(0, 1, (40, 6)).astype(np.float32)
    for read in (
        lambda k: decode(
            top[:, :k], p[:, :k], geometry, priors(), ordered=True, duplicate_penalty=2.5, strangers=model
        ),
        lambda k: decode_each(top[:, :k], p[:, :k], model),
    ):
        few, many = read(10), read(30)
        np.testing.assert_allclose(few.p, many.p, rtol=1e-5)
        np.testing.assert_allclose(few.outside, many.outside, rtol=1e-5)
        assert (np.diff(many.top_p, axis=1) <= 0).all()


def test_probabilities_are_shared_out_anew_and_keep_their_order() -> None:
    p = np.array([[0.5, 0.3, 0.1], [0.5, 0.3, 0.1], [0.9, 0.05, 0.01]], np.float32)
    place, right, none = np.array([0, 1, 0]), np.array([0.2, 0.6, 0.98]), np.array([0.1, 0.3, 0.0])
    now = scaled(p, place, right, none)
    np.testing.assert_allclose(now[np.arange(3), place], right, rtol=1e-6)
    assert (np.diff(now, axis=1) <= 1e-7).all()
    assert now[2, 1] == pytest.approx(0.02 * 0.05 / 0.1)


def test_one_glyph_is_a_font_too(labels: LabelMap) -> None:
    for n in (0, 1, 2):
        top, p = (each[:n] for each in candidates(2, 10, len(labels)))
        found = decode(top, p, np.zeros((n, 6), np.float32), priors(), ordered=True, duplicate_penalty=2.5,
                       strangers=Strangers(outside.shipped(), kinds(n), labels))  # fmt: skip
        assert len(found.outside) == n
        assert np.isfinite(found.top_p).all()


# The networks.


def blobs(n: int) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(n) % 3
    return (RANDOM.normal(0, 0.3, (n, 4)) + np.eye(4)[y] * 2).astype(np.float32), y


def test_a_fitted_network_tells_what_it_was_shown_and_is_the_same_each_time() -> None:
    (x, y), (new, truth) = blobs(3000), blobs(300)
    fits = [Layers(**fit_layers(x, y, np.ones(len(y)), 3, Fit(hidden=16, epochs=40))) for _ in range(2)]
    assert (fits[0](new).argmax(1) == truth).mean() > 0.97
    np.testing.assert_array_equal(fits[0](new), fits[1](new))
    np.testing.assert_allclose(np.exp(fits[0](new)).sum(1), 1, rtol=1e-5)


def test_rows_that_weigh_nothing_teach_nothing() -> None:
    x, y = blobs(3000)
    wrong = RANDOM.random(3000) < 0.5
    told = np.where(wrong, (y + 1) % 3, y)
    found = Layers(**fit_layers(x, told, np.where(wrong, 0.0, 1.0), 3, Fit(hidden=16, epochs=40)))
    assert (found(x).argmax(1) == y).mean() > 0.97


def test_an_input_that_is_always_0_can_be_left_out() -> None:
    x, y = blobs(600)
    extra = np.concatenate([x, RANDOM.integers(0, 2, (600, 1)).astype(np.float32)], 1)
    whole = Layers(**fit_layers(extra, y, np.ones(600), 3, Fit(hidden=8, epochs=2)))
    extra[:, -1] = 0
    np.testing.assert_allclose(without(whole)(x), whole(extra), atol=1e-4)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    x, y = blobs(600)
    layers = Layers(**fit_layers(x, y, np.ones(600), 3, Fit(hidden=8, epochs=2)))
    Outside("model", "labels", layers, layers, layers).save(tmp_path / "o.npz")
    found = outside.load(tmp_path / "o.npz")
    assert (found.model, found.labels) == ("model", "labels")
    np.testing.assert_allclose(found.font(x), layers(x), atol=0.05)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no archive"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "o.npz").write_bytes(content)
    with pytest.raises(StoreError, match="glyphcore db outside"):
        outside.load(tmp_path / "o.npz")
    with pytest.raises(StoreError, match="is not a file of"):
        outside.load(tmp_path / "none.npz")


def test_the_file_that_ships_is_of_the_model_that_ships(tiny_reader: Path) -> None:
    for model in (DEFAULT_EXPORTED, DEFAULT_CHECKPOINT):
        assert outside.outside_of(Predictor(model).about.training) is outside.shipped()
    assert outside.outside_of(Predictor(tiny_reader).about.training) is None


# The kind of a glyph by the font's own mapping.


@pytest.mark.parametrize(
    ("character", "kind"),
    [("Ж", "Cyrillic"), ("ω", "Greek"), ("ǝ", "Latin"), ("ݐ", "Arabic"), ("\u0489", "mark"), ("∰", "symbol"),
     ("ক", "script"), ("ש", "script")],
)  # fmt: skip
def test_strangers_are_known_by_their_character(labels: LabelMap, character: str, kind: str) -> None:
    assert documents.kind_of(GlyphMapping((ord(character),)), labels, False) == KINDS.index(kind)


def test_what_looks_like_a_label_by_definition_is_neither_label_nor_stranger(labels: LabelMap) -> None:
    for character in ("\ufe91", "\uff21", "\u212b", " ", "\ue000"):
        assert documents.kind_of(GlyphMapping((ord(character),)), labels, False) == documents.UNKNOWN
    assert documents.kind_of(GlyphMapping((0xE000,)), labels, True) == KINDS.index("icon")
    assert documents.kind_of(GlyphMapping((), ()), labels, True) == KINDS.index("icon")
    assert (
        documents.kind_of(GlyphMapping((0x41,), (labels.index["latin_capital_letter_a"],)), labels, True)
        == documents.LABEL
    )


def test_scripts_to_measure_with_are_known(labels: LabelMap) -> None:
    assert documents.held_back(GlyphMapping((ord("ש"),)))
    assert documents.held_back(GlyphMapping((ord("क"),)))
    assert not documents.held_back(GlyphMapping((ord("Ж"),)))


# The list of fonts.


def test_no_font_is_learned_from_and_measured_with() -> None:
    corpus, others = load_corpus(DATASET / "fonts.json"), load_corpus(DATASET / "outsiders.json")
    assert len({file.sha256 for file in corpus + others}) == len(corpus) + len(others)
    assert {file.role for file in others} == {"train", "measure"}
    families = {role: {file.family for file in others if file.role == role} for role in ("train", "measure")}
    assert not families["train"] & families["measure"]
    named = [f" {word.title()}" for word in documents.HELD_BACK]
    assert not [family for family in families["train"] for word in named if word in f" {family}"]


def test_families_that_are_set_aside_are_in_no_list() -> None:
    reserved = Path(__file__).parents[4] / "shared" / "corpus" / "reserved.txt"
    if not reserved.is_file():
        pytest.skip("the list of families that are set aside is not here")
    names = [line.lower() for line in map(str.strip, reserved.read_text().splitlines()) if line and line[0] != "#"]
    for file in load_corpus(DATASET / "outsiders.json"):
        assert not [name for name in names if file.family.lower().startswith(name)], file.family


# Fonts.

NARROW = ("--checkpoint", "mixer-geometry")
"""The first model alone: with the default, ``auto``, the wider model reads Cyrillic (``test_model_choice.py``)."""


def read(command: str, font: Path, folder: Path, *words: str) -> tuple[dict[int, dict], dict[int, str]]:
    """Run a command; return glyph index → its line of JSON, and the CMap."""
    out, cmap = folder / "out.jsonl", folder / "out.cmap"
    assert cli.main([command, str(font), "--out", str(out), "--tounicode", str(cmap), *words]) == 0
    lines = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {line["glyph_id"]: line for line in lines}, parsed(cmap.read_text())


@pytest.mark.parametrize("how", [(), ("--per-glyph",)])
def test_letters_of_another_script_are_outside_and_in_no_cmap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: tuple[str, ...]
) -> None:
    font = tmp_path / "cyrillic.ttf"
    write_bars(font, CYRILLIC)
    lines, cmap = read("infer", font, tmp_path, *NARROW, *how)
    told = {name: lines[i]["flags"] for i, name in enumerate(CYRILLIC, 1)}
    unlike = [name for name in CYRILLIC if name not in "НТЕ"]
    assert [name for name in unlike if told[name] != ["OUTSIDE"]] == []
    assert not {i for i, name in enumerate(CYRILLIC, 1) if name in unlike} & set(cmap)
    assert all(line["outside"] > line["assigned"]["prob"] for line in lines.values() if line["flags"] == ["OUTSIDE"]
               and "assigned" in line)  # fmt: skip
    if not how:
        assert "this looks like a font of another script" in capsys.readouterr().err


def test_an_audit_says_so_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    font = tmp_path / "cyrillic.ttf"
    write_bars(font, CYRILLIC)
    lines, cmap = read("audit", font, tmp_path, *NARROW)
    verdicts = {name: lines[i]["verdict"] for i, name in enumerate(CYRILLIC, 1)}
    assert verdicts["Д"] == verdicts["Щ"] == "unknown"
    assert set(cmap) <= {i for i, name in enumerate(CYRILLIC, 1) if verdicts[name] != "unknown"}
    said = capsys.readouterr()
    assert "another script" in said.err
    assert "unknown" in said.out


def test_latin_letters_of_bars_stay_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    font = tmp_path / "latin.ttf"
    write_bars(font, STRAIGHT)
    lines, cmap = read("infer", font, tmp_path)
    assert cmap == dict(enumerate(STRAIGHT, 1))
    assert all("OUTSIDE" not in line["flags"] for line in lines.values())
    assert "OUTSIDE" not in capsys.readouterr().err


def test_a_box_that_is_drawn_all_over_a_font_is_no_text(tmp_path: Path) -> None:
    font, box = tmp_path / "boxes.ttf", [(0, 0, 60, 700), (400, 0, 60, 700), (60, 0, 340, 60), (60, 640, 340, 60)]
    write_bars(font, STRAIGHT | {f"box{i}": box for i in range(10)})
    lines, cmap = read("infer", font, tmp_path)
    boxes = range(len(STRAIGHT) + 1, len(STRAIGHT) + 11)
    assert all(lines[i]["flags"] == ["OUTSIDE"] for i in boxes)
    assert not set(boxes) & set(cmap)
    write_bars(font, STRAIGHT | {"box": box}, notdef=box)
    lines, cmap = read("infer", font, tmp_path)
    assert lines[len(STRAIGHT) + 1]["flags"] == ["OUTSIDE"], "the picture of glyph 0 is no other glyph's text"


def test_what_a_person_says_of_a_stranger_counts(tmp_path: Path) -> None:
    font, said = tmp_path / "cyrillic.ttf", tmp_path / "said.csv"
    write_bars(font, CYRILLIC)
    said.write_text("glyph_id,text\n8,Д\n", encoding="utf-8")
    assert read("infer", font, tmp_path, "--confirmed", str(said))[1][8] == "Д"


def test_a_stranger_gets_no_text_however_low_the_threshold(labels: LabelMap) -> None:
    top = [labels.index["digit_one"], labels.index["digit_two"]]
    mapping = GlyphMapping((0x31,), (labels.index["digit_one"],))
    found = [finding("f", 1, "g", mapping, 0.3, top, [0.3, 0.1], labels, outside=p) for p in (0.2, 0.5)]
    assert [each.verdict for each in found] == ["agrees", "unknown"]
    assert [each.text for each in decide(found, {}, 0.0, labels)] == ["1", ""]


def test_a_sentence_names_what_most_strangers_are(labels: LabelMap) -> None:
    top = [labels.index["latin_small_letter_a"], labels.index["digit_two"]]

    def some(outsiders: int, letters: int, kind: str) -> str:
        its = [finding("f", i, "", GlyphMapping(), 0, top, [0.5, 0.1], labels, outside=0.9 if i < outsiders else 0.0)
               for i in range(outsiders + letters)]  # fmt: skip
        said = np.full((len(its), len(KINDS)), 0.01)
        said[:, KINDS.index(kind)] = 0.9
        return sentence(its, np.log(said), labels)

    assert some(0, 9, "icon") == ""
    assert some(3, 1, "icon") == "", "four glyphs say nothing of a font"
    assert some(8, 1, "icon") == "9 glyphs read; this looks like a font of pictures or whole words: 8 are OUTSIDE"
    assert some(8, 1, "script") == "9 glyphs read; this looks like a font of another script: 8 are OUTSIDE"
    assert "Cyrillic" in some(8, 1, "Cyrillic")
    assert some(2, 7, "symbol") == "9 glyphs read: 7 Latin; 2 are OUTSIDE, none of the labels"
    assert some(400, 120, "Greek") == "520 glyphs read: 120 Latin; 400 are OUTSIDE, none of the labels", "it has both"


def test_a_word_is_its_letters_side_by_side(font_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (face,) = open_faces(font_folder / "TinySans-Regular.ttf")
    assert words(face, 5, np.random.default_rng(0)) == [], "a font that lacks letters gives no word"
    monkeypatch.setattr("glyphcore.data.words.LETTERS", "بلا")
    found = words(face, 20, np.random.default_rng(0))
    assert len(found) == 20
    widest = max(face.advance(gid) for gid in range(face.glyph_count))
    assert max(each.geometry[0] for each in found) * face.upem > 2 * widest
    assert len({each.packed.tobytes() for each in found}) > 10
    alef = face.outline(face.cmap[ord("ا")])
    assert len(beside([alef, alef]).points) == 2 * len(alef.points)
    np.testing.assert_array_equal(beside([alef, alef]).ends[len(alef.ends) :], alef.ends + len(alef.points))


# Letters in parts.


def test_bowls_and_dots_of_a_font_that_composes_letters_are_no_text(labels: LabelMap) -> None:
    def taken(**count: int) -> list[bool]:
        read = [name for name, n in count.items() for _ in range(n)]
        top = np.array([[labels.index[name], 0] for name in read])
        return parts(top, np.tile([0.9, 0.05], (len(read), 1)), labels).tolist()

    bowl, letter = "dotless_beh_init", "alef_isol"
    assert taken(**{bowl: 2, "full_stop": 1, letter: 3}) == [True] * 3 + [False] * 3
    assert not any(taken(**{bowl: 2, letter: 3})), "without dots it is the archaic letter"
    assert not any(taken(**{bowl: 2, "full_stop": 1, letter: 3, "beh_init": 9})), "a font that draws whole letters"
    assert not any(taken(full_stop=1, latin_small_letter_a=5)), "a full stop of Latin"
    assert sum(taken(**{bowl: 9, "full_stop": 1, "beh_init": 9})) == 10
