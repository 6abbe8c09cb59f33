import errno

import pytest

from autodidact_trainer.failures import JobError, describe
from autodidact_trainer.versions import numbers


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "DEVICE", "batchSize"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "DEVICE", "batchSize"),
        (MemoryError(), "DEVICE", "batchSize"),
        (OSError(errno.ENOSPC, "No space left on device"), "STORAGE", "disk is full"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "STORAGE", "disk"),
        (RuntimeError("size mismatch for lm_head.weight"), "BAD_CHECKPOINT", "config.json"),
        (ModuleNotFoundError("No module named 'peft'"), "DEVICE", "doctor"),
        (JobError("NUMERIC", "diverged"), "NUMERIC", "diverged"),
        (ValueError("something new"), "JOB", "something new"),
    ],
)
def test_a_failure_is_recognised(error: BaseException, code: str, word: str) -> None:
    kind = describe(error)
    assert kind.code == code
    assert word in kind.message
    assert kind.final


def test_a_lost_process_may_be_tried_again() -> None:
    assert not describe(RuntimeError("Connection closed by peer [127.0.0.1]:1234")).final


def test_versions_are_compared_by_their_numbers() -> None:
    assert numbers("2.13.0+cpu") == (2, 13, 0)
    assert numbers("1.16.0rc1") == (1, 16)
    assert numbers("2.9") < numbers("2.13")
