"""PDFs: damaged bytewise, values exchanged for others of any kind, streams damaged under their compression, bombs,
forms and pages that contain themselves. Each is inspected, read and repaired as the commands do it."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdf_files
import pikepdf
from pikepdf import Array, Dictionary, Name, String
from tiny_fonts import DESIGNS, build
from tiny_programs import bare_cff, cid_keyed, type1

from fuzzing import require
from fuzzing.bytewise import NUMBERS, bomb, damaged
from glyphcore.config.pdf import EXPORTED_MODEL
from glyphcore.pdf import answers
from glyphcore.pdf.reading import read_pdf
from glyphcore.runtime import Predictor

TEXT = "bad cafe bead 10 aO"
OPERATORS = (b"BT", b"ET", b"Tj", b"TJ", b"Tf", b"Tm", b"q", b"Q", b"cm", b"Do", b"BI", b"ID", b"EI", b"BDC", b"EMC",
             b"gs", b"'", b'"', b"[", b"]", b"<<", b">>", b"<", b">", b"(", b")", b"/F1", b"1e99", b"-1",
             b"999999999999", b"scn", b"d0", b"d1", b"re", b"c", b"v", b"h", b"f", b"%")  # fmt: skip
NAMES = ("/Identity-V", "/Type0", "/Type3", "/TrueType", "/Form", "/WinAnsiEncoding", "/90ms-RKSJ-H")


@dataclass(frozen=True)
class Seeds:
    files: list[bytes]
    predictor: Predictor


def prepare(folder: Path) -> Seeds:
    font = folder / "Tiny.ttf"
    build(DESIGNS[0]).save(font)
    made = []
    for name, produce in pdf_files.PRODUCERS.items():
        produce(TEXT, font, folder / f"{name}.pdf")
        made.append(folder / f"{name}.pdf")
    for name, harm in (("stripped", pdf_files.stripped), ("permuted", pdf_files.permuted)):
        made += [harm(path, folder / f"{name}-{path.name}") for path in made[:4]]
    made.append(_by_hand(folder / "hand.pdf"))
    return Seeds([path.read_bytes() for path in made], Predictor(EXPORTED_MODEL, threads=1))


def _by_hand(path: Path) -> Path:
    """Write fonts of the kinds that those producers do not write, forms, an annotation and ActualText."""
    with pikepdf.new() as pdf:
        keyed = pdf_files.embedded(pdf, cid_keyed({0: ".notdef", 5: "a", 9: "b"}), "/FontFile3", "CIDFontType0C")
        pdf_files.one_page(pdf, pdf_files.composite(pdf, "CIDFontType0", keyed), b"\0\5\0\x09")
        differing = Dictionary({"/Differences": Array([65, Name("/a"), Name("/b")])})
        bare = pdf_files.embedded(pdf, bare_cff(), "/FontFile3", "Type1C")
        pdf_files.one_page(pdf, pdf_files.simple(pdf, "Type1", bare, differing), b"AB")
        old = pdf_files.embedded(pdf, type1({65: "a", 66: "b"}), "/FontFile")
        pdf_files.one_page(pdf, pdf_files.simple(pdf, "Type1", old), b"AB")
        form = pdf.make_stream(b"BT /F1 9 Tf /Span <</ActualText (x)>> BDC (AB) Tj EMC ET")
        form["/Subtype"] = Name.Form
        form["/Resources"] = pdf.pages[2].obj["/Resources"]
        page = pdf.pages[2].obj
        page["/Resources"]["/XObject"] = Dictionary({"/X": form})
        page["/Contents"] = pdf.make_stream(b"q 2 0 0 2 9 9 cm /X Do Q")
        page["/Annots"] = Array([Dictionary({"/Subtype": Name.Stamp, "/AP": Dictionary({"/N": form})})])
        pdf.save(path)
    return path


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / "in.pdf"
    data = rng.choice(seeds.files)
    change = rng.choice((_bytes, _bytes, _values, _values, _values, _streams, _streams, _streams, _bombs, _circles))
    path.write_bytes(change(data, rng))
    predictor = seeds.predictor
    reading = read_pdf(path, predictor.predict, predictor.labels)
    with reading.pdf:
        found = answers.inspected(reading, predictor.labels)
        require(len(found["pages"]) == reading.content.pages, "pages that do not exist")
        require(all(page["untrusted"] <= page["shown"] for page in found["pages"]), "a share of a page above 1")
        texts = answers.texts(reading, predictor.labels, every=rng.random() < 0.5)["pages"]
        require(len(texts) == reading.content.pages, "texts of other pages")
    again = read_pdf(path, predictor.predict, predictor.labels)
    with again.pdf:
        answers.repaired(again, predictor.labels, out=str(box / "out.pdf"), every=rng.random() < 0.5, signed=True)
    require((box / "out.pdf").stat().st_size > 0, "nothing was written")
    return f"{len(found['fonts'])} fonts, {sum(map(len, texts))} characters"


def _bytes(data: bytes, rng: random.Random) -> bytes:
    return damaged(data, rng)


def _changed(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    import io

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out, fix_metadata_version=False)  # the test does not check damaged metadata
    return out.getvalue()


def _value(rng: random.Random, pdf: pikepdf.Pdf) -> Any:
    """Return a random value of any kind."""
    return rng.choice((
        lambda: rng.choice(NUMBERS), lambda: -rng.choice(NUMBERS), lambda: 1e30, lambda: rng.random(), lambda: True,
        lambda: Name.X, lambda: String("\0(x" * 9),
        lambda: Array([rng.choice(NUMBERS) for _ in range(rng.randrange(300))]),
        lambda: Array([Array([Array([])])]), lambda: Dictionary({"/A": 1}), lambda: pdf.make_stream(rng.randbytes(99)),
        lambda: rng.choice([each for each in pdf.objects if each is not None]),
        lambda: Name(rng.choice(NAMES)),
    ))()  # fmt: skip


def _values(data: bytes, rng: random.Random) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        holders = [each for each in pdf.objects if isinstance(each, (Dictionary, pikepdf.Stream, Array))]
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            holder = rng.choice(holders)
            if isinstance(holder, Array):
                if len(holder):
                    holder[rng.randrange(len(holder))] = _value(rng, pdf)
            elif keys := sorted(set(map(str, holder.keys())) - {"/Length"}):
                key = rng.choice(keys)
                if rng.random() < 0.2:
                    del holder[key]
                else:
                    holder[key] = _value(rng, pdf)

    return _changed(data, change)


def _streams(data: bytes, rng: random.Random) -> bytes:
    """Damage contents, CMaps, programs and procedures, unpacked."""

    def change(pdf: pikepdf.Pdf) -> None:
        streams = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
        for stream in rng.sample(streams, min(len(streams), rng.choice((1, 1, 2, 4)))):
            try:
                plain = stream.read_bytes()
            except pikepdf.PdfError:
                continue
            if rng.random() < 0.4:
                for _ in range(rng.choice((1, 5, 50))):
                    at = rng.randrange(len(plain) + 1)
                    plain = plain[:at] + b" " + rng.choice(OPERATORS) + b" " + plain[at:]
            elif rng.random() < 0.1:
                plain *= rng.choice((2, 300))
            else:
                plain = damaged(plain, rng)
            stream.write(plain)

    return _changed(data, change)


def _bombs(data: bytes, rng: random.Random) -> bytes:
    """Add a stream of kilobytes that inflates beyond the memory, or to the limit of reading."""
    start, piece = rng.choice(((b"BT /F1 9 Tf ", b"(AB) Tj "), (b"", b"q "), (b"", b"\0"), (b"\0\1\0\0", b"\0\1"),
                               (b"1 beginbfrange ", b"<00> <FFFF> <0041> "), (b"", b"1 0 0 1 0 0 cm "),
                               (b"BT ", b"[[[[[[[[")))  # fmt: skip
    packed = bomb(start, piece, rng.choice((2 << 20, 60 << 20, 300 << 20)))
    if rng.random() < 0.2:
        packed = zlib.compress(packed)

    def change(pdf: pikepdf.Pdf) -> None:
        stream = rng.choice([each for each in pdf.objects if isinstance(each, pikepdf.Stream)])
        stream.write(packed, filter=Name.FlateDecode)

    return _changed(data, change)


def _circles(data: bytes, rng: random.Random) -> bytes:
    """Let forms and pages contain themselves, and each form paint many others."""

    def change(pdf: pikepdf.Pdf) -> None:
        forms = []
        for _ in range(rng.choice((1, 3, 12))):
            form = pdf.make_stream(
                b"BT /F1 9 Tf (AB) Tj ET " + b"".join(b"/X%d Do " % i for i in range(12)) * rng.choice((1, 9))
            )
            form["/Subtype"] = Name.Form
            forms.append(form)
        resources = pdf.make_indirect(pdf.pages[0].obj.get("/Resources", Dictionary()))
        for form in forms:
            form["/Resources"] = resources
        pdf.pages[0].obj["/Resources"] = resources
        resources["/XObject"] = Dictionary({f"/X{i}": form for i, form in enumerate(forms)})
        pdf.pages[0].obj["/Contents"] = pdf.make_stream(b"/X0 Do " * 20)
        where = rng.randrange(4)
        if where == 0:
            pdf.Root["/Pages"]["/Kids"].append(pdf.Root["/Pages"])
        elif where == 1:
            pdf.pages[0].obj["/Parent"] = pdf.pages[0].obj
        elif where == 2:
            resources["/Font"] = resources

    return _changed(data, change)
