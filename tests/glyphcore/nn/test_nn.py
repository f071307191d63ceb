"""The model: shapes, the discrete bottleneck, and an effect of every part and every option."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from tiny_model import MODEL

from glyphcore.config import ModelConfig
from glyphcore.config.training import CHOICES
from glyphcore.errors import ConfigError
from glyphcore.nn.glyphnet import GlyphNet, parameter_count, sinusoidal_2d
from glyphcore.nn.mixer import BLOCKS, ClassToken, Hourglass, LocalMixer, TokenMixer
from glyphcore.nn.stem import cells

SMALL = dataclasses.replace(MODEL, classes=20)


def some_rasters(n: int = 3, seed: int = 0) -> torch.Tensor:
    """Return float [n, 1, 128, 128]: noise in the upper left quarter, zeros elsewhere."""
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
    assert output.primitives.shape == (len(output.pixels), SMALL.primitives - 1)
    assert output.inverse.shape == (int(output.occupied.sum()),)
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
    """Changed features with the same argmax leave the labels exactly as they are."""
    model = net().eval()
    before = model(some_rasters(), geometry())
    with torch.no_grad():
        model.primitive_head.classify.weight.mul_(3.0)
        model.primitive_head.classify.bias.mul_(3.0)
    after = model(some_rasters(), geometry())
    assert not torch.equal(before.primitives, after.primitives)
    assert torch.equal(before.grid(), after.grid())
    assert torch.equal(before.labels, after.labels)


def gradients(model: GlyphNet) -> set[str]:
    """Return the names of the parameters that get a gradient from the labels."""
    output = model.train()(some_rasters(), geometry())
    assert output.labels is not None
    loss = torch.nn.functional.cross_entropy(output.labels, torch.tensor([1, 2, 3]))
    if output.subsets is not None:
        loss = loss + output.subsets.square().mean()
    loss.backward()
    return {name for name, p in model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}


def test_every_mixing_has_a_block() -> None:
    assert tuple(BLOCKS) == CHOICES["mixing"]


@pytest.mark.parametrize("quantise", ["straight-through", "soft", "gumbel"])
@pytest.mark.parametrize("mixing", CHOICES["mixing"])
@pytest.mark.parametrize("position", CHOICES["position"])
@pytest.mark.parametrize("sees", CHOICES["stem_sees"])
def test_every_trained_parameter_receives_a_gradient(quantise: str, mixing: str, position: str, sees: str) -> None:
    model = net(quantise=quantise, mixing=mixing, position=position, stem_sees=sees, stem_residual=True, subsets=3)
    assert gradients(model) == {name for name, p in model.named_parameters() if p.requires_grad}
    assert model.position.requires_grad == (position != "sinusoidal")


def test_plain_argmax_lets_no_gradient_into_the_stem() -> None:
    reached = gradients(net(quantise="argmax"))
    assert "primitive_head.embed.weight" in reached
    assert not any(name.startswith(("stem", "primitive_head.classify")) for name in reached)


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
    [{"blocks": (2, 1)}, {"blocks": (1, 1, 1), "widths": (16, 24)}, {"widths": (24,)}, {"expansion": 3.0},
     {"embedding": 16}, {"pool": 1}, {"pool": 0}, {"head": 32}, {"head": 0}, {"geometry": False}, {"subsets": 5},
     {"position": "learned"}, {"position": "sinusoidal-trained"}, {"mixing": "token"}, {"mixing": "hourglass"},
     {"mixing": "conv"}, {"stem": (8, 24)}, {"stem_residual": True}, {"primitives": 64}],
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


def test_hourglass_hears_all_tokens_by_where_they_lie() -> None:
    torch.manual_seed(0)
    block = Hourglass(8, 16).eval()
    grid = torch.zeros(1, 8, 16, 16)
    moved = grid.clone()
    moved[0, :, 8, 8] = torch.randn(8)
    change = (block(moved) - block(grid)).abs().sum(1)[0]
    assert (change > 0).all()
    assert torch.allclose(change[0, 0], change[1, 2])  # both are far above it and to the left
    assert not torch.allclose(change[0, 0], change[15, 15])


def test_a_class_token_weighs_what_it_gathers() -> None:
    torch.manual_seed(0)
    grid = torch.randn(2, 8, 4, 4)
    token = ClassToken(8)
    assert token(grid).shape == (2, 8, 1, 1)
    assert not torch.allclose(token(grid), grid.mean((2, 3), keepdim=True), atol=1e-3)
    with torch.no_grad():
        token.query.zero_()
    assert torch.allclose(token(grid), grid.mean((2, 3), keepdim=True), atol=1e-6)


def test_equal_cells_are_read_once_and_are_equal_primitives() -> None:
    raster = some_rasters(2)
    raster[1] = raster[0]
    raster[:, :, 64:72, 64:128] = raster[:, :, :8, :64]
    model = net().eval()
    output = model(raster, geometry(2))
    assert len(output.pixels) == 256  # 64 distinct cells, rounded up
    assert len(output.pixels.unique(dim=0)) == 64
    assert len(output.inverse) == 2 * (64 + 8)
    assert torch.equal(output.pixels[output.inverse], cells(raster)[output.occupied.view(-1, 16, 16)])
    grid = output.grid().view(2, 16, 16)
    assert torch.equal(grid[:, 8, 8:], grid[:, 0, :8])


def test_a_stem_that_sees_the_raster_sees_the_neighbours() -> None:
    raster = some_rasters(1)
    moved = raster.clone()
    moved[:, :, 16:24, 7] = 1 - moved[:, :, 16:24, 7]  # the column left of cell (2, 1)

    def cell_changes(model: GlyphNet) -> bool:
        before, after = (model.eval()(r, debug=True) for r in (raster, moved))
        index = int(before.occupied[0, : 2 * 16 + 1].sum())
        return not torch.allclose(before.primitives[before.inverse[index]], after.primitives[after.inverse[index]])

    assert cell_changes(net(stem_sees="raster"))
    assert not cell_changes(net(stem_sees="cell"))


def test_noise_replaces_primitives_in_training_only() -> None:
    head = net().train().primitive_head
    clean = head.embed(torch.full((500,), 3))  # the same primitive everywhere: the noise of each cell is independent
    assert torch.equal(head.with_token_noise(clean), clean)
    head.noise = 0.3
    changed = (head.with_token_noise(clean) != clean).any(1).float().mean()
    assert 0.2 < changed < 0.4
    assert torch.equal(head.eval().with_token_noise(clean), clean)


def test_noise_reaches_the_grid() -> None:
    model = net().train()
    torch.manual_seed(0)
    calm = model(some_rasters(), geometry()).pooled
    model.primitive_head.noise = 0.5
    torch.manual_seed(0)
    assert not torch.allclose(calm, model(some_rasters(), geometry()).pooled)


def test_low_temperature_makes_soft_hard() -> None:
    head = net(quantise="soft").train().primitive_head
    logits = torch.randn(50, SMALL.primitives - 1, generator=torch.Generator().manual_seed(0))
    hard = head.embed(logits.argmax(-1) + 1)

    def gap(temperature: float) -> float:
        head.temperature = temperature
        return float((head.tokens(logits) - hard).abs().mean().detach())

    assert gap(0.01) < 0.05 * gap(1.0)


def test_gumbel_samples_by_probability() -> None:
    torch.manual_seed(0)
    head = net(quantise="gumbel").train().primitive_head
    logits = torch.full((400, SMALL.primitives - 1), -9.0)
    logits[:, :2] = torch.tensor([0.0, 1.0]).log_softmax(0)
    share = (head.tokens(logits) - head.embed.weight[2]).abs().amax(1) < 1e-4
    assert 0.6 < share.float().mean() < 0.85  # 0.73 expected


def test_the_teacher_has_the_size_of_the_old_second_phase() -> None:
    teacher = ModelConfig(mixing="conv", embedding=96, blocks=(3, 3, 3), widths=(192, 256), pool=1, head=0)
    assert 6_900_000 < parameter_count(GlyphNet(teacher)) < 7_600_000


def test_positions_are_distinct() -> None:
    waves = sinusoidal_2d(16, 16).flatten(0, 1)
    assert torch.cdist(waves, waves).fill_diagonal_(1).min() > 0.05


def test_the_shipped_shape_keeps_its_promise() -> None:
    assert parameter_count(GlyphNet(ModelConfig())) <= 3_000_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantise", "hard"), ("mixing", "none"), ("position", "none"), ("pool", 3), ("blocks", ()), ("blocks", (0,)),
     ("widths", (128,)), ("stem_sees", "all"),
     ("embedding", 30), ("dropout", 1.0), ("primitives", 1), ("classes", 0)],
)  # fmt: skip
def test_an_impossible_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        dataclasses.replace(ModelConfig(), **{field: value})  # type: ignore[arg-type]
