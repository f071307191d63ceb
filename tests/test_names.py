"""Identifiers that standard terms have replaced must not come back, in Python or in a script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GONE = {
    "each": "the singular of the collection",
    "Losses": "SkippedInputs",
    "Sample": "EvaluationSlice",
    "Mark": "Annotation",
    "Opinion": "CheckpointPrediction",
    "opinions": "predictions",
    "Doubts": "LabelIssues",
    "doubts": "issues",
    "find_doubts": "find_label_issues",
    "doubts_path": "label_issues_path",
    "read_doubts": "read_label_issues",
    "Compared": "AlignedResults",
    "boards": "grid_pairs",
    "CellReader": "CellClassifier",
    "GridReader": "GridClassifier",
    "READER": "EXPORTED_SUFFIX or EXPORTED_MODEL",
    "DEFAULT_READER": "DEFAULT_EXPORTED",
    "UNFIT": "CORRUPT_FILE_ERRORS",
    "HELD": "MAX_MAPPED_BYTES",
    "REUSE": "DUPLICATE_PENALTY",
    "reuse": "duplicate_penalty",
    "DESIGNS": "FONT_PRIORS",
    "evaluated_as": "dataset_key",
    "assign": "assign_labels",
    "gather": "build_cell_index",
    "gathered": "has_cell_index",
    "disturbed": "with_token_noise",
    "Confirmed": "Correction",
    "ConfirmedStore": "CorrectionStore",
    "Look": "InspectorState",
    "Seen": "the thing that is shown",
    "Asked": "Selection",
    "Parcel": "Prefetched",
    "parcels": "prefetch",
    "marks_line": "tag_bar",
    "Claim": "GlyphMapping",
    "its_claims": "mappings",
}
"""Word → its replacement."""
VAGUE = ("found", "held", "its", "place", "said", "some", "told", "twin", "which")
"""Words that do not name the type of a thing."""
CLEAR = ("audit", "cli", "config", "nn", "training")
"""Rooms of glyphcore without vague words."""
GONE_FROM_SCRIPTS = {
    "each": "the singular of the collection",
    "Held": "PageCache",
    "held": "pageCache or cached",
    "Parcel": "Prefetched",
    "parcel": "entry",
    "parcels": "entries",
    "Whole": "Content",
    "Told": "Bus",
    "UNSAID": "NO_ANNOTATION",
    "Mark": "Annotation",
    "Marks": "TagBar",
    "mounted": "defineComponent",
    "unsent": "pendingEdits",
    "atRest": "whenIdle",
    "Board": "CellCanvas",
    "Plane": "ScatterPlot",
    "FontSheet": "FontGlyphGrid",
    "Opinion": "CheckpointPrediction",
    "opinions": "predictions",
    "Seen": "GlyphData",
}
PYTHON = sorted(path for package in ("glyphcore", "app") for path in (ROOT / package).rglob("*.py"))
SCRIPTS = sorted((ROOT / "app").rglob("*.js"))
DEFINED = re.compile(
    r"\b(?:const|let|var|function|class)\s+(\w+)"  # names
    r"|^\s+(?:async\s+|static\s+)*(\w+)\([^()]*\)\s*\{$"  # methods
    r"|\bthis\.(\w+)\s*=(?!=)"  # fields
    r"|\(\(?(\w+)\)?(?:, \w+)*\) =>|\b(\w+) =>",  # arguments of arrow functions
    re.MULTILINE,
)


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and name of every function, class, argument, attribute and variable that Python code defines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def script_identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Do the same for a script, as far as a regular expression can; comments are left out."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", lambda found: "\n" * found.group().count("\n"), source, flags=re.DOTALL)
    for found in DEFINED.finditer(code):
        name = next(filter(None, found.groups()))
        yield code.count("\n", 0, found.start(found.lastindex or 0)) + 1, name


def own(paths: list[Path]) -> list[Path]:
    return [path for path in paths if "node_modules" not in path.parts]


@pytest.mark.parametrize("path", own(PYTHON), ids=lambda path: str(path.relative_to(ROOT)))
def test_python_uses_the_words_of_the_field(path: Path) -> None:
    found = [f"{line}: {name} is called {GONE[name]}" for line, name in identifiers(path.read_text()) if name in GONE]
    assert found == []


@pytest.mark.parametrize("room", CLEAR)
def test_names_of_a_clear_room_say_the_type_of_a_thing(room: str) -> None:
    files = own(sorted((ROOT / "glyphcore" / room).glob("*.py")))
    assert files
    vague = [(path.name, *pair) for path in files for pair in identifiers(path.read_text()) if pair[1] in VAGUE]
    assert vague == []


@pytest.mark.parametrize("path", own(SCRIPTS), ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_use_the_words_of_the_field(path: Path) -> None:
    names = script_identifiers(path.read_text())
    assert [
        f"{line}: {name} is called {GONE_FROM_SCRIPTS[name]}" for line, name in names if name in GONE_FROM_SCRIPTS
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(each): ...",
        "[each for each in range(3)]",
        "for each in range(3): ...",
        "class Losses: ...",
        "async def assign(): ...",
        "self.doubts = 1",
        "f = lambda *reuse: 0",
        "with open('x') as held, open('y') as doubts: ...",
    ],
)
def test_a_word_that_comes_back_is_seen(source: str) -> None:
    assert {name for _, name in identifiers(source)} & set(GONE)


def test_words_in_strings_and_comments_are_free() -> None:
    names = {name for _, name in identifiers("x = 'each'  # Losses\n'''reuse'''\ny = z.doubts")}
    assert names == {"x", "y"}


@pytest.mark.parametrize(
    "source",
    [
        "const held = 1;",
        "class Marks extends Component {",
        "export function mounted(Kind) {",
        "  atRest(act) {",
        "    this.held = new Map();",
        "items.map((each) => each.id);",
        "items.map((each, i) => i);",
        "items.map(each => each.id);",
    ],
)
def test_a_word_that_comes_back_in_a_script_is_seen(source: str) -> None:
    assert {name for _, name in script_identifiers(source)} & set(GONE_FROM_SCRIPTS)


def test_words_in_comments_of_a_script_are_free() -> None:
    assert list(script_identifiers("// const held = 1\n/** class Marks { */\nconst x = 1;")) == [(3, "x")]
