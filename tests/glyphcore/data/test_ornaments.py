"""Letters in a frame that all glyphs of a font share are laid bare; dots that many letters share stay."""

from __future__ import annotations

import numpy as np

from glyphcore.data.ornaments import CAPITAL, without_ornament
from glyphcore.data.outline import Outline, OutlineBuilder
from glyphcore.errors import OutlineError

UPEM = 1000.0


def drawn(*boxes: tuple[float, float, float, float]) -> Outline:
    builder = OutlineBuilder()
    for left, bottom, right, top in boxes:
        builder.move_to((left, bottom))
        for corner in ((right, bottom), (right, top), (left, top)):
            builder.line_to(corner)
        builder.close()
    return builder.outline()


def framed(i: int) -> Outline:
    """A letter of its own size in a frame, which stands elsewhere in each glyph."""
    return drawn((5.0 * i, -600, 800 + 5.0 * i, 700), (300, -500, 400 + 10.0 * i, -100))


def test_what_all_glyphs_share_around_their_letters_is_left_out() -> None:
    error = OutlineError("broken")
    outlines, advances = without_ornament([*map(framed, range(12)), error], [900.0] * 13, UPEM)
    assert outlines[-1] is error
    for i, each in enumerate(outlines[:-1]):
        assert isinstance(each, Outline)
        width, height = each.points.max(0) - each.points.min(0)
        assert len(each.ends) == 1
        assert np.isclose(width / height, (100 + 10 * i) / 400)
        assert np.isclose(each.points[:, 1].min(), 0)
        assert np.isclose(each.points[:, 1].max(), CAPITAL * UPEM)
        assert width < advances[i] < width + 0.2 * UPEM


def test_a_dot_that_many_letters_have_is_a_part_of_them() -> None:
    dotted = [drawn((100, 0, 300 + 20.0 * i, 500), (180 + 3.0 * i, 560, 240 + 3.0 * i, 620)) for i in range(12)]
    outlines, advances = without_ornament(dotted, [600.0] * 12, UPEM)
    assert all(a is b for a, b in zip(outlines, dotted, strict=True))
    assert advances == [600.0] * 12


def test_a_space_has_nothing_to_leave_out() -> None:
    space = Outline(np.zeros((0, 2)), np.zeros(0, np.uint8), np.zeros(0, np.int16))
    outlines, _ = without_ornament([space, *map(framed, range(12))], [250.0, *[900.0] * 12], UPEM)
    assert outlines[0] is space


def test_a_few_glyphs_share_nothing() -> None:
    few = [framed(i) for i in range(4)]
    assert all(a is b for a, b in zip(without_ornament(few, [900.0] * 4, UPEM)[0], few, strict=True))
