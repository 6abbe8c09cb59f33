"""What a finished job leaves: weights, the scores that prove the hand-over, `done.json`."""

import shutil
from pathlib import Path
from typing import Any

import torch

from .batches import padded
from .checkpoints import barrier
from .files import hash_file, write_json
from .job import Job, Sequence
from .trainers import PlannedUpdates


@torch.no_grad()
def scores(trainer: PlannedUpdates, sequences: list[Sequence]) -> list[float | None]:
    """Summed log-probability of each completion under the trained weights; None without one."""
    model = trainer.model
    model.eval()
    size = trainer.job.micro_batch
    found: list[float] = []
    for start in range(0, len(sequences), size):
        batch = padded(sequences[start : start + size])
        placed = {name: value.to(trainer.args.device) for name, value in batch.items()}
        with trainer.accelerator.autocast():
            found += trainer.log_probabilities(model, placed).sum(dim=1).tolist()
    return [
        None if sequence.targets == 0 else score
        for score, sequence in zip(found, sequences, strict=True)
    ]


def finish(trainer: Any, job: Job, proof: list[Sequence], versions: dict[str, Any]) -> None:
    """Writes the weights, then `done.json`; called in every process."""
    told = scores(trainer, proof)
    partial = job.folder / "result.partial"
    if trainer.args.process_index == 0:
        shutil.rmtree(partial, ignore_errors=True)
    barrier()
    trainer.save_model(str(partial))
    barrier()
    if trainer.args.process_index != 0:
        return
    shutil.rmtree(job.result, ignore_errors=True)
    partial.replace(job.result)
    done = {
        "job": job.hash,
        "weights": {path.name: hash_file(path) for path in _weight_files(job.result)},
        "scores": told,
        "world": trainer.args.world_size,
        "versions": versions,
    }
    write_json(job.folder / "done.json", done)


def _weight_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == ".safetensors")
