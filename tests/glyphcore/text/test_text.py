"""A text as evidence: words of languages, rules for words of any language, and ciphers that they solve."""

from __future__ import annotations

from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import pytest

from glyphcore import cli
from glyphcore.errors import GlyphError, StoreError
from glyphcore.text import languages
from glyphcore.text.choosing import solved, wanted
from glyphcore.text.counting import language_of
from glyphcore.text.decipher import Cipher, Solution
from glyphcore.text.grammar import Candidate, Grammar
from glyphcore.text.languages import folded, known, load
from glyphcore.text.ligatures import letters_of

LARGEST = 120_000
"""Largest size of a language file in bytes."""
ENGLISH = "the house of the river was not far from there and she had been waiting for them since the morning"
FRENCH = "la maison de la rivière n'était pas loin et elle les attendait depuis le matin avec une lettre pour sa mère"
SORANI = "بەڵام ئەوان لە ماڵەوە نەبوون و هیچ کەسێک نەیدەزانی کە ئێستا لە کوێن چونکە دوێنێ ڕۆیشتبوون بۆ گوندێکی دوور"


def test_every_language_is_small_and_holds_together() -> None:
    assert {"ar", "fa", "ur", "en", "fr", "de", "es", "pt", "it", "nl", "sv", "pl", "cs", "sk", "hu", "ro", "tr",
            "vi"} <= set(known())  # fmt: skip
    for name in known():
        language = load(name)
        assert (languages.FOLDER / f"{name}.npz").stat().st_size <= LARGEST, name
        assert len(language.words) == len(language.costs) >= 10_000
        assert all(set(word) <= set(language.alphabet) for word in language.words)
        following = np.exp(-language.trigrams[1, 2].astype(float) / languages.UNITS).sum()
        assert 0.8 < following < 1.2, "probabilities of a letter after two others"


@pytest.mark.parametrize(("text", "name"), [(ENGLISH, "en"), (FRENCH, "fr")])
def test_a_language_explains_its_own_text_best(text: str, name: str) -> None:
    costs = {each: sum(load(each).cost(folded(word)) for word in text.replace("'", " ").split()) for each in known()
             if load(each).script == languages.LATIN}  # fmt: skip
    assert min(costs, key=lambda each: costs[each]) == name


def test_words_are_folded_as_lists_have_them() -> None:
    assert folded("ÉTÉ") == "été"
    assert folded("İIı", "tr") == "iıı"
    assert folded("I") == "i"
    assert folded("مُحَمَّد") == "محمد"
    assert folded("می\u200cروم") == "میروم"


def test_tables_are_built_saved_and_read_back(tmp_path: Path) -> None:
    letters = "abcdefghijklmnop"
    words = {a + b + c: 1.0 + letters.index(a) for a in letters for b in letters for c in "abc"}
    made = language_of("xx", words, 300)
    made.save(tmp_path / "xx.npz")
    read = load("xx", tmp_path)
    assert read.words == made.words
    assert len(read.words) == 300
    assert read.spelled("pab") == made.spelled("pab") < read.spelled("aaz") < read.spelled("zzz")
    with pytest.raises(StoreError, match="too few"):
        language_of("xx", {"a": 1.0}, 300)
    (tmp_path / "yy.npz").write_bytes(b"rubbish")
    with pytest.raises(StoreError, match="holds no language"):
        load("yy", tmp_path)


def word(text: str, *joins: tuple[int, int] | None) -> list[Candidate]:
    return [Candidate(each, join, 0.0) for each, join in zip(text, joins or (None,) * len(text), strict=True)]


def test_arabic_letters_must_reach_each_other() -> None:
    grammar = Grammar({})
    joined = word("بتا", (0, 1), (1, 1), (1, 0))[::-1]
    apart = word("بتا", (0, 1), (1, 0), (1, 0))[::-1]
    assert grammar.cost(joined) < grammar.cost(apart)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("house", "h0use"),
        ("1,250", "1l250"),
        ("House", "hOuse"),
        ("hot", "h.t"),
        ("الان", "1لان"),
        ("۴۷", "4۷"),
        ("don't", "don.t"),
    ],
)
def test_what_holds_for_words_of_any_language(better: str, worse: str) -> None:
    grammar = Grammar({})
    per_letter = [grammar.text_cost(each) / len(each) for each in (better, worse)]
    assert per_letter[0] < per_letter[1]


def test_a_language_has_digits_and_a_full_stop_of_its_own() -> None:
    urdu = Grammar({languages.ARABIC: load("ur")})
    assert urdu.text_cost("ہے۔") < urdu.text_cost("ہے.")
    assert urdu.text_cost("۴۷") < urdu.text_cost("٤٧")


def cipher(text: str, doubt: dict[str, str]) -> tuple[Cipher, list[str]]:
    """Make a cipher with a glyph per letter; letters in ``doubt`` look more like another letter than themselves."""
    letters = sorted(set(text) - {" "})
    candidates = [
        [Candidate(doubt[each], None, log(0.6)), Candidate(each, None, log(0.3))]
        if each in doubt
        else [Candidate(each, None, 0.0)]
        for each in letters
    ]
    step = -1 if languages.script_of(letters[-1]) == languages.ARABIC else 1  # words are in the order on the page
    words = Counter(tuple(letters.index(each) for each in word[::step]) for word in text.split())
    return Cipher(candidates, [0] * len(letters), words), letters


def reading(solution: Solution, problem: Cipher) -> list[str]:
    return [its[choice].text for its, choice in zip(problem.candidates, solution.chosen, strict=True)]


def test_look_alikes_are_told_apart_by_the_words() -> None:
    problem, letters = cipher(ENGLISH, {"t": "f", "h": "b", "e": "c", "i": "l"})
    solution, told = solved(problem, None)
    assert reading(solution, problem) == letters
    assert told == {languages.LATIN: "en"}
    assert all(solution.odds(glyph) > 0.9 for glyph in problem.free)


def test_a_stranger_in_a_word_does_not_make_its_neighbours_strange() -> None:
    """A glyph that is read as q and is none of the letters breaks every word that it is in."""
    problem, letters = cipher(ENGLISH.replace("e", "q"), {})
    solution, _ = solved(problem, ("en",))
    stranger = letters.index("q")
    doubt = [0.6 if letter == "q" else 0.02 for letter in letters]
    neighbours = {glyph for word in problem.within[stranger] for glyph in word} - {stranger}
    before, fair = ([score(glyph) for glyph in neighbours] for score in (
        solution.support, lambda glyph: solution.fair_support(glyph, doubt)))  # fmt: skip
    assert min(before) < -1, "a letter whose words are broken looked like a stranger too"
    assert min(fair) > -1
    assert all(better >= worse for better, worse in zip(fair, before, strict=True))
    assert solution.fair_support(stranger, doubt) < -10


def test_two_glyphs_that_were_exchanged_find_each_other() -> None:
    problem, letters = cipher(ENGLISH, {"n": "r", "r": "n"})
    solution, _ = solved(problem, ("en",))
    assert reading(solution, problem) == letters


def test_a_text_in_two_languages_is_read_by_both() -> None:
    problem, letters = cipher(f"{ENGLISH} {FRENCH.replace(chr(39), ' ')}", {"t": "f", "h": "b", "e": "c", "è": "é"})
    solution, told = solved(problem, None)
    assert reading(solution, problem) == letters
    assert set(told[languages.LATIN].split(",")) == {"en", "fr"}


def test_a_text_in_no_listed_language_is_left_to_its_shapes() -> None:
    """Persian has neither ە nor ڵ; its list would write other letters for them."""
    text = SORANI.replace("ئ", "").replace("  ", " ")
    letters = sorted(set(text) - {" "})
    doubt = {"ە": "ه", "ۆ": "و", "ێ": "ی", "ڵ": "ل", "ڕ": "ر"}
    candidates = [
        [Candidate(each, None, log(0.8)), Candidate(doubt[each], None, log(0.15))]
        if each in doubt
        else [Candidate(each, None, 0.0)]
        for each in letters
    ]
    words = Counter(tuple(letters.index(each) for each in reversed(word)) for word in text.split())
    problem = Cipher(candidates, [0] * len(letters), words)
    names = tuple(each for each in known() if each != "ckb")
    solution, told = solved(problem, names)
    assert reading(solution, problem) == letters
    assert told == {languages.ARABIC: ""}


def test_languages_are_asked_for_by_name() -> None:
    assert wanted("auto") is None
    assert wanted("none") == ()
    assert wanted("fa, en") == ("fa", "en")
    with pytest.raises(GlyphError, match="no word list of tlh"):
        wanted("tlh")
    with pytest.raises(GlyphError, match="auto stands for all languages"):
        wanted("auto,de")
    with pytest.raises(GlyphError, match="No language is named"):
        wanted(" ")


def test_tables_are_made_from_lists_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = "abcdefghijklmnop"
    words = [a + b + c for a in letters for b in letters for c in "xyz"]
    (tmp_path / "a.tsv").write_text("".join(f"{each}\t{i + 1}\n" for i, each in enumerate(words)), encoding="utf-8")
    (tmp_path / "b.dic").write_text("768\n" + "".join(f"{each}/N po:noun\n" for each in words), encoding="utf-8")
    (tmp_path / "c.csv").write_text("id,word\n" + "".join(f"1,{each}\n" for each in words), encoding="utf-8")
    out = tmp_path / "out"
    lists = [f"x{name}={tmp_path / file}" for name, file in (("a", "a.tsv"), ("b", "b.dic"), ("c", "c.csv"))]
    assert cli.main(["words", "build", "-q", "--list", *lists, "--out", str(out)]) == 0
    assert sorted(path.stem for path in out.iterdir()) == ["xa", "xb", "xc"]
    assert load("xa", out).cost(words[-1]) < load("xa", out).cost(words[0]), "by its count"
    assert set(load("xb", out).words) == set(load("xc", out).words) == set(words)
    with pytest.raises(SystemExit) as left:
        cli.main(["words", "build", "-q", "--list", "xa", "--out", str(out)])
    assert left.value.code == 2
    assert "'xa' is not LANGUAGE=FILE" in capsys.readouterr().err


PASHTO = "زه د ښوونځي په لاره کې يو ځوان سړی وليد چې د پلار ګوډاګی يې په لاس کې و او څو ټوکې يې هم کولې"
UYGHUR = "بۇ كىتاب ناھايىتى ياخشى يېزىلغان ۋە مەن ئۇنى ئوقۇپ چىقتىم كېيىن دوستۇمغا بەردىم"


@pytest.mark.parametrize(
    ("text", "own", "other", "name"),
    [(PASHTO, "ک", "ك", "ps"), (PASHTO, "ې", "ي", "ps"), (UYGHUR, "ك", "ک", "ug"), (UYGHUR, "ھ", "ه", "ug")],
)
def test_words_settle_look_alikes(text: str, own: str, other: str, name: str) -> None:
    problem, letters = cipher(text, {own: other})
    solution, told = solved(problem, None)
    assert told == {languages.ARABIC: name}
    assert reading(solution, problem)[letters.index(own)] == own


def test_words_of_other_languages_are_left_out_of_a_list(tmp_path: Path) -> None:
    """The list of Uyghur has words of Arabic and Sorani too: by their letters, or because a bare vowel begins them."""
    letters = "بپتجچخدرزسشغ"
    own = [f"{a}ە{b}{c}" for a in letters for b in letters for c in letters]
    foreign = ["الله", "ئێستا", "أحمد", "ەوە"]
    (tmp_path / "ug.wordlist").write_text("\n".join([*foreign, *own]), encoding="utf-8")
    lists = ["--list", f"ug={tmp_path / 'ug.wordlist'}"]
    assert cli.main(["words", "build", "-q", *lists, "--out", str(tmp_path)]) == 0
    words = load("ug", tmp_path).words
    assert set(words) == set(own)
    assert words[own[0]] < words[own[-1]], "the commonest word comes first"


@pytest.mark.parametrize(("ligature", "expected"), [("th", "th"), ("morn", "")])
def test_a_ligature_that_is_no_label_is_told_by_several_words(ligature: str, expected: str) -> None:
    text = f"{ENGLISH} the other brother then gathered all of them with both hands"
    problem, glyphs = cipher(text.replace(ligature, "∆"), {})
    solution, told = solved(problem, None)
    assert told == {languages.LATIN: "en"}
    assert letters_of(solution, glyphs.index("∆"), "en") == expected
    assert letters_of(solution, glyphs.index("∆"), "") == ""
