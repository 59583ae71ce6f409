"""Criteria G and L: which samples an early light checkpoint still has to learn from (method §6).

For sample i and time t_k, k = 1..T, with the M fixed noises x0_m that all samples share,
    loss[i,k]     = mean over m of ℓ,           ℓ = mean over (C,H,W) of (v(xt, t_k, y_i) − (x1_i − x0_m))²
    gradient[i,k] = mean over m of ‖∂ℓ/∂θ‖²     over all parameters but pos_embed
and a score is the mean over k of table[i,k] / (mean over all samples of table[·,k]). The mean is the exact
one: a running mean, as in the paper's release, reorders half of the top. Labels are used as they are. Golden
case 05.
"""

from __future__ import annotations

import copy
import hashlib
import io
import os
import zipfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch
import torch.nn as nn

from pretrain.data.latents import weights_hash
from pretrain.errors import BadSelection, StateDoesNotFit
from pretrain.models.fast_products import fast_products
from pretrain.scoring.ghost_norms import GhostNorms

TIMES = 8
NOISES = 2
#: Samples that are scored and stored together; what is lost when a run is killed.
CHUNK = 256


@dataclass(frozen=True)
class ScoreTables:
    """Raw values, float64 [N,T]. `gradient` is NaN where only losses were asked for."""

    loss: np.ndarray
    gradient: np.ndarray

    @property
    def score_l(self) -> np.ndarray:
        """Criterion L [N]: keep largest; L⁻¹ keeps smallest."""
        return normalised_score(self.loss)

    @property
    def score_g(self) -> np.ndarray:
        """Criterion G [N]: keep largest; G⁻¹ keeps smallest."""
        return normalised_score(self.gradient)


def normalised_score(table: np.ndarray) -> np.ndarray:
    """mean over k of table[:,k] / mean(table[:,k]), float64 [N]. Throws BadSelection when the table is not
    finite, or a column has mean 0."""
    means = table.mean(axis=0)
    if not np.isfinite(means).all() or (means <= 0).any():
        raise BadSelection(f"a score needs finite, positive means at each time; they are {means.tolist()}")
    return (table / means).mean(axis=1)


def scoring_times(count: int = TIMES) -> np.ndarray:
    """The interior points of linspace(0, 1, T + 2)."""
    return np.linspace(0, 1, count + 2)[1:-1]


def score_samples(
    network: nn.Module,
    x1: torch.Tensor,
    y: torch.Tensor,
    noises: torch.Tensor,
    times: np.ndarray | None = None,
    *,
    gradients: bool = True,
    batch: int = 32,
    dtype: torch.dtype = torch.float32,
    finished: Path | None = None,
    say: Callable[[str], None] | None = None,
) -> ScoreTables:
    """Loss and gradient tables of all samples x1 [N,C,H,W] (scaled latents), y [N], noises [M,C,H,W]
    (`flow.noise.scoring_noises`). The network scores on the device of its weights, `batch` passes at a time.

    `dtype` bfloat16 runs a copy of the network: 2.8 times faster on a CPU, values off by 0.2 % (loss) and 1 %
    (gradient), ranks by 0.0004 (1 − Spearman). `finished` is an .npz that holds finished chunks and is read
    back after a kill. Throws StateDoesNotFit when that file belongs to other weights, data or noises;
    WeightsOutOfReach when gradients are wanted of a network that is no DiT.
    """
    times = scoring_times() if times is None else np.asarray(times, np.float64)
    fingerprint = _fingerprint(network, x1, y, noises, times, dtype) if finished else ""
    store = _FinishedChunks(finished, len(x1), len(times), fingerprint)
    if dtype != torch.float32:
        network = copy.deepcopy(network).to(dtype)
    training = network.training
    network.eval()
    with fast_products():
        for start in range(0, len(x1), CHUNK):
            chunk = slice(start, min(start + CHUNK, len(x1)))
            if store.holds(chunk, gradients):
                continue
            store.keep(chunk, *_score_chunk(network, x1[chunk], y[chunk], noises, times, gradients, batch))
            if say:
                say(f"scored {chunk.stop}/{len(x1)}")
    network.train(training)
    return ScoreTables(store.loss, store.gradient)


def _score_chunk(
    network: nn.Module,
    x1: torch.Tensor,
    y: torch.Tensor,
    noises: torch.Tensor,
    times: np.ndarray,
    gradients: bool,
    batch: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Tables [n,T] of some samples. A batch holds all noises of a few samples at one time."""
    device = next(network.parameters()).device
    loss, gradient = np.empty((len(x1), len(times))), np.full((len(x1), len(times)), np.nan)
    count = len(noises)
    together = max(1, batch // count)
    x0_all = noises.to(device)
    with GhostNorms(network) if gradients else nullcontext() as ghost:
        for start in range(0, len(x1), together):
            part = slice(start, start + together)
            x1_part = x1[part].to(device, torch.float32)
            samples = len(x1_part)
            data = x1_part.repeat_interleave(count, dim=0)  # [samples·M,C,H,W]
            x0 = x0_all.repeat(samples, 1, 1, 1)
            labels = y[part].to(device).repeat_interleave(count)
            for k, t in enumerate(times.tolist()):
                with nullcontext() if gradients else torch.no_grad():
                    xt = (1 - t) * x0 + t * data
                    velocity = network(xt, torch.full((len(xt),), t, device=device), labels).float()
                    losses = (velocity - (data - x0)).pow(2).flatten(1).mean(1)
                loss[part, k] = losses.detach().double().view(samples, count).mean(1).cpu()
                if ghost is not None:
                    norms = ghost.squared_norms(losses)
                    gradient[part, k] = norms.view(samples, count).mean(1).cpu()
    return loss, gradient


def _fingerprint(network, x1, y, noises, times: np.ndarray, dtype: torch.dtype) -> str:
    """What the tables depend on."""
    digest = hashlib.sha256(weights_hash(network).encode() + str(dtype).encode() + times.tobytes())
    for tensor in (x1, y, noises):
        digest.update(np.ascontiguousarray(tensor.cpu().numpy()))
    return digest.hexdigest()


class _FinishedChunks:
    """Tables that fill chunk by chunk, with a copy on disk where a path is given."""

    def __init__(self, path: Path | None, samples: int, times: int, fingerprint: str) -> None:
        self.path = path
        self.loss = np.full((samples, times), np.nan)
        self.gradient = np.full((samples, times), np.nan)
        self.fingerprint = fingerprint
        if path and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            with np.load(io.BytesIO(path.read_bytes())) as file:
                if str(file["fingerprint"]) != self.fingerprint:
                    raise StateDoesNotFit(f"{path} holds scores of another network, data or noise; delete it")
                self.loss, self.gradient = file["loss"], file["gradient"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StateDoesNotFit(f"{path} cannot be read ({error!r}); delete it and score again") from None

    def holds(self, chunk: slice, gradients: bool) -> bool:
        table = self.gradient if gradients else self.loss
        return not np.isnan(table[chunk]).any()

    def keep(self, chunk: slice, loss: np.ndarray, gradient: np.ndarray) -> None:
        self.loss[chunk] = loss
        self.gradient[chunk] = np.where(np.isnan(gradient), self.gradient[chunk], gradient)
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_name(self.path.name + ".tmp.npz")
            fingerprint = np.array(self.fingerprint)
            np.savez(temporary, loss=self.loss, gradient=self.gradient, fingerprint=fingerprint)
            os.replace(temporary, self.path)
