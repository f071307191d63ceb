"""One style for all charts: the same figure works in the light and the dark theme.

Streamlit gives a figure the theme's font, text and grid colours (``st.plotly_chart(figure, theme="streamlit")``, its
default). Settings in this module must therefore work on both backgrounds: chart backgrounds are transparent, and every
colour has a contrast of at least 3:1 against white and against the dark background. Blue means right and orange means
wrong, everywhere.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

RIGHT, WRONG, NEAR = "#3f8fc4", "#d9701f", "#8a8f98"
"""Colours for right, wrong, and neither (another form, a twin, a reference line)."""
SERIES = ("#3f8fc4", "#d9701f", "#2f9e78", "#c0649b", "#a1882b", "#8679d9", "#1f9bb5")
"""Colours of series, in this order. Also vary :data:`DASHES` or :data:`SYMBOLS`: colour alone is not enough."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px 2px 1px 2px")
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x", "star")
CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "showTips": False}
"""For ``st.plotly_chart(config=…)``. A chart with a lasso sets ``displayModeBar`` itself."""
HEIGHT = 280
"""Height in pixels of a chart that stands beside others."""
PERCENT = ".0%"
LINE = 2
GRID = "rgba(138,143,152,0.22)"


def figure(
    *traces: Any, height: int = HEIGHT, x: str = "", y: str = "", legend: bool = False, **layout: Any
) -> go.Figure:
    """Return a figure of ``traces`` with the shared margins, axes and hover; ``x`` and ``y`` are the axis titles.

    ``legend`` puts a legend above the plot, on the left. ``layout`` goes to ``update_layout`` after everything else.
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
    """Return line number ``i`` of a chart, with its own colour and dash. ``hover`` is a Plotly hover template."""
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
    """Return a faint dotted line for comparison, without hover."""
    style = {"color": NEAR, "dash": "dot", "width": 1}
    return go.Scatter(x=x, y=y, name=name, mode="lines", line=style, hoverinfo="skip", showlegend=bool(name))
