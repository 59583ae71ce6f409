"""All that a selection can rest on, gathered once from the early light checkpoint and kept in one file."""

from __future__ import annotations

import dataclasses
import io
import os
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable

import numpy as np
import torch
import torch.nn as nn

from pretrain.data.latents import Latents, weights_hash
from pretrain.errors import BadSelection, MissingFile, StateDoesNotFit
from pretrain.flow.noise import scoring_noises
from pretrain.scoring.clustering import Clusters, cluster_count, k_means_start, spherical_k_means, unit_rows
from pretrain.scoring.dominance import dominance
from pretrain.scoring.features import block_features
from pretrain.scoring.kernels import fourier_features, median_sigma, random_frequencies
from pretrain.scoring.scores import NOISES, score_samples, scoring_times


@dataclass(frozen=True)
class Evidence:
    """Scores and features of N samples; None where they were not gathered."""

    #: sha256 of the proxy's weights; empty when no network was asked.
    proxy: str
    #: Class labels [N] int64.
    classes: np.ndarray
    #: Criteria L and G [N] float64.
    score_l: np.ndarray | None = None
    score_g: np.ndarray | None = None
    #: Unit rows [N,D] float32, for C.
    features: np.ndarray | None = None
    #: Of the noises, the clusters and the random features.
    seed: int = 0
    #: D [N] float64.
    dominance: np.ndarray | None = None

    def need(self, name: str) -> np.ndarray:
        """The field `name`. Throws BadSelection when it was not gathered."""
        value = getattr(self, name)
        if value is None:
            raise BadSelection(f"{name} was not gathered; make it with 'python3 -m pretrain score'")
        return value

    @cached_property
    def unit(self) -> np.ndarray:
        """Features as unit rows, float64 [N,D]."""
        return unit_rows(self.need("features"))

    @cached_property
    def clusters(self) -> Clusters:
        """K = min(24, max(2, ⌊N/20⌋)) clusters of the features."""
        start = k_means_start(self.unit, cluster_count(len(self.unit)), self.seed)
        return spherical_k_means(self.unit, start)

    @cached_property
    def kernel_features(self) -> np.ndarray:
        """512 random Fourier features, width by the median heuristic, float64 [N,512]."""
        sigma = median_sigma(self.unit, self.seed)
        return fourier_features(self.unit, *random_frequencies(self.unit.shape[1], sigma, self.seed))

    def write(self, path: Path) -> None:
        """One .npz, by rename."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        arrays = {name: np.asarray(value) for name, value in values.items() if value is not None}
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp.npz")
        np.savez(temporary, **arrays)
        os.replace(temporary, path)

    @staticmethod
    def read(path: Path) -> "Evidence":
        """Throws MissingFile, StateDoesNotFit."""
        if not path.exists():
            raise MissingFile(f"no scores at {path}; make them with 'python3 -m pretrain score'")
        try:
            with np.load(io.BytesIO(path.read_bytes())) as file:
                values = {name: file[name] for name in file.files}
            values["proxy"], values["seed"] = str(values["proxy"]), int(values["seed"])
            return Evidence(**values)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise StateDoesNotFit(f"{path} cannot be read ({error!r}); delete it and score again") from None


def gather_evidence(
    proxy: nn.Module,
    latents: Latents,
    finished: Path,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    say: Callable[[str], None] | None = None,
) -> Evidence:
    """Scores, features and dominance of all samples by the early light checkpoint `proxy` (a DiT), on the
    device of its weights. `finished` keeps finished chunks of the scores, so that a killed run goes on where
    it was."""
    noises = scoring_noises(seed, NOISES, latents.x1.shape[1:])
    features = block_features(proxy, latents.x1, latents.labels, noises[0], say=say)
    device = next(proxy.parameters()).device
    dominances = dominance(latents.x1.to(device), noises, scoring_times(), seed, say=say)
    tables = score_samples(proxy, latents.x1, latents.labels, noises, dtype=dtype, finished=finished, say=say)
    classes = latents.labels.cpu().numpy()
    hashed = weights_hash(proxy)
    return Evidence(hashed, classes, tables.score_l, tables.score_g, features, seed, dominances)
