"""Pictures of every page, light and dark, of the app that is running: ``docs/<page>-<scheme>.png``.

make app &
.venv/bin/python docs/screenshots.py [--address http://localhost:8501] [--only compare map]
"""

from __future__ import annotations

import argparse
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from glyphcore.config import CACHE

HERE = Path(__file__).parent
COLOURS = 256
"""Of a picture's palette: the pages have few, and a picture of 100 kB loads where one of 400 kB is waited for."""
PATIENCE = 180_000


@dataclass(frozen=True)
class Shot:
    """An address, and what is on the screen once the page has drawn itself."""

    path: str
    ready: str
    """Selector."""


# The glyphs that are named have cells that were misread, or that two checkpoints read differently.
SHOTS = {
    "browse": Shot("/?split=test", ".glyphs .card:visible"),
    "inspect": Shot("/inspect?split=test&outcome=twin_wrong&glyph=54399", ".inspector .board"),
    "dashboard": Shot("/dashboard", ".confused a"),
    "dashboard-confusions": Shot("/dashboard?part=confusions", ".classes td.hit"),
    "compare": Shot("/compare?flip=broken&glyph=54503", ".flips .card:visible"),
    "primitives": Shot("/primitives?id=930", ".codebook .example"),
    "map": Shot("/map?at=0.5,0.5,2.2", ".stage > canvas"),
    "fonts": Shot("/fonts?font={font}", ".fontsheet .card:visible"),
    "pdf": Shot("/pdf?pdf={pdf}", ".pdf .legend b"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://localhost:8501")
    parser.add_argument("--font", default="-nazli.ttf", help="part of the file name of a font of the corpus")
    parser.add_argument("--pdf", default="", help="key of an uploaded PDF, as its link has it")
    parser.add_argument("--only", nargs="+", choices=SHOTS, default=list(SHOTS))
    parser.add_argument("--schemes", nargs="+", choices=("light", "dark"), default=("light", "dark"))
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=args.address)
        page.set_default_timeout(PATIENCE)
        for name in args.only:
            page.goto(SHOTS[name].path.format(font=font(args.font), pdf=args.pdf))
            for scheme in args.schemes:
                page.emulate_media(color_scheme=scheme)
                settle(page, SHOTS[name])
                save(page.screenshot(), args.out / f"{name}-{scheme}.png")
        browser.close()


def font(part: str) -> str:
    """Key of a font of the corpus: how its file name in the cache starts."""
    names = (path.name for path in sorted((CACHE / "fonts").glob("*")) if part in path.name.lower())
    return next(names, "").partition("-")[0]


def settle(page: Page, shot: Shot) -> None:
    """Wait until the page is drawn and nothing is under way any more."""
    page.locator(shot.ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stApp][data-test-script-state=running], [data-stale=true]')"
    )
    page.mouse.move(1, 1)
    page.wait_for_timeout(1500)  # what fades in


def save(png: bytes, path: Path) -> None:
    """Write a picture with a palette."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
