"""`python -m autodidact_trainer JOB-FOLDER`, in every process that torchrun starts."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from .failures import FAILED, STOPPED, JobError, write_failure
from .versions import SUPPORTED, installed, problem


def main(folder: Path) -> int:
    """Trains the job in `folder`; the exit status of this process."""
    if os.environ.get("RANK", "0") == "0":
        (folder / "failure.json").unlink(missing_ok=True)
    try:
        wrong = problem()
        if wrong is not None:
            raise JobError(
                "DEVICE", f"{wrong} `autodidact doctor --engine trl` says how to get it."
            )
        return _train(folder)
    except Exception as error:
        write_failure(folder, error)
        # Not sys.exit: other processes may wait in a collective that never ends.
        sys.stdout.flush()
        os._exit(FAILED)


def _train(folder: Path) -> int:
    import torch

    from . import checkpoints, job, setup
    from .batches import Cut, PlannedBatches, Rows
    from .outcome import finish

    stop = checkpoints.StopRequest()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, stop.ask)
    settings = job.read_job(folder)
    setup.require_device(settings)
    plan = job.read_plan(folder / "plan.jsonl")
    arguments = setup.arguments(settings, plan)
    cut = Cut(settings.micro_batch, arguments.process_index, arguments.world_size)
    dpo = settings.kind == "dpo"
    rows = Rows(
        job.read_sequences(folder / ("rehearsal.jsonl" if dpo else "rows.jsonl")),
        job.read_pairs(folder / "rows.jsonl") if dpo else [],
    )
    planned = PlannedBatches(plan, rows, cut)
    arguments.gradient_accumulation_steps = planned.accumulation
    last = checkpoints.newest(folder)
    checkpoints.barrier()
    if cut.rank == 0:
        checkpoints.remove_others(folder, last)
        setup.keep_metrics(folder, plan, checkpoints.updates_done(last))
    trainer = setup.open_trainer(settings, planned, arguments, lambda: stop.asked)
    trainer.add_callback(checkpoints.Saving(settings, plan, stop))
    trainer.train(resume_from_checkpoint=None if last is None else str(last))
    if trainer.state.global_step < len(plan):
        _leave()
        return STOPPED
    versions: dict[str, Any] = {name: installed(name) for name in SUPPORTED}
    finish(trainer, settings, job.read_sequences(folder / "proof.jsonl"), versions)
    checkpoints.barrier()
    _leave()
    del torch
    return 0


def _leave() -> None:
    import torch

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
