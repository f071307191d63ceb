"""Texts of letters that are drawn in parts, written into content streams as ``ActualText`` around exactly these glyphs.

Strings are cut where a letter begins and where it ends. Nothing else changes: all glyphs are drawn at the same places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, String

from glyphcore.pdf.content import traced
from glyphcore.pdf.objects import FAULTS, elements
from glyphcore.pdf.operators import Shown

Instruction = Any
"""Operands and operator, or an image."""


@dataclass(frozen=True)
class SpanEdge:
    """Beginning of a letter in a string, with the ``text`` of the letter, or its end; positions are in bytes of the
    string."""

    at: int
    begins: bool
    text: str = ""


def enclose(pdf: pikepdf.Pdf, texts: Mapping[tuple[int, ...], str]) -> None:
    """Write the texts of letters. ``texts``: positions of the parts in the drawing order, the skeleton first → text.

    Parts that are shown by one operator share the text. Otherwise the skeleton gets the text and each dot an empty
    text. A dot also gets an empty text beside a skeleton that already has a text in the file.
    """
    if not texts:
        return
    shown, streams = traced(pdf)
    edges: dict[Any, dict[int, set[SpanEdge]]] = defaultdict(lambda: defaultdict(set))

    def enclosed(first: Shown, last: Shown, text: str) -> None:
        if first.at is not None and last.at is not None:
            key, _, string, i = first.at
            edges[key][string].add(SpanEdge(i * first.font.width, True, text))
            _, _, string, i = last.at
            edges[key][string].add(SpanEdge((i + 1) * last.font.width, False))

    for places, text in texts.items():
        base, *dots = (shown[i] for i in places)
        if base.actual < 0 and len({part.at[:2] for part in (base, *dots) if part.at}) == 1:
            enclosed(shown[min(places)], shown[max(places)], text)
            continue
        if base.actual < 0:
            enclosed(base, base, text)
        for dot in dots:
            enclosed(dot, dot, "")
    for key, its in edges.items():
        stream = streams[key]
        try:
            data = pikepdf.unparse_content_stream(list(_cut(pikepdf.parse_content_stream(stream), its)))
            if isinstance(stream, pikepdf.Stream):
                stream.write(data)
            else:
                stream["/Contents"] = pdf.make_stream(data)
        except FAULTS:  # a stream that can be drawn but not written
            continue


def _cut(parsed: Iterable[Any], edges: Mapping[int, set[SpanEdge]]) -> Iterator[Instruction]:
    """Yield instructions with cut strings and with marked content between them. ``edges`` has the edges by the number
    of their string."""
    number = 0
    for instruction in parsed:
        operator = "" if isinstance(instruction, pikepdf.ContentStreamInlineImage) else str(instruction.operator)
        operands = list(instruction.operands) if operator else []
        if operator not in ("Tj", "TJ", "'", '"') or not operands:
            yield instruction
            continue
        shown = elements(operands[0]) if operator == "TJ" else [operands[-1]]
        strings = range(number, number + sum(isinstance(element, String) for element in shown))
        number = strings.stop
        if not any(string in edges for string in strings):
            yield instruction
            continue
        if operator == '"' and len(operands) == 3:
            yield [operands[0]], Operator("Tw")
            yield [operands[1]], Operator("Tc")
        if operator in "'\"":
            yield [], Operator("T*")
        yield from _pieces(shown, strings.start, edges)


def _pieces(shown: Iterable[Any], number: int, edges: Mapping[int, set[SpanEdge]]) -> Iterator[Instruction]:
    """Split one ``TJ`` into several, with edges between them."""
    piece: list[Any] = []
    for element in shown:
        if not isinstance(element, String):
            piece.append(element)
            continue
        data, cut = bytes(element), 0
        for edge in sorted(edges.get(number, ()), key=lambda edge: (edge.at, edge.begins)):
            if data[cut : edge.at]:
                piece.append(String(data[cut : edge.at]))
            cut = edge.at
            if piece:
                yield [Array(piece)], Operator("TJ")
                piece = []
            properties = Dictionary(ActualText=String(edge.text))
            yield ([Name.Span, properties], Operator("BDC")) if edge.begins else ([], Operator("EMC"))
        if data[cut:]:
            piece.append(String(data[cut:]))
        number += 1
    if piece:
        yield [Array(piece)], Operator("TJ")
