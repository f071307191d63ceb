"""Memory of this process: its peak, for benchmarks, and bounds, for files that are not trusted."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_mb() -> float:
    """Return the peak memory of this process in MB. Only its own pages are counted; the system's value includes the
    parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def bound(seconds: int, megabytes: int) -> None:
    """End this process after ``seconds`` of processor time, and limit it to ``megabytes`` from now on.

    0 means no limit; on systems without limits, nothing is limited.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, value in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, megabytes << 20)):
        hard = resource.getrlimit(limit)[1]
        if value and (hard == resource.RLIM_INFINITY or value < hard):
            resource.setrlimit(limit, (value, hard))
