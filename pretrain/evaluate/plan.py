"""What an evaluation measures: configs/evaluate-<family>.toml."""

from __future__ import annotations

from dataclasses import dataclass, field

from pretrain.errors import ConfigDoesNotFit


@dataclass(frozen=True)
class PairPlan:
    """Two models of the manifest, drawn on the same seeds."""

    a: str
    b: str
    what: str
    noise_floor: bool = False


@dataclass(frozen=True)
class ClaimPlan:
    """A target. `measure` is a dotted name that claims.py knows, `limit` the number it is held against."""

    statement: str
    measure: str
    limit: float


@dataclass(frozen=True)
class EvaluationPlan:
    family: str
    heavy: str
    #: Light models whose coarse-to-fine pictures are measured, by the name of their recipe.
    recipes: dict[str, str]
    taus: tuple[float, ...]
    #: Models of the manifest that are measured alone, and the base each is compared with ("" for none).
    alone: dict[str, str]
    pairs: tuple[PairPlan, ...]
    claims: tuple[ClaimPlan, ...] = ()
    #: Switch times, by recipe, at which the heavy model goes first and the light one of that recipe ends.
    heavy_first: dict[str, tuple[float, ...]] = field(default_factory=dict)
    guidance: float = 1.5
    points: int = 60
    first_seed: int = 1_000_000
    blocks: int = 3
    #: Images a block for FD and its like; the first `paired` of them serve for paired comparisons.
    samples: int = 1000
    paired: int = 500
    resamples: int = 500
    #: Grid indices at which latent cosines are taken.
    cosine_at: tuple[int, ...] = field(default=(12, 24, 36, 48, 59))

    def __post_init__(self) -> None:
        if self.paired > self.samples:
            raise ConfigDoesNotFit(f"paired ({self.paired}) are more than samples ({self.samples}) a block")
        if self.blocks < 2:
            raise ConfigDoesNotFit("blocks must be 2 or more: an interval over blocks needs them")
        for recipe, taus in self.heavy_first.items():
            if recipe not in self.recipes:
                raise ConfigDoesNotFit(f"heavy_first names {recipe!r}, which is none of the recipes {sorted(self.recipes)}")
            if not all(0 < tau < 1 for tau in taus):
                raise ConfigDoesNotFit(f"heavy_first.{recipe} {list(taus)} must lie between 0 and 1: at the ends one model draws")
        if list(self.cosine_at) != sorted({*self.cosine_at}) or not all(0 < i < self.points for i in self.cosine_at):
            raise ConfigDoesNotFit(f"cosine_at {list(self.cosine_at)} must rise, within the grid of {self.points} points")

    def seeds(self, block: int) -> range:
        """The seeds of a block; blocks lie one after the other."""
        start = self.first_seed + block * self.samples
        return range(start, start + self.samples)

    def arms(self) -> list[str]:
        """Everything that is drawn: the models alone, every recipe at every tau, and what pairs name beyond that."""
        seams = [f"{light}>{self.heavy}@{tau:g}" for light in self.recipes.values() for tau in self.taus if tau > 0]
        turned = [
            f"{self.heavy}>{self.recipes[recipe]}@{tau:g}" for recipe, taus in self.heavy_first.items() for tau in taus
        ]
        paired = [name for pair in self.pairs for name in (pair.a, pair.b)]
        return list(dict.fromkeys([*self.alone, *seams, *turned, *paired]))

    def switch_index(self, tau: float) -> int:
        """First grid index at which the second model answers: t_i >= tau."""
        return next((i for i in range(self.points) if i / (self.points - 1) >= tau), self.points)
