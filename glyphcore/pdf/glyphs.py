"""Glyphs that a PDF shows, read from their outlines: candidates for each glyph, as far as the fonts alone can tell.

A glyph here is an outline of a font family: subsets of one family are read together, and outlines that are equal in two
subsets are one glyph. Where one font has an outline twice (Latin o, Cyrillic о), its glyphs stay apart: they are
different characters, which only the words can tell. Only shown glyphs are read, since other glyphs would compete for
labels.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from glyphcore.config.fonts import DUPLICATE_PENALTY
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import NOTDEF
from glyphcore.data.geometry import geometry_each
from glyphcore.data.labels import LabelMap, form_of
from glyphcore.data.ornaments import without_ornament
from glyphcore.data.outline import Outline
from glyphcore.data.predictions import Predictions
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import priors_of
from glyphcore.decoding.outside import Outside, Strangers
from glyphcore.errors import GlyphError, OutlineError
from glyphcore.pdf.fonts import Font
from glyphcore.text.grammar import Candidate, Joins
from glyphcore.text.languages import script_of

FORMS: dict[str, Joins] = {"isolated": (0, 0), "initial": (0, 1), "medial": (1, 1), "final": (1, 0)}
TOP = 24
"""Number of candidates of the model that are kept."""
REPEATED = 10
"""Number of glyphs of one font with the same drawing from which that drawing counts as the placeholder of missing
glyphs."""
MOST = 6_000
"""Largest number of glyphs of a PDF that are read; the other glyphs get no reading."""
FLOOR = 1e-7
LOOK_ALIKE = (
    ("isolated", "يىی"), ("final", "يىی"), ("initial", "يیىې"), ("medial", "يیىې"), ("initial", "كک"), ("medial", "كک"),
    ("isolated", "هەہ"), ("final", "هەہ"), ("initial", "هھہ"), ("medial", "هھہ"), ("", "'’‘ʼ"), ("", "-‐–−\u00ad"),
    ("", "\"“”"), ("", "٠۰"), ("", "١۱"), ("", "٢۲"), ("", "٣۳"), ("", "٧۷"), ("", "٨۸"), ("", "٩۹"), ("", "lI|"),
    ("", "O0"), ("", "·•"), ("", ",‚"), ("", "Øø"), ("", ".٠۔"),
)  # fmt: skip
"""Form, and characters that some fonts draw alike in that form; the text may decide for either."""
OTHER_SCRIPTS = ("pρ", "xχ", "yуγ", "vν", "uυ", "kкκ", "KК", "YУΥ", "ГΓ", "ПΠ", "ФΦ")
"""Letters of two scripts that many fonts draw alike, besides the twins of the label map, which most fonts do."""
DOUBT = 0.05
"""Share of a candidate's probability that each of its look-alikes gets, so that the text can choose."""
NEAR = 4.0
"""Nats below the best candidate within which a candidate of another script is a serious one."""
EITHER = 0.5
"""Share of a candidate's probability that the other case of a letter gets when its size is not known."""


@dataclass(eq=False)
class Glyph:
    """One outline of one family, with everything that is known about it."""

    uses: list[tuple[Font, int]] = field(default_factory=list)
    """Fonts and codes that show the glyph."""
    count: int = 0
    """How often the glyph is shown."""
    advance: float = 0.0
    """Advance width in em."""
    blank: bool = False
    """Whether the glyph has nothing to draw."""
    fault: str = ""
    """Reason why the glyph cannot be read."""
    candidates: list[Candidate] = field(default_factory=list)
    """Candidates by the fonts alone, likeliest first."""
    p: float = 0.0
    """Probability of the reading by the fonts alone."""
    alike: set[str] = field(default_factory=set)
    """Letters of other scripts that most fonts draw like the reading by the fonts alone."""
    p_alike: float = 0.0
    """Probability of the reading or of a letter in ``alike``: whether the shape is known."""
    none: float = 0.0
    """Probability that the glyph is none of the labels."""
    shape: str = ""
    """Reading by the fonts alone; empty if there is none."""
    text: str = ""
    """The final text of the glyph."""
    joins: Joins | None = None
    source: str = ""
    """The source that decided: ``outline``, a source of claims, ``text``, ``confirmed``."""
    sure: float = 0.0
    """Probability of ``text``."""
    packed: np.ndarray | None = None
    """Raster of the glyph, uint8 [2048]; None where there is none."""

    def read(self, candidate: Candidate, source: str, sure: float) -> None:
        """Set the reading of the glyph to a candidate."""
        self.text, self.joins, self.source, self.sure = candidate.text, candidate.joins, source, sure


@dataclass
class Glyphs:
    """All glyphs of a PDF."""

    all: list[Glyph] = field(default_factory=list)
    of: dict[tuple[int, int], Glyph] = field(default_factory=dict)
    """Glyphs by ``id`` of a font and code; codes that nothing draws are missing."""
    kept: dict[tuple[int, int], str] = field(default_factory=dict)
    """Texts of fonts that are right, with the same keys: a font may draw two characters alike."""

    def text(self, font: Font, code: int) -> str:
        """Return the text that a code shows."""
        kept = self.kept.get((id(font), code))
        glyph = self.find(font, code)
        return kept if kept is not None else glyph.text if glyph is not None else font.shown_by_readers(code)

    def find(self, font: Font, code: int) -> Glyph | None:
        """Return the glyph that a font shows for a code."""
        return self.of.get((id(font), code))

    def of_font(self, font: Font) -> list[tuple[int, Glyph]]:
        """Return the codes of a font that are shown and drawn, with their glyphs."""
        return [(code, glyph) for code in sorted(font.used) if (glyph := self.find(font, code))]


Predict = Callable[..., Predictions]


def read_glyphs(fonts: Iterable[Font], predict: Predict, labels: LabelMap, outside: Outside | None = None) -> Glyphs:
    """Read the glyphs that fonts show. A font whose program cannot be opened has the reason in ``snag``, and no
    glyphs."""
    found = Glyphs()
    families: dict[str, list[Drawn]] = defaultdict(list)
    known: dict[object, Glyph] = {}
    places: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    shown = [(font, code, drawn) for font in fonts for code, drawn in _drawn(font)]
    twice = _twice(shown)
    for font, code, drawn in shown:
        shared = drawn.key is not None and (font.family, drawn.key) not in twice
        key = (font.family, drawn.key) if shared else (id(font), drawn.gid)
        glyph = known.get(key)
        if glyph is None:
            glyph = known[key] = drawn.glyph
            found.all.append(glyph)
            if drawn.packed is not None and len(found.all) <= MOST:
                families[font.family].append(drawn)
        glyph.uses.append((font, code))
        places[id(glyph)][id(font)].add(drawn.gid if font.kind != "Type3" else code + 1)
        glyph.count += font.used[code]
        found.of[id(font), code] = glyph
    for its in families.values():
        read_family(its, predict, labels, outside)
    for glyph in found.all:
        if any(len(its) >= REPEATED or NOTDEF in its for its in places[id(glyph)].values()):
            glyph.none, glyph.p, glyph.p_alike = 1.0, 0.0, 0.0  # the placeholder of missing glyphs
    for glyph in [glyph for glyph in found.all if _of_two_scripts(glyph)]:
        _split(found, glyph)
    return found


def _of_two_scripts(glyph: Glyph) -> bool:
    """Whether fonts of one family share a glyph that could be a letter of two scripts, a different one in each font."""
    if len({id(font) for font, _ in glyph.uses}) < 2:
        return False
    near = (candidate for candidate in glyph.candidates if candidate.log_p >= glyph.candidates[0].log_p - NEAR)
    return len({script for candidate in near if (script := script_of(candidate.text[:1]))}) > 1


def _split(found: Glyphs, glyph: Glyph) -> None:
    """Give each font its own copy of a glyph: the words may read the copies differently."""
    uses: dict[int, list[tuple[Font, int]]] = defaultdict(list)
    for font, code in glyph.uses:
        uses[id(font)].append((font, code))
    for its in uses.values():
        copy = replace(glyph, uses=its, count=sum(font.used[code] for font, code in its),
                       candidates=list(glyph.candidates))  # fmt: skip
        found.all.append(copy)
        found.of.update({(id(font), code): copy for font, code in its})
    found.all.remove(glyph)


@dataclass
class Drawn:
    """The drawing of one glyph index of a font program."""

    gid: int
    glyph: Glyph
    key: bytes | None = None
    """Identifies the outline; None where there is no outline."""
    packed: np.ndarray | None = None
    geometry: np.ndarray | None = None
    bare: bool = False
    """Whether the ornament of the font was left out, and with it the size of the glyph."""


def _drawn(font: Font) -> list[tuple[int, Drawn]]:
    """Return the shown codes of a font with their drawings, in glyph order; there is one object per glyph index."""
    program = font.program
    if program is None:
        return []
    try:
        gids = {code: gid for code in font.used if (gid := font.glyph(code)) is not None}
        distinct = sorted(set(gids.values()))
        outlines = program.outlines(distinct)
        advances = [float(program.advance(gid)) for gid in distinct]
    except GlyphError as error:
        font.snag = error.problem
        return []
    if not distinct:
        return []
    without = without_ornament(outlines, advances, program.upem)
    packed, boxes, problems = rasterize_each(without.outlines, without.advances, program.upem)
    described = geometry_each(boxes, np.array(without.advances), program.upem)
    found: dict[int, Drawn] = {}
    for i, gid in enumerate(distinct):
        glyph = Glyph(advance=advances[i] / program.upem)
        drawn = found[gid] = Drawn(gid, glyph, bare=without.bare[i])
        problem, outline = problems[i], outlines[i]
        if problem is None and isinstance(outline, Outline):
            drawn.packed, drawn.geometry = packed[i], described[i]
            glyph.packed = packed[i]
            drawn.key = _key(outline, advances[i], program.upem)
        else:
            glyph.blank = _is_blank(problem)
            glyph.fault = "" if glyph.blank or problem is None else problem.problem
    return sorted(((code, found[gid]) for code, gid in gids.items()), key=lambda item: (item[1].gid, item[0]))


def _twice(shown: Iterable[tuple[Font, int, Drawn]]) -> set[tuple[str, bytes]]:
    """Return families and outlines that one font of the family shows as several glyphs, other than as placeholders."""
    gids: dict[tuple[str, bytes], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for font, _, drawn in shown:
        if drawn.key is not None:
            gids[font.family, drawn.key][id(font)].add(drawn.gid)
    most = {key: max(map(len, fonts.values())) for key, fonts in gids.items()}
    return {key for key, count in most.items() if 1 < count < REPEATED}


def _is_blank(problem: OutlineError | None) -> bool:
    from glyphcore.errors import EmptyOutlineError

    return isinstance(problem, EmptyOutlineError)


def _key(outline: Outline, advance: float, upem: float) -> bytes:
    head = np.array([advance, upem, len(outline.ends)])
    return b"".join(part.tobytes() for part in (head, outline.points, outline.tags, outline.ends))


def read_family(
    drawn: list[Drawn], predict: Predict, labels: LabelMap, outside: Outside | None, *, ordered: bool = True
) -> None:
    """Read glyphs of one family, which stand in its order if ``ordered``. All of them have a raster."""
    packed = np.stack([glyph.packed for glyph in drawn if glyph.packed is not None])
    geometry = np.stack([glyph.geometry for glyph in drawn if glyph.geometry is not None])
    said = predict(packed, geometry, top=TOP)
    strangers = Strangers(outside, outside.kinds_of(said, geometry), labels) if outside else None
    priors = priors_of(labels)
    decoded = decode(
        said.top,
        said.top_p,
        geometry,
        priors,
        ordered=ordered,
        duplicate_penalty=DUPLICATE_PENALTY,
        strangers=strangers,
    )
    answers = (decoded.top, decoded.top_p, decoded.label, decoded.outside)
    for drawn_glyph, top, p, label, none in zip(drawn, *(answer.tolist() for answer in answers), strict=True):
        _candidates(drawn_glyph.glyph, top, p, label, none, labels, drawn_glyph.bare)


def _candidates(
    glyph: Glyph, top: list[int], p: list[float], label: int, none: float, labels: LabelMap, bare: bool = False
) -> None:
    """Merge labels of the same character and form into one candidate, and add look-alikes that a text may prefer.

    With probability ``none`` the glyph is none of the labels. ``bare``: the size of the glyph does not tell its case.
    """
    mass: dict[tuple[str, Joins | None], float] = {}
    for i, probability in zip(top, p, strict=True):
        key = unbound(labels.base[i]), FORMS.get(form_of(labels.labels[i]))
        mass[key] = mass.get(key, 0.0) + max(probability, FLOOR)
    doubtful: dict[tuple[str, Joins | None], float] = {}
    for (text, joins), probability in mass.items():
        for other in look_alikes(text, joins) | of_other_scripts(text, labels):
            doubtful[other, joins] = max(doubtful.get((other, joins), 0.0), DOUBT * probability)
        if bare and len(other := text.swapcase()) == 1 and other.swapcase() == text:
            doubtful[other, joins] = max(doubtful.get((other, joins), 0.0), EITHER * probability)
    for key, probability in doubtful.items():
        mass[key] = max(mass.get(key, 0.0), probability)
    total = sum(mass.values())
    first = unbound(labels.base[label]), FORMS.get(form_of(labels.labels[label]))
    glyph.candidates = sorted(
        (Candidate(text, joins, float(np.log(probability / total))) for (text, joins), probability in mass.items()),
        key=lambda candidate: ((candidate.text, candidate.joins) != first, -candidate.log_p),
    )
    glyph.none = none
    glyph.p = (1 - none) * sum(
        float(np.exp(candidate.log_p)) for candidate in glyph.candidates if candidate.text == first[0]
    )
    glyph.alike = of_other_scripts(first[0], labels)
    alike = {first[0], *glyph.alike}
    glyph.p_alike = (1 - none) * sum(float(np.exp(its.log_p)) for its in glyph.candidates if its.text in alike)
    glyph.shape = first[0]
    glyph.read(glyph.candidates[0], "outline", glyph.p)


def look_alikes(text: str, joins: Joins | None) -> set[str]:
    """Return the characters that some fonts draw like this character in this form."""
    found: set[str] = set()
    for form, group in LOOK_ALIKE:
        if text in group and len(text) == 1 and FORMS.get(form) in (joins, None):
            found |= set(group)
    return found - {text}


def of_other_scripts(text: str, labels: LabelMap) -> set[str]:
    """Return the letters of other scripts, with a label, that fonts draw like a letter."""
    known = labels.twin_bases
    if len(text) != 1 or not (script := script_of(text)):
        return set()
    many = {other for group in OTHER_SCRIPTS if text in group for other in group if other in known}
    alike = known.get(text, set()) | many
    return {other for other in alike if len(other) == 1 and script_of(other) not in ("", script)}


def unbound(text: str) -> str:
    """Replace the Latin ligatures of a text (ﬀ to ﬆ) and the wide Hebrew letters (ﬠ to ﬨ) by their letters: people
    search for these, and all readers read Latin ligatures from left to right, letter by letter."""
    return "".join(
        unicodedata.normalize("NFKC", character)
        if "\ufb00" <= character <= "\ufb06" or "\ufb20" <= character <= "\ufb28"
        else character
        for character in text
    )


def plain(text: str) -> str:
    """Return a text without presentation forms and invisible characters, for comparison."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(character for character in text if unicodedata.category(character) not in ("Cf", "Cc"))
