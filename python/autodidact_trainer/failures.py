"""What ends a job, recognised and written as `failure.json`, which Autodidact tells.

A code is one of `src/foundation/error.ts`; the message says what happened and what to do.
"""

import errno
import os
import traceback
from pathlib import Path
from typing import NamedTuple

from .files import write_json

#: How a job ends that was asked to stop and has saved what it did (EX_TEMPFAIL).
STOPPED = 75
#: How a job ends that failed.
FAILED = 1


class JobError(Exception):
    """A failure this package found itself."""

    def __init__(self, code: str, message: str) -> None:
        """With a code of Autodidact."""
        super().__init__(message)
        self.code = code


class Kind(NamedTuple):
    """A failure by the words in its text."""

    words: tuple[str, ...]
    code: str
    message: str
    #: Whether another attempt would end the same way.
    final: bool = True


KINDS = (
    Kind(
        ("out of memory", "can't allocate memory", "cannot allocate memory"),
        "DEVICE",
        "The trainer ran out of memory. Lower batchSize and raise gradientAccumulation by as"
        " much, set gradientCheckpointing: true, train with lora, or use more processes with"
        " strategy: fsdp2.",
    ),
    Kind(
        ("no space left on device", "disk quota exceeded", "os error 28"),
        "STORAGE",
        "The disk is full: the trainer cannot write its checkpoint. Free some space and run the"
        " same command again; the last complete checkpoint is kept.",
    ),
    Kind(
        ("size mismatch", "error(s) in loading state_dict"),
        "BAD_CHECKPOINT",
        "The weights do not fit the model that transformers builds from config.json. Use a"
        " checkpoint whose parts belong together.",
    ),
    Kind(
        ("no module named",),
        "DEVICE",
        "The Python of the trainer lacks a package. `autodidact doctor --engine trl` says which"
        " and how to get it.",
    ),
    Kind(
        ("address already in use", "eaddrinuse"),
        "DEVICE",
        "A port that the processes of the trainer meet on is taken. Run the same command again.",
        final=False,
    ),
    Kind(
        ("connection closed by peer", "connection reset by peer", "watchdog caught collective"),
        "DEVICE",
        "Another process of the trainer was lost. The job goes on from its last checkpoint when"
        " the same command is run again.",
        final=False,
    ),
)

#: Longest quotation of a foreign text.
QUOTED = 500


def describe(error: BaseException) -> Kind:
    """The failure's kind, its message complete."""
    if isinstance(error, JobError):
        return Kind((), error.code, str(error))
    text = f"{type(error).__name__}: {error}"
    lower = text.lower()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        lower += " no space left on device"
    if isinstance(error, MemoryError):
        lower += " out of memory"
    kind = next((kind for kind in KINDS if any(word in lower for word in kind.words)), None)
    if kind is None:
        return Kind((), "JOB", f"The trainer failed: {text[:QUOTED]}. Its log says more.")
    return kind._replace(message=f"{kind.message} ({text[:QUOTED]})")


def write_failure(folder: Path, error: BaseException) -> None:
    """Writes `failure.json`, and the trace for the log; the first cause is kept."""
    traceback.print_exception(error)
    kind = describe(error)
    path = folder / "failure.json"
    if path.exists() and not kind.final:
        return
    rank = int(os.environ.get("RANK", "0"))
    value = {"code": kind.code, "message": kind.message, "final": kind.final, "rank": rank}
    try:
        write_json(path, value)
    except OSError as problem:
        # On a full disk the log is all that is left.
        print(f"failure.json: {value} ({problem})", flush=True)
