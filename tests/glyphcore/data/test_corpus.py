from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from glyphcore.config import DATASET
from glyphcore.data.corpus import load_corpus, may_redistribute, sha256
from glyphcore.errors import FontError

ENTRY = {
    "source": "npm",
    "package": "@x/y",
    "version": "1.0.0",
    "family": "Y",
    "licence": "OFL-1.1",
    "files": [{"path": "files/y.woff2", "weight": 700, "subset": "latin", "sha256": "ab" * 32}],
}


def test_the_shipped_list_is_whole() -> None:
    files = load_corpus(DATASET / "fonts.json")
    assert len({file.family for file in files}) == 204, "the list may grow by weights, never by families"
    assert len(files) >= 500
    assert len({file.sha256 for file in files}) == len(files)
    assert {file.source for file in files} == {"debian", "npm"}
    for file in files:
        assert len(file.sha256) == 64, file
        assert int(file.sha256, 16), file
        assert not file.path.startswith("/"), file
        assert ".." not in file.path, file
        assert file.version, file
        assert file.licence, file


def test_no_two_files_share_a_place_in_the_cache() -> None:
    files = load_corpus(DATASET / "fonts.json")
    assert len({file.cached(Path("cache")) for file in files}) == len(files)


def test_an_entry_becomes_one_file_each(tmp_path: Path) -> None:
    path = tmp_path / "fonts.json"
    regular = {"path": "z.ttf", "weight": 400, "subset": "all", "sha256": "cd" * 32}
    path.write_text(json.dumps([ENTRY | {"files": [*ENTRY["files"], regular]}]))
    bold, plain = load_corpus(path)
    assert (bold.package, bold.family, bold.path, bold.style) == ("@x/y", "Y", "files/y.woff2", "Bold")
    assert plain.style == "Regular"
    assert bold.cached(tmp_path) == tmp_path / "abababababab-y.woff2"
    assert may_redistribute(bold.licence)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        "7",
        json.dumps([{key: value for key, value in ENTRY.items() if key != "licence"}]),
        json.dumps([ENTRY | {"files": [{"path": "a.ttf", "weight": 400, "subset": "all"}]}]),
    ],
)
def test_what_is_no_list_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fonts.json"
    path.write_text(text)
    with pytest.raises(FontError, match="is not a corpus list"):
        load_corpus(path)


def test_missing_list(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="does not exist"):
        load_corpus(tmp_path / "fonts.json")


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("OFL-1.1", True),
        ("OFL-1.1 or LGPL-3", True),
        ("SIL Open Font License 1.1", True),
        ("MIT", True),
        ("Apache-2.0", True),
        ("UFL-1.0", True),
        ("Bitstream-Vera", True),
        ("public domain", True),
        ("GPL-2", False),
        ("GPL-3 with font exception", False),
        ("AGPL-3 with font exception", False),
        ("LGPL-3", False),
        ("", False),
        ("All rights reserved; no permission; limited use", False),
    ],
)
def test_which_outlines_may_be_handed_on(licence: str, allowed: bool) -> None:
    assert may_redistribute(licence) is allowed


def test_no_gpl_family_of_the_corpus_is_handed_on() -> None:
    for file in load_corpus(DATASET / "fonts.json"):
        if "GPL" in file.licence and " or " not in file.licence.lower():
            assert not may_redistribute(file.licence), file.family


def test_sha256_is_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"glyph" * 100_000)
    assert sha256(tmp_path / "a") == hashlib.sha256(b"glyph" * 100_000).hexdigest()
