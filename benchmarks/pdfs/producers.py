"""Producers of PDFs: each takes a text's paragraphs and a font, and writes a PDF as its users would."""

from __future__ import annotations

import html
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from fontTools.ttLib import TTFont

Producer = Callable[[tuple[str, ...], Path, str, Path], None]
"""Paragraphs, font file, family name, PDF to write."""


def family_of(font: Path) -> str:
    """Return the family name in a font's ``name`` table."""
    return TTFont(font, lazy=True)["name"].getBestFamilyName() or font.stem


def _right_to_left(paragraphs: tuple[str, ...]) -> bool:
    return any("\u0590" <= character <= "\u06ff" for character in paragraphs[0])


def typst(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    import typst as compiler

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.typ"
        way = "rtl" if _right_to_left(paragraphs) else "ltr"
        body = "\n\n".join(paragraph.replace("@", "\\@").replace("#", "\\#") for paragraph in paragraphs)
        head = f'#set text(font: "{family}", size: 12pt, dir: {way}, hyphenate: false, fallback: false)\n'
        head += "#set smartquote(enabled: false)\n"
        source.write_text(head + body, encoding="utf-8")
        compiler.compile(source, output=out, font_paths=[str(font.parent)], ignore_system_fonts=True)


def weasyprint(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    HTML(string=_page(paragraphs, font)).write_pdf(out, font_config=FontConfiguration())


def _page(paragraphs: tuple[str, ...], font: Path) -> str:
    way = "rtl" if _right_to_left(paragraphs) else "ltr"
    body = "".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
    face = f"@font-face {{ font-family: measured; src: url('{font.resolve().as_uri()}') }}"
    style = f"{face} body {{ font: 13pt measured; direction: {way} }} @page {{ size: A4; margin: 2cm }}"
    return f"<!doctype html><meta charset='utf-8'><style>{style}</style><body>{body}</body>"


def chromium(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        page_file = Path(folder) / "page.html"
        page_file.write_text(_page(paragraphs, font), encoding="utf-8")
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(
            executable_path=path if Path(path).exists() else None,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.evaluate("document.fonts.ready")
        page.pdf(path=str(out), format="A4")
        browser.close()


def _lines(paragraphs: tuple[str, ...], most: int = 70) -> list[str]:
    lines = []
    for paragraph in paragraphs:
        line = ""
        for word in paragraph.split():
            if len(line) + len(word) > most:
                lines.append(line.strip())
                line = ""
            line += word + " "
        lines.append(line.strip())
    return lines


def reportlab(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont as Embedded
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(Embedded(family, str(font)))
    canvas = Canvas(str(out))
    canvas.setFont(family, 12)
    for i, line in enumerate(_lines(paragraphs)):
        canvas.drawString(60, 780 - 20 * i, line)
    canvas.save()


def fpdf2(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.add_font("measured", fname=str(font))
    pdf.set_font("measured", size=12)
    pdf.set_text_shaping(True)
    align = "R" if _right_to_left(paragraphs) else "L"
    for paragraph in paragraphs:
        pdf.multi_cell(0, 8, paragraph, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(out))


def matplotlib(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    import matplotlib as mpl

    mpl.use("pdf")
    import matplotlib.pyplot as plt
    from matplotlib.font_manager import FontProperties

    with mpl.rc_context({"pdf.fonttype": 3}):
        figure = plt.figure(figsize=(8.3, 11.7))
        for i, line in enumerate(_lines(paragraphs)):
            figure.text(0.05, 0.94 - 0.03 * i, line.replace("$", r"\$"), fontproperties=FontProperties(fname=str(font)))
        figure.savefig(out)
        plt.close(figure)


def pango(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "fonts.conf"
        config.write_text(f"<fontconfig><dir>{font.parent}</dir><cachedir>{folder}</cachedir></fontconfig>")
        text = Path(folder) / "text.txt"
        text.write_text("\n\n".join(paragraphs), encoding="utf-8")
        subprocess.run(
            ["pango-view", "--backend=cairo", "-q", "--width=450", "--margin=40", f"--font={family} 12",
             f"--output={out}", str(text)],
            env={**os.environ, "FONTCONFIG_FILE": str(config)}, check=True, capture_output=True, timeout=120,
        )  # fmt: skip


def ghostscript(paragraphs: tuple[str, ...], font: Path, family: str, out: Path) -> None:
    """Rewrite Typst's PDF by Ghostscript."""
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.pdf"
        typst(paragraphs, font, family, first)
        subprocess.run(["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile={out}",
                        str(first)], check=True, capture_output=True, timeout=120)  # fmt: skip


PRODUCERS: dict[str, Producer] = {
    "typst": typst, "weasyprint": weasyprint, "chromium": chromium, "reportlab": reportlab, "fpdf2": fpdf2,
    "matplotlib": matplotlib, "pango": pango, "ghostscript": ghostscript,
}  # fmt: skip
LATIN_ONLY = ("reportlab",)
"""Producers that do not shape Arabic."""
