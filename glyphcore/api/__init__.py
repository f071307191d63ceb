"""The Python API for notebooks and scripts: ``glyphcore.read``, ``load``, ``evaluate`` and ``Results``.

It decides nothing by itself: it calls the same functions as the commands, takes paths as text, and hands out arrays,
pictures and tables. Errors are those of :mod:`glyphcore.errors`, one line each.
"""
