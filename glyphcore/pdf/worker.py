"""The child process of :mod:`glyphcore.pdf.child`: reads requests about PDFs, one line of JSON each, and answers them.

python -m glyphcore.pdf.worker CHECKPOINT SECONDS MEGABYTES
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from glyphcore.errors import GlyphError, MissingExtraError, PasswordError, missing_extra
from glyphcore.files import explained


def main() -> int:
    """Serve until standard input ends."""
    checkpoint, seconds, megabytes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent ends this one
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # other printed text must not mix with answers
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # nobody needs its remarks on tables
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line), checkpoint, seconds, megabytes)) + "\n")
        answers.flush()
    return 0


def _answer(request: dict[str, Any], checkpoint: Path, seconds: int, megabytes: int) -> dict[str, Any]:
    try:
        from glyphcore.pdf import answers
        from glyphcore.runtime.limits import bound

        bound(int(time.process_time()) + 1 + seconds, megabytes)
        if request["do"] in ("overview", "page"):
            from glyphcore.pdf import view  # loads PDFium, which draws pages

            return view.answer(request, answers.models_of(checkpoint))
        return answers.answer(request, checkpoint)
    except ModuleNotFoundError as error:
        missing = missing_extra(error.name)
        if missing is None:
            raise
        return {"error": missing.problem, "remedy": missing.remedy, "kind": "extra"}
    except MissingExtraError as error:
        return {"error": error.problem, "remedy": error.remedy, "kind": "extra"}
    except GlyphError as error:
        kind = "password" if isinstance(error, PasswordError) else "input"
        return {"error": error.problem, "remedy": error.remedy, "kind": kind}
    except MemoryError:
        return {"error": f"{request.get('path')} takes more than {megabytes:,} MB of memory."}
    except OSError as error:
        if error.filename is None:
            return {"error": f"{request.get('path')} could not be read: {error}."}
        return {"error": explained(error)}
    except Exception as error:  # an error of a library on a hostile file: report it in one line, and read the next file
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
        return {"error": f"{request.get('path')} could not be read: {what}."}


if __name__ == "__main__":
    sys.exit(main())
