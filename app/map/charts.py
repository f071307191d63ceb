"""Colours of the map: those of all charts."""

from __future__ import annotations

from app.shared.theme import NEAR, RIGHT, SERIES, WRONG

PALETTE = {"series": list(SERIES), "outcome": [RIGHT, NEAR, WRONG], "other": NEAR}
