"""What the attribute classifier sees in generated pixels: is the class right, and did the same seed keep the
same person?

`values` [N, H] holds for each image and head (one attribute of one style) the predicted value, or −1 where
the head does not apply to the image's class. Agreement of pair i is the share of its heads with equal values
in both images; the same with strangers of the class (similarity.derangement) says what chance gives.
"""

from __future__ import annotations

import numpy as np

from pretrain.errors import CountsDiffer
from pretrain.metrics.checks import same_shape

NOT_APPLICABLE = -1


def recognised(predicted: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """[N] 0 or 1: the image shows the class that it was asked for."""
    same_shape("recognised classes", predicted, labels)
    return (np.asarray(predicted) == np.asarray(labels)).astype(np.float64)


def agreement_of_pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N] in [0, 1]: share of heads with equal values, over those that apply to either image of the pair.

    A head that applies to one of them only (the other was seen as another class) counts as different. Throws
    CountsDiffer, also for a pair to which no head applies.
    """
    same_shape("attribute agreement", a, b)
    applies = (a != NOT_APPLICABLE) | (b != NOT_APPLICABLE)
    heads = applies.sum(axis=1)
    if (heads == 0).any():
        raise CountsDiffer(f"attribute agreement: no head applies to pair {np.flatnonzero(heads == 0)[0]}")
    return ((a == b) & applies).sum(axis=1) / heads


def agreement_of_heads(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per head, over all pairs: share of equal values [H] (NaN where it never applies), and how many pairs it
    applied to [H]."""
    same_shape("attribute agreement", a, b)
    applies = (a != NOT_APPLICABLE) | (b != NOT_APPLICABLE)
    pairs = applies.sum(axis=0)
    equal = ((a == b) & applies).sum(axis=0)
    return np.where(pairs > 0, equal / np.maximum(pairs, 1), np.nan), pairs
