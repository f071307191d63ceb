"""Every export gives the same predictions as the checkpoint, on real glyphs."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from tiny_model import MODEL

from glyphcore.checkpoint import save_checkpoint
from glyphcore.config import CHECKPOINTS, DATASET, ExportConfig
from glyphcore.config.training import CHOICES
from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.predictions import Predictions
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import CheckpointError, ConfigError, StoreError
from glyphcore.jobs import export
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.runtime.predictor import Predictor

SHIPPED = CHECKPOINTS / "mixer-geometry.ckpt"
GLYPHS = 600


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    """Return packed rasters and geometry of test glyphs, spread over all families."""
    store = GlyphStore(DATASET / "glyphs.db")
    table = store.labels()
    chosen = table[table["split"] == "test"]["glyph_id"].to_numpy()
    rows = store.glyphs(chosen[:: len(chosen) // GLYPHS][:GLYPHS].tolist())
    return np.stack([glyph_raster(row) for row in rows]), np.stack([glyph_geometry(row) for row in rows])


@pytest.fixture(scope="module")
def said(real: tuple[np.ndarray, np.ndarray]) -> Predictions:
    return Predictor(SHIPPED).predict(*real)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the shipped model as a reader in float32."""
    return export.run(ExportConfig(SHIPPED, tmp_path_factory.mktemp("whole") / "model.reader", float32=True))


def session_of(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_a_reader_in_float32_says_the_same(whole: Path, real: tuple, said: Predictions) -> None:
    reader = Predictor(whole)
    again = reader.predict(*real)
    assert (again.top[:, 0] == said.top[:, 0]).mean() >= 0.999
    np.testing.assert_allclose(again.top_p[:, 0], said.top_p[:, 0], atol=1e-3)
    assert (again.primitive == said.primitive).mean() > 0.9999
    np.testing.assert_allclose(again.primitive_p, said.primitive_p, atol=1e-3)
    about, original = reader.about, Predictor(SHIPPED).about
    assert about.labels == original.labels
    assert about.training == json.loads(json.dumps(original.training))
    assert about.parameters == original.parameters
    np.testing.assert_array_equal(about.codebook, original.codebook)


def test_a_reader_in_8_bit_says_nearly_the_same(tmp_path: Path, whole: Path, real: tuple, said: Predictions) -> None:
    small = export.run(ExportConfig(SHIPPED, tmp_path / "small.reader", calibrate=256))
    again = Predictor(small).predict(*real)
    assert 0.97 < (again.top[:, 0] == said.top[:, 0]).mean() < 1
    np.testing.assert_array_equal(again.primitive, said.primitive)
    assert small.stat().st_size < 0.7 * whole.stat().st_size


def test_matrix_products_and_fused_operators_change_no_answer(
    tmp_path: Path, real: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Operators of the mixer's last stage are replaced in an 8-bit reader; their results stay the same to the bit."""

    def operators(path: Path) -> Counter[str]:
        with zipfile.ZipFile(path) as archive:
            return Counter(node.op_type for node in onnx.load_from_string(archive.read("grids.onnx")).graph.node)

    fast = export.run(ExportConfig(SHIPPED, tmp_path / "fast.reader", calibrate=64))
    monkeypatch.setattr("glyphcore.quantize.WIDE", 10_000)
    monkeypatch.setattr("glyphcore.quantize.optimized", lambda graph, layouts=False: graph)
    plain = export.run(ExportConfig(SHIPPED, tmp_path / "plain.reader", calibrate=64))
    assert operators(fast)["QGemm"] > 10 > operators(plain)["QGemm"]
    assert operators(plain)["Gelu"] == operators(fast)["Gelu"] == 0
    for name, array in vars(Predictor(fast).predict(*real)).items():
        np.testing.assert_array_equal(array, vars(Predictor(plain).predict(*real))[name], err_msg=name)


def test_the_shipped_reader_is_the_shipped_checkpoint(real: tuple, said: Predictions) -> None:
    reader = Predictor(SHIPPED.with_suffix(".reader"))
    assert reader.about.training == json.loads(json.dumps(Predictor(SHIPPED).about.training))
    again = reader.predict(*real)
    np.testing.assert_array_equal(again.primitive, said.primitive)
    assert (again.top[:, 0] == said.top[:, 0]).mean() > 0.97


def test_the_wide_reader_is_the_wide_checkpoint(real: tuple[np.ndarray, np.ndarray]) -> None:
    packed, geometry = (each[::3] for each in real)
    reader, checkpoint = (Predictor(CHECKPOINTS / f"wide.{kind}") for kind in ("reader", "ckpt"))
    assert reader.about.training == json.loads(json.dumps(checkpoint.about.training))
    predicted, expected = reader.predict(packed, geometry), checkpoint.predict(packed, geometry)
    np.testing.assert_array_equal(predicted.primitive, expected.primitive)
    assert (predicted.top[:, 0] == expected.top[:, 0]).mean() > 0.93


def test_calibration_leaves_out_what_cannot_be_drawn(tmp_path: Path, tiny_checkpoint: Path, model_db: Path) -> None:
    db = Path(shutil.copy(model_db, tmp_path / "odd.db"))
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE glyphs SET contours = '[]' WHERE split = 'train' AND glyph_id % 3 = 0")
    out = export.run(ExportConfig(tiny_checkpoint, tmp_path / "tiny.reader", db=db))
    assert Predictor(out).predict(np.full((1, 2048), 60, np.uint8)).top.shape == (1, 5)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE glyphs SET contours = '[]'")
    with pytest.raises(StoreError, match="to calibrate on"):
        export.run(ExportConfig(tiny_checkpoint, tmp_path / "none.reader", db=db))


def test_a_reader_needs_no_torch(tmp_path: Path, tiny_checkpoint: Path) -> None:
    reader = export.run(ExportConfig(tiny_checkpoint, tmp_path / "tiny.reader", float32=True))
    code = (
        "import sys, numpy as np; from pathlib import Path; from glyphcore.runtime.predictor import Predictor;"
        f"said = Predictor(Path({str(reader)!r})).predict(np.full((2, 2048), 60, np.uint8));"
        "assert said.top.shape == (2, 5) and 'torch' not in sys.modules, sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_onnx_gives_labels_and_primitives_of_any_number_of_rasters(
    tmp_path: Path, real: tuple, said: Predictions
) -> None:
    session = session_of(export.run(ExportConfig(SHIPPED, tmp_path / "model.onnx", "onnx")))
    packed, geometry = real
    for n in (1, 150):
        raster = 255 * unpack(packed[:n])[:, None]
        logits, ids = session.run(None, {"raster": raster, "geometry": geometry[:n]})
        assert logits.shape == (n, 1216)
        assert (logits.argmax(1) == said.top[:n, 0]).mean() >= 0.999
        assert (ids == said.primitive[:n]).mean() > 0.9999
    labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])["label"]
    assert tuple(labels) == Predictor(SHIPPED).labels.labels


def test_torchscript_says_the_same(tmp_path: Path, real: tuple, said: Predictions) -> None:
    model = torch.jit.load(export.run(ExportConfig(SHIPPED, tmp_path / "model.pt", "torchscript")))
    packed, geometry = real
    logits, ids = model(torch.from_numpy(unpack(packed[:50]))[:, None], torch.from_numpy(geometry[:50]))
    assert (logits.argmax(1).numpy() == said.top[:50, 0]).all()
    assert (ids.numpy() == said.primitive[:50]).mean() > 0.9999


@pytest.mark.parametrize("changes", [
    {"geometry": False, "mixing": "conv"}, {"stem_sees": "raster", "mixing": "token"},
    {"mixing": "hourglass", "pool": 0}, *({"mixing": mixing} for mixing in CHOICES["mixing"]),
])  # fmt: skip
def test_every_kind_of_model_can_be_exported(tmp_path: Path, labels, real: tuple, changes: dict) -> None:
    torch.manual_seed(0)
    config = dataclasses.replace(MODEL, **changes)
    path = tmp_path / "model.ckpt"
    net = GlyphNet(config).eval()
    save_checkpoint(path, net, config, labels, np.zeros((config.primitives, 64), np.uint8), {})
    packed, geometry = (array[:20] for array in real)
    expected = Predictor(path).predict(packed, geometry)
    again = Predictor(export.run(ExportConfig(path, float32=True))).predict(packed, geometry)
    np.testing.assert_allclose(again.top_p, expected.top_p, atol=1e-4)
    graph = export.run(ExportConfig(path, to="onnx"))
    session = session_of(graph)
    inputs = {"raster": unpack(packed)[:, None], "geometry": geometry}
    logits, _ = session.run(None, {i.name: inputs[i.name] for i in session.get_inputs()})
    assert (len(session.get_inputs()) == 1) == (not config.geometry)
    np.testing.assert_array_equal(logits.argmax(1), expected.top[:, 0])


def test_half_precision_stays_close(real: tuple, said: Predictions) -> None:
    again = Predictor(SHIPPED, bfloat16=True).predict(*real)
    assert (again.top[:, 0] == said.top[:, 0]).mean() > 0.97


@pytest.mark.parametrize("damage", ["nothing", "text", "cut", "policy", "format"])
def test_a_bad_reader_is_one_line(tmp_path: Path, tiny_checkpoint: Path, damage: str) -> None:
    reader = tmp_path / "bad.reader"
    if damage == "text":
        reader.write_text("not a zip")
    elif damage != "nothing":
        export.run(ExportConfig(tiny_checkpoint, reader, float32=True))
        if damage == "cut":
            reader.write_bytes(reader.read_bytes()[:5000])
        else:
            with zipfile.ZipFile(reader) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
            about = json.loads(parts["about.json"]) | ({"raster_policy": 9} if damage == "policy" else {"format": 9})
            with zipfile.ZipFile(reader, "w") as archive:
                for name, content in (parts | {"about.json": json.dumps(about).encode()}).items():
                    archive.writestr(name, content)
    with pytest.raises(CheckpointError, match=r"bad\.reader"):
        Predictor(reader)


def test_a_form_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigError, match="torchscript"):
        ExportConfig(SHIPPED, to="coreml")
