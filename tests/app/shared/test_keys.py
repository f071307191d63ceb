"""The overlay of keys: printed from the key tables of the scripts themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.shared.assets import modules
from app.shared.keys import APP, KEYS, SCRIPTS, keys_of

TABLE = re.compile(r"^export const \w*KEYS = \[\n(.*?)^\];", re.MULTILINE | re.DOTALL)


def rows(script: Path) -> int:
    """Count the rows of a script's own tables by their beginnings."""
    return sum(table.count("\n  [") + table.startswith("  [") for table in TABLE.findall(script.read_text()))


def scripts_with_keys() -> set[Path]:
    return {path.resolve() for path in APP.glob("*/*.js") if TABLE.search(path.read_text())}


@pytest.mark.parametrize("page", SCRIPTS)
def test_every_row_of_every_table_is_printed(page: str) -> None:
    files = [path for script in SCRIPTS[page] for path in modules((APP / script).resolve())]
    assert len(KEYS[page]) == sum(map(rows, files)) > 1


def test_every_table_is_printed_on_a_page() -> None:
    printed = {path for scripts in SCRIPTS.values() for each in scripts for path in modules((APP / each).resolve())}
    assert scripts_with_keys() <= printed
    assert len(scripts_with_keys()) > 5


def test_what_a_script_shares_comes_before_its_own(tmp_path: Path) -> None:
    (tmp_path / "shared.js").write_text('export const SHARED = [\n  ["n", "next page", { n: next }],\n];\n')
    own = '  ["← →", "move; and stop", {\n    a: b,\n  }],\n'
    (tmp_path / "own.js").write_text(f'import {{ SHARED }} from "./shared.js";\n\nexport const KEYS = [\n{own}];\n')
    assert keys_of(tmp_path / "own.js") == (("n", "next page"), ("← →", "move; and stop"))
