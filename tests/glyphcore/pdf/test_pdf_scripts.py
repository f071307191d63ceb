"""Scripts that the first model does not know: the wider model reads them without an option of the user, alone and with
English; other scripts get no text."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import pdf_files
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pdf_files import HARBOUR, PRODUCERS, fpdf2, letters, permuted, read_by_pypdf, run, stripped

import glyphcore.pdf as pdf

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
RUSSIAN = (
    "Река поднялась ещё на сажень, и мост закрыли. Почтальон оставил лошадь у старой мельницы, взял сумку под плащ "
    "и пошёл вверх по течению, туда, где вода была уже и тише. К вечеру дождь перестал."
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("russian")
    fpdf2(RUSSIAN, DEJAVU, folder / "whole.pdf")
    return stripped(folder / "whole.pdf", folder / "bare.pdf")


def text_of(path: Path, **how: Path) -> str:
    return "".join("".join(page.split()) for page in pdf.text(path, **how))


def test_a_russian_pdf_without_tounicode_gives_its_text_back(bare: Path) -> None:
    wanted = "".join(RUSSIAN.split())
    found = text_of(bare)
    assert len(found) == len(wanted)
    assert sum(a == b for a, b in zip(found, wanted, strict=True)) >= 0.95 * len(wanted)


HEBREW = (
    "מנהל הנמל ספר את הסירות פעמיים לפני ארוחת הבוקר כי אחת חסרה ואיש בכפר לא האמין לו אבל בספר היו רשומים כל השמות "
    "והחבלים היו קשורים אל הקיר כמו תמיד גם אחרי שעתיים של גשם וסערה צפונית"
)


@pytest.mark.parametrize("text", [RUSSIAN, HEBREW])
def test_letters_without_a_label_in_the_first_model_are_judged_by_the_wider_one(
    text: str, dejavu: Path, tmp_path: Path
) -> None:
    fpdf2(text, dejavu, tmp_path / "whole.pdf")
    (font,) = pdf.inspect(tmp_path / "whole.pdf")["fonts"]
    assert font["verdict"] == "right"
    wrong = permuted(tmp_path / "whole.pdf", tmp_path / "wrong.pdf")
    (font,) = pdf.inspect(wrong)["fonts"]
    assert font["verdict"] == "wrong"
    assert letters(pdf.text(wrong)[0]) == letters(text)


BELARUSIAN = (
    "У архіве захоўваецца шмат дакументаў, але некаторыя з іх немагчыма знайсці, таму што тэкст за старонкай "
    "сапсаваны. У 2024 годзе мы знайшлі 137 такіх файлаў і выправілі іх усе."
)
UKRAINIAN = (
    "В архіві зберігається багато документів, але деякі з них неможливо знайти, тому що текст за сторінкою зіпсований. "
    "У 2024 році ми знайшли 137 таких файлів і виправили їх усі. Ніхто не скаржився."
)


@pytest.mark.parametrize(("text", "language"), [(BELARUSIAN, "none"), (UKRAINIAN, "none"), (UKRAINIAN, "auto")])
def test_letters_that_look_latin_are_those_of_their_word(
    text: str, language: str, dejavu: Path, tmp_path: Path
) -> None:
    """Words decide the letters between others, and the language decides those that stand alone."""
    PRODUCERS["reportlab"](text, dejavu, tmp_path / "whole.pdf")
    found = letters(pdf.text(stripped(tmp_path / "whole.pdf", tmp_path / "bare.pdf"), language=language)[0])
    if language == "none":
        found = f"{text[0]}{found[1:]}".replace("B2024", "В2024").replace("Y2024", "У2024")
    assert found == letters(text)


def test_a_font_that_lacks_its_umlauts_is_not_right(dejavu: Path, tmp_path: Path) -> None:
    """They are fewer than a twentieth of what is shown; the encoding gives the other letters."""
    german = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " + 3 * "Niemand hat sich je beschwert. "
    PRODUCERS["reportlab"](german, dejavu, tmp_path / "whole.pdf")
    bare = stripped(tmp_path / "whole.pdf", tmp_path / "bare.pdf")
    (font,) = pdf.inspect(bare)["fonts"]
    assert font["verdict"] == "partly"
    assert font["covered"] > 0.95
    pdf.repair(bare, tmp_path / "out.pdf")
    assert read_by_pypdf(tmp_path / "out.pdf") == letters(german)
    (font,) = pdf.inspect(tmp_path / "whole.pdf")["fonts"]
    assert font["verdict"] == "right"


def test_one_named_model_is_not_helped(bare: Path, tmp_path: Path) -> None:
    """It has the claims of the file, which Russian words support; without a ``cmap`` there are none."""
    wanted = set(RUSSIAN.lower()) - set(" .,")
    narrow = Path("mixer-geometry")
    assert wanted <= set(text_of(bare, checkpoint=narrow).lower())
    found = text_of(without_cmap(bare, tmp_path / "unnamed.pdf"), checkpoint=narrow).lower()
    assert len(wanted & set(found)) < 0.3 * len(wanted)


def without_cmap(source: Path, out: Path) -> Path:
    with pikepdf.open(source) as book:
        program = next(each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each)
        font, data = TTFont(io.BytesIO(program["/FontFile2"].read_bytes())), io.BytesIO()
        del font["cmap"]
        font.save(data)
        program["/FontFile2"] = book.make_stream(data.getvalue())
        book.save(out)
    return out


GEORGIAN = "ნავსადგურის უფროსმა ნავები ორჯერ დათვალა საუზმემდე, რადგან ერთი აკლდა. სოფელში არავინ დაუჯერა."


@pytest.fixture
def georgian(dejavu: Path, tmp_path: Path) -> Path:
    """Make a PDF without ToUnicode in a script that the first model has no labels for, and no words."""
    pdf_files.fpdf2(GEORGIAN, dejavu, tmp_path / "whole.pdf")
    return stripped(tmp_path / "whole.pdf", tmp_path / "georgian.pdf")


NARROW = ("--checkpoint", "mixer-geometry")
"""The first model alone: with the default, ``auto``, the wider model knows more scripts."""


def test_a_font_of_another_script_gets_no_text_rather_than_letters_that_look_alike(
    georgian: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", "-q", *NARROW, georgian) == 1
    assert "its glyphs look like no known characters" in capsys.readouterr().out
    assert run("text", "-q", *NARROW, georgian) == 0
    assert set(letters(capsys.readouterr().out)) == {"\ufffd"}
    assert run("repair", "-q", *NARROW, georgian, "--out", tmp_path / "out.pdf") == 0
    assert (tmp_path / "out.pdf").read_bytes() == georgian.read_bytes()


def test_what_a_person_says_of_another_script_is_kept(
    georgian: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    font = pdf.inspect(georgian)["fonts"][0]["font"]
    (tmp_path / "said.csv").write_text(f"font,code,text\n{font},0001,ნ\n", encoding="utf-8")
    assert run("text", "-q", *NARROW, georgian, "--confirmed", tmp_path / "said.csv") == 0
    text = letters(capsys.readouterr().out)
    assert set(text) == {"\ufffd", "ნ"}
    assert (
        run("repair", "-q", *NARROW, georgian, "--confirmed", tmp_path / "said.csv", "--out", tmp_path / "o.pdf") == 0
    )
    assert read_by_pypdf(tmp_path / "o.pdf") == text, "the file says what the text says"


SHORT_RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю."


@pytest.mark.parametrize(
    ("second", "alike", "model"), [(SHORT_RUSSIAN, "aeopcyx", "mixer-geometry"), (GEORGIAN, "", "auto")]
)
def test_a_second_script_in_a_font_does_not_become_letters(
    second: str, alike: str, model: str, dejavu: Path, tmp_path: Path
) -> None:
    """Words of the first script are no evidence for letters of the second one, except for shared glyphs."""
    pdf_files.reportlab(f"{HARBOUR} {second}", dejavu, tmp_path / "whole.pdf")
    text = pdf.text(stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf"), checkpoint=Path(model))[0]
    assert letters(text).startswith(letters(HARBOUR))
    strange = letters(text)[len(letters(HARBOUR)) :]
    assert sum(each.isalnum() and each not in alike for each in strange) <= 0.1 * len(strange)


TWO_MORE = "Они поднялись на холм мимо жёлтых домов и застали её за чтением старой книги о китах."
GREEK = "Κανείς στο χωριό δεν τον πίστευε, όμως το βιβλίο έγραφε ονόματα και τα σχοινιά ήταν δεμένα στον τοίχο."


@pytest.mark.parametrize("second", [f"{SHORT_RUSSIAN} {TWO_MORE}", GREEK])
@pytest.mark.parametrize("producer", ["reportlab", "matplotlib"])
def test_words_tell_letters_that_two_alphabets_draw_alike(
    second: str, producer: str, dejavu: Path, tmp_path: Path
) -> None:
    """The font has Latin o, Cyrillic о and Greek ο as three glyphs with one outline."""
    text = f"{HARBOUR} {second}"
    PRODUCERS[producer](text, dejavu, tmp_path / "whole.pdf")
    assert letters(pdf.text(stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf"))[0]) == letters(text)
