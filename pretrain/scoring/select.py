"""Selections by the name of a criterion, and the files that hold them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Callable

import numpy as np

from pretrain.errors import BadSelection
from pretrain.flow.noise import STREAM_SHUFFLE, uniforms
from pretrain.scoring import selection
from pretrain.scoring.evidence import Evidence
from pretrain.scoring.herding import herding
from pretrain.scoring.k_center import k_center

#: What a criterion keeps: (evidence, ratio, seed) → indices in any order.
Criterion = Callable[[Evidence, float, int], np.ndarray]


def _by_score(field: str, largest: bool) -> Criterion:
    def keep(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
        score = evidence.need(field)
        return selection.select_by_score(score, selection.kept_count(len(score), ratio), largest)

    return keep


def _proportional(furthest: bool) -> Criterion:
    def keep(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
        clusters = evidence.clusters
        quota = selection.proportional_quota(clusters.sizes, ratio)
        return selection.select_per_cluster(clusters.labels, clusters.distances, quota, furthest)

    return keep


def _balanced_quota(evidence: Evidence, ratio: float) -> np.ndarray:
    budget = selection.kept_count(len(evidence.classes), ratio)
    return selection.balanced_quota(evidence.clusters.sizes, budget)


def _balanced(furthest: bool) -> Criterion:
    def keep(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
        clusters, quota = evidence.clusters, _balanced_quota(evidence, ratio)
        return selection.select_per_cluster(clusters.labels, clusters.distances, quota, furthest)

    return keep


def _balanced_kernel(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
    clusters, quota = evidence.clusters, _balanced_quota(evidence, ratio)
    return selection.select_by_kernel(clusters.labels, clusters.distances, evidence.kernel_features, quota)


def _balanced_easy(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
    quota = _balanced_quota(evidence, ratio)
    return selection.select_per_cluster(evidence.clusters.labels, evidence.need("score_l"), quota)


def _budget(evidence: Evidence, ratio: float) -> int:
    return selection.kept_count(len(evidence.classes), ratio)


def _k_center(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
    start = int(uniforms(seed, STREAM_SHUFFLE, 1)[0] * len(evidence.unit))
    return k_center(evidence.unit, _budget(evidence, ratio), start)


def _drop_cluster(evidence: Evidence, ratio: float, seed: int) -> np.ndarray:
    clusters = evidence.clusters
    return selection.drop_clusters(clusters.labels, clusters.distances, _budget(evidence, ratio), seed)


#: By name; and "drop-class:LABEL". `half` and `complement` split each class in two whatever the ratio.
CRITERIA: dict[str, Criterion] = {
    "G": _by_score("score_g", True),
    "G-inverse": _by_score("score_g", False),
    "L": _by_score("score_l", True),
    "L-inverse": _by_score("score_l", False),
    "Cp": _proportional(False),
    "Cp-furthest": _proportional(True),
    "Cb": _balanced(False),
    "Cb-furthest": _balanced(True),
    "Cb-kernel": _balanced_kernel,
    "BxL": _balanced_easy,
    "dominance": _by_score("dominance", True),
    "random": lambda evidence, ratio, seed: selection.select_at_random(
        len(evidence.classes), _budget(evidence, ratio), seed
    ),
    "k-center": _k_center,
    "herding": lambda evidence, ratio, seed: herding(evidence.unit, _budget(evidence, ratio)),
    "drop-cluster": _drop_cluster,
    "half": lambda evidence, ratio, seed: selection.random_halves(evidence.classes, seed)[0],
    "complement": lambda evidence, ratio, seed: selection.random_halves(evidence.classes, seed)[1],
}


def select(
    criterion: str, ratio: float, evidence: Evidence, seed: int = 0, oversampled: bool = False
) -> np.ndarray:
    """Kept indices, ascending int64, when a share `ratio` is pruned by a criterion of CRITERIA or
    "drop-class:LABEL" (whatever the ratio). `oversampled`: repeated until there are as many as before. Throws
    BadSelection."""
    name, _, label = criterion.partition(":")
    if criterion in CRITERIA:
        kept = CRITERIA[criterion](evidence, ratio, seed)
    elif name == "drop-class" and label.isdecimal():
        kept = selection.drop_class(evidence.classes, int(label))
    else:
        known = ", ".join([*CRITERIA, "drop-class:LABEL"])
        raise BadSelection(f"no criterion {criterion!r}; known are {known}")
    kept = np.sort(kept).astype(np.int64)
    return selection.oversample(kept, len(evidence.classes), seed) if oversampled else kept


def write_selection(
    path: Path, criterion: str, ratio: float, evidence: Evidence, seed: int = 0, oversampled: bool = False
) -> np.ndarray:
    """Selects, and writes the JSON file that training reads, by rename: how it was made, the proxy's sha256,
    and the indices with the sha256 of their decimal text joined by commas. Returns the indices."""
    indices = select(criterion, ratio, evidence, seed, oversampled)
    text = ",".join(map(str, indices.tolist()))
    values = {
        "format": 1,
        "criterion": criterion,
        "ratio": ratio,
        "seed": seed,
        "oversampled": oversampled,
        "samples": len(evidence.classes),
        "kept": len(np.unique(indices)),
        "proxy": evidence.proxy,
        "indices_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "indices": indices.tolist(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(values, separators=(",", ":")) + "\n", "utf-8")
    os.replace(temporary, path)
    return indices
