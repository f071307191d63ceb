"""``python -m glyphcore``: the command line, run by this interpreter."""

import sys

from glyphcore.cli import entry

if __name__ == "__main__":  # processes that a job starts import this file too
    sys.exit(entry())
