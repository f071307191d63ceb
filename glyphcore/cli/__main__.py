"""``python -m glyphcore.cli``."""

import sys

from glyphcore.cli import main

if __name__ == "__main__":
    sys.exit(main())
