"""Targets held against what was measured: each claim names a measure and a limit."""

from __future__ import annotations

from typing import Callable

from pretrain.errors import ConfigDoesNotFit
from pretrain.evaluate.plan import ClaimPlan, EvaluationPlan
from pretrain.metrics.bootstrap import Estimate
from pretrain.metrics.results import Claim, ModelResult, Reconstruction, TauResult

#: What each measure is, and how it must stand to the limit to be met.
RULES: dict[str, tuple[str, Callable[[Estimate, float], bool]]] = {
    "psnr": ("mean >= {limit:g} dB", lambda e, limit: e.value >= limit),
    "fd_ratio": ("upper end of the paired 95 % interval <= {limit:g}", lambda e, limit: e.high <= limit),
    "s_norm": ("mean >= {limit:g}", lambda e, limit: e.value >= limit),
    "recognised_lowest": ("the worst class >= {limit:g}", lambda e, limit: e.value >= limit),
}


#: First part of a measure of two models that take turns, and their order in the results.
ORDERS = {"c2f": "light first", "heavy_first": "heavy first"}


def measured_for(
    measure: str, autoencoder: Reconstruction, models: tuple[ModelResult, ...], taus: tuple[TauResult, ...]
) -> Estimate:
    """`autoencoder.psnr`, `model.fd_ratio.NAME`, `model.recognised_lowest.NAME`, `c2f.fd_ratio.RECIPE@TAU`,
    `c2f.s_norm.RECIPE@TAU`, `c2f.recognised_lowest.RECIPE@TAU`, and the last three with `heavy_first` for `c2f`. Throws
    ConfigDoesNotFit."""
    where, what, *rest = measure.split(".", 2)
    if measure == "autoencoder.psnr":
        return autoencoder.psnr
    if where == "model" and rest:
        for model in models:
            if model.name == rest[0] and what == "fd_ratio" and model.fd_ratio is not None:
                return model.fd_ratio
            if model.name == rest[0] and what == "recognised_lowest":
                return model.quality.recognised_lowest
    if where in ORDERS and rest:
        for result in taus:
            if result.order == ORDERS[where] and f"{result.recipe}@{result.tau:g}" == rest[0]:
                if what == "recognised_lowest":
                    return result.quality.recognised_lowest
                if what in ("fd_ratio", "s_norm"):
                    return getattr(result, what)
    raise ConfigDoesNotFit(f"no measure {measure!r} among the results; see claims.py for what there is")


def check_claims(plan: EvaluationPlan) -> None:
    """Refuses a claim about what the plan does not measure, before hours are spent on the rest. Throws
    ConfigDoesNotFit."""
    known = {"autoencoder.psnr"}
    known |= {f"model.recognised_lowest.{name}" for name in plan.alone}
    known |= {f"model.fd_ratio.{name}" for name, base in plan.alone.items() if base}
    for what in ("fd_ratio", "s_norm", "recognised_lowest"):
        for recipe in plan.recipes:
            known |= {f"c2f.{what}.{recipe}@{tau:g}" for tau in plan.taus}
            known |= {f"heavy_first.{what}.{recipe}@{tau:g}" for tau in plan.heavy_first.get(recipe, ())}
    for claim in plan.claims:
        if claim.measure not in known:
            raise ConfigDoesNotFit(
                f"the claim {claim.statement!r} is about {claim.measure!r}, which the plan does not measure"
            )


def judge(
    plan: tuple[ClaimPlan, ...],
    autoencoder: Reconstruction,
    models: tuple[ModelResult, ...],
    taus: tuple[TauResult, ...],
) -> tuple[Claim, ...]:
    claims = []
    for claim in plan:
        measured = measured_for(claim.measure, autoencoder, models, taus)
        words, holds = RULES[claim.measure.split(".")[1]]
        claims.append(Claim(claim.statement, words.format(limit=claim.limit), measured, holds(measured, claim.limit)))
    return tuple(claims)
