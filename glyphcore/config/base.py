"""Paths of files, and the check that all settings use.

A checkout contains all files. In an installed wheel, shipped files are in the package and are only read; new files go
to the system's folders of the user, by the rules of the XDG specification and of platformdirs. ``GLYPHCORE_CACHE`` and
``GLYPHCORE_HOME`` set other folders, ``GLYPHCORE_CHECKPOINTS`` sets a folder of checkpoints.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from glyphcore.errors import ConfigError


def user_folders(platform: str, environment: Mapping[str, str], home: Path) -> tuple[Path, Path]:
    """Return the user's folders for files that can be made again and for files that cannot; ``platform`` is
    ``sys.platform``."""
    if platform == "win32":
        local = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return local / "glyphcore" / "Cache", local / "glyphcore"
    if platform == "darwin":
        return home / "Library" / "Caches" / "glyphcore", home / "Library" / "Application Support" / "glyphcore"
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "glyphcore", Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "glyphcore"


SOURCE = Path(__file__).resolve().parents[2]
"""The folder that ``glyphcore`` and ``app`` are imported from."""
CHECKOUT = (SOURCE / "dataset" / "chars.csv").is_file()
"""Whether that folder is a checkout, not a folder of installed packages."""
SHIPPED = SOURCE if CHECKOUT else SOURCE / "glyphcore"
"""Folder of the label set, the corpus list and the shipped checkpoints, in ``dataset`` and ``checkpoints``."""
_cache, _home = user_folders(sys.platform, os.environ, Path.home())
PROJECT = Path(os.environ.get("GLYPHCORE_HOME", SOURCE if CHECKOUT else _home))
"""Folder of files that a user makes: databases, runs, tags."""
CACHE = Path(os.environ.get("GLYPHCORE_CACHE", PROJECT / ".cache" if CHECKOUT else _cache))
"""Folder of everything that can be made again: fetched fonts, rasters, results."""
DATASET = PROJECT / "dataset"
LABELS = SHIPPED / "dataset" / "chars.csv"
CORPUS = SHIPPED / "dataset" / "fonts.json"
OUTSIDERS = SHIPPED / "dataset" / "outsiders.json"
WIDER = SHIPPED / "dataset" / "fonts-wide.json"
"""Families with further scripts, for the model with more labels."""
LABELS_WIDE = SHIPPED / "dataset" / "chars-wide.csv"
CHECKPOINTS = Path(os.environ.get("GLYPHCORE_CHECKPOINTS", SHIPPED / "checkpoints"))
"""Checkpoints to choose from."""
DEFAULT_CHECKPOINT = SHIPPED / "checkpoints" / "mixer-geometry.ckpt"
AUTO = Path("auto")
"""Takes the place of a model: the default model, and the wide model for fonts of scripts that the default does not
know."""
DEFAULT_EXPORTED = SHIPPED / "checkpoints" / "mixer-geometry.reader"
"""The default model, exported: it starts without torch and runs faster."""


def require(ok: bool, field: str, wish: str, value: object) -> None:
    """Raise ConfigError with ``field`` and its valid values, unless ``ok``."""
    if not ok:
        raise ConfigError(f"{field} must be {wish}, not {value!r}.", subject=field)


def require_cluster(address: str) -> None:
    """Raise ConfigError unless ``address`` is empty, ``local``, ``local:N`` or ``tcp://HOST:PORT``."""
    ok = not address or re.fullmatch(r"local(:[1-9][0-9]*)?|tcp://[^/\s]+:[0-9]+", address) is not None
    require(ok, "cluster", "local, local:N or tcp://HOST:PORT", address)


def require_sendable(send_files: bool, cluster: str, model: Path) -> None:
    """Raise ConfigError where files should be sent without a cluster, or together with a model that workers have not
    got."""
    if send_files:
        require(bool(cluster), "send-files", "given together with --cluster", send_files)
        named = not model.suffix and model.parent == Path()
        require(named, "model", "a name where files are sent (auto, wide, mixer)", str(model))


def model_path(path: Path) -> Path:
    """Return the file for the name of a shipped model (``wide``): its export, else its checkpoint. Any other path is
    returned unchanged. For ``auto`` return the default model."""
    if path == AUTO and not path.exists():
        return DEFAULT_EXPORTED
    if path.suffix or path.parent != Path() or path.exists():
        return path
    files = (CHECKPOINTS / f"{path}{suffix}" for suffix in (".reader", ".ckpt"))
    return next((file for file in files if file.is_file()), path)


def shipped_checkpoints() -> list[Path]:
    """Return the checkpoint files in ``checkpoints/``, by name."""
    return sorted(CHECKPOINTS.glob("*.ckpt"))
