"""The command line: it parses the arguments, then imports only the job of the command.

``--help`` loads neither torch nor numpy. Data goes to stdout, progress and remarks go to stderr. Exit codes: 0 done, 1
an error of the input (explained in one line), 2 an error of the command line, 3 some inputs could not be read (each is
named), 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from glyphcore.cli.commands import ALWAYS
from glyphcore.cli.options import given
from glyphcore.cli.outputs import check_outputs
from glyphcore.cli.parser import parser
from glyphcore.cli.renamed import translated
from glyphcore.errors import GlyphError, missing_extra
from glyphcore.files import explained
from glyphcore.progress import JsonLines, Progress, chosen

COLLECT_AFTER = 50_000
"""Number of new objects after which Python looks for unused cycles; loading modules makes as many, and no cycles."""


def entry() -> int:
    """Run the command of this process; return its exit code.

    Garbage is collected rarely during the run and not at its end, when Python would look at every object once more:
    that saves 40 ms of the half second that a small font takes.
    """
    gc.set_threshold(COLLECT_AFTER)
    try:
        return main()
    finally:
        gc.freeze()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    args = parser().parse_args(translated(sys.argv[1:] if arguments is None else arguments))
    if args.command is None:
        parser().print_help()
        return 2
    progress = chosen(quiet=args.quiet)
    resumes = args.command.resumes == ALWAYS or any(
        getattr(args, option, None) for option in (args.command.resumes, "cluster") if option
    )
    try:
        config = given(args.command.settings, args)
        check_outputs(args.command.name, config)
        code = args.command.run(config, progress)
        sys.stdout.flush()  # flush here, where a closed pipe is not an error
    except GlyphError as error:
        _complain(progress, str(error))
        return 1
    except ModuleNotFoundError as error:
        if (missing := missing_extra(error.name)) is None:
            raise
        _complain(progress, str(missing))
        return 1
    except BrokenPipeError:  # the reader of stdout has closed it, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(progress, explained(error))
        return 1
    except KeyboardInterrupt:
        _complain(progress, "interrupted; the same command " + ("continues from here." if resumes else "starts anew."))
        return 130
    return code or 0


def _complain(progress: Progress, problem: str) -> None:
    """Print the error in one line, also with ``--quiet``."""
    if isinstance(progress, JsonLines):
        progress.fail(problem)
    else:
        print(f"glyphcore: {problem}", file=sys.stderr)
