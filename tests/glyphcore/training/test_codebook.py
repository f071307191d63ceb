from __future__ import annotations

import numpy as np
import pytest
import torch

from glyphcore.config import ModelConfig
from glyphcore.data.primitives import EMPTY, nearest_primitives
from glyphcore.data.raster import CELL, GRID, SIZE, cells, pack, unpack
from glyphcore.errors import GlyphError
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.training.codebook import OnlineCodebook, kmeans_codebook, seed_online, usage_entropy


def rasters(pictures: np.ndarray) -> np.ndarray:
    """Return packed rasters that show these cells (bool [n, 64]) in their order, the rest empty."""
    count = -(-len(pictures) // GRID**2)
    grid = np.zeros((count * GRID**2, CELL, CELL), bool)
    grid[: len(pictures)] = pictures.reshape(-1, CELL, CELL)
    return pack(grid.reshape(count, GRID, GRID, CELL, CELL).swapaxes(2, 3).reshape(count, SIZE, SIZE))


def planted(clusters: int, seed: int = 0) -> np.ndarray:
    """Return bool [clusters, 64]: pictures that differ in many pixels, and in ink."""
    random = np.random.default_rng(seed)
    return random.random((clusters, 64)) < np.linspace(0.15, 0.85, clusters)[:, None]


def around(centres: np.ndarray, copies: int) -> np.ndarray:
    """Return each centre ``copies`` times, with one pixel of each copy inverted."""
    seen = np.repeat(centres, copies, axis=0)
    seen[np.arange(len(seen)), np.random.default_rng(1).integers(0, 64, len(seen))] ^= True
    return seen


def test_cells_are_seen_as_planted() -> None:
    """The tests below rely on this."""
    centres = planted(3)
    found = cells(rasters(centres))[0]
    assert (np.unpackbits(found[:3], axis=1) == centres).all()
    assert not found[3:].any()


def test_planted_clusters_are_recovered() -> None:
    centres = planted(7)
    codebook = kmeans_codebook(rasters(around(centres, 60)), 8)
    assert codebook.dtype == np.uint8
    assert codebook.shape == (8, 64)
    found = {tuple(row) for row in codebook[1:] > 127}
    assert found == {tuple(row) for row in centres}
    assert ((codebook[1:] > 0) & (codebook[1:] < 255)).any(), "means, not members"
    ids, distance = nearest_primitives(cells(rasters(centres))[0, :7], codebook)
    assert sorted(ids) == [1, 2, 3, 4, 5, 6, 7]
    assert distance.max() < 0.5


def test_row_0_is_empty_and_no_other_is() -> None:
    codebook = kmeans_codebook(rasters(around(planted(7), 60)), 8)
    assert not codebook[EMPTY].any()
    assert codebook[1:].any(1).all()


def test_rows_are_ordered_by_ink() -> None:
    codebook = kmeans_codebook(rasters(around(planted(12)[::-1], 60)), 13)
    ink = codebook.sum(1, dtype=int)
    assert (np.diff(ink) >= -64).all(), "but for rounding"
    assert ink[-1] > 3 * ink[1]


def test_a_frequent_cell_pulls_by_the_root_of_its_count() -> None:
    """One of two similar cells occurs 256 times, the other once: the mean moves to it by 1 in 17, not by 1 in 257."""
    far, often = planted(2)
    seldom = often.copy()
    seldom[0] ^= True
    codebook = kmeans_codebook(rasters(np.concatenate(([far], [seldom], np.repeat([often], 256, axis=0)))), 3)
    moved = abs(int(codebook[2, 0]) - 255 * int(often[0])) / 255
    assert 1 / 40 < moved < 1 / 8


def test_the_same_seed_gives_the_same_codebook() -> None:
    packed = rasters(np.random.default_rng(0).random((800, 64)) < 0.4)
    one, again, other = (kmeans_codebook(packed, 40, seed=seed) for seed in (3, 3, 4))
    assert (one == again).all()
    assert (one != other).any()


def test_too_few_distinct_cells_is_one_clear_error() -> None:
    seen = np.repeat(planted(5), 200, axis=0)
    with pytest.raises(GlyphError, match=r"^Only 5 distinct cells for 6 primitives; use more glyphs\.$"):
        kmeans_codebook(rasters(seen), 7)
    with pytest.raises(GlyphError, match="Only 0 distinct cells"):
        kmeans_codebook(np.zeros((3, SIZE * SIZE // 8), np.uint8), 4)


def test_no_more_rasters_are_used_than_asked_for() -> None:
    random = np.random.default_rng(0).random((GRID**2 * 4, 64)) < 0.4
    with pytest.raises(GlyphError, match=f"Only {GRID**2} distinct cells"):
        kmeans_codebook(rasters(random), 400, sample=1)


class Stream:
    """Cells of planted pictures, frequent and rare ones; similar cells have similar features."""

    def __init__(self, clusters: int, seed: int = 0, uneven: float = 1.0) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.pictures = torch.from_numpy(planted(clusters, seed)).float()
        self.share = torch.arange(1, clusters + 1).float() ** -uneven
        self.project = torch.randn(64, 24, generator=self.random)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.flatten(1) - 0.5) @ self.project

    def draw(self, n: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
        pixels = self.pictures[torch.multinomial(self.share, n, replacement=True, generator=self.random)].clone()
        turned = torch.randint(0, 64, (n,), generator=self.random)
        pixels[torch.arange(n), turned] = 1 - pixels[torch.arange(n), turned]
        return self.features(pixels), pixels.view(-1, CELL, CELL)


def test_an_online_codebook_is_used_as_a_whole_and_keeps_its_ids() -> None:
    torch.manual_seed(0)
    stream, codebook = Stream(100), OnlineCodebook(32, 24)
    codebook.seed(*stream.draw(2000))
    for _ in range(700):
        codebook.observe(*stream.draw())
    before, patches = codebook.centroids.clone(), codebook.patches.clone()
    for _ in range(200):
        targets = codebook.observe(*stream.draw())
    assert targets.min() >= 1
    assert targets.max() <= 31
    assert codebook.alive().float().mean() > 0.9
    assert codebook.perplexity() > 12, "of 31: no collapse, although some pictures are a hundred times as frequent"
    likeness = torch.nn.functional.cosine_similarity(before, codebook.centroids)
    assert (likeness > 0.95).float().mean() > 0.9, "IDs mean what they meant"
    own = codebook.targets(stream.features(patches[1:])) == torch.arange(1, 32)
    assert own.float().mean() > 0.9, "the patch of a code is nearest to that code"


def test_rare_codes_stay_where_they_are() -> None:
    """As in real glyphs, a few cells are everywhere, many occur once in a hundred steps; no rare code is dead."""
    torch.manual_seed(0)
    stream, codebook = Stream(120, uneven=2.2), OnlineCodebook(96, 24)
    codebook.seed(*stream.draw(4000))
    start, longest = codebook.centroids.clone(), torch.zeros(95, dtype=torch.int64)
    for _ in range(600):
        codebook.observe(*stream.draw(24))
        longest = longest.maximum(codebook.unused)
    assert (longest > 100).sum() > 5, "or this stream would show nothing"
    likeness = torch.nn.functional.cosine_similarity(start, codebook.centroids)
    assert (likeness[longest > 100] > 0.4).float().mean() > 0.9, "drifted, never moved elsewhere"


def test_dead_codes_move_a_few_at_a_time_to_what_is_badly_represented() -> None:
    torch.manual_seed(0)
    known, new = Stream(5), Stream(25, seed=9)
    new.project = known.project
    codebook = OnlineCodebook(16, 24, idle=20, few=2)
    codebook.seed(*known.draw(400))

    def distance() -> float:
        features = torch.nn.functional.normalize(new.features(new.pictures), dim=1)
        return float(1 - (features @ torch.nn.functional.normalize(codebook.centroids, dim=1).T).amax(1).mean())

    before = distance()
    codebook.unused[8:] = 20
    codebook.use[8:] = 0
    assert codebook.alive().sum() == 8
    place = codebook.centroids[8:].clone()
    codebook.observe(*new.draw())
    assert (torch.nn.functional.cosine_similarity(codebook.centroids[8:], place) < 0.9).sum() <= 2 + 5
    for _ in range(60):
        codebook.observe(*new.draw())
    assert distance() < 0.7 * before


def test_seeding_needs_as_many_cells_as_codes() -> None:
    with pytest.raises(GlyphError, match=r"^Only 20 cells for 31 primitives; use more glyphs\.$"):
        OnlineCodebook(32, 24).seed(*Stream(5).draw(20))


def test_a_seeded_head_reads_what_it_was_seeded_with_and_tokens_keep_their_meaning() -> None:
    torch.manual_seed(0)
    config = ModelConfig(classes=7, primitives=33, stem=(8, 16), embedding=8, blocks=(1,), widths=(), pool=1, head=0)
    net, online = GlyphNet(config), OnlineCodebook(33, 16)
    packed = rasters(np.random.default_rng(0).random((700, 64)) < 0.4)
    raster = torch.from_numpy(unpack(packed)[:, None]).float()
    before = net.eval()(raster, debug=True)
    meant = net.primitive_head.tokens(before.primitives)
    seed_online(net, online, packed)
    after = net.eval()(raster, debug=True)
    assert (after.primitives.argmax(1) + 1 == online.targets(after.features)).float().mean() > 0.99
    now = net.primitive_head.tokens(after.primitives)
    assert (now - meant).square().mean() < 0.7 * meant.var(), "nearer to what it was than to anything"
    assert online.patches[1:].any(1).all()


def test_usage_entropy_asks_for_sure_cells_and_a_whole_codebook() -> None:
    spread, same, unsure = 9 * torch.eye(4), 9 * torch.eye(4)[[0, 0, 0, 0]], torch.zeros(4, 4)
    assert float(usage_entropy(spread)) < float(usage_entropy(unsure)) <= float(usage_entropy(same)) + 0.1
    assert float(usage_entropy(spread)) < -1
