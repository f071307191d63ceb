"""``glyphcore fonts fetch``: download the corpus into the cache folder.

Packages are downloaded with the system's own clients (``npm pack``, ``apt-get download``), unpacked in memory and
deleted. Only the listed files are kept, each after its sha256 was checked. Nothing is installed. An interrupted run
continues where it stopped, because an existing file with the right hash is not fetched again.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256 as sha256_of
from pathlib import Path

from glyphcore.config import FetchConfig
from glyphcore.data.corpus import CorpusFile, load_corpus, sha256
from glyphcore.errors import FetchError, GlyphError
from glyphcore.files import replacing
from glyphcore.progress import Progress, Silent

TIMEOUT_S = 300
PARALLEL_DOWNLOADS = 6


@dataclass
class FetchReport:
    """Files of a run: fetched, already present, and failed."""

    present: int = 0
    fetched: int = 0
    failed: list[str] = field(default_factory=list)


def run(config: FetchConfig, progress: Progress | None = None) -> FetchReport:
    """Fetch every missing file of the corpus; return the report. Raises FetchError if any package failed."""
    progress = progress or Silent()
    report = FetchReport()
    missing: dict[tuple[str, str, str], list[CorpusFile]] = defaultdict(list)
    for file in load_corpus(config.corpus):
        cached = file.cached(config.cache)
        if cached.is_file() and sha256(cached) == file.sha256:
            report.present += 1
        else:
            missing[file.source, file.package, file.version].append(file)

    def fetch(package: tuple[str, str, str]) -> str | None:
        try:
            _fetch_package(package, missing[package], config.cache)
        except GlyphError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        results = pool.map(fetch, missing)
        for package, problem in zip(
            missing, progress.track(results, total=len(missing), what="font packages"), strict=True
        ):
            if problem:
                report.failed.append(problem)
            else:
                report.fetched += len(missing[package])
    progress.say(f"fonts: {report.present} already there, {report.fetched} fetched, in {config.cache}")
    if report.failed:
        for problem in dict.fromkeys(report.failed):
            progress.say(f"  {problem}")
        raise FetchError(
            f"{len(report.failed)} of {len(missing)} packages were not fetched (listed above).",
            remedy="Solve these problems and run the command again; fetched files are kept.",
        )
    return report


def _fetch_package(package: tuple[str, str, str], files: list[CorpusFile], folder: Path) -> None:
    source, name, version = package
    wanted = {file.path: file for file in files}
    with tempfile.TemporaryDirectory(prefix="glyphcore-") as scratch:
        archive = _download_npm(name, version, scratch) if source == "npm" else _download_deb(name, version, scratch)
        for path, content in archive:
            file = wanted.pop(path, None)
            if file is None:
                continue
            if sha256_of(content).hexdigest() != file.sha256:
                raise FetchError(
                    f"{name} {version}: {path} is not the file that the corpus lists (sha256 differs); not used.",
                    subject=file,
                )
            with replacing(file.cached(folder)) as temporary:
                temporary.write_bytes(content)
    if wanted:
        raise FetchError(f"{name} {version} does not contain {', '.join(sorted(wanted))}.", subject=package)


def _download_npm(name: str, version: str, scratch: str) -> Iterator[tuple[str, bytes]]:
    _client("npm", name)
    _command(["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", scratch], name, scratch)
    return _unpack(_downloaded(scratch, "*.tgz", name).read_bytes(), "package/", name)


def _download_deb(name: str, version: str, scratch: str) -> Iterator[tuple[str, bytes]]:
    _client("apt-get", name)
    _client("dpkg-deb", name)
    try:
        _command(["apt-get", "download", "-q", f"{name}={version}"], name, scratch)
    except FetchError as error:
        offered = _apt_candidate(name)
        if offered and offered != version:
            raise FetchError(
                f"{name}: the corpus lists {version}, apt offers {offered}; the other version is not used.",
                subject=name,
                remedy="Add a source that has the listed version.",
            ) from error
        raise
    package = _downloaded(scratch, "*.deb", name)
    return _unpack(_command(["dpkg-deb", "--fsys-tarfile", str(package)], name, scratch), "./", name)


def _downloaded(folder: str, pattern: str, name: str) -> Path:
    file = next(Path(folder).glob(pattern), None)
    if file is None:
        raise FetchError(f"{name}: the download contains no archive.", subject=name)
    return file


def _unpack(archive: bytes, prefix: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield path (without ``prefix``) and content of every plain file of a tar archive, compressed or not."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as members:
            for member in members:
                content = members.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name.removeprefix(prefix), content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise FetchError(f"{name}: the downloaded archive is damaged ({error}).", subject=name) from error


def _client(command: str, package: str) -> None:
    if shutil.which(command) is None:
        raise FetchError(
            f"{command} is not on this machine, so its packages cannot be fetched.",
            subject=package,
            remedy=f"Install {command}, or use a folder of fonts of your own.",
        )


def _command(command: list[str], package: str, folder: str) -> bytes:
    """Run a client in ``folder``; return its standard output. Raises FetchError with its last line of output when it
    fails."""
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=TIMEOUT_S).stdout
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{package}: {command[0]} gave no answer in {TIMEOUT_S} s.", subject=package) from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in (error.stderr or error.stdout).decode(errors="replace").splitlines() if line.strip()]
        raise FetchError(f"{package}: {command[0]} said: {lines[-1] if lines else error}", subject=package) from error


def _apt_candidate(name: str) -> str | None:
    answer = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False).stdout
    match = re.search(r"Candidate: (\S+)", answer)
    return match.group(1) if match and match.group(1) != "(none)" else None
