"""The shape of docs/results.json: what `python3 -m pretrain.evaluate` writes and scripts/results.ts draws.

In the file keys are camelCase and tuples are lists; a number that is infinite (PSNR of equal images) is null.
Units: FD and KID in squared units of the embedding network's features, shares in [0, 1], PSNR in dB, MSE in
squared levels of 0..255, times in seconds, sizes in bytes. Every Estimate carries its 95 % interval over
resampled seeds and the values of its blocks of seeds.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pretrain.errors import MissingFile, ResultsDoNotFit
from pretrain.metrics.bootstrap import Estimate

FORMAT = 1


@dataclass(frozen=True)
class Protocol:
    """How everything in a family was measured."""

    guidance: float
    steps: int
    solver: str
    #: Blocks of seeds of paired comparisons, and how many seeds each has.
    paired_blocks: int
    paired_seeds: int
    #: Blocks of FD, KID, precision … and how many images each has.
    quality_blocks: int
    quality_samples: int
    #: The images that quality is measured against.
    reference_split: str
    reference_count: int
    #: Resamples of distances and of shares that a set reaches, and of plain means.
    resamples: int
    mean_resamples: int
    #: Where it was measured: device and version of PyTorch.
    device: str
    torch: str


@dataclass(frozen=True)
class Accuracy:
    """Share right on held-out drawings, and how many drawings that is."""

    share: float
    count: int


@dataclass(frozen=True)
class FeatureNetwork:
    """The frozen embedding network; FD is called FD-⟨name⟩."""

    name: str
    file: str
    bytes: int
    sha256: str
    parameters: int
    feature_dim: int


@dataclass(frozen=True)
class AttributeNetwork:
    """The attribute classifier and what it can do on held-out drawings: the class, and heads named
    "style.attribute"."""

    name: str
    file: str
    bytes: int
    sha256: str
    parameters: int
    class_accuracy: Accuracy
    heads: dict[str, Accuracy]


@dataclass(frozen=True)
class Reconstruction:
    """An autoencoder on held-out images: per-image means, and FD of reconstructions against the held-out images, their
    own originals among them."""

    name: str
    #: One hash over the files of decoder and encoder.
    sha256: str
    psnr: Estimate
    ssim: Estimate
    fd: Estimate


@dataclass(frozen=True)
class Quality:
    """A set of generated images against the held-out ones."""

    fd: Estimate
    #: All blocks as one set: less of what FD owes to the number of images.
    fd_pooled: Estimate
    kid: Estimate
    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate
    #: Share of images that the classifier sees as the class asked for, in all and per class.
    recognised: Estimate
    recognised_per_class: dict[str, float]
    #: Of the class that is recognised least.
    recognised_lowest: Estimate
    #: f_mem against all training images of the family (also of models that saw a part of them), nearest in features of
    #: the embedding network; null where it was not measured.
    memorised: Estimate | None = None


@dataclass(frozen=True)
class LossAt:
    """Mean flow-matching loss on held-out latents at one time."""

    t: float
    loss: Estimate


@dataclass(frozen=True)
class ModelResult:
    """One flow model alone. `kind` says how the report groups it: heavy, light, variant, ladder."""

    name: str
    kind: str
    #: One sentence: what differs from the base.
    differs: str
    recipe: str
    architecture: str
    width: int
    depth: int
    parameters: int
    bytes: int
    sha256: str
    #: Samples seen in training, and how long it took where.
    samples: int
    seconds: float
    device: str
    quality: Quality
    #: Paired FD(model) / FD(base), base being the model named.
    base: str | None = None
    fd_ratio: Estimate | None = None
    fd_ratio_pooled: Estimate | None = None
    loss_per_t: tuple[LossAt, ...] = ()


@dataclass(frozen=True)
class TauResult:
    """Two models that take turns: the one in `order`'s first place draws while t < tau, the other the rest. `recipe` is
    that of the light model."""

    recipe: str
    light: str
    heavy: str
    #: "light first" or "heavy first".
    order: str
    tau: float
    light_steps: int
    heavy_steps: int
    quality: Quality
    #: Paired FD(these) / FD(heavy alone).
    fd_ratio: Estimate
    fd_ratio_pooled: Estimate
    #: Same-seed similarity with heavy alone.
    s_norm: Estimate


@dataclass(frozen=True)
class HeadAgreement:
    """Share of pairs with the same value of one attribute, and how many pairs have it."""

    share: float
    pairs: int


@dataclass(frozen=True)
class CosineAt:
    """Mean cosine of paired latent states at one time."""

    t: float
    cosine: Estimate


@dataclass(frozen=True)
class PairResult:
    """Two models on the same seeds."""

    a: str
    b: str
    what: str
    #: True for two runs of one recipe that differ in the training seed alone.
    noise_floor: bool
    s: Estimate
    s_unrel: Estimate
    s_norm: Estimate
    #: Share of attributes that the classifier sees alike in both; the same for strangers of one class.
    agreement: Estimate
    agreement_unrel: Estimate
    agreement_heads: dict[str, HeadAgreement]
    mse: Estimate
    #: Of the mean squared error, in dB; null where that or an end of its interval is 0.
    psnr: Estimate | None
    ssim: Estimate
    #: Empty for models of two autoencoders, whose latents have nothing to do with each other.
    latent_cosine: tuple[CosineAt, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A target, what was measured, and whether it holds."""

    statement: str
    #: For instance "upper end <= 1.03", in words that stand beside `measured`.
    rule: str
    measured: Estimate
    met: bool


@dataclass(frozen=True)
class FamilyResults:
    """Everything measured of one family."""

    protocol: Protocol
    embedding: FeatureNetwork
    classifier: AttributeNetwork
    #: The family's own autoencoder, then further ones.
    autoencoders: tuple[Reconstruction, ...]
    #: As many training drawings, measured as a model's pictures are: what a perfect model would get. Their f_mem is that
    #: of held-out drawings.
    drawings: Quality
    models: tuple[ModelResult, ...]
    coarse_to_fine: tuple[TauResult, ...]
    pairs: tuple[PairResult, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Results:
    """The whole file; families by name, for instance "avatars-64"."""

    families: dict[str, FamilyResults]
    format: int = FORMAT


def write_results(path: Path, results: Results) -> None:
    """Writes the file by rename. Throws ResultsDoNotFit for a number that is not finite (None is how to leave
    one out)."""
    text = json.dumps(to_json(results), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, "utf-8")
    os.replace(temporary, path)


def read_results(path: Path) -> Results:
    """The file as written. Throws MissingFile, ResultsDoNotFit."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingFile(f"no results at {path}; python3 -m pretrain.evaluate writes them") from None
    except ValueError as error:
        raise ResultsDoNotFit(f"{path} is not JSON: {error}") from None
    results = from_json(Results, values, path.name)
    if results.format != FORMAT:
        raise ResultsDoNotFit(
            f"{path} has format {results.format}, this program reads {FORMAT}; evaluate again"
        )
    return results


def camel(name: str) -> str:
    """snake_case → camelCase."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def to_json(value: Any, where: str = "results") -> Any:
    """A value as JSON: dataclass fields in camelCase, keys of dicts as they are. Throws ResultsDoNotFit."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {camel(f.name): to_json(getattr(value, f.name), f"{where}.{camel(f.name)}") for f in fields}
    if isinstance(value, dict):
        return {key: to_json(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_json(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ResultsDoNotFit(f"{where} is {value}; leave it out as None where the schema allows it")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ResultsDoNotFit(
        f"{where} is a {type(value).__name__}; the schema has plain numbers, strings and tables"
    )


def from_json(hint: Any, value: Any, where: str) -> Any:
    """JSON as an instance of the type `hint`. Throws ResultsDoNotFit with the place."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        (option,) = [option for option in typing.get_args(hint) if option is not type(None)]
        return from_json(option, value, where)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ResultsDoNotFit(f"{where}: a table is wanted, not {value!r:.60}")
        hints = typing.get_type_hints(hint)
        names = {camel(field.name): field.name for field in dataclasses.fields(hint)}
        wrong = sorted(set(names) ^ set(value))
        if wrong:
            raise ResultsDoNotFit(
                f"{where}: the key {wrong[0]!r} is {'unknown' if wrong[0] in value else 'missing'}"
            )
        return hint(
            **{
                names[key]: from_json(hints[names[key]], item, f"{where}.{key}")
                for key, item in value.items()
            }
        )
    if origin is tuple:
        if not isinstance(value, list):
            raise ResultsDoNotFit(f"{where}: a list is wanted, not {value!r:.60}")
        return tuple(
            from_json(typing.get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value)
        )
    if origin is dict:
        if not isinstance(value, dict):
            raise ResultsDoNotFit(f"{where}: a table is wanted, not {value!r:.60}")
        return {
            key: from_json(typing.get_args(hint)[1], item, f"{where}.{key}") for key, item in value.items()
        }
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ResultsDoNotFit(f"{where}: {hint.__name__} is wanted, not {value!r:.60}")
    return value
