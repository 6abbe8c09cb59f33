"""Log-probabilities of the reference, computed once for a job and kept beside it.

The file's name holds the hash of the job, which covers weights and rows. What is weighed
is kept on the way too, so that a job which is stopped loses little of it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .batches import Cut, Tensors, padded, sides
from .checkpoints import any_process
from .failures import STOPPED
from .files import write_json
from .job import Pair

#: Pairs of all processes between two savings.
CHUNK = 256


@dataclass(frozen=True)
class Weigher:
    """Who computes sums: a batch in, log-probabilities of both sides out."""

    cut: Cut
    device: torch.device
    weigh: Callable[[Tensors], tuple[torch.Tensor, torch.Tensor]]


def reference_log_probabilities(
    pairs: list[Pair], weigher: Weigher, path: Path, stopping: Callable[[], bool]
) -> torch.Tensor:
    """[2, pairs], chosen and rejected; from `path`, or computed and kept there."""
    sums = load_file(path)["reference"] if path.exists() else torch.full((2, len(pairs)), math.nan)
    main = weigher.cut.rank == 0
    for start in range(0, len(pairs), CHUNK):
        rows = list(range(start, min(start + CHUNK, len(pairs))))
        if not sums[:, rows].isnan().any():
            continue
        if main:
            progress = {"doing": "weighing the reference", "done": start, "total": len(pairs)}
            write_json(path.with_name("preparation.json"), progress)
        sums[:, rows] = _chunk(pairs, rows, weigher)
        if main:
            _save(sums, path)
        if any_process([stopping()], weigher.device)[0]:
            raise SystemExit(STOPPED)
    return sums


def _chunk(pairs: list[Pair], rows: list[int], weigher: Weigher) -> torch.Tensor:
    """Each process weighs its share; equally many batches, as sharded models need it."""
    cut = weigher.cut
    share = math.ceil(len(rows) / cut.world)
    found = torch.zeros((2, len(rows)), device=weigher.device)
    for start in range(0, share, cut.micro_batch):
        first = cut.rank * share + start
        last = min(start + cut.micro_batch, share) + cut.rank * share
        places = list(range(first, min(last, len(rows))))
        taken = [pairs[rows[place]] for place in places] or [pairs[rows[0]]]
        batch = padded(sides(taken))
        mask = (batch.pop("labels") != -100).long()
        fed = {name: value.to(weigher.device) for name, value in batch.items()}
        chosen, rejected = weigher.weigh({**fed, "completion_mask": mask.to(weigher.device)})
        if places:
            found[:, places] = torch.stack([chosen, rejected]).float()
    if torch.distributed.is_initialized():
        torch.distributed.all_reduce(found)
    return found.cpu()


def _save(sums: torch.Tensor, path: Path) -> None:
    partial = path.with_suffix(".partial")
    save_file({"reference": sums}, partial)
    partial.replace(path)
