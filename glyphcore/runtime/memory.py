"""Peak memory of this process, for benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_mb() -> float:
    """Peak memory of this process in MB; of its own pages, for the system's count remembers its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
