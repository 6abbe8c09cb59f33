"""Checkpoints of a job that is under way: complete or removed.

transformers writes a checkpoint file by file, so a killed job may leave half of one under
the newest number. One is taken up again only when its mark is there, which is written
after every process has written its part; older ones go then.
"""

import shutil
import time
from pathlib import Path

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .job import Job, Update

MARK = "complete"
#: Long steps are saved more often than every so many: after two minutes …
SAVE_SECONDS = 120.0
#: … and so that a twentieth of the time at most goes into saving.
SAVE_SHARE = 20


def _checkpoints(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("checkpoint-*") if path.is_dir()]
    return sorted(found, key=lambda path: int(path.name.split("-")[1]))


def newest(folder: Path) -> Path | None:
    """The newest complete checkpoint."""
    return next((path for path in reversed(_checkpoints(folder)) if (path / MARK).exists()), None)


def remove_others(folder: Path, kept: Path | None) -> None:
    """Removes what is half written, and older ones."""
    for path in _checkpoints(folder):
        if path != kept:
            shutil.rmtree(path)


def updates_done(checkpoint: Path | None) -> int:
    """Optimizer updates in a checkpoint."""
    return 0 if checkpoint is None else int(checkpoint.name.split("-")[1])


def barrier() -> None:
    """Waits for all processes."""
    if torch.distributed.is_initialized():
        torch.distributed.barrier()


def any_process(asked: list[bool], device: torch.device) -> list[bool]:
    """For each question whether any process answers yes; the same answer in all of them."""
    told = torch.tensor([float(value) for value in asked], device=device)
    if torch.distributed.is_initialized():
        torch.distributed.all_reduce(told, torch.distributed.ReduceOp.MAX)
    return [bool(value) for value in told.tolist()]


class StopRequest:
    """Set by a signal; the job saves after the update under way, and ends."""

    def __init__(self) -> None:
        """Not asked yet."""
        self.asked = False

    def ask(self, *_signal: object) -> None:
        """A handler of signals."""
        self.asked = True


class Saving(TrainerCallback):
    """Saves by steps, by time and when asked to stop, the same in every process."""

    def __init__(self, job: Job, plan: list[Update], stop: StopRequest) -> None:
        """Of this job; `stop` may be asked at any time."""
        self.job = job
        self.plan = plan
        self.stop = stop
        self.saved_at = time.monotonic()
        self.took = 0.0

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_given: object,
    ) -> None:
        """Decides together, as all processes have to take part in saving."""
        update = self.plan[state.global_step - 1]
        quiet = time.monotonic() - self.saved_at
        late = args.process_index == 0 and quiet > max(SAVE_SECONDS, SAVE_SHARE * self.took)
        stopping, due = any_process([self.stop.asked, late], args.device)
        by_steps = not update.rehearsal and update.step % self.job.save_every == 0
        last = state.global_step >= len(self.plan)
        control.should_save = (stopping or due or by_steps) and not last
        if stopping:
            self.stop.asked = True
            control.should_training_stop = True
        if control.should_save:
            self.began = time.monotonic()

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        _control: TrainerControl,
        **_given: object,
    ) -> None:
        """Marks the checkpoint once every process has written its part."""
        barrier()
        written = self.job.folder / f"checkpoint-{state.global_step}"
        if args.process_index == 0:
            (written / MARK).touch()
            remove_others(self.job.folder, written)
        barrier()
        self.saved_at = time.monotonic()
        self.took = self.saved_at - self.began
