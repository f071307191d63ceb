"""Rasters as PNG files: the project's files are read back unchanged, other files give the same bits in any format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn import Said, bar, drawn
from PIL import Image

from glyphcore.data.cache import PackedRasters, PngFolder
from glyphcore.data.raster import SIZE, pack, read_png, unpack, write_png
from glyphcore.errors import GlyphError


def ring() -> np.ndarray:
    """Return a ring in the corner, bool [128, 128], less than half ink."""
    y, x = np.mgrid[:SIZE, :SIZE] - 40
    return (x**2 + y**2 < 39**2) & (x**2 + y**2 > 20**2)


def grey(ink: np.ndarray) -> np.ndarray:
    """Return ink and paper as uint8 greys that are not quite white and black, on the right side of the middle."""
    noise = np.random.default_rng(3).integers(0, 128, ink.shape)
    return np.where(ink, 255 - noise, noise).astype(np.uint8)


def palette(ink: np.ndarray, paper_colour: int, ink_colour: int, **options: int) -> tuple[Image.Image, dict]:
    image = Image.fromarray(ink.astype(np.uint8)).convert("P")
    image.putpalette([paper_colour] * 3 + [ink_colour] * 3)
    return image, options


def layers(ink: np.ndarray, colour: int, alpha: np.ndarray) -> Image.Image:
    return Image.fromarray(np.stack([*[np.where(ink, colour, 255 - colour).astype(np.uint8)] * 3, alpha], -1))


OPAQUE = np.full((SIZE, SIZE), 255, np.uint8)
SAVED: dict[str, Callable[[np.ndarray], Image.Image | tuple[Image.Image, dict]]] = {
    "1 bit, light ink": lambda ink: Image.fromarray(ink),
    "1 bit, dark ink": lambda ink: Image.fromarray(~ink),
    "grey, light ink": lambda ink: Image.fromarray(grey(ink)),
    "grey, dark ink": lambda ink: Image.fromarray(255 - grey(ink)),
    "16 bits, light ink": lambda ink: Image.fromarray(grey(ink).astype(np.uint16) * 256),
    "colour, dark ink": lambda ink: Image.fromarray(np.stack([255 - grey(ink)] * 3, -1)),
    "palette, light ink": lambda ink: palette(ink, 10, 240),
    "palette, dark ink": lambda ink: palette(ink, 240, 10),
    "palette, black ink on a transparent ground": lambda ink: palette(ink, 0, 0, transparency=0),
    "black ink on a transparent ground": lambda ink: layers(ink, 0, grey(ink)),
    "white ink on a transparent ground": lambda ink: layers(ink, 255, grey(ink)),
    "opaque layers, light ink": lambda ink: layers(ink, 255, OPAQUE),
    "opaque layers, dark ink": lambda ink: layers(ink, 0, OPAQUE),
}


def test_png_round_trip(tmp_path: Path) -> None:
    packed = pack(ring())
    write_png(tmp_path / "1.png", packed)
    assert (tmp_path / "1.png").stat().st_size < 1500
    grey = read_png(tmp_path / "1.png")
    assert set(np.unique(grey)) == {0, 255}
    assert (pack(grey >= 128) == packed).all()


def test_somebody_else_s_png_in_grey_colour_and_on_transparent_ground(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 256, (SIZE, SIZE), dtype=np.uint8)
    Image.fromarray(values).save(tmp_path / "grey.png")
    Image.fromarray(np.stack([values] * 3, -1)).save(tmp_path / "colour.png")
    black = np.zeros_like(values)
    Image.fromarray(np.stack([black, black, black, values], -1)).save(tmp_path / "clear.png")
    opaque = np.full_like(values, 255)
    Image.fromarray(np.stack([values, values, values, opaque], -1)).save(tmp_path / "opaque.png")
    for name in ("grey", "colour", "clear", "opaque"):
        assert (read_png(tmp_path / f"{name}.png") == values).all(), name


def test_a_png_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    Image.new("L", (64, 128)).save(tmp_path / "half.png")
    (tmp_path / "text.png").write_text("no image")
    write_png(tmp_path / "whole.png", pack(ring()))
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:200])
    with pytest.raises(GlyphError, match=r"half\.png is 64×128, not 128×128"):
        read_png(tmp_path / "half.png")
    for name in ("text.png", "cut.png", "missing.png"):
        with pytest.raises(GlyphError, match=f"{name} is not a readable image"):
            read_png(tmp_path / name)


@pytest.mark.parametrize("saved", SAVED)
def test_the_same_bits_however_they_were_saved(tmp_path: Path, saved: str) -> None:
    for glyph_id, ink in ((7, ring()), (8, ring().T[::-1])):
        made = SAVED[saved](ink)
        image, options = made if isinstance(made, tuple) else (made, {})
        image.save(tmp_path / f"{glyph_id}.png", **options)
    pngs = PngFolder(tmp_path)
    assert (pngs.packed(7) == pack(ring())).all()
    assert (pngs.packed(8) == pack(ring().T[::-1])).all()


def test_the_middle_grey_is_light(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(SIZE, dtype=np.uint8), (SIZE, 1)) + 64
    Image.fromarray(ramp).save(tmp_path / "1.png")
    assert (unpack(PngFolder(tmp_path).packed(1)) == (ramp >= 128)).all()


def test_one_glyph_that_fills_its_square_does_not_turn_the_folder(tmp_path: Path) -> None:
    full = np.ones((SIZE, SIZE), bool)
    for glyph_id in range(1, 6):
        Image.fromarray(full if glyph_id == 1 else ring()).save(tmp_path / f"{glyph_id}.png")
    assert (PngFolder(tmp_path).packed(1) == 255).all()


def test_pngs_that_cannot_be_used_are_named_skipped_and_counted(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", *[None] * 5)
    folder = tmp_path / "rasters"
    folder.mkdir()
    Image.new("L", (64, 128)).save(folder / "1.png")
    Image.fromarray(ring()).save(folder / "2.png")
    (folder / "3.png").write_text("no image")
    Image.fromarray(~ring()[::-1]).save(folder / "5.png")
    Image.fromarray(ring()).save(folder / "stranger.png")
    pngs, said = PngFolder(folder), Said()
    for glyph_id, problem in ((1, r"1\.png is 64×128"), (3, r"3\.png is not a readable"), (4, r"4\.png is missing")):
        with pytest.raises(GlyphError, match=problem):
            pngs.packed(glyph_id)
    rasters = PackedRasters.of(store, tmp_path / "cache", pngs=pngs, progress=said)
    assert rasters.glyph_id.tolist() == [2, 5]
    assert (rasters.packed[0] == pack(ring())).all()
    assert not rasters.geometry.any(), "nothing is known about size"
    assert said.lines == [
        "1.png is 64×128, not 128×128; skipped.",
        "3.png is not a readable image; skipped.",
        "4.png is missing; skipped.",
        "3 glyphs without a raster: file missing, unreadable or of another size",
    ]


def test_a_changed_png_is_seen(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", bar(100, 50))
    folder = tmp_path / "rasters"
    folder.mkdir()
    for ink in (ring(), ring()[:, ::-1]):
        Image.fromarray(ink).save(folder / "1.png")
        rasters = PackedRasters.of(store, tmp_path / "cache", pngs=PngFolder(folder))
        assert (rasters.packed[0] == pack(ink)).all()


def test_a_folder_without_a_raster_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlyphError, match="nowhere is not a folder"):
        PngFolder(tmp_path / "nowhere")
    (tmp_path / "1.png").write_text("no image")
    Image.new("L", (64, 64)).save(tmp_path / "2.png")
    with pytest.raises(GlyphError, match="holds no readable 128×128 PNG"):
        PngFolder(tmp_path)
