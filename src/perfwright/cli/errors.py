"""What becomes of an error on the command line.

    PerfwrightError       "perfwright: message" on stderr, its exit code, no traceback
    Ctrl-C                exit code 130, as shells have it
    anything else         our mistake: a short message, the traceback in a file, exit code 1

Click's own errors (an unknown option, a missing argument) pass through: exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

EXIT_INTERRUPTED = 130


@contextmanager
def explained(context: click.Context, *, debug: bool) -> Iterator[None]:
    """Ends the process with a message and the right code where its body fails."""
    from perfwright.model.errors import PerfwrightError
    from perfwright.model.verdict import EXIT_INTERNAL

    try:
        yield
    except PerfwrightError as error:
        say(str(error))
        context.exit(error.exit_code)
    except KeyboardInterrupt:
        say("interrupted")
        context.exit(EXIT_INTERRUPTED)
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if debug:
            raise
        say(f"internal error: {type(error).__name__}: {error}")
        say(f"this is a mistake of Perfwright's, not yours; its traceback is in {_kept(error)}")
        context.exit(EXIT_INTERNAL)


def say(message: str) -> None:
    """A line for people, on stderr."""
    click.echo(f"perfwright: {message}", err=True)


def _kept(error: Exception) -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="perfwright-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
        return file.name
