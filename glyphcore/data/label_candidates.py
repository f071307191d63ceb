"""Candidates for further labels: their characters, their names, and the kind of each character.

This module has the scripts that documents are written in, as ranges of Unicode, and the rules for names of labels in
``chars.csv``.
"""

from __future__ import annotations

import re
import unicodedata

from glyphcore.data.labels import DIACRITIC_SUFFIX, FORMS, LabelMap, codepoints, is_arabic

SCRIPTS: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    ("latin", ((0x80, 0x24F), (0x1E00, 0x1EFF), (0xFB00, 0xFB06))),
    ("phonetic", ((0x250, 0x2FF), (0x1D00, 0x1DBF))),
    ("greek", ((0x370, 0x3E1), (0x3F0, 0x3FF), (0x1F00, 0x1FFF))),
    ("cyrillic", ((0x400, 0x52F),)),
    ("armenian", ((0x530, 0x58F), (0xFB13, 0xFB17))),
    ("hebrew", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
    ("georgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    ("arabic", ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF))),
    ("mark", ((0x300, 0x36F), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))),
    ("punctuation", ((0x2000, 0x206F),)),
    ("index", ((0x2070, 0x209F),)),
    ("currency", ((0x20A0, 0x20CF),)),
    ("letterlike", ((0x2100, 0x214F),)),
    ("number", ((0x2150, 0x218F),)),
    ("arrow", ((0x2190, 0x21FF), (0x27F0, 0x27FF), (0x2900, 0x297F))),
    ("mathematics", ((0x2200, 0x22FF), (0x2300, 0x23FF), (0x27C0, 0x27EF), (0x2980, 0x2AFF))),
    ("box", ((0x2500, 0x259F),)),
    ("shape", ((0x25A0, 0x25FF),)),
)
"""Kind of character → first and last code points of its blocks."""
NOTHING_TO_DRAW = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")
OTHER_CLASS = {"arabic": "isol", "mark": "diacritic", "currency": "symbol"}


def kind_of(character: str) -> str:
    """Return the kind of a character for which a label may be made; empty for other characters.

    Presentation forms of Arabic are labels of their letters. A character that Unicode encodes a second time (the ohm
    sign) counts as the other one.
    """
    decomposed = unicodedata.decomposition(character).split()
    same = len(decomposed) == 1 or decomposed[:1] in (["<initial>"], ["<medial>"], ["<final>"], ["<isolated>"])
    if same or unicodedata.category(character) in NOTHING_TO_DRAW:
        return ""
    code = ord(character)
    return next((kind for kind, blocks in SCRIPTS for first, last in blocks if first <= code <= last), "")


def label_of(character: str, form: str = "", *, whole: bool = False) -> str:
    """Return the name of a label as in ``chars.csv``: the Unicode name without its small words, and the joining form.

    ``whole`` keeps small words and compounds, for the few names that would be equal otherwise.
    """
    name = unicodedata.name(character)
    name = name.replace("-", "") if whole else re.sub(r"\b(WITH|AND)\b ?", "", name)
    mark = unicodedata.category(character) in ("Mn", "Me")
    name = name.removeprefix("ARABIC LETTER ").removeprefix("ARABIC " if mark else "")
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_") + (form or (DIACRITIC_SUFFIX if mark else ""))


def class_of(character: str, form: str = "") -> str:
    """Return the class of a label: its joining form, mark, digit, or the kind of the character."""
    if form:
        return {"_isol": "isol", "_init": "init", "_medi": "medi", "_fina": "final"}[form]
    category, kind = unicodedata.category(character), kind_of(character)
    if category in ("Mn", "Me"):
        return "diacritic"
    if kind in ("arabic", "latin") and category[0] != "L":
        return {"P": "punctuation", "N": "digit"}.get(category[0], "symbol")
    return OTHER_CLASS.get(kind, kind)


def candidates(known: LabelMap) -> LabelMap:
    """Return every possible label beyond ``known``, by code point; Arabic letters in their joining forms."""
    has, names = set(known.base), set(known.labels)
    new = []
    for _, blocks in SCRIPTS:
        for first, last in blocks:
            for code in range(first, last + 1):
                if (character := chr(code)) not in has and kind_of(character):
                    letter = is_arabic(character) and unicodedata.category(character) == "Lo"
                    new += [(code, character, form) for form in (FORMS if letter else ("",))]
    rows = []
    for _, character, form in sorted(new, key=lambda entry: entry[0]):
        label = label_of(character, form)
        label = label if label not in names else label_of(character, form, whole=True)
        names.add(label)
        rows.append((label, character, class_of(character, form)))
    return LabelMap.from_plain(
        {
            "label": [label for label, _, _ in rows],
            "base_unicode": [character for _, character, _ in rows],
            "char_class": [kind for _, _, kind in rows],
            "twin_of": [""] * len(rows),
            "codepoint": [codepoints(character) for _, character, _ in rows],
        }
    )
