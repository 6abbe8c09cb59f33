"""From the plan to what one process computes: shares, micro-batches, padded tensors.

An update's rows are cut into one share for each process and the shares into equally many
micro-batches, so that all processes run forward and backward alike. Losses are sums of
terms that carry their share of the whole update, so the cut changes no number beyond the
rounding of sums. A micro-batch that would be empty repeats a row that counts nothing.
"""

import math
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from .job import Pair, Sequence, Update

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Rows:
    """All rows of a job; `pairs` only in DPO, whose `sequences` are the rehearsal."""

    sequences: list[Sequence]
    pairs: list[Pair]


@dataclass(frozen=True)
class Cut:
    """Rows in a micro-batch at most, and who shares an update."""

    micro_batch: int
    rank: int
    world: int

    def accumulation(self, plan: list[Update]) -> int:
        """Micro-batches of each update: as many as the largest share needs."""
        largest = max(len(update.rows) for update in plan)
        return math.ceil(math.ceil(largest / self.world) / self.micro_batch)


def micro_batch(rows: list[int], place: int, count: int, cut: Cut) -> list[int]:
    """Rows of micro-batch `place` of `count`, of this process; possibly none."""
    share = math.ceil(len(rows) / cut.world)
    mine = rows[cut.rank * share : (cut.rank + 1) * share]
    size = math.ceil(share / count)
    return mine[place * size : (place + 1) * size]


def padded(sequences: list[Sequence]) -> Tensors:
    """Tensors [B, T]: ids, attention mask, and labels with −100 where nothing is learned."""
    length = max(len(sequence.ids) for sequence in sequences)
    shape = (len(sequences), length)
    ids = torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    labels = torch.full(shape, -100, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        tokens = torch.tensor(sequence.ids)
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
        labels[row, sequence.start : len(tokens)] = tokens[sequence.start :]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def sides(pairs: list[Pair]) -> list[Sequence]:
    """[chosen…, rejected…]"""
    return [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]


def token_weights(sequence: Sequence) -> list[float]:
    """One weight for each learned token."""
    return [1.0] * sequence.targets if sequence.weights is None else sequence.weights


def supervised_batch(update: list[Sequence], part: list[Sequence]) -> Tensors:
    """A micro-batch of SFT: coefficients [B, T − 1] of −log p, their sum over the update 1."""
    total = sum(sum(token_weights(sequence)) for sequence in update)
    batch = padded(part or update[:1])
    coefficients = torch.zeros(batch["labels"].shape, dtype=torch.float32)
    for row, sequence in enumerate(part):
        weights = torch.tensor(token_weights(sequence), dtype=torch.float32) / total
        coefficients[row, sequence.start : len(sequence.ids)] = weights
    return {**batch, "coefficients": coefficients[:, 1:]}


def preference_batch(update: list[Pair], part: list[Pair], reference: torch.Tensor) -> Tensors:
    """A micro-batch of DPO, [chosen…, rejected…].

    `reference` [2, pairs of the part]. Beside it: `lengths` [2B], `pair_shares` [B], each
    1 / pairs of the update, and `nll_shares` [B], each 1 / chosen tokens of the update.
    """
    taken = part or update[:1]
    count = len(part)
    tokens = max(1, sum(pair.chosen.targets for pair in update))
    zeros = torch.zeros(len(taken))
    return {
        **padded(sides(taken)),
        "reference": reference.flatten() if part else torch.zeros(2),
        "lengths": torch.tensor([max(1.0, float(side.targets)) for side in sides(taken)]),
        "pair_shares": zeros + (1 / len(update) if count else 0),
        "nll_shares": zeros + (1 / tokens if count else 0),
    }


class PlannedBatches(Dataset[Tensors]):
    """Every micro-batch of this process, in the order of the plan."""

    def __init__(self, plan: list[Update], rows: Rows, cut: Cut) -> None:
        """Of all updates of `plan`."""
        self.plan = plan
        self.rows = rows
        self.cut = cut
        self.accumulation = cut.accumulation(plan)
        #: [2, pairs], the summed log-probabilities of the reference; DPO sets it.
        self.reference = torch.zeros((2, len(rows.pairs)))

    def __len__(self) -> int:
        """Micro-batches, equally many in each process."""
        return len(self.plan) * self.accumulation

    def __getitem__(self, index: int) -> Tensors:
        """One micro-batch; `rehearsal` or a supervised one has no `reference`."""
        update = self.plan[index // self.accumulation]
        part = micro_batch(update.rows, index % self.accumulation, self.accumulation, self.cut)
        if update.rehearsal or not self.rows.pairs:
            rows = self.rows.sequences
            return supervised_batch([rows[i] for i in update.rows], [rows[i] for i in part])
        pairs = self.rows.pairs
        return preference_batch(
            [pairs[i] for i in update.rows], [pairs[i] for i in part], self.reference[:, part]
        )

    def tokens(self) -> list[int]:
        """Tokens read up to and with each update, as the embedded trainer counts them."""
        counts: list[int] = []
        total = 0
        for update in self.plan:
            if not update.rehearsal:
                total += sum(self._size(row) for row in update.rows)
            counts.append(total)
        return counts

    def _size(self, row: int) -> int:
        if not self.rows.pairs:
            return len(self.rows.sequences[row].ids)
        return sum(len(side.ids) for side in sides([self.rows.pairs[row]]))
