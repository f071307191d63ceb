"""The tour shows every page of the app, in pictures that exist and load quickly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_fixtures import pages

from app.shared.keys import EVERYWHERE, KEYS

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOUR = (DOCS / "tour.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"\]\(([\w-]+\.png)\)", TOUR)
LARGEST = 250_000


def test_every_page_has_a_section_with_keys_link_and_command() -> None:
    sections = re.split(r"^## ", TOUR, flags=re.M)[1:]
    shown = {section.partition(":")[0] for section in sections}
    assert shown == set(pages().values())
    assert set(KEYS) - {EVERYWHERE} <= shown
    for section in sections:
        for line in ("- Keys: ", "- Link: `/", "- Command: `glyphcore "):
            assert line in section, section.partition("\n")[0]


def test_every_page_is_shown_light_and_dark() -> None:
    shown = {tuple(name.removesuffix(".png").rsplit("-", 1)) for name in PICTURES}
    assert shown == {(page, scheme) for page, _ in shown for scheme in ("light", "dark")}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_there_and_small(name: str) -> None:
    assert 10_000 < (DOCS / name).stat().st_size <= LARGEST
