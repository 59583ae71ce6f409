"""What every metric asks of its inputs before it computes: enough rows, finite numbers, sets that fit
together."""

from __future__ import annotations

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples


def finite_rows(name: str, values: np.ndarray, at_least: int) -> np.ndarray:
    """`values` as a float64 matrix [N, D] (axes after the first are flattened).

    Throws TooFewSamples below `at_least` rows and FeaturesNotFinite with the first bad row.
    """
    rows = np.asarray(values)
    if rows.shape[0] < at_least:
        raise TooFewSamples(f"{name}: {rows.shape[0]} samples, but at least {at_least} are needed; draw more")
    rows = rows.reshape(rows.shape[0], -1).astype(np.float64, copy=False)
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if bad.size:
        raise FeaturesNotFinite(
            f"{name}: {bad.size} of {rows.shape[0]} samples hold NaN or infinity, first is sample {bad[0]}; "
            "look at the images it came from"
        )
    return rows


def same_shape(name: str, a: np.ndarray, b: np.ndarray) -> None:
    """Throws CountsDiffer unless a and b have one shape, for metrics of pairs."""
    if np.shape(a) != np.shape(b):
        raise CountsDiffer(
            f"{name}: pairs of {np.shape(a)} and {np.shape(b)}; give as many of one as of the other"
        )


def same_space(name: str, a: np.ndarray, b: np.ndarray) -> None:
    """Throws CountsDiffer unless the rows of a and b have one length, for metrics of two sets."""
    if a.shape[1] != b.shape[1]:
        raise CountsDiffer(
            f"{name}: features of {a.shape[1]} and {b.shape[1]} numbers; use one network for both"
        )
