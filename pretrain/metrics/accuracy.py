"""How often the attribute classifier is right on drawings, and which of its heads are good enough to be
reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from pretrain.metrics.agreement import NOT_APPLICABLE
from pretrain.metrics.checks import same_shape

#: A head is reported when it is right on this share of held-out drawings …
REPORTED_SHARE = 0.95
#: … and, as a mean over its values, on this share of each: "no beard" is right 95 times of 100 without
#: looking.
REPORTED_BALANCED = 0.9
#: A share of fewer drawings than this says nothing: of 100, 95 % is known to ± 4 %.
REPORTED_COUNT = 100


@dataclass(frozen=True)
class HeadAccuracy:
    """share: right answers among `count` drawings; balanced: mean over the values that occur of the share
    right of each."""

    share: float
    balanced: float
    count: int

    def good_enough(self, margin: float = 0.0) -> bool:
        right = self.share >= REPORTED_SHARE + margin and self.balanced >= REPORTED_BALANCED + margin
        return right and self.count >= REPORTED_COUNT


def accuracy_of_head(seen: np.ndarray, true: np.ndarray) -> HeadAccuracy:
    """Of values [N] where `true` applies; count 0 and shares 0 where it never does."""
    same_shape("accuracy", seen, true)
    applies = true != NOT_APPLICABLE
    seen, true = np.asarray(seen)[applies], np.asarray(true)[applies]
    if len(true) == 0:
        return HeadAccuracy(0.0, 0.0, 0)
    right = seen == true
    balanced = np.mean([right[true == value].mean() for value in np.unique(true)])
    return HeadAccuracy(float(right.mean()), float(balanced), len(true))


def accuracy_of_heads(names: Sequence[str], seen: np.ndarray, true: np.ndarray) -> dict[str, HeadAccuracy]:
    """By head's name, of values [N,H]."""
    return {name: accuracy_of_head(seen[:, h], true[:, h]) for h, name in enumerate(names)}
