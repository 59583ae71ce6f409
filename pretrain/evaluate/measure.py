"""From drawn blocks to the numbers of docs/results.json. Every function measures one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np
import torch

from pretrain.evaluate.draw import Block
from pretrain.flow.losses import flow_matching
from pretrain.metrics.agreement import agreement_of_heads, agreement_of_pairs, recognised
from pretrain.metrics.bootstrap import Estimate, interval_of_mean, interval_of_statistic
from pretrain.metrics.coverage import coverage_of
from pretrain.metrics.frechet import Reference, gaussian_of
from pretrain.metrics.frechet_interval import frechet_interval
from pretrain.metrics.kid import kernel_means
from pretrain.metrics.memorization import memorised
from pretrain.metrics.pixels import mean_squared_error, psnr_of_mean_error, structural_similarity
from pretrain.metrics.results import CosineAt, HeadAgreement, LossAt, PairResult, Quality
from pretrain.metrics.similarity import derangement, latent_cosine, similarity


@dataclass(frozen=True)
class RealImages:
    """The held-out images that quality is measured against."""

    features: np.ndarray  # [N,D]

    @property
    def reference(self) -> Reference:
        return Reference(gaussian_of(self.features))


def measure_quality(
    blocks: Sequence[Block],
    labels: Sequence[np.ndarray],
    real: RealImages,
    classes: Sequence[str],
    resamples: int,
    training_features: np.ndarray | None = None,
) -> tuple[Quality, tuple[Estimate, np.ndarray]]:
    """Quality of an arm, and FD with its replicates for paired comparisons with another arm."""
    features = [block.features for block in blocks]
    sizes = [len(f) for f in features]
    fd = frechet_interval(real.reference, features, resamples)
    kernels = [kernel_means(real.features, f) for f in features]
    kid, _ = interval_of_statistic(sizes, lambda k, counts: kernels[k].kid(counts), min(resamples, 200))
    shares = [coverage_of(real.features, f) for f in features]
    right = [recognised(block.seen_labels, y) for block, y in zip(blocks, labels)]
    every, wanted = np.concatenate(right), np.concatenate(labels)
    return (
        Quality(
            fd=fd[0],
            kid=kid,
            precision=interval_of_mean([s.precision for s in shares]),
            recall=interval_of_mean([s.recall for s in shares]),
            density=interval_of_mean([s.density for s in shares]),
            coverage=interval_of_mean([s.coverage for s in shares]),
            recognised=interval_of_mean(right),
            recognised_per_class={name: float(every[wanted == c].mean()) for c, name in enumerate(classes)},
            memorised=None
            if training_features is None
            else interval_of_mean([memorised(f, training_features) for f in features]),
        ),
        fd,
    )


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
    """Same seeds, two models: features, attributes, pixels and latents compared image by image."""
    paired = len(a[0].pixels)
    labels = [y[:paired] for y in labels]
    alike = similarity([x.features[:paired] for x in a], [x.features[:paired] for x in b], labels)
    own = [(x.seen_values[:paired], y.seen_values[:paired]) for x, y in zip(a, b)]
    strangers = [(x, y[derangement(c, 0)]) for (x, y), c in zip(own, labels)]
    errors = [mean_squared_error(x.pixels, y.pixels) for x, y in zip(a, b)]
    mse = interval_of_mean(errors)
    share, pairs = agreement_of_heads(np.concatenate([x for x, _ in own]), np.concatenate([y for _, y in own]))
    cosines = [latent_cosine(x.states.astype(np.float32), y.states.astype(np.float32)) for x, y in zip(a, b)]
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


