from itertools import pairwise

import torch

from autodidact_trainer.batches import Cut, PlannedBatches, Rows, micro_batch
from autodidact_trainer.job import Pair, Preference, Sequence, Update
from autodidact_trainer.objectives import preference_loss, supervised_loss

SEQUENCES = [
    Sequence(list(range(length)), start, weights)
    for length, start, weights in [
        (5, 2, None),
        (3, 1, [0.5, 2.0]),
        (7, 6, None),
        (4, 1, None),
        (6, 3, None),
    ]
]
PAIRS = [Pair(left, right) for left, right in pairwise(SEQUENCES)]
NORMALIZED = Preference(0.5, "sigmoid", 0.1, 0.3, True)


def log_probs(batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Made up, a function of the token alone; 0 where nothing is learned."""
    labels = batch["labels"][:, 1:]
    return torch.where(labels == -100, 0.0, -0.1 - 0.3 * labels)


def total(cuts: list[Cut], rows: Rows, update: Update) -> float:
    loss = 0.0
    for cut in cuts:
        planned = PlannedBatches([update], rows, cut)
        planned.reference = -torch.arange(2.0 * len(rows.pairs)).reshape(2, -1)
        for index in range(len(planned)):
            batch = planned[index]
            made = log_probs(batch)
            if rows.pairs:
                loss += preference_loss(made, batch, NORMALIZED).loss.item()
            else:
                loss += supervised_loss(made, batch).item()
    return loss


CUTS = [
    [Cut(8, 0, 1)],
    [Cut(1, 0, 1)],
    [Cut(2, 0, 2), Cut(2, 1, 2)],
    [Cut(1, 0, 3), Cut(1, 1, 3), Cut(1, 2, 3)],
    [Cut(1, rank, 8) for rank in range(8)],
]


def test_supervised_loss_does_not_depend_on_the_cut() -> None:
    update = Update(1, [4, 0, 1, 3, 2], 1.0, rehearsal=False)
    losses = [total(cuts, Rows(SEQUENCES, []), update) for cuts in CUTS]
    weights = [1.0 * (s.targets if s.weights is None else sum(s.weights)) for s in SEQUENCES]
    expected = 0.0
    for sequence in SEQUENCES:
        scale = sequence.weights or [1.0] * sequence.targets
        for weight, token in zip(scale, sequence.ids[sequence.start :], strict=True):
            expected += weight * (0.1 + 0.3 * token) / sum(weights)
    assert all(abs(loss - expected) < 1e-6 for loss in losses)


def test_preference_loss_does_not_depend_on_the_cut() -> None:
    update = Update(1, [2, 0, 3], 1.0, rehearsal=False)
    losses = [total(cuts, Rows([], PAIRS), update) for cuts in CUTS]
    assert all(abs(loss - losses[0]) < 1e-6 for loss in losses)
    assert losses[0] > 0


def test_every_row_is_in_one_micro_batch_of_one_process() -> None:
    rows = list(range(11))
    for world in (1, 2, 3, 16):
        cuts = [Cut(2, rank, world) for rank in range(world)]
        count = cuts[0].accumulation([Update(1, rows, 1.0, rehearsal=False)])
        seen = [
            row for cut in cuts for i in range(count) for row in micro_batch(rows, i, count, cut)
        ]
        assert sorted(seen) == rows
