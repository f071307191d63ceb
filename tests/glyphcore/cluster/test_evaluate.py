"""An evaluation by the workers of a cluster ends like one by a single process, even when workers die."""

from __future__ import annotations

import pickle
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from cluster_jobs import ENVIRONMENT, PATIENCE, deadly_shard, free_port, process, scheduler, wait_until, workers
from interruption import cut_off
from same_results import same

from glyphcore.cli import main
from glyphcore.config import EvaluateConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError
from glyphcore.jobs import evaluate
from glyphcore.jobs.evaluate import evaluated_shard, sent_shard
from glyphcore.results.browse import ResultsStore
from glyphcore.results.store import is_complete, list_results

pytestmark = pytest.mark.cluster
PARTS = 12


@pytest.fixture(scope="module")
def whole(tiny_checkpoint: Path, model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make results by this process."""
    folder = tmp_path_factory.mktemp("whole")
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder / "results", folder))
    return list_results(folder / "results")[0].path


@pytest.fixture
def words(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> list[str]:
    """Return the command without its cluster."""
    options = ("--db", model_db, "--results", tmp_path / "results", "--parts", PARTS)
    return ["evaluate", str(tiny_checkpoint), *map(str, options)]


def shards(folder: Path) -> dict[Path, int]:
    """Return the finished shards below ``folder`` and their times of writing."""
    found = sorted((folder / "results" / "shards").glob("*.db"))
    return {path: path.stat().st_mtime_ns for path in found if finished(path)}


def finished(path: Path) -> bool:
    try:
        return is_complete(path)
    except Exception:  # being written at this moment
        return False


def made(folder: Path) -> Path:
    (found,) = list_results(folder / "results")
    return found.path


def leave_unfinished(results: Path) -> None:
    """Take away the glyphs after the hundredth, as an interruption does."""
    with closing(sqlite3.connect(results)) as connection, connection:
        connection.execute("DELETE FROM predictions WHERE glyph_id > 100")
        connection.execute("DELETE FROM details WHERE glyph_id > 100")
        connection.execute("UPDATE meta SET value = 'false' WHERE key = 'complete'")


def test_two_workers_end_as_one_process(words: list[str], whole: Path, tmp_path: Path) -> None:
    with process("-m", "glyphcore", *words, "--cluster", "local:2") as command:
        said = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, said
    same(made(tmp_path), whole)
    assert len(shards(tmp_path)) == PARTS
    stamp = made(tmp_path).stat().st_mtime_ns
    assert main([*words, "-q", "--cluster", "tcp://127.0.0.1:1"]) == 0, "what is done needs no cluster"
    assert made(tmp_path).stat().st_mtime_ns == stamp


def test_glyphs_that_are_sent_need_no_shared_folder(model_db: Path, tmp_path: Path) -> None:
    words = ["evaluate", "mixer", "--db", str(shutil.copy(model_db, tmp_path / "mine.db")), "--parts", str(PARTS), "-q"]
    for name, more in (("here", []), ("there", ["--cluster", "local:2", "--send-files"])):
        places = ["--results", str(tmp_path / name / "results")]
        assert main([*words, *places, "--out", str(tmp_path / f"{name}.json"), *more]) == 0
    same(made(tmp_path / "there"), made(tmp_path / "here"))
    assert (tmp_path / "there.json").read_text() == (tmp_path / "here.json").read_text()
    assert len(shards(tmp_path / "there")) == PARTS


def test_a_shard_that_was_sent_outlives_its_database(model_db: Path, tmp_path: Path) -> None:
    database = shutil.copy(model_db, tmp_path / "mine.db")
    config = EvaluateConfig(Path("mixer"), database, tmp_path / "results")
    evaluate.run(config)
    (whole,) = list_results(tmp_path / "results")
    meta = ResultsStore(whole.path).meta
    sent = pickle.dumps(sent_shard(GlyphStore(database), meta, 2, 1))
    database.unlink()
    results = tmp_path / "shard.db"
    results.write_bytes(evaluated_shard(Path("mixer"), pickle.loads(sent)))
    made, kept = ResultsStore(results), ResultsStore(whole.path)
    ids = [row.glyph_id for row in made.rows([row.glyph_id for row in pickle.loads(sent).rows])]
    assert len(ids) == len(made) > 10
    for one, other in zip(made.rows(ids), kept.rows(ids), strict=True):
        assert (one.glyph_id, one.pred, one.rank, one.cells_right) == (
            other.glyph_id, other.pred, other.rank, other.cells_right)  # fmt: skip
        assert one.p1 == pytest.approx(other.p1, abs=1e-4)


@pytest.mark.parametrize(("more", "said"), [
    (["--send-files"], "given together with --cluster"),
    (["--send-files", "--cluster", "local"], "model must be a name"),
])  # fmt: skip
def test_what_cannot_be_sent_is_refused(
    more: list[str], said: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, *more]) == 1
    assert said in capsys.readouterr().err


def test_a_worker_killed_in_mid_run_changes_nothing(words: list[str], whole: Path, tmp_path: Path) -> None:
    with process("-m", "glyphcore", *words, "--cluster", "local:2") as command:
        wait_until(lambda: len(shards(tmp_path)) >= 2)
        spawned = [each for each in psutil.Process(command.pid).children(recursive=True) if is_worker(each)]
        assert len(spawned) == 2
        spawned[0].send_signal(signal.SIGKILL)
        assert len(shards(tmp_path)) < PARTS, "it was killed in mid-run"
        said = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, said
    same(made(tmp_path), whole)


def is_worker(started: psutil.Process) -> bool:
    return "--multiprocessing-fork" in started.cmdline()


def test_after_the_end_of_the_scheduler_the_same_command_goes_on(words: list[str], whole: Path, tmp_path: Path) -> None:
    port = free_port()
    command_line = ("-m", "glyphcore", *words, "--cluster", f"tcp://127.0.0.1:{port}")
    with scheduler(port) as first, workers(port), process(*command_line) as command:
        wait_until(lambda: len(shards(tmp_path)) >= 2)
        first.kill()
        _, said = command.communicate(timeout=PATIENCE)
        assert command.returncode == 1
        assert "was lost" in said.splitlines()[-1]
        assert "Traceback" not in said
    before = shards(tmp_path)
    assert 2 <= len(before) < PARTS
    with scheduler(port), workers(port), process(*command_line) as command:
        _, said = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, said
    assert f"{len(before)} of {PARTS} shards exist already" in said
    assert before.items() <= shards(tmp_path).items(), "what was done is not done again"
    same(made(tmp_path), whole)


def test_a_shard_that_ends_every_worker_is_named_and_the_rest_is_done(
    words: list[str], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    with monkeypatch.context() as patched:
        patched.setattr(evaluate, "_shard", deadly_shard)
        assert main([*words, "-q", "--cluster", "local:2"]) == 1
    assert "Workers crashed on 1 of 12 shards: 3/12." in capsys.readouterr().err
    assert len(shards(tmp_path)) == PARTS - 1
    assert list_results(tmp_path / "results") == [], "nothing is merged that is not whole"
    assert main([*words, "-q", "--cluster", "local:1"]) == 0
    same(made(tmp_path), whole)


def test_an_evaluation_cut_off_by_a_single_process_is_ended_by_a_cluster(
    words: list[str], whole: Path, tmp_path: Path
) -> None:
    assert main([*words, "-q"]) == 0
    cut = made(tmp_path)
    leave_unfinished(cut)
    assert main([*words, "-q", "--cluster", "local:2"]) == 0
    same(cut, whole)


@pytest.mark.parametrize("more", [[], ["--again"], ["--cluster", "local:2"]], ids=("", "again", "cluster"))
def test_an_evaluation_killed_within_a_write_goes_on(
    words: list[str], whole: Path, tmp_path: Path, more: list[str]
) -> None:
    assert main([*words, "-q"]) == 0
    killed = made(tmp_path)
    leave_unfinished(killed)
    cut_off(killed, "details")
    assert main([*words, "-q", *more]) == 0
    assert not killed.with_name(f"{killed.name}-journal").exists()
    same(killed, whole)


def test_again_makes_every_shard_anew(words: list[str], tmp_path: Path) -> None:
    assert main([*words, "-q", "--cluster", "local:2"]) == 0
    before = shards(tmp_path)
    assert main([*words, "-q", "--cluster", "local:2", "--again"]) == 0
    assert all(stamp != before[path] for path, stamp in shards(tmp_path).items())


@pytest.mark.parametrize("address", ["here", "local:0", "tcp://host", "http://127.0.0.1:80", "local:two"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="cluster must be local, local:N or tcp://HOST:PORT"):
        EvaluateConfig(cluster=address)


def test_one_shard_by_hand_is_not_for_a_cluster() -> None:
    with pytest.raises(ConfigError, match="given without --shard"):
        EvaluateConfig(cluster="local", shard=(1, 2))
