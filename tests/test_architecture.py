"""The import table of the architecture page, checked against every file, present and future."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 500
MAX_PAGE_LINES = 120


class Room(NamedTuple):
    """Allowed imports of modules whose name starts with ``name``, besides the standard library and their own room."""

    name: str
    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


GROUND = ("glyphcore.__init__", "glyphcore.config", "glyphcore.errors", "glyphcore.files", "glyphcore.progress")
ARRAYS = ("numpy", "pandas")
DRAWING = ("PIL", "fontTools", "brotli", "uharfbuzz", "freetype")
LOWER = (*GROUND, "glyphcore.data", "glyphcore.nn", "glyphcore.checkpoint")
EVERYTHING = (
    *LOWER, "glyphcore.training", "glyphcore.export", "glyphcore.runtime", "glyphcore.results", "glyphcore.analysis",
    "glyphcore.decoding", "glyphcore.audit", "glyphcore.annotations", "glyphcore.pdf",
    "glyphcore.text", "glyphcore.cluster",
)  # fmt: skip
SAID = ("glyphcore.results", "glyphcore.analysis", "glyphcore.audit")
DATA = (
    *GROUND, *SAID, "glyphcore.annotations", "glyphcore.background", "glyphcore.data", "glyphcore.pdf.child",
    "glyphcore.runtime",
)  # fmt: skip
PAGES = tuple(sorted(path.parent.name for path in (ROOT / "app").glob("*/page.py")))
"""Folders of pages: a new one needs no line here."""

TABLE = (  # the longest matching name decides
    Room("glyphcore.__init__", ours=("glyphcore.api",)),
    Room("glyphcore.api", ours=(*EVERYTHING, "glyphcore.jobs"), others=(*ARRAYS, "PIL")),
    Room("glyphcore.config", ours=GROUND),
    Room("glyphcore.errors"),
    Room("glyphcore.files", ours=GROUND),
    Room("glyphcore.progress", ours=GROUND, others=("tqdm",)),
    Room("glyphcore.background", ours=GROUND),
    Room("glyphcore.data", ours=GROUND, others=(*ARRAYS, *DRAWING)),
    Room("glyphcore.nn", ours=("glyphcore.config", "glyphcore.errors"), others=("torch",)),
    Room("glyphcore.training", ours=LOWER, others=(*ARRAYS, "torch", "lightning", "sklearn")),
    Room("glyphcore.checkpoint", ours=(*GROUND, "glyphcore.nn", "glyphcore.data"), others=("numpy", "torch")),
    Room("glyphcore.quantize", others=("numpy", "onnx", "onnxruntime")),
    Room(
        "glyphcore.export",
        ours=(*LOWER, "glyphcore.runtime", "glyphcore.quantize"),
        others=("numpy", "torch", "onnx", "onnxruntime"),
    ),
    Room("glyphcore.runtime", ours=LOWER, others=("numpy", "torch", "onnxruntime")),
    Room("glyphcore.cluster", ours=GROUND, others=("dask", "distributed")),
    Room("glyphcore.annotations", ours=(*GROUND, "glyphcore.data"), others=("numpy",)),
    Room("glyphcore.results", ours=(*GROUND, "glyphcore.data"), others=(*ARRAYS, "pyarrow")),
    Room("glyphcore.decoding", ours=(*GROUND, "glyphcore.data"), others=("numpy", "scipy")),
    Room(
        "glyphcore.analysis",
        ours=(*GROUND, "glyphcore.data", "glyphcore.results", "glyphcore.decoding"),
        others=(*ARRAYS, "scipy"),
    ),
    Room(
        "glyphcore.audit",
        ours=(*GROUND, "glyphcore.cluster", "glyphcore.data", "glyphcore.decoding"),
        others=("numpy",),
    ),
    Room("glyphcore.text", ours=GROUND, others=("numpy",)),
    Room(
        "glyphcore.pdf",
        ours=(
            *GROUND,
            "glyphcore.cluster",
            "glyphcore.data",
            "glyphcore.decoding",
            "glyphcore.audit",
            "glyphcore.runtime",
            "glyphcore.text",
        ),
        others=("numpy", "pikepdf", "pypdfium2", "fontTools"),
    ),
    Room(
        "glyphcore.jobs",
        ours=EVERYTHING,
        others=(*ARRAYS, "PIL", "torch", "lightning", "sklearn", "openTSNE", "wordfreq"),
    ),
    Room("glyphcore.cli", ours=(*GROUND, "glyphcore.jobs")),
    Room("glyphcore.__main__", ours=("glyphcore.cli",)),
    Room("app.__init__"),
    Room("app.main", ours=("app.shared",), others=("streamlit",)),
    Room(
        "app.server",
        ours=("app.browse.preview", "app.shared.prefetch", "app.shared.sources", "glyphcore.errors"),
        others=("streamlit", "starlette", "uvicorn"),
    ),
    Room("app.shared", ours=DATA, others=(*ARRAYS, "PIL", "streamlit")),
    Room("app.shared.theme", others=("plotly",)),
    *(
        Room(f"app.{page}{part}", ours=(f"app.{page}", "app.shared", *ours), others=others)
        for page in PAGES
        for part, ours, others in (
            ("", DATA, (*ARRAYS, "PIL", "streamlit")),
            (".charts", SAID, (*ARRAYS, "plotly")),
            (".page", (), ("streamlit",)),
        )
    ),
)
NEEDS_ANOTHER_JOB = {"glyphcore.jobs.prepare"}
"""The one job that runs others: it makes all files that the app still lacks."""


def files() -> dict[str, Path]:
    """Return module name → file, for all code of the two packages."""
    found = sorted(path for package in ("glyphcore", "app") for path in (ROOT / package).rglob("*.py"))
    own = [path.relative_to(ROOT) for path in found if "node_modules" not in path.parts]
    return {".".join(path.with_suffix("").parts): ROOT / path for path in own}


FILES = files()
by_file = pytest.mark.parametrize("module", FILES)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imports(source: str, module: str) -> set[str]:
    """Return everything that a module imports, at its top or inside functions, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            if node.level:
                package = ".".join([*module.split(".")[: -node.level], *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{package}.{alias.name}"
                inside = whole in FILES or f"{whole}.__init__" in FILES
                found.add(whole if inside else f"{package}.__init__" if f"{package}.__init__" in FILES else package)
    return found


def offences(source: str, module: str) -> set[str]:
    """Return the imports of a module that the table does not allow."""
    rooms = [room for room in TABLE if is_within(module, room.name)]
    assert rooms, f"{module} belongs to no room: add a row to the table here and in docs/architecture.md"
    room = max(rooms, key=lambda room: len(room.name))
    allowed = (room.name, *room.ours, *room.others, *sys.stdlib_module_names)
    return {name for name in imports(source, module) if not any(is_within(name, other) for other in allowed)}


@by_file
def test_imports_follow_the_table(module: str) -> None:
    assert offences(FILES[module].read_text(), module) == set()


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("glyphcore.data.new", "import numpy as np\nfrom pathlib import Path", set()),
        ("glyphcore.data.new", "def f():\n    import torch.nn as nn", {"torch.nn"}),
        ("glyphcore.data.new", "from ..nn import stem", {"glyphcore.nn.stem"}),
        ("glyphcore.data.new", "from . import labels", set()),
        ("glyphcore.results.new", "from glyphcore import nn, errors, __version__", {"glyphcore.nn"}),
        ("glyphcore.nn.new", "import lightning", {"lightning"}),
        ("glyphcore.runtime", "from lightning.pytorch import Trainer", {"lightning.pytorch"}),
        ("glyphcore.jobs.new", "import streamlit", {"streamlit"}),
        ("glyphcore.jobs.new", "from app.shared.view import x", {"app.shared.view"}),
        ("glyphcore.jobs.new", "import glyphcore.cli", {"glyphcore.cli"}),
        ("app.browse.page", "from glyphcore.results.browse import Browser", {"glyphcore.results.browse"}),
        ("app.browse.page", "import sqlite3\nfrom app.shared import sources", set()),
        ("app.browse.page", "import pandas", {"pandas"}),
        ("app.browse.new", "from app.map import data", {"app.map.data"}),
        ("app.shared.new", "from app.browse.filters import filter_panel", {"app.browse.filters"}),
        ("app.map.new", "import plotly", {"plotly"}),
    ],
)
def test_the_walk_sees_imports_of_every_kind(module: str, source: str, expected: set[str]) -> None:
    assert offences(source, module) == expected


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, each once: the strongly connected parts (Tarjan 1972)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        waiting.append(module)
        for other in sorted(edges[module]):
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in waiting:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            place = waiting.index(module)
            group, waiting[place:] = waiting[place:], []
            if len(group) > 1 or module in edges[module]:
                found.append(sorted(group))

    for module in sorted(edges):
        if module not in order:
            visit(module)
    return found


def import_edges(sources: dict[str, str]) -> dict[str, set[str]]:
    """Return module → modules among ``sources`` that it imports: at its top, inside functions, and for types only."""
    return {module: {name for name in imports(source, module) if name in sources} for module, source in sources.items()}


def test_no_import_circle_anywhere() -> None:
    assert circles(import_edges({module: path.read_text() for module, path in FILES.items()})) == []


@pytest.mark.parametrize(
    "back",
    [
        "from glyphcore.results import cell_index",
        "import glyphcore.results.cell_index",
        "from .cell_index import Cells",
        "def f():\n    from glyphcore.results.cell_index import Cells",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from glyphcore.results.cell_index import Cells",
    ],
)
def test_a_circle_is_seen_however_it_is_closed(back: str) -> None:
    sources = {
        "glyphcore.results.cell_index": "from glyphcore.results.browse import ResultsStore",
        "glyphcore.results.browse": "import numpy\nfrom glyphcore.results import columns",
        "glyphcore.results.columns": back,
        "glyphcore.results.sets": "from glyphcore.results.cell_index import Cells",
    }
    group = [f"glyphcore.results.{name}" for name in ("browse", "cell_index", "columns")]
    assert circles(import_edges(sources)) == [group]
    assert circles(import_edges(sources | {"glyphcore.results.columns": "import numpy"})) == []


def intrusions(source: str) -> list[str]:
    """Return assignments to an attribute of shared columns or selectors, which belong to all sessions."""
    owners = ("columns", "selector")
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in owners:
                found.append(ast.unparse(node))
    return found


@by_file
def test_nobody_writes_into_shared_columns_or_selectors(module: str) -> None:
    assert intrusions(FILES[module].read_text()) == []


def test_writing_into_columns_is_seen() -> None:
    assert intrusions("store.columns.tagged = tags\ncolumns.extent, x = f, 1") == [
        "store.columns.tagged",
        "columns.extent",
    ]
    assert intrusions("columns = store.columns\nself.columns = columns\nprint(columns.data)") == []


@by_file
def test_a_job_runs_no_other_job(module: str) -> None:
    if not is_within(module, "glyphcore.jobs") or module in NEEDS_ANOTHER_JOB:
        return
    others = {name for name in imports(FILES[module].read_text(), module) if is_within(name, "glyphcore.jobs")}
    assert others <= {module}, "a job may call what jobs share in glyphcore.data, results or runtime, never a job"


@by_file
def test_every_file_is_short_and_says_what_it_is_for(module: str) -> None:
    source = FILES[module].read_text()
    if source.strip() or not module.endswith("__init__"):
        assert ast.get_docstring(ast.parse(source)), "the module's docstring is missing"
    assert len(source.splitlines()) <= MAX_LINES


def test_every_folder_of_a_page_is_in_the_navigation() -> None:
    assert set(re.findall(r'"(\w+)/page\.py"', (ROOT / "app" / "main.py").read_text())) == set(PAGES)


def test_pages_are_thin_and_know_no_sql_and_no_cache() -> None:
    for page in PAGES:
        source = FILES[f"app.{page}.page"].read_text()
        assert len(source.splitlines()) < MAX_PAGE_LINES, page
        for word in ("sqlite3", "SELECT ", "st.cache"):
            assert word not in source, page


def test_every_cache_of_the_app_is_bounded() -> None:
    for module, path in FILES.items():
        if not is_within(module, "app"):
            continue
        tree = ast.parse(path.read_text())
        bounded = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and {"max_entries", "ttl"} & {keyword.arg for keyword in node.keywords}:
                bounded.add(node.func)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource"):
                assert node in bounded, f"{module}:{node.lineno}: a cache without max_entries or ttl grows for ever"


def loaded(code: str) -> set[str]:
    """Return the top-level modules in memory after ``code`` ran in a Python of its own."""
    code += "\nimport sys; print('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


def import_all(*packages: str) -> str:
    names = [name.removesuffix(".__init__") for name in FILES if any(is_within(name, each) for each in packages)]
    assert names, f"nothing in {packages}"
    return "import " + ", ".join(names)


def test_help_loads_nothing_heavy() -> None:
    asked = "import sys; sys.argv = ['glyphcore', '--help']\nfrom glyphcore.cli import main\n"
    code = asked + "try: main()\nexcept SystemExit: pass"
    heavy = {"torch", "lightning", "numpy", "scipy", "pandas", "streamlit", "fontTools", "dask", "distributed"}
    assert loaded(code) & heavy == set()


def test_the_package_itself_loads_nothing() -> None:
    assert loaded("import glyphcore") <= loaded("import importlib, typing") | {"glyphcore"}


def test_reading_a_font_in_python_loads_no_torch_and_no_tables() -> None:
    modules = loaded("import glyphcore; glyphcore.read, glyphcore.load")
    assert "numpy" in modules
    assert modules & {"torch", "lightning", "pandas", "scipy", "PIL"} == set()


def test_data_and_results_load_no_torch() -> None:
    modules = loaded(import_all("glyphcore.data", "glyphcore.results"))
    assert "numpy" in modules
    assert modules & {"torch", "lightning", "pytorch_lightning", "streamlit"} == set()


def test_the_app_starts_without_torch() -> None:
    modules = loaded(
        import_all(*(name for name in FILES if is_within(name, "app") and not name.endswith((".page", ".main"))))
    )
    assert modules & {"torch", "lightning", "pytorch_lightning"} == set()


def test_dask_is_loaded_only_with_a_cluster() -> None:
    modules = loaded(import_all("glyphcore.cluster", "glyphcore.jobs"))
    assert "torch" in modules or "numpy" in modules
    assert modules & {"dask", "distributed"} == set()


def test_prediction_needs_no_lightning() -> None:
    modules = loaded(import_all("glyphcore.runtime", "glyphcore.checkpoint", "glyphcore.nn"))
    assert "torch" in modules
    assert modules & {"lightning", "pytorch_lightning", "streamlit"} == set()
