"""Every error that Perfwright raises on purpose.

    PerfwrightError                 exit code
    ├── UsageError                  2    the command line, a test file, a setting is wrong
    │   ├── PlanError                    a test file or a load shape cannot mean anything
    │   ├── SloSyntaxError               an SLO expression; shows a caret under the culprit
    │   │   └── BudgetSyntaxError            the same of a budget, like `p95(login) +5%`
    │   └── DataError                    a feeder's file, a baseline's: missing, empty, malformed
    │       ├── MissingColumn                a row was asked for a column that it does not have
    │       └── FeederExhausted              every row of a unique feeder has been used
    ├── TargetRefused               2    a public target that nobody said is ours
    ├── RunNotFound                 2    no run of that name in the store
    │   └── BaselineNotFound                 no baseline of that name
    │       └── NoHistory                        no earlier run of the test on that branch
    ├── ProbeError                  2    a probe cannot watch what it was asked to
    ├── StoreError                  1    the store cannot be written or read
    ├── AlertFailed                 1    a message to the outside did not arrive
    └── WorkerError                 1    a load worker failed

A failed *request* is no error: it is data with an outcome (see `frame.py`). Each message names the
field, the value and the remedy.
"""

from __future__ import annotations


class PerfwrightError(Exception):
    """Base of all deliberate errors; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(PerfwrightError):
    """What the user asked for cannot be done as written."""

    exit_code = 2


class PlanError(UsageError):
    """A test file or load shape that cannot mean anything."""


class SloSyntaxError(UsageError):
    """An SLO expression that does not parse; the message points at the offending character.

    `expression` is the text as given, `position` the 0-based offset of the first bad character.
    """

    kind = "SLO"

    def __init__(self, expression: str, position: int, problem: str) -> None:
        self.expression = expression
        self.position = position
        self.problem = problem
        super().__init__(f"{self.kind}: {problem}\n  {expression}\n  {' ' * position}^")


class BudgetSyntaxError(SloSyntaxError):
    """A budget that does not parse."""

    kind = "budget"


class DataError(UsageError):
    """A feeder's data cannot be used."""


class MissingColumn(DataError, KeyError):
    """A row was asked for a column that its file does not have."""

    __str__ = Exception.__str__  # KeyError's shows the repr


class FeederExhausted(DataError):
    """A `.unique()` feeder has given every row of this worker; the iteration cannot go on."""


class TargetRefused(UsageError):
    """The target is public and was not allowed by name."""


class RunNotFound(UsageError):
    """No such run in the store."""


class BaselineNotFound(RunNotFound):
    """No such baseline."""


class NoHistory(BaselineNotFound):
    """A branch has no finished run of this test yet."""


class ProbeError(UsageError):
    """What was to be watched cannot be; the message says what would make it visible."""


class StoreError(PerfwrightError):
    """The run store cannot be written or read."""


class AlertFailed(PerfwrightError):
    """A message to the outside did not arrive."""


class WorkerError(PerfwrightError):
    """A load worker could not start or died."""


def os_reason(error: OSError) -> str:
    """Why the operating system refused, for the middle of a sentence: `no such file or
    directory`."""
    return (error.strerror or str(error)).lower()
