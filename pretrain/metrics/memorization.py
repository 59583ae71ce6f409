"""f_mem: the share of generated images nearer to a training image than a third of the way to the second
nearest.

Sample i is memorised when d1 < d2 / 3, d1 <= d2 its Euclidean distances to the two nearest training images.
Source: Yoon et al. 2023 (ICML workshop SPIGM), as method §8 states it; strict, so that a training set with
every image twice (d1 = d2) memorises nothing.
"""

from __future__ import annotations

import numpy as np

from pretrain.metrics.checks import finite_rows, same_space
from pretrain.metrics.neighbours import two_nearest

RATIO = 1.0 / 3.0


def memorised(generated: np.ndarray, training: np.ndarray) -> np.ndarray:
    """[M] 0 or 1 per generated image [M, ...] against training images [N, ...], flattened pixels or features
    of one scale.

    uint8 training images stay as they are (a memory map is read piece by piece). f_mem is the mean. Throws
    TooFewSamples, FeaturesNotFinite, CountsDiffer.
    """
    queries = finite_rows("f_mem", generated, at_least=1)
    references = training.reshape(len(training), -1)
    same_space("f_mem", queries, references)
    near, _ = two_nearest(queries, references)
    return (near[:, 0] < RATIO * near[:, 1]).astype(np.float64)
