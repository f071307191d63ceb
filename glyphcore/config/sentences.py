"""Sentences about fields of a class: the string below each field, which at run time exists only in the source."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import lru_cache
from itertools import pairwise


def sentences(owner: type) -> dict[str, str]:
    """Return the name of each documented field of a class and of its bases → its text in one line.

    Attributes that ``__init__`` documents are included. Empty where there is no source.
    """
    texts: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        texts |= _documented(base.__module__).get(base.__qualname__, {})
    return texts


@lru_cache(maxsize=32)
def _documented(module: str) -> dict[str, dict[str, str]]:
    """Return class → field → text, for every class of a module."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name: dict(_texts(node.body)) | _of_init(node) for node in classes}


def _of_init(owner: ast.ClassDef) -> dict[str, str]:
    made = [node for node in owner.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return dict(_texts(made[0].body)) if made else {}


def _texts(body: list[ast.stmt]) -> list[tuple[str, str]]:
    """Return name and text wherever an assignment is followed by a string."""
    texts = []
    for statement, after in pairwise(body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
        for target in targets:
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            if name and isinstance(text, str):
                texts.append((name, " ".join(text.split())))
    return texts
