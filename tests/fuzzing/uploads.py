"""Uploads to the page of fonts: names that lead to other folders, large files, and links to files that were not
uploaded."""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path

from app.fonts import files as fontfiles
from fuzzing import fonts as hostile
from fuzzing import require
from fuzzing.bytewise import damaged
from glyphcore.data.fonts import open_faces
from glyphcore.errors import FontError

NAMES = (
    "../../etc/x.ttf",
    "/etc/passwd",
    "a\0b.ttf",
    "x" * 5000,
    "",
    ".",
    "..",
    "con",
    "\n.ttf",
    "<img src=x onerror=alert(1)>.ttf",
    "ok.ttf",
    "\ud800.ttf",
    "a/b/c.woff2",
    "~root/.ssh/x",
    "%2e%2e/x",
    "\u202e.ttf",
    "-rf.ttf",
    "`touch x`.ttf",
)


@dataclass(frozen=True)
class Seeds:
    fonts: hostile.Seeds
    secret: Path


def prepare(folder: Path) -> Seeds:
    fonts = hostile.prepare(folder / "fonts") if (folder / "fonts").mkdir() is None else None
    assert fonts is not None
    secret = folder / "secret.ttf"
    secret.write_bytes(fonts.plain[0][1])
    return Seeds(fonts, secret)


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    os.environ |= {"GLYPHCORE_UPLOADS": str(box / "uploads"), "GLYPHCORE_FONTS": str(box / "fonts")}
    (box / "fonts").mkdir()
    name = rng.choice(NAMES)
    if rng.random() < 0.4:
        return _link(seeds, rng, name)
    _, data = rng.choice(seeds.fonts.plain)
    way = rng.randrange(6)
    if way == 1:
        data = damaged(data, rng)
    elif way == 2:
        data += bytes(fontfiles.MAX_MEGABYTES * 10**6 - len(data) + rng.choice((0, 1, 5_000_000)))
    elif way == 3:
        data = rng.choice(seeds.fonts.made)[1](rng)
    elif way == 4:
        data = rng.choice((b"", b"\0", b"x" * 100, b"SQLite format 3\0", b"PK\3\4", b"%PDF-1.7", b"<svg/>"))
    key = fontfiles.keep(name, data)
    path = fontfiles.path_of(key)
    require(path.parent == box / "uploads" and path.read_bytes() == data, "stored elsewhere, or changed")
    require(hashlib.sha256(data).hexdigest().startswith(key), "stored under another hash")
    require(len(open_faces(path)) > 0, "kept, but no font")
    require(
        {each.parent for each in box.rglob("*") if each.is_file()} == {box / "uploads"}, "a file outside its folder"
    )
    return "kept"


def _link(seeds: Seeds, rng: random.Random, name: str) -> str:
    key = rng.choice(
        (
            name,
            str(seeds.secret),
            f"../../seeds/{seeds.secret.name}",
            "0" * 12,
            "f" * 64,
            "*",
            "[0-9a-f]*",
            "0" * 11,
            "????????????",
            "\0",
            "fonts/../x.ttf",
            "." * 300,
        )
    )
    try:
        path = fontfiles.path_of(key)
    except FontError as error:
        require(str(Path.cwd()) not in str(error), "a message names a path of the machine")
        raise
    raise AssertionError(f"a link opened {path}")
