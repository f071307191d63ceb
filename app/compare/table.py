"""Checkpoints in one table, their agreement, and the flips of a pair. A click chooses the pair and the kind of
flips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.shared.assets import component
from app.shared.events import on_event
from glyphcore.analysis.metrics import METRICS

HTML = """
<section class="glyphcore compare" aria-label="Checkpoints compared">
  <div class="scroll">
    <table class="models">
      <thead></thead>
      <tbody></tbody>
    </table>
  </div>
  <div class="below">
    <div>
      <h3>Same label, right or wrong <span class="dim">· row is A, column is B</span></h3>
      <table class="matrix"><thead></thead><tbody></tbody></table>
    </div>
    <div>
      <h3 class="meeting"></h3>
      <div class="meet" role="group" aria-label="Flips"></div>
    </div>
    <div class="verdict" role="status"></div>
  </div>
</section>
"""
LEFT_OUT = {
    "trained_on": "of fonts that a checkpoint was trained on",
    "outside_label_map": "with labels that a checkpoint does not know", "other_splits": "of other splits",
    "not_selected": "outside the selection", "not_in_all": "not in all results",
}  # fmt: skip

_compare = component(__file__, HTML)


def comparison_table(
    models: Sequence[dict[str, Any]], agreement: list[list[float]], files: Sequence[str], left_out: dict[str, int],
    *, n: int, pair: tuple[int, int], kind: str, criterion: str, key: str, on_choose: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Draw the facts of ``app.compare.data`` for ``models``; ``files`` names their results, ``pair`` is a and b.

    ``on_choose`` gets changes of the comparison (``a``, ``b`` as files, ``kind``), before the run.
    """
    metrics, first = METRICS.values(), models[0]["figures"]
    sizes = [f" ({first[metric.size]:,})" if metric.of_some else "" for metric in metrics]
    data = {
        "metrics": [
            {"key": metric.key, "title": metric.short + size, "meaning": metric.tooltip}
            for metric, size in zip(metrics, sizes, strict=True)
        ],
        "models": [
            {
                "name": model["name"], "file": file, "parameters": model["parameters"], "bytes": model["bytes"],
                "minutes": model["minutes"], "speed": model["speed"], "pair": model["pair"],
                "values": [model["figures"][metric.key] for metric in metrics],
                "deltas": [model["delta"][metric.key] for metric in metrics],
            }
            for model, file in zip(models, files, strict=True)
        ],
        "agreement": agreement,
        "a": pair[0],
        "b": pair[1],
        "kind": kind,
        "rightBy": METRICS[criterion].title,
        "n": n,
        "leftOut": [f"{count:,} {LEFT_OUT[why]}" for why, count in left_out.items() if count],
    }  # fmt: skip
    _compare(data=data, key=key, on_choose_change=on_event(key, "choose", lambda sent: on_choose(dict(sent))))
