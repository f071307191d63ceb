from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphcore.config import DATASET
from glyphcore.data.labels import LabelMap, codepoints, form_of, load_labels
from glyphcore.errors import StoreError

HEADER = "codepoint,base_unicode,joining_group,char_class,label,twin_of,families\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "chars.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_label_set(labels: LabelMap) -> None:
    assert len(labels) == len(set(labels.labels)) == 1216
    assert labels.labels[0] == "latin_capital_letter_a"
    assert labels.is_diacritic.sum() == 77
    assert sum(bool(twin) for twin in labels.twin_of) == 37
    assert all(labels.base), "every label stands for a character"
    for name in ("labels", "base", "char_class", "twin_of", "codepoint"):
        assert len(getattr(labels, name)) == 1216


def test_class_index_is_the_order_of_first_occurrence(tmp_path: Path) -> None:
    rows = "U+0062,b,,latin,b,,1\nU+0061,a,,latin,a,,1\nU+FF42,b,,latin,b,,1\nU+0063,c,,latin,c,,1\n"
    labels = load_labels(write(tmp_path, HEADER + rows))
    assert labels.labels == ("b", "a", "c")
    assert labels.index == {"b": 0, "a": 1, "c": 2}
    assert labels.codepoint[0] == "U+0062", "the first row of a label is the one that counts"


def test_forms_of_one_letter_share_their_base(labels: LabelMap) -> None:
    forms = [labels.index[f"beh_{form}"] for form in ("isol", "init", "medi", "fina")]
    assert len(set(labels.base_index[forms])) == 1
    assert labels.base_index[labels.index["teh_isol"]] != labels.base_index[forms[0]]
    assert [form_of(labels.labels[i]) for i in forms] == ["isolated", "initial", "medial", "final"]
    assert form_of("latin_small_letter_a") == ""


def test_letters_with_the_same_marks_on_twins_are_twins() -> None:
    """Fonts place the marks a little differently, so few of them draw Ё and Ë identically, point for point."""
    wide = load_labels(DATASET / "chars-wide.csv")
    groups = {base: group for base, group in zip(wide.base, wide.twin_index.tolist(), strict=True)}
    assert groups["Ё"] == groups["Ë"] != groups["E"]
    assert groups["Ϊ"] == groups["Ї"] == groups["Ï"]
    assert len({groups["Ë"], groups["È"], groups["Ї"], groups["ï"]}) == 4
    assert wide.twin_bases["ё"] == {"ё", "ë"}


def test_twins_are_transitive(tmp_path: Path) -> None:
    rows = "".join(f"U+0061,{label},,latin,{label},{twin},1\n" for label, twin in ("ab", "bc", "c ", "d ", "ef", "f "))
    groups = load_labels(write(tmp_path, HEADER + rows.replace(" ", ""))).twin_index
    assert groups[0] == groups[1] == groups[2]
    assert groups[4] == groups[5]
    assert len({groups[0], groups[3], groups[4]}) == 3


def test_the_word_null_is_a_label_like_any_other(tmp_path: Path) -> None:
    labels = load_labels(write(tmp_path, HEADER + "U+0000,NA,,symbol,null,,1\n"))
    assert labels.base == ("NA",)
    assert labels.labels == ("null",)


def test_only_label_and_base_are_required(tmp_path: Path) -> None:
    labels = load_labels(write(tmp_path, "label,base_unicode\na,a\nb,b\n"))
    assert labels.char_class == labels.twin_of == labels.codepoint == ("", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [("label,codepoint\na,U+0061\n", "'base_unicode'"), ("base_unicode\na\n", "'label'"), ("", "not a UTF-8 CSV")],
)
def test_a_file_that_is_no_label_set_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(StoreError, match=said) as caught:
        load_labels(path)
    assert str(path) in str(caught.value)


def test_wrong_encoding_and_missing_file(tmp_path: Path) -> None:
    (tmp_path / "latin1.csv").write_bytes("label,base_unicode\né,é\n".encode("latin-1"))
    with pytest.raises(StoreError, match="not a UTF-8 CSV"):
        load_labels(tmp_path / "latin1.csv")
    with pytest.raises(StoreError, match="does not exist"):
        load_labels(tmp_path / "none.csv")


def test_plain_form_round_trips_and_keeps_the_fingerprint(labels: LabelMap) -> None:
    again = LabelMap.from_plain(labels.to_plain())
    assert again == labels
    assert again.fingerprint == labels.fingerprint


def test_fingerprint_depends_on_order_and_base(tmp_path: Path) -> None:
    texts = ["label,base_unicode\na,a\nb,b\n", "label,base_unicode\nb,b\na,a\n", "label,base_unicode\na,a\nb,c\n"]
    prints = []
    for number, text in enumerate(texts):
        (tmp_path / str(number)).mkdir()
        prints.append(load_labels(write(tmp_path / str(number), text)).fingerprint)
    assert len(set(prints)) == 3


def test_index_arrays_have_one_entry_a_class(labels: LabelMap) -> None:
    assert labels.base_index.dtype == labels.twin_index.dtype == np.int32
    assert labels.base_index.shape == labels.twin_index.shape == labels.is_diacritic.shape == (1216,)


def test_codepoints_of_a_string() -> None:
    assert codepoints("لٱ") == "U+0644+U+0671"
    assert codepoints("😀") == "U+1F600"
