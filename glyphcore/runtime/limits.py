"""Memory of this process: its peak, for benchmarks, and bounds, for files that are not trusted."""

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


def bound(seconds: int, megabytes: int) -> None:
    """End this process after ``seconds`` of processor time, and give it no more than ``megabytes`` from now on.

    0 is no bound; where the system knows none, there is none.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, value in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, megabytes << 20)):
        hard = resource.getrlimit(limit)[1]
        if value and (hard == resource.RLIM_INFINITY or value < hard):
            resource.setrlimit(limit, (value, hard))
