"""Writes test/fixtures/pretrain/metrics.json: what pretrain.metrics computes of inputs that both languages draw
alike, for the metrics in TypeScript to be compared with. Run it as `python3 -m pretrain.tests.metrics.fixture`.

Inputs are uniforms u of method §3 (stream 0 of the seed that stands beside them), which are exact in float64:
bytes of an image are ⌊256 u⌋ or another line's bytes + ⌊spread (u − 0.5)⌋, clipped; features are
u − 0.5 or other features + spread (u − 0.5).
"""

from __future__ import annotations

import json
import math

import numpy as np

from pretrain.flow.noise import STREAM_X0, uniforms
from pretrain.folders import PROJECT
from pretrain.metrics.agreement import agreement_of_heads, agreement_of_pairs
from pretrain.metrics.bootstrap import Estimate, interval_of_mean, paired_difference
from pretrain.metrics.coverage import coverage_of
from pretrain.metrics.frechet import frechet_distance
from pretrain.metrics.kid import kernel_distance
from pretrain.metrics.memorization import memorised
from pretrain.metrics.pixels import mean_squared_error, peak_signal_to_noise, structural_similarity
from pretrain.metrics.similarity import derangement, similarity

FILE = PROJECT / "test" / "fixtures" / "pretrain" / "metrics.json"


def matrix(seed: int, rows: int, columns: int) -> np.ndarray:
    return uniforms(seed, STREAM_X0, rows * columns).reshape(rows, columns) - 0.5


def pixels(case: dict) -> dict:
    """Two images [H,W,3] and their MSE, PSNR, SSIM."""
    shape = (1, case["height"], case["width"], 3)
    count = math.prod(shape)
    y, x, c = np.indices(shape[1:])
    a = np.floor(256 * uniforms(case["seed"], STREAM_X0, count)).reshape(shape)
    if case["smooth"]:
        a[0] = (2 * x + 3 * y + 40 * c) % 256
    change = np.floor(case["spread"] * (uniforms(case["seed"] + 1, STREAM_X0, count) - 0.5)).reshape(shape)
    b = np.clip(a + change, 0, 255)
    psnr = float(peak_signal_to_noise(a, b)[0])
    return {
        **case,
        "mse": float(mean_squared_error(a, b)[0]),
        "psnr": psnr if math.isfinite(psnr) else None,
        "ssim": float(structural_similarity(a, b)[0]),
    }


def frechet_by_singular_values(a: np.ndarray, b: np.ndarray) -> float:
    """FD with tr((Σa^½ Σb Σa^½)^½) as the sum of the singular values of A Bᵀ, AᵀA = Σa and BᵀB = Σb: no root is taken of
    what rounding leaves of an eigenvalue 0, so it is exact for singular covariances too."""
    left, right = ((x - x.mean(axis=0)) / math.sqrt(len(x) - 1) for x in (a, b))
    spread = (left**2).sum() + (right**2).sum() - 2 * np.linalg.svd(left @ right.T, compute_uv=False).sum()
    return float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + spread)


def sets(case: dict) -> dict:
    """Two sets of features and how far they lie apart."""
    real = matrix(case["seed"], case["real"], case["size"])
    fake = matrix(case["seed"] + 1, case["fake"], case["size"]) * case["scale"] + case["shift"]
    shares = coverage_of(real, fake)
    return {
        **case,
        "frechet": frechet_distance(real, fake),
        "frechet_exact": frechet_by_singular_values(real, fake),
        "kid": kernel_distance(real, fake),
        "precision": shares.precision.tolist(),
        "recall": shares.recall.tolist(),
        "density": shares.density.tolist(),
        "coverage": shares.coverage.tolist(),
        "memorised": memorised(fake, real).tolist(),
    }


def estimate(e: Estimate) -> dict:
    return {"value": e.value, "low": e.low, "high": e.high, "blocks": list(e.blocks)}


def pairs(case: dict) -> dict:
    """Blocks of paired features with their similarity, and intervals of their first numbers."""
    a, b, labels = [], [], []
    for k, size in enumerate(case["sizes"]):
        a.append(matrix(case["seed"] + 2 * k, size, case["size"]))
        change = matrix(case["seed"] + 2 * k + 1, size, case["size"])
        b.append(a[-1] + case["spread"] * change)
        labels.append(np.arange(size) % case["classes"])
    alike = similarity(a, b, labels, case["shuffle_seed"])
    first = [x[:, 0] for x in a], [x[:, 0] for x in b]
    return {
        **case,
        "derangements": [derangement(y, case["shuffle_seed"]).tolist() for y in labels],
        "s": estimate(alike.s),
        "s_unrel": estimate(alike.s_unrel),
        "s_norm": estimate(alike.s_norm),
        "mean": estimate(interval_of_mean(first[0])),
        "difference": estimate(paired_difference(*first)),
    }


def attributes(seed: int, images: int, heads: int) -> dict:
    """Values −1 (does not apply) … 3 of paired images, and how often they agree."""

    def values(seed: int) -> np.ndarray:
        drawn = np.floor(5 * uniforms(seed, STREAM_X0, images * heads)).astype(int) - 1
        return drawn.reshape(images, heads)

    a, b = values(seed), values(seed + 1)
    share, applies = agreement_of_heads(a, b)
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "pairs": agreement_of_pairs(a, b).tolist(),
        "heads": [[float(s) if n else None, int(n)] for s, n in zip(share, applies)],
    }


def main() -> None:
    fixture = {
        "pixels": [
            pixels(dict(seed=10, width=11, height=11, spread=60, smooth=False)),
            pixels(dict(seed=20, width=64, height=64, spread=30, smooth=True)),
            pixels(dict(seed=30, width=37, height=19, spread=400, smooth=False)),
            pixels(dict(seed=40, width=16, height=16, spread=0, smooth=True)),
        ],
        "sets": [
            sets(dict(seed=50, real=60, fake=50, size=5, scale=0.9, shift=0.05)),
            sets(dict(seed=60, real=30, fake=25, size=48, scale=1.1, shift=0.0)),  # singular covariances
            sets(dict(seed=70, real=40, fake=40, size=2, scale=0.5, shift=0.3)),
        ],
        "pairs": [
            pairs(dict(seed=80, sizes=[4], size=16, classes=1, spread=0.3, shuffle_seed=0)),
            pairs(dict(seed=90, sizes=[20, 16, 24], size=32, classes=4, spread=1.5, shuffle_seed=3)),
        ],
        "attributes": attributes(100, 12, 6),
    }
    FILE.write_text(json.dumps(fixture, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
