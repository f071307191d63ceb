"""The Python API, for notebooks and scripts: what ``glyphcore.read``, ``load``, ``evaluate`` and ``Results`` are.

It decides nothing by itself: it calls what the commands call, takes paths as text, and hands out arrays, pictures and
tables. Errors are those of :mod:`glyphcore.errors`, one line each.
"""
