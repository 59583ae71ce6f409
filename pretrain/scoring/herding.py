"""Herding: samples chosen one at a time so that their mean approaches the mean of all.

The order is that of the golden cases 06: each turn looks along μ − (mean of the chosen). Welling's own rule
divides the sum of the chosen by t + 1 instead, and gives another order. Sources: Welling 2009; in a kernel's
space Chen, Welling & Smola 2010, "Super-samples from kernel herding".
"""

from __future__ import annotations

import numpy as np


def herding(features: np.ndarray, count: int) -> np.ndarray:
    """`count` rows of [N,R] in order of choice, int64, none twice: each turn the row of largest ⟨w, φ_i⟩ (a
    tie: lower index), w = μ − (mean of the chosen), at first w = μ."""
    features = np.asarray(features, np.float64)
    # row by row in one order, so that equal rows tie exactly
    to_mean = np.einsum("nr,r->n", features, features.mean(axis=0))
    to_chosen = np.zeros(len(features))  # ⟨sum of the chosen, φ_i⟩
    chosen = np.empty(min(count, len(features)), np.int64)
    for turn in range(len(chosen)):
        score = to_mean - to_chosen / max(1, turn)
        score[chosen[:turn]] = -np.inf
        chosen[turn] = np.argmax(score)
        to_chosen += np.einsum("nr,r->n", features, features[chosen[turn]])
    return chosen
