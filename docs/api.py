"""Writes docs/api.md from the docstrings of what ``import glyphcore`` offers; a test holds the page in step with them.

python docs/api.py
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import glyphcore
from glyphcore.config.sentences import sentences

PAGE = Path(__file__).with_name("api.md")
ORDER = ("read", "Font", "Glyph", "Candidate", "load", "Model", "evaluate", "Results")
OPENING = """# glyphcore in Python

Made from the docstrings by `python docs/api.py`. `tests/glyphcore/api/test_api_page.py` runs the examples, in order; a
notebook that uses all of this is [reading-a-font.ipynb](../notebooks/reading-a-font.ipynb).

`import glyphcore` loads nothing else; reading fonts needs the light install, `pip install glyphcore`. Tables need
pandas (`glyphcore[app]`), checkpoints need torch (`glyphcore[train]`). Paths may be text or `Path`. An error that the
input caused is a `glyphcore.errors.GlyphError`: one line, what was wrong and what to do, as the command line prints it.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([OPENING, *(line for name in ORDER for line in _entry(name))])


def _entry(name: str) -> Iterator[str]:
    thing = getattr(glyphcore, name)
    yield f"## glyphcore.{name}\n"
    if isinstance(thing, FunctionType):
        yield f"```python\n{_signature(name, thing)}\n```\n"
    yield f"{_prose(thing)}\n"
    if isinstance(thing, type):
        yield from _members(thing)


def _members(owner: type) -> Iterator[str]:
    texts = sentences(owner)
    fields = [field.name for field in dataclasses.fields(owner)] if dataclasses.is_dataclass(owner) else [*texts]
    for name in fields:
        yield f"- `{name}`: {_plain(texts[name])}" if name in texts else f"- `{name}`"
    methods = []
    for name, member in vars(owner).items():
        value = getattr(member, "fget", None) or getattr(member, "func", None)
        if name.startswith("_"):
            continue
        if value is not None:
            yield f"- `{name}`: {' '.join(_prose(value).split())}"
        elif isinstance(member, FunctionType):
            methods.append((name, member))
    yield ""
    for name, method in methods:
        yield f"### {owner.__name__}.{name}\n"
        yield f"```python\n{_signature(name, method)}\n```\n"
        yield f"{_prose(method)}\n"


def _signature(name: str, function: FunctionType) -> str:
    """As it is written, less ``self``, broken where it is long."""
    signature = inspect.signature(function)
    parameters = [parameter for parameter in signature.parameters.values() if parameter.name != "self"]
    shown = re.sub(r"(?<=[:>] )'([^']+)'", r"\1", str(signature.replace(parameters=parameters)))
    shown = re.sub(r"\bAnyPath\b", "str | Path", shown)
    if len(shown) > 110:
        shown = shown.replace(", ", ",\n    ").replace("(", "(\n    ", 1).replace(") ->", ",\n) ->")
    return f"{name}{shown}"


def _prose(thing: Any) -> str:
    return _plain(inspect.getdoc(thing) or "")


def _plain(text: str) -> str:
    """reStructuredText's roles and double backticks as Markdown has them; fences stay."""
    parts = re.split(r"(^```.*?^```)", re.sub(r":\w+:`[.~]?([\w.]+)`", r"`\1`", text), flags=re.M | re.S)
    return "".join(part if part.startswith("```") else part.replace("``", "`") for part in parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
