"""The losses of `src/training/objectives`, on log-probabilities that TRL computes.

r_w and r_l are log-ratios policy/reference, d = r_w − r_l, β = `beta`, ε the smoothing:
  sigmoid  −(1−ε)·log σ(βd) − ε·log σ(−βd)
  ipo      (r_w/|w| − r_l/|l| − 1/(2β))²
`length_normalized` divides by the lengths in `sigmoid` too. Added is `nll_weight` times
the mean −log p over all chosen tokens of the update. TRL's own `sigmoid` ignores ε, and
its `sft` term averages over the local micro-batch; both are computed here.
"""

import math
from typing import NamedTuple

import torch
from torch.nn.functional import softplus

from .batches import Tensors
from .job import Preference

#: Log-ratios (nats) that differ by less are equal up to rounding, as in `src/training/dpo.ts`.
RATIO_ROUNDING = 1e-4


def supervised_loss(log_probs: torch.Tensor, batch: Tensors) -> torch.Tensor:
    """This micro-batch's part of the update's loss; `log_probs` [B, T − 1]."""
    return -(log_probs * batch["coefficients"]).sum()


class PreferenceLoss(NamedTuple):
    """A micro-batch's part of the update's loss, and of what is told of the update."""

    loss: torch.Tensor
    #: In the order of `METRICS`, sums over pairs divided by the pairs of the update.
    metrics: torch.Tensor


METRICS = (
    "rewards/chosen",
    "rewards/rejected",
    "rewards/accuracies",
    "logps/chosen",
    "logps/rejected",
    "nll",
)


def preference_loss(
    log_probs: torch.Tensor, batch: Tensors, settings: Preference
) -> PreferenceLoss:
    """`log_probs` [2B, T − 1], chosen sides first; 0 where nothing is learned."""
    sums = log_probs.sum(dim=1)
    ratios = sums - batch["reference"]
    rated = ratios / batch["lengths"] if settings.normalized else ratios
    chosen, rejected = rated.chunk(2)
    losses = pair_losses(chosen - rejected, settings)
    nll = -(sums.chunk(2)[0] * batch["nll_shares"]).sum() * settings.nll_weight
    loss = (losses * batch["pair_shares"]).sum() + nll
    return PreferenceLoss(loss, _metrics(sums, ratios, nll, batch, settings))


def pair_losses(difference: torch.Tensor, settings: Preference) -> torch.Tensor:
    """The loss of each pair."""
    if settings.loss == "ipo":
        return (difference - 1 / (2 * settings.beta)) ** 2
    logit = settings.beta * difference
    epsilon = settings.label_smoothing
    return (1 - epsilon) * softplus(-logit) + epsilon * softplus(logit)


def first_loss(settings: Preference) -> float:
    """The loss where policy and reference agree, the added likelihood aside."""
    return 1 / (4 * settings.beta**2) if settings.loss == "ipo" else math.log(2)


@torch.no_grad()
def _metrics(
    sums: torch.Tensor,
    ratios: torch.Tensor,
    nll: torch.Tensor,
    batch: Tensors,
    settings: Preference,
) -> torch.Tensor:
    share = batch["pair_shares"]
    chosen, rejected = (settings.beta * side for side in ratios.chunk(2))
    chosen_log, rejected_log = sums.chunk(2)
    right = (chosen - rejected > settings.beta * RATIO_ROUNDING).float()
    columns = (chosen, rejected, right, chosen_log, rejected_log)
    return torch.stack([*((column * share).sum() for column in columns), nll])
