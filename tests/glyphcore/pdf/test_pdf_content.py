"""The shown glyphs of a PDF's pages, in every place where producers put them; and PDFs without an end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pdf_files import composite, embedded
from pikepdf import Array, Dictionary, Name, String
from tiny_programs import plain, saved

from glyphcore.errors import PdfError
from glyphcore.pdf import objects
from glyphcore.pdf.content import Content, walk
from glyphcore.pdf.objects import open_pdf
from glyphcore.pdf.reading import read_pdf

FONT = Dictionary({"/Type": Name.Font, "/Subtype": Name.Type1, "/BaseFont": Name.Helvetica})


def walked(pdf: pikepdf.Pdf, tmp_path: Path) -> Content:
    path = tmp_path / "in.pdf"
    pdf.save(path)
    return walk(open_pdf(path))


def shown(content: Content) -> str:
    return bytes(each.code for each in content.shown).decode("latin-1")


def page(pdf: pikepdf.Pdf, operators: bytes, **resources: Any) -> pikepdf.Object:
    made = pdf.add_blank_page(page_size=(600, 800))
    made.obj["/Resources"] = Dictionary(
        {"/Font": Dictionary({"/F": FONT}), **{f"/{k}": v for k, v in resources.items()}}
    )
    made.obj["/Contents"] = pdf.make_stream(operators)
    return made.obj


def form(pdf: pikepdf.Pdf, operators: bytes, kind: str = "/Form", **more: Any) -> pikepdf.Object:
    stream = pdf.make_stream(operators)
    stream["/Subtype"] = Name(kind)
    for key, value in more.items():
        stream[f"/{key}"] = value
    return stream


TEXT = Dictionary({"/Font": Dictionary({"/F": FONT})})


def test_strings_of_every_operator_are_shown_where_they_stand(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page(pdf, b"BT /F 10 Tf 14 TL 100 700 Td (A) Tj T* [(B) -1000 (C)] TJ (D) ' 1 2 (E) \" ET")
    content = walked(pdf, tmp_path)
    assert shown(content) == "ABCDE"
    places = [(round(each.x), round(each.y)) for each in content.shown]
    assert places == [(100, 700), (100, 686), (115, 686), (100, 672), (100, 658)]


def test_text_that_is_turned_runs_along_x_all_the_same(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page(pdf, b"BT /F 10 Tf 0 1 -1 0 300 100 Tm (AB) Tj ET")
    first, second = walked(pdf, tmp_path).shown
    assert first.angle == second.angle == 90
    assert second.x - first.x == pytest.approx(5)
    assert second.y == pytest.approx(first.y)


def test_forms_patterns_and_appearances_are_walked(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    text = b"BT /F 10 Tf (%s) Tj ET"
    inner = form(pdf, text % b"I", Resources=TEXT, Matrix=Array([1, 0, 0, 1, 50, 0]))
    outer = form(pdf, text % b"O" + b" /X Do", Resources=Dictionary({**TEXT, "/XObject": Dictionary({"/X": inner})}))
    pattern = form(pdf, text % b"P", kind="/Pattern", Resources=TEXT)
    made = page(
        pdf, b"/X Do /Pattern cs /P scn", XObject=Dictionary({"/X": outer}), Pattern=Dictionary({"/P": pattern})
    )
    appearance = Dictionary({"/N": form(pdf, text % b"W", Resources=TEXT)})
    made["/Annots"] = Array([Dictionary({"/Subtype": Name.Stamp, "/AP": appearance})])
    content = walked(pdf, tmp_path)
    assert sorted(shown(content)) == ["I", "O", "P", "W"]
    assert content.shown[1].x == 50


def test_a_font_that_a_graphics_state_sets_and_resources_from_above(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    made = page(pdf, b"/G gs BT 10 10 Td (A) Tj ET")
    del made["/Resources"]
    made["/Parent"]["/Resources"] = Dictionary(
        {"/ExtGState": Dictionary({"/G": Dictionary({"/Font": Array([FONT, 7])})})}
    )
    (only,) = walked(pdf, tmp_path).shown
    assert only.size == 7


def test_actual_text_belongs_to_what_it_encloses(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page(pdf, b"BT /F 10 Tf /Span <</ActualText (fine)>> BDC (f) Tj /P BMC (i) Tj EMC EMC (x) Tj ET")
    content = walked(pdf, tmp_path)
    assert [each.actual for each in content.shown] == [0, 0, -1]
    assert content.actual == ["fine"]


def test_a_letter_whose_mark_has_the_text_needs_none(tmp_path: Path) -> None:
    """Producers give a cluster's text to its first glyph, which may be a dot."""
    pdf = pikepdf.new()
    made = page(pdf, b"BT /M 10 Tf 20 20 Td <0102> Tj 10 0 Td <02> Tj ET")
    made["/Resources"]["/Font"]["/M"] = Dictionary({
        "/Type": Name.Font, "/Subtype": Name.Type1, "/BaseFont": Name.Marked, "/FirstChar": 1,
        "/Widths": Array([0, 600]), "/Encoding": Dictionary({"/Differences": Array([1, Name.uni0628, Name.g2])}),
    })  # fmt: skip
    (font,) = walked(pdf, tmp_path).fonts
    assert font.used == {1: 1, 2: 2}
    assert font.enclosed == {2: 1}


def test_vertical_text_runs_along_x(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    font = composite(pdf, "CIDFontType2", embedded(pdf, saved(plain()), "/FontFile2"), encoding=Name("/Identity-V"))
    made = page(pdf, b"BT /V 10 Tf 100 700 Td <00010002> Tj ET")
    made["/Resources"]["/Font"]["/V"] = font
    first, second = walked(pdf, tmp_path).shown
    assert second.x - first.x == pytest.approx(10)
    assert first.y == pytest.approx(second.y)


def test_a_form_that_shows_itself_ends(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    own = form(pdf, b"BT /F 10 Tf (A) Tj ET /X Do /X Do", Resources=Dictionary({"/Font": Dictionary({"/F": FONT})}))
    own["/Resources"]["/XObject"] = Dictionary({"/X": own})
    page(pdf, b"/X Do", XObject=Dictionary({"/X": own}))
    assert shown(walked(pdf, tmp_path)) == "A"


def test_forms_that_multiply_are_counted_and_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphcore.pdf.content.MOST_STREAMS", (500, 500))
    pdf = pikepdf.new()
    below = form(pdf, b"BT /F 10 Tf (A) Tj ET", Resources=TEXT)
    for _ in range(8):
        below = form(pdf, b"/X Do " * 10, Resources=Dictionary({"/XObject": Dictionary({"/X": below})}))
    page(pdf, b"/X Do", XObject=Dictionary({"/X": below}))
    content = walked(pdf, tmp_path)
    assert len(content.shown) < 500
    assert content.snags["too many forms"]


def test_a_stream_that_inflates_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zlib

    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(b"BT (A) Tj ET\n" * 80_000) for _ in range(80)) + packed.flush()
    pdf = pikepdf.new()
    made = page(pdf, b"")
    made["/Contents"].write(data, filter=Name.FlateDecode)
    content = walked(pdf, tmp_path)
    assert not content.shown
    assert content.pages == 1


def test_damage_ends_a_stream_and_not_the_file(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page(pdf, b"BT /F 10 Tf (A) Tj /Nothing 1 Tf 1 0 Td Tj [ Td (B) Tj ET ]]>>")
    page(pdf, b"BT /F 10 Tf (C) Tj ET")
    assert shown(walked(pdf, tmp_path))[-1] == "C"


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\n", b"GIF89a", b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>"]
)
def test_what_is_no_pdf_is_refused_in_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(data)
    with pytest.raises(PdfError) as error:
        read_pdf(path, predict=None, labels=None)  # type: ignore[arg-type]  # it comes to neither
    assert "\n" not in str(error.value)


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page(pdf, b"BT /F 10 Tf (A) Tj ET")
    path = tmp_path / "secret.pdf"
    pdf.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(PdfError, match="password"):
        open_pdf(path)
    assert shown(walk(open_pdf(path, "u"))) == "A"


def test_values_of_another_kind_give_defaults() -> None:
    for value in (None, String("x"), Array([1]), Name.X, 3, True):
        assert objects.get(value, "/K", 7) == 7
        assert objects.matrix(value) == objects.IDENTITY
        assert objects.content(value) == b""
    assert objects.number(String("3"), 5.0) == 5.0
    assert objects.number(1e30) == 0.0
