"""A job as Autodidact wrote it. The folder's files, which `src/trl/job-folder.ts` makes:

job.json         settings; see `Job`
rows.jsonl       SFT: {ids, start, weights?}; DPO: {chosen: …, rejected: …}
rehearsal.jsonl  rows of SFT that DPO mixes in
plan.jsonl       one optimizer update a line: {step, rows, rate, rehearsal}
proof.jsonl      sequences that the trained model scores at the end
adapter/         where a LoRA adapter starts, in PEFT's format
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .files import read_json, read_lines


@dataclass(frozen=True)
class Sequence:
    """Token ids; those from `start` on are learned, each with its weight."""

    ids: list[int]
    start: int
    weights: list[float] | None = None

    @property
    def targets(self) -> int:
        """Tokens that are learned."""
        return len(self.ids) - self.start


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt; both start where the first of them leaves it."""

    chosen: Sequence
    rejected: Sequence


@dataclass(frozen=True)
class Update:
    """One update of the optimizer; a rehearsal belongs to the step before it."""

    step: int
    rows: list[int]
    rate: float
    rehearsal: bool


@dataclass(frozen=True)
class Preference:
    """The settings of a preference loss, as in `src/training/objectives/preference.ts`."""

    beta: float
    loss: Literal["sigmoid", "ipo"]
    label_smoothing: float
    nll_weight: float
    length_normalized: bool

    @property
    def normalized(self) -> bool:
        """Whether log-ratios are divided by the lengths of their completions."""
        return self.loss == "ipo" or self.length_normalized


@dataclass(frozen=True)
class Optimizer:
    """AdamW, and the bound on the gradient's norm; 0 leaves it."""

    weight_decay: float
    beta1: float
    beta2: float
    epsilon: float
    max_grad_norm: float


@dataclass(frozen=True)
class Lora:
    """A low-rank adapter; its first values lie in the folder `adapter`."""

    rank: int
    alpha: float
    targets: list[str]


@dataclass(frozen=True)
class Job:
    """What to train, and how."""

    folder: Path
    hash: str
    kind: Literal["sft", "dpo"]
    base: str
    micro_batch: int
    seed: int
    save_every: int
    precision: Literal["float32", "bf16"]
    device: Literal["auto", "cpu", "cuda"]
    strategy: Literal["single", "ddp", "fsdp2"]
    gradient_checkpointing: bool
    optimizer: Optimizer
    preference: Preference | None
    lora: Lora | None

    @property
    def result(self) -> Path:
        """Where the trained weights are left."""
        return self.folder / "result"


def read_job(folder: Path) -> Job:
    """The settings of the job in `folder`."""
    value = read_json(folder / "job.json")
    optional = {
        "preference": None if value["preference"] is None else Preference(**value["preference"]),
        "lora": None if value["lora"] is None else Lora(**value["lora"]),
    }
    return Job(**{**value, **optional, "optimizer": Optimizer(**value["optimizer"])}, folder=folder)


def _sequence(value: dict[str, Any]) -> Sequence:
    return Sequence(value["ids"], value["start"], value.get("weights"))


def read_sequences(path: Path) -> list[Sequence]:
    """The sequences of a file, none where it does not exist."""
    return [_sequence(value) for value in read_lines(path)]


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file."""
    return [
        Pair(_sequence(value["chosen"]), _sequence(value["rejected"])) for value in read_lines(path)
    ]


def read_plan(path: Path) -> list[Update]:
    """Every update of the job, in order."""
    return [Update(**value) for value in read_lines(path)]
