"""The Python API for notebooks and scripts: ``glyphcore.read``, ``load``, ``evaluate`` and ``Results``.

The API calls the same functions as the commands. It takes paths as text and returns arrays, pictures and tables. Errors
are those of :mod:`glyphcore.errors`, one line each.
"""
