"""Screenshots of every page, light and dark, of the app that is running.

make app &
.venv/bin/python docs/screenshots.py [--address http://localhost:8501]
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = {"browse": "/?split=test", "inspect": None}
HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://localhost:8501")
    parser.add_argument("--inspect", default="", help="path and query of the glyph to inspect; none: the worst one")
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme, base_url=args.address)
            for name, path in PAGES.items():
                page.goto(path or args.inspect or "/inspect?split=test")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(2500)
                page.screenshot(path=args.out / f"{name}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
