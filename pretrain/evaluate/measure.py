"""From drawn blocks to the numbers of docs/results.json. Every function measures one thing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Sequence

import numpy as np
import torch

from pretrain.evaluate.draw import Block
from pretrain.flow.losses import flow_matching
from pretrain.metrics.agreement import agreement_of_heads, agreement_of_pairs, recognised
from pretrain.metrics.bootstrap import (
    RESAMPLES,
    SEED,
    Estimate,
    interval_of_mean,
    interval_of_replicates,
    interval_of_statistic,
    resampled_counts,
)
from pretrain.metrics.coverage import RealBalls, coverage_in, interval_of_reach
from pretrain.metrics.frechet import Reference, gaussian_of
from pretrain.metrics.frechet_interval import compare_replicates, frechet_interval, pooled_frechet_interval
from pretrain.metrics.kid import kernel_means, mean_within
from pretrain.metrics.memorization import memorised
from pretrain.metrics.pixels import mean_squared_error, psnr_of_mean_error, structural_similarity
from pretrain.metrics.results import CosineAt, HeadAgreement, LossAt, PairResult, Quality
from pretrain.metrics.similarity import derangement, latent_cosine, similarity


@dataclass(frozen=True)
class RealImages:
    """The held-out images that quality is measured against."""

    features: np.ndarray  # [N,D]

    @cached_property
    def reference(self) -> Reference:
        return Reference(gaussian_of(self.features))

    @cached_property
    def balls(self) -> RealBalls:
        return RealBalls(self.features)

    @cached_property
    def kernel_mean(self) -> float:
        return mean_within(self.features)


@dataclass(frozen=True)
class Measured:
    """Quality of a set of images, and the replicates of its FD for paired comparisons with another set."""

    quality: Quality
    fd: np.ndarray  # [R]
    fd_pooled: np.ndarray  # [R]

    def ratio_to(self, other: "Measured") -> tuple[Estimate, Estimate]:
        """FD of this set / FD of the other, drawn from the same seeds: by blocks, and pooled."""
        a, b = self.quality, other.quality
        return (
            compare_replicates((a.fd, self.fd), (b.fd, other.fd)).ratio,
            compare_replicates((a.fd_pooled, self.fd_pooled), (b.fd_pooled, other.fd_pooled)).ratio,
        )


def measure_quality(
    features: Sequence[np.ndarray],
    seen: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    real: RealImages,
    classes: Sequence[str],
    resamples: int,
) -> Measured:
    """Quality of blocks of images: their features [S,D], the classes seen in them and the classes asked for [S]."""
    sizes = [len(f) for f in features]
    fd, replicates = frechet_interval(real.reference, features, resamples)
    pooled, pooled_replicates = pooled_frechet_interval(real.reference, features, resamples)
    kernels = [kernel_means(real.features, f, real.kernel_mean) for f in features]
    kid, _ = interval_of_statistic(sizes, lambda k, counts: kernels[k].kid(counts), resamples)
    shares = [coverage_in(real.balls, f) for f in features]
    right = [recognised(found, y) for found, y in zip(seen, labels)]
    every, wanted = np.concatenate(right), np.concatenate(labels)
    quality = Quality(
        fd=fd,
        fd_pooled=pooled,
        kid=kid,
        precision=interval_of_mean([s.precision for s in shares]),
        recall=interval_of_reach([s.recalls for s in shares], resamples),
        density=interval_of_mean([s.density for s in shares]),
        coverage=interval_of_reach([s.covers for s in shares], resamples),
        recognised=interval_of_mean(right),
        recognised_per_class={name: float(every[wanted == c].mean()) for c, name in enumerate(classes)},
        recognised_lowest=lowest_share(right, labels),
    )
    return Measured(quality, replicates, pooled_replicates)


def lowest_share(right: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> Estimate:
    """The share right of the class that has least of them; each resample of the seeds has its own lowest class."""
    counts = np.concatenate(resampled_counts([len(block) for block in right], RESAMPLES, SEED), axis=1)
    every, wanted = np.concatenate(right).astype(np.float64), np.concatenate(labels)

    def lowest(weights: np.ndarray) -> np.ndarray:
        members = [wanted == c for c in np.unique(wanted)]
        return np.min([weights[:, m] @ every[m] / np.maximum(weights[:, m].sum(axis=1), 1) for m in members], axis=0)

    value = float(lowest(np.ones((1, len(every))))[0])
    estimate, _ = interval_of_replicates([value], [lowest(counts)])
    return Estimate(value, max(estimate.low, 0.0), min(estimate.high, 1.0), ())


def measure_memory(features: Sequence[np.ndarray], training: np.ndarray) -> Estimate:
    """f_mem of blocks of images against the training images, by features [S,D] and [N,D]."""
    return interval_of_mean([memorised(f, training) for f in features])


def measure_pair(
    a: Sequence[Block],
    b: Sequence[Block],
    labels: Sequence[np.ndarray],
    names: tuple[str, str],
    what: str,
    noise_floor: bool,
    times: Sequence[float],
    heads: Sequence[str],
) -> PairResult:
    """Same seeds, two models: features, attributes, pixels and latents compared image by image; `times` are those of the
    states, none where latents are not to be compared."""
    paired = len(a[0].pixels)
    labels = [y[:paired] for y in labels]
    alike = similarity([x.features[:paired] for x in a], [x.features[:paired] for x in b], labels)
    own = [(x.seen_values[:paired], y.seen_values[:paired]) for x, y in zip(a, b)]
    strangers = [(x, y[derangement(c, 0)]) for (x, y), c in zip(own, labels)]
    errors = [mean_squared_error(x.pixels, y.pixels) for x, y in zip(a, b)]
    mse = interval_of_mean(errors)
    share, pairs = agreement_of_heads(np.concatenate([x for x, _ in own]), np.concatenate([y for _, y in own]))
    cosines = [
        latent_cosine(x.states.astype(np.float32), y.states.astype(np.float32)) for x, y in zip(a, b) if len(times)
    ]
    return PairResult(
        a=names[0],
        b=names[1],
        what=what,
        noise_floor=noise_floor,
        s=alike.s,
        s_unrel=alike.s_unrel,
        s_norm=alike.s_norm,
        agreement=interval_of_mean([agreement_of_pairs(x, y) for x, y in own]),
        agreement_unrel=interval_of_mean([agreement_of_pairs(x, y) for x, y in strangers]),
        agreement_heads={
            name: HeadAgreement(float(s), int(n)) for name, s, n in zip(heads, share, pairs) if n > 0
        },
        mse=mse,
        psnr=_psnr(mse),
        ssim=interval_of_mean([structural_similarity(x.pixels, y.pixels) for x, y in zip(a, b)]),
        latent_cosine=tuple(
            CosineAt(t, interval_of_mean([block[i] for block in cosines])) for i, t in enumerate(times)
        ),
    )


def _psnr(mse: Estimate) -> Estimate | None:
    """PSNR of the mean squared error; its low end belongs to the error's high end."""
    ends = [psnr_of_mean_error(error) for error in (mse.value, mse.high, mse.low, *mse.blocks)]
    if any(end is None for end in ends):
        return None
    value, low, high, *blocks = ends
    return Estimate(value, low, high, tuple(blocks))


@torch.no_grad()
def measure_loss_per_t(
    network, x1: torch.Tensor, labels: torch.Tensor, x0: torch.Tensor, times: Sequence[float], batch: int = 64
) -> tuple[LossAt, ...]:
    """Mean FM loss on held-out latents x1 [N,C,H,W] with fixed noise x0, at each time; two halves serve as blocks."""
    results = []
    for t in times:
        losses = []
        for start in range(0, len(x1), batch):
            part = slice(start, start + batch)
            at = torch.full((len(x1[part]),), t, device=x1.device)
            losses.append(flow_matching(network, x0[part], x1[part], at, labels[part]).cpu().numpy())
        whole = np.concatenate(losses)
        half = len(whole) // 2
        results.append(LossAt(t, interval_of_mean([whole[:half], whole[half : 2 * half]])))
    return tuple(results)


