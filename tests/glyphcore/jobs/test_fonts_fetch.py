"""Scripts on PATH replace ``npm``, ``apt-get``, ``apt-cache`` and ``dpkg-deb``; no request leaves the machine."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from glyphcore.config import FetchConfig
from glyphcore.data.corpus import load_corpus
from glyphcore.errors import FetchError
from glyphcore.jobs import fonts_fetch
from glyphcore.progress import Silent

NPM, DEBIAN = ("npm", "@tiny/sans", "5.0.0"), ("debian", "fonts-tiny", "2.1-7")
FILES = {
    NPM: {"files/sans-latin.woff2": b"latin", "files/sans-arabic.woff2": b"arabic"},
    DEBIAN: {"usr/share/fonts/truetype/tiny/Tiny.ttf": b"tiny"},
}
STRANGERS = {
    NPM: {"files/sans-cyrillic.woff2": b"stranger", "package.json": b"{}", "LICENSE": b"OFL"},
    DEBIAN: {"usr/share/fonts/truetype/tiny/TinyOther.ttf": b"stranger", "usr/share/doc/copyright": b"OFL"},
}

SCRIPTS = {
    "npm": """#!/bin/sh
echo "npm $*" >> "$LOG"
for last; do :; done
test -f "$ARCHIVES/npm.tgz" || { echo "npm error 404 no such package" >&2; exit 1; }
cp "$ARCHIVES/npm.tgz" "$last/tiny-sans-5.0.0.tgz"
""",
    "apt-get": """#!/bin/sh
echo "apt-get $*" >> "$LOG"
for last; do :; done
test "$last" = "fonts-tiny=$OFFERED" || { echo "E: Version for '$last' was not found" >&2; exit 100; }
test -z "$NO_DEB" || exit 0
cp "$ARCHIVES/data.tar" "fonts-tiny_all.deb"
""",
    "apt-cache": """#!/bin/sh
echo "fonts-tiny:"
echo "  Installed: (none)"
echo "  Candidate: $OFFERED"
""",
    "dpkg-deb": """#!/bin/sh
test "$1" = --fsys-tarfile || exit 2
test -z "$BAD_DEB" || { echo "dpkg-deb: error: not a Debian format archive" >&2; exit 2; }
cat "$2"
""",
}


def archive(path: Path, prefix: str, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


class Machine:
    """A machine with package clients, a corpus list and an empty cache."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin, self.archives, self.log = folder / "bin", folder / "archives", folder / "log"
        self.config = FetchConfig(corpus=folder / "fonts.json", cache=folder / "cache" / "fonts")
        self.bin.mkdir()
        self.archives.mkdir()
        for name, script in SCRIPTS.items():
            (self.bin / name).write_text(script)
            (self.bin / name).chmod(0o755)
        for name, value in {"LOG": self.log, "ARCHIVES": self.archives, "OFFERED": DEBIAN[2]}.items():
            monkeypatch.setenv(name, str(value))
        # The scripts need cp and cat, but no real package client may be on PATH.
        for tool in ("cp", "cat"):
            (self.bin / tool).symlink_to(next(p for d in ("/bin", "/usr/bin") if (p := Path(d) / tool).exists()))
        monkeypatch.setenv("PATH", str(self.bin))
        self.publish(NPM, FILES[NPM] | STRANGERS[NPM])
        self.publish(DEBIAN, FILES[DEBIAN] | STRANGERS[DEBIAN])
        entries = []
        for (source, package, version), files in FILES.items():
            listed = [
                {"path": path, "weight": 400, "subset": "all", "sha256": hashlib.sha256(content).hexdigest()}
                for path, content in files.items()
            ]
            entry = {"source": source, "package": package, "version": version, "family": package}
            entries.append(entry | {"licence": "OFL-1.1", "files": listed})
        self.config.corpus.write_text(json.dumps(entries))

    def publish(self, package: tuple[str, str, str], files: dict[str, bytes]) -> None:
        if package == NPM:
            archive(self.archives / "npm.tgz", "package/", files)
        else:
            archive(self.archives / "data.tar", "./", files)

    def fetch(self) -> fonts_fetch.FetchReport:
        return fonts_fetch.run(self.config)

    def fails(self) -> list[str]:
        """Return the messages to the user when fetching fails."""
        said: list[str] = []

        class Listening(Silent):
            def say(self, line: str, **numbers: int) -> None:
                said.append(line)

        with pytest.raises(FetchError, match="not fetched"):
            fonts_fetch.run(self.config, Listening())
        assert all("\n" not in line for line in said)
        return said

    @property
    def cached(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.config.cache.glob("*")}

    @property
    def expected(self) -> dict[str, bytes]:
        contents = {path: content for files in FILES.values() for path, content in files.items()}
        return {file.cached(Path()).name: contents[file.path] for file in load_corpus(self.config.corpus)}

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_listed_files_arrive_and_nothing_else(machine: Machine) -> None:
    report = machine.fetch()
    assert (report.present, report.fetched, report.failed) == (0, 3, [])
    assert machine.cached == machine.expected
    assert b"stranger" not in machine.cached.values()


def test_packages_are_asked_for_in_their_listed_version_and_never_installed(machine: Machine) -> None:
    machine.fetch()
    npm, apt = sorted(machine.calls, reverse=True)
    assert npm.startswith("npm pack @tiny/sans@5.0.0 ")
    assert apt == "apt-get download -q fonts-tiny=2.1-7"


def test_a_second_run_downloads_nothing(machine: Machine) -> None:
    machine.fetch()
    machine.log.unlink()
    report = machine.fetch()
    assert (report.present, report.fetched) == (3, 0)
    assert machine.calls == []


def test_a_run_that_was_cut_off_goes_on(machine: Machine) -> None:
    machine.fetch()
    machine.log.unlink()
    half, gone = sorted(path for path in machine.config.cache.iterdir() if path.name.endswith("woff2"))
    half.write_bytes(b"lat")
    gone.unlink()
    report = machine.fetch()
    assert (report.present, report.fetched) == (1, 2)
    assert machine.cached == machine.expected
    assert [call.split()[0] for call in machine.calls] == ["npm"], "the Debian package was complete"


def test_a_file_with_another_content_is_refused(machine: Machine) -> None:
    machine.publish(NPM, FILES[NPM] | {"files/sans-arabic.woff2": b"changed"})
    said = machine.fails()
    assert any("files/sans-arabic.woff2 is not the file that the corpus lists" in line for line in said)
    assert b"changed" not in machine.cached.values()
    assert b"tiny" in machine.cached.values(), "the other package is kept"


def test_a_file_that_the_package_lacks_is_named(machine: Machine) -> None:
    machine.publish(NPM, {"files/sans-latin.woff2": b"latin"})
    assert any("does not contain files/sans-arabic.woff2" in line for line in machine.fails())


def test_a_changed_debian_version_is_reported_and_not_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFERED", "2.2-1")
    said = machine.fails()
    assert any("the corpus lists 2.1-7, apt offers 2.2-1; the other version is not used" in line for line in said)
    assert b"tiny" not in machine.cached.values()
    assert b"latin" in machine.cached.values(), "npm went on"


def test_a_debian_package_that_is_gone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFERED", "(none)")
    assert any("apt-get said: E: Version for 'fonts-tiny=2.1-7' was not found" in line for line in machine.fails())


@pytest.mark.parametrize(("client", "kept"), [("npm", b"tiny"), ("apt-get", b"latin"), ("dpkg-deb", b"latin")])
def test_a_missing_client_is_said_with_what_to_do(machine: Machine, client: str, kept: bytes) -> None:
    (machine.bin / client).unlink()
    said = machine.fails()
    assert any(f"{client} is not on this machine" in line and f"Install {client}" in line for line in said)
    assert kept in machine.cached.values()


def test_what_the_client_said_is_passed_on(machine: Machine) -> None:
    (machine.archives / "npm.tgz").unlink()
    assert any("@tiny/sans: npm said: npm error 404 no such package" in line for line in machine.fails())


def test_a_damaged_download_is_an_error_not_a_crash(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.archives / "npm.tgz").write_bytes((machine.archives / "npm.tgz").read_bytes()[:60])
    monkeypatch.setenv("BAD_DEB", "1")
    said = machine.fails()
    assert any("@tiny/sans" in line for line in said)
    assert any("fonts-tiny" in line for line in said)
    assert machine.cached == {}


def test_a_client_that_brings_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_DEB", "1")
    assert any("fonts-tiny" in line for line in machine.fails())


def test_a_path_in_a_package_cannot_leave_the_cache(machine: Machine) -> None:
    machine.publish(NPM, FILES[NPM] | {"../../escaped.woff2": b"escaped"})
    machine.fetch()
    assert machine.cached == machine.expected
    assert not list(machine.config.cache.parents[1].rglob("escaped*"))


def test_the_scratch_folder_is_thrown_away(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", os.fspath(scratch))
    machine.fetch()
    assert list(scratch.iterdir()) == []
