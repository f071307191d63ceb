"""The model: shapes, the discrete waist, and that every part and every option takes part."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from tiny_model import MODEL

from glyphcore.config import ModelConfig
from glyphcore.errors import ConfigError
from glyphcore.nn.glyphnet import GlyphNet, parameter_count, sinusoidal_2d
from glyphcore.nn.mixer import LocalMixer, TokenMixer

SMALL = dataclasses.replace(MODEL, classes=20)


def some_rasters(n: int = 3, seed: int = 0) -> torch.Tensor:
    """Float [n, 1, 128, 128]: noise in the upper left quarter, nothing elsewhere."""
    random = torch.Generator().manual_seed(seed)
    raster = torch.zeros(n, 1, 128, 128)
    raster[:, :, :64, :64] = (torch.rand(n, 1, 64, 64, generator=random) > 0.7).float()
    return raster


def geometry(n: int = 3) -> torch.Tensor:
    return torch.cat([torch.rand(n, 5, generator=torch.Generator().manual_seed(1)), torch.ones(n, 1)], 1)


def net(**changes: object) -> GlyphNet:
    torch.manual_seed(3)
    return GlyphNet(dataclasses.replace(SMALL, **changes))  # type: ignore[arg-type]


def test_shapes_and_grid() -> None:
    model = net().eval()
    output = model(some_rasters(), geometry())
    assert output.labels is not None
    assert output.labels.shape == (3, 20)
    assert output.embedding is not None
    assert output.embedding.shape == (3, SMALL.head)
    assert output.occupied.shape == (3, 256)
    grid = output.grid()
    assert grid.shape == (3, 256)
    assert output.primitives.shape == (int(output.occupied.sum()), SMALL.primitives - 1)
    assert ((grid > 0) == output.occupied).all()
    assert grid.max() < SMALL.primitives


def test_emptiness_is_decided_by_pixels() -> None:
    raster = torch.zeros(1, 1, 128, 128)
    raster[0, 0, 127, 127] = 1  # one pixel, in the very last cell
    output = net().eval()(raster)
    assert output.occupied[0].nonzero().ravel().tolist() == [255]
    blank = net().eval()(torch.zeros(2, 1, 128, 128))
    assert blank.labels is not None
    assert torch.isfinite(blank.labels).all()
    assert blank.grid().sum() == 0


def test_debug_stops_after_the_primitives() -> None:
    model = net().eval()
    model.classify.register_forward_hook(lambda *_: pytest.fail("the head ran"))
    output = model(some_rasters(), debug=True)
    assert output.labels is None
    assert output.embedding is None
    assert output.primitives.shape[1] == SMALL.primitives - 1


def test_labels_depend_on_pixels_only_through_the_ids() -> None:
    """Features that move without moving any argmax leave the labels exactly where they are."""
    model = net().eval()
    before = model(some_rasters(), geometry())
    with torch.no_grad():
        model.primitive_head.classify.weight.mul_(3.0)
        model.primitive_head.classify.bias.mul_(3.0)
    after = model(some_rasters(), geometry())
    assert not torch.equal(before.primitives, after.primitives)
    assert torch.equal(before.grid(), after.grid())
    assert torch.equal(before.labels, after.labels)


@pytest.mark.parametrize("quantise", ["straight-through", "soft"])
@pytest.mark.parametrize("mixing", ["local", "token"])
@pytest.mark.parametrize("position", ["sinusoidal", "learned"])
def test_every_parameter_receives_a_gradient(quantise: str, mixing: str, position: str) -> None:
    model = net(quantise=quantise, mixing=mixing, position=position).train()
    output = model(some_rasters(), geometry())
    assert output.labels is not None
    torch.nn.functional.cross_entropy(output.labels, torch.tensor([1, 2, 3])).backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert without == []


def test_straight_through_is_hard_forward_and_soft_is_not() -> None:
    hard, soft = net(quantise="straight-through").train(), net(quantise="soft").train()
    soft.load_state_dict(hard.state_dict())
    logits = torch.randn(7, SMALL.primitives - 1, generator=torch.Generator().manual_seed(0))
    expected = hard.primitive_head.embed(logits.argmax(-1) + 1)
    assert torch.allclose(hard.primitive_head.tokens(logits), expected, atol=1e-6)
    assert not torch.allclose(soft.primitive_head.tokens(logits), expected, atol=1e-3)
    assert torch.equal(soft.eval().primitive_head.tokens(logits), expected)


@pytest.mark.parametrize(
    "changes",
    [{"blocks": (2, 1)}, {"blocks": (1, 1, 1)}, {"expansion": 3.0}, {"embedding": 16}, {"pool": 1}, {"head": 32},
     {"geometry": False}, {"position": "learned"}, {"mixing": "token"}, {"stem": (8, 24)}, {"primitives": 64}],
)  # fmt: skip
def test_a_setting_changes_the_model(changes: dict) -> None:
    assert parameter_count(net(**changes)) != parameter_count(net())


def test_geometry_moves_the_labels_and_may_be_unknown() -> None:
    model = net().eval()
    raster = some_rasters(1)
    known, unknown = model(raster, geometry(1)).labels, model(raster, None).labels
    assert known is not None
    assert not torch.allclose(known, unknown)
    assert torch.equal(unknown, model(raster, torch.zeros(1, 6)).labels)
    blind = net(geometry=False).eval()
    assert torch.equal(blind(raster, geometry(1)).labels, blind(raster, None).labels)


def test_dropout_acts_in_training_only() -> None:
    model = net(dropout=0.5)
    features = torch.randn(4, SMALL.head)
    assert not torch.equal(model.train().classify(features), model.classify(features))
    assert torch.equal(model.eval().classify(features), model.classify(features))


def test_local_mixing_reaches_two_cells_and_token_mixing_all() -> None:
    grid = torch.zeros(1, 8, 16, 16)
    moved = grid.clone()
    moved[0, 0, 8, 8] = 1.0
    local, token = LocalMixer(8, 2.0).eval(), TokenMixer(8, 256, 2.0, 0.5).eval()
    reach = (local(moved) != local(grid)).any(1)[0].nonzero()
    assert (reach.min(0).values.tolist(), reach.max(0).values.tolist()) == ([6, 6], [10, 10])
    assert (token(moved) != token(grid)).any(1).all()


def test_positions_are_distinct() -> None:
    waves = sinusoidal_2d(16, 16).flatten(1).T
    assert torch.cdist(waves, waves).fill_diagonal_(1).min() > 0.05


def test_the_shipped_shape_keeps_its_promise() -> None:
    assert parameter_count(GlyphNet(ModelConfig())) <= 3_000_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantise", "hard"), ("mixing", "none"), ("position", "none"), ("pool", 3), ("blocks", ()), ("blocks", (0,)),
     ("embedding", 30), ("dropout", 1.0), ("primitives", 1), ("classes", 0)],
)  # fmt: skip
def test_an_impossible_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        dataclasses.replace(ModelConfig(), **{field: value})  # type: ignore[arg-type]
