"""One look for all charts, the same figure in light and dark.

Streamlit gives a figure the theme's font, text and grid colours (``st.plotly_chart(figure, theme="streamlit")``, its
default). What is set here must therefore work on both grounds: backgrounds are transparent, and every colour has a
contrast of at least 3:1 against white and against the dark ground. Blue is right and orange is wrong, everywhere.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

RIGHT, WRONG, NEAR = "#3f8fc4", "#d9701f", "#8a8f98"
"""Right, wrong, and what is neither (another form, a twin, a reference line)."""
SERIES = ("#3f8fc4", "#d9701f", "#2f9e78", "#c0649b", "#a1882b", "#8679d9", "#1f9bb5")
"""Series in this order; also tell them apart by :data:`DASHES` or :data:`SYMBOLS`, never by colour alone."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px 2px 1px 2px")
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x", "star")
CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "showTips": False}
"""For ``st.plotly_chart(config=…)``. A chart with a lasso sets ``displayModeBar`` itself."""
HEIGHT = 280
"""Pixels; the height of a chart beside others."""
PERCENT = ".0%"
LINE = 2
GRID = "rgba(138,143,152,0.22)"


def figure(
    *traces: Any, height: int = HEIGHT, x: str = "", y: str = "", legend: bool = False, **layout: Any
) -> go.Figure:
    """Figure of ``traces`` with the shared margins, axes and hover; ``x`` and ``y`` title the axes.

    ``legend`` puts one above the plot, left. ``layout`` goes to ``update_layout`` after everything else.
    """
    chart = go.Figure(data=list(traces))
    chart.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 30 if legend else 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(SERIES),
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
        font={"size": 12},
        hoverlabel={"align": "left"},
        hovermode="closest",
        dragmode=False,
    )
    chart.update_xaxes(title={"text": x, "standoff": 6}, gridcolor=GRID, zeroline=False, automargin=True)
    chart.update_yaxes(title={"text": y, "standoff": 6}, gridcolor=GRID, zeroline=False, automargin=True)
    chart.update_layout(**layout)
    return chart


def line(x: Any, y: Any, name: str = "", *, i: int = 0, color: str = "", hover: str = "", **more: Any) -> go.Scatter:
    """Line number ``i`` of a chart: colour and dash of its own. ``hover`` is a Plotly hover template."""
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode=more.pop("mode", "lines"),
        line={"color": color or SERIES[i % len(SERIES)], "dash": DASHES[i % len(DASHES)], "width": LINE},
        hovertemplate=f"{hover}<extra>{name}</extra>" if hover else None,
        **more,
    )


def reference(x: Any, y: Any, name: str = "") -> go.Scatter:
    """A faint dotted line to compare with, without hover."""
    style = {"color": NEAR, "dash": "dot", "width": 1}
    return go.Scatter(x=x, y=y, name=name, mode="lines", line=style, hoverinfo="skip", showlegend=bool(name))
