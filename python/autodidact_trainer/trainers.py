"""TRL's trainers on the batches, rates and losses of a plan.

TRL and transformers keep what they do best: loading, adapters, distribution, mixed
precision, the chunked log-probabilities, AdamW, clipping, checkpoints. Overridden is what
would make the numbers depend on how a batch is cut: batches, schedule and losses.
"""

import json
import math
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from trl import DPOTrainer, SFTTrainer

from .batches import PlannedBatches, Tensors
from .failures import JobError
from .job import Job
from .objectives import METRICS, first_loss, preference_loss, supervised_loss
from .reference import Weigher, reference_log_probabilities

#: Largest distance of the first loss from its known value, by precision.
FIRST_LOSS_TOLERANCE = {"float32": 1e-4, "bf16": 2e-2}


class PlannedUpdates:
    """What both trainers share; mixed in before TRL's class."""

    # What TRL's classes give.
    args: Any
    model: Any
    ref_model: Any
    optimizer: Any
    state: Any
    accelerator: Any
    add_callback: Any
    compute_ref_log_probs: Any
    train: Any
    save_model: Any

    def __init__(
        self, job: Job, planned: PlannedBatches, stopping: Callable[[], bool], **given: Any
    ) -> None:
        """`given` goes to TRL's trainer."""
        self.job = job
        self.planned = planned
        self.stopping = stopping
        self.tokens = planned.tokens()
        self.sums = torch.zeros(len(METRICS))
        super().__init__(**given)
        # The losses are parts of the whole update's; transformers is not to divide them.
        self.loss_is_scaled_for_ga = True

    def _prepare_dataset(self, dataset: Dataset, *_given: object, **_named: object) -> Dataset:
        return dataset

    def create_model_card(self, *_given: object, **_named: object) -> None:
        """Leaves it out: a checkpoint of a job is nobody's model."""

    def get_train_dataloader(self) -> DataLoader[Tensors]:
        """This process's micro-batches; accelerate is not to share them out again."""
        return DataLoader(self.planned, batch_size=1, collate_fn=itemgetter(0))

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> LambdaLR:
        """The plan's rate for each update, over a base of 1."""
        rates = [update.rate for update in self.planned.plan]
        self.lr_scheduler = LambdaLR(
            optimizer or self.optimizer, lambda update: rates[min(update, len(rates) - 1)]
        )
        return self.lr_scheduler

    def get_decay_parameter_names(self, model: torch.nn.Module) -> list[str]:
        """Matrices decay, vectors do not."""
        return [name for name, value in model.named_parameters() if value.ndim > 1]

    def log_probabilities(self, model: torch.nn.Module, batch: Tensors) -> torch.Tensor:
        """Of the labels, [B, T − 1], in float32; 0 where there is none."""
        fed = {name: batch[name] for name in ("input_ids", "attention_mask", "labels")}
        output = model(**fed, use_cache=False, fused_lm_head=True)
        found: torch.Tensor = output.log_probs
        return found.float()

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: Tensors,
        return_outputs: bool = False,
        num_items_in_batch: object = None,
    ) -> torch.Tensor:
        """This process's part of the update's loss, times the processes that are averaged."""
        log_probs = self.log_probabilities(model, inputs)
        preference = self.job.preference
        if preference is None or "coefficients" in inputs:
            return supervised_loss(log_probs, inputs) * self.planned.cut.world
        result = preference_loss(log_probs, inputs, preference)
        self.sums = self.sums.to(result.metrics.device) + result.metrics.detach()
        return result.loss * self.planned.cut.world

    def log(self, logs: dict[str, float], *_given: object) -> None:
        """One row a step under TRL's names; called in every process after every update."""
        if "grad_norm" not in logs:
            return
        done = self.state.global_step
        update = self.planned.plan[done - 1]
        if not all(math.isfinite(logs[name]) for name in ("loss", "grad_norm")):
            raise JobError(
                "NUMERIC",
                f"Training diverged at step {update.step}: the loss is {logs['loss']}, the"
                f" gradient norm {logs['grad_norm']}. Lower the learning rate, or check the data"
                " for extreme rows; the last complete checkpoint is kept.",
            )
        if update.rehearsal:
            return
        row = {
            "step": update.step,
            **{name: logs[name] for name in ("loss", "grad_norm", "learning_rate")},
            "num_tokens": self.tokens[done - 1],
            **self._preference_metrics(logs["loss"], first=done == 1),
        }
        if self.args.process_index == 0:
            with (self.job.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def _preference_metrics(self, loss: float, *, first: bool) -> dict[str, float]:
        if self.job.preference is None:
            return {}
        sums = self.accelerator.reduce(self.sums.to(self.args.device), "sum").tolist()
        self.sums = torch.zeros(len(METRICS))
        metrics = dict(zip(METRICS, sums, strict=True))
        if first:
            self._require_first_loss(loss, metrics["nll"])
        del metrics["nll"]
        margin = metrics["rewards/chosen"] - metrics["rewards/rejected"]
        return {**metrics, "rewards/margins": margin}

    def _require_first_loss(self, loss: float, nll: float) -> None:
        assert self.job.preference is not None
        expected = first_loss(self.job.preference)
        scale = max(1.0, expected, abs(nll))
        if abs(loss - nll - expected) <= FIRST_LOSS_TOLERANCE[self.job.precision] * scale:
            return
        raise JobError(
            "NUMERIC",
            f"The first preference loss is {loss - nll}, but policy and reference are the same"
            f" weights, so it must be {expected}. The reference log-probabilities do not belong"
            " to this model; delete the folder `<output>.training` and run again.",
        )


class PlannedSFT(PlannedUpdates, SFTTrainer):
    """Supervised fine-tuning."""


class PlannedDPO(PlannedUpdates, DPOTrainer):
    """Direct preference optimization, with updates on rehearsed rows between."""

    def _precompute_ref_logps(self, dataset: Dataset, name: str, batch_size: int) -> Dataset:
        weigher = Weigher(
            self.planned.cut,
            self.args.device,
            lambda batch: self.compute_ref_log_probs(self.ref_model or self.model, batch),
        )
        path: Path = self.job.folder / f"reference-{self.job.hash[:16]}.safetensors"
        self.planned.reference = reference_log_probabilities(
            self.planned.rows.pairs, weigher, path, self.stopping
        )
        return dataset
