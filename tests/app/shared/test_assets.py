"""Scripts of components: ES modules that are joined by following their imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.shared.assets import joined, modules

APP = Path(__file__).resolve().parents[3] / "app"
SCRIPTS = sorted(path for path in APP.glob("*/*.js") if path.parent.name != "node_modules")
COMPONENTS = [path for path in SCRIPTS if "export default" in path.read_text()]
DECLARED = re.compile(r"^(?:async )?(?:function\*?|class|const|let|var) ([A-Za-z_$][\w$]*)", re.MULTILINE)

by_component = pytest.mark.parametrize("script", COMPONENTS, ids=lambda path: path.stem)


def write(folder: Path, **scripts: str) -> Path:
    for name, text in scripts.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def test_what_is_imported_comes_first_and_once(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\nimport {\n  b, c,\n} from "./b.js";\n\nexport default a(b);\n',
        a='import { b } from "./b.js";\nexport function a(x) { return x + b; }\n',
        b="export const b = 1, c = 2;\n",
    )
    assert [path.stem for path in modules(main)] == ["b", "a", "main"]
    text = joined(main)
    assert text == "const b = 1, c = 2;\nfunction a(x) { return x + b; }\n\nexport default a(b);\n"


def test_a_circle_of_scripts_is_refused(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main='import { a } from "./a.js";\n',
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./a.js";\nexport const b = a;\n',
    )
    with pytest.raises(ValueError, match=r"a\.js imports itself"):
        modules(main)


@by_component
def test_a_joined_script_is_one_module_without_imports(script: Path) -> None:
    text = joined(script.resolve())
    assert "import {" not in text
    assert text.count("export default") == 1
    assert not re.search(r"^export (?!default)", text, re.MULTILINE)


@by_component
def test_modules_that_are_joined_do_not_share_a_name(script: Path) -> None:
    names = [name for path in modules(script.resolve()) for name in DECLARED.findall(joined_alone(path))]
    assert sorted(names) == sorted(set(names))


def joined_alone(path: Path) -> str:
    return re.sub(r"^export (?!default)", "", path.read_text(), flags=re.MULTILINE)


def test_every_script_belongs_to_a_component() -> None:
    used = {path for script in COMPONENTS for path in modules(script.resolve())}
    assert {path.resolve() for path in SCRIPTS} == used
