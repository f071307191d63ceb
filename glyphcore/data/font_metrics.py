"""A font's vertical metrics and names, read tolerantly: a missing or broken table gives None or an empty string."""

from __future__ import annotations

from dataclasses import dataclass

from fontTools.ttLib import TTFont


@dataclass(frozen=True)
class Metrics:
    """A font's vertical metrics and names; lengths in font units, None where the font has no such value."""

    upem: int
    ascent: int | None
    descent: int | None
    typo_ascent: int | None
    typo_descent: int | None
    x_height: int | None
    cap_height: int | None
    family: str
    style: str
    weight: int | None
    licence: str


def metrics_of(tables: TTFont | None, upem: int, name: str) -> Metrics:
    """Read metrics from a font's tables, None for a program without tables; ``name`` is the family name if the tables
    have none."""

    def number(tag: str, field: str) -> int | None:
        try:
            return int(getattr(tables[tag], field)) if tables is not None else None
        except Exception:
            return None

    def text(*identifiers: int) -> str:
        for identifier in identifiers:
            try:
                value = tables["name"].getDebugName(identifier) if tables is not None else None
            except Exception:
                value = None
            if value:
                return str(value).strip()
        return ""

    return Metrics(
        upem=upem,
        ascent=number("hhea", "ascent"),
        descent=number("hhea", "descent"),
        typo_ascent=number("OS/2", "sTypoAscender"),
        typo_descent=number("OS/2", "sTypoDescender"),
        x_height=number("OS/2", "sxHeight"),
        cap_height=number("OS/2", "sCapHeight"),
        family=text(16, 1) or name,
        style=text(17, 2) or "Regular",
        weight=number("OS/2", "usWeightClass"),
        licence=text(13)[:200],
    )
