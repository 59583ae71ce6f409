"""The committed evaluation's numbers beside the parts of a family that they were measured on: `metrics` in
family.json.

A model is given numbers only while its files, the autoencoder and the networks of the metrics are those that were
measured and measured with, by sha256; older numbers go.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Sequence

from pretrain.checkpoints.manifest import files_of
from pretrain.metrics.bootstrap import Estimate
from pretrain.metrics.results import FamilyResults, PairResult, Quality, Reconstruction


def metric(name: str, estimate: Estimate, unit: str | None = None) -> dict[str, Any]:
    """An estimate as the manifest writes it: six digits are more than any interval here leaves."""
    value, low, high = (float(f"{number:.6g}") for number in (estimate.value, estimate.low, estimate.high))
    return {"name": name, "value": value, "low": low, "high": high, **({"unit": unit} if unit else {})}


def quality_metrics(quality: Quality, embedding: str) -> list[dict[str, Any]]:
    """FD and its like in the named feature network, and the share of images that show the class asked for."""
    metrics = [metric(f"FD-{embedding}", quality.fd), metric(f"KID-{embedding}", quality.kid)]
    shares = ("precision", "recall", "density", "coverage", "recognised")
    metrics += [metric(name, getattr(quality, name)) for name in shares]
    return metrics + ([metric("f_mem", quality.memorised)] if quality.memorised else [])


def reconstruction_metrics(reconstruction: Reconstruction, embedding: str) -> list[dict[str, Any]]:
    """The autoencoder on held-out drawings."""
    metrics = [metric("PSNR", reconstruction.psnr, "dB"), metric("SSIM", reconstruction.ssim)]
    return [*metrics, metric(f"FD-{embedding}", reconstruction.fd)]


def sha256_of(paths: list[Path]) -> str:
    """One hash over a model's files, as the evaluation names its weights: sha256 of their hashes in hex."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def similarity_metrics(name: str, fresh: set[str], pairs: Sequence[PairResult]) -> list[dict[str, Any]]:
    """`s_norm to NAME`: how much the model draws the other's picture for a seed, for every pair of which it is
    the second and both are among the `fresh`. The page reads the noise floor of the zoo from it."""
    own = [pair for pair in pairs if pair.b == name and {name, pair.a} <= fresh]
    return [metric(f"s_norm to {pair.a}", pair.s_norm) for pair in own]


def autoencoder_files(folder: Path, name: str) -> list[Path]:
    """Decoder and encoder of an autoencoder, by the stem of their files."""
    return [*files_of(folder, f"{name}-decoder"), *files_of(folder, f"{name}-encoder")]


def same_instruments(folder: Path, results: FamilyResults) -> bool:
    """Whether pictures would be decoded and looked at by the networks that the evaluation had."""
    measured = {"embedding": results.embedding.sha256, "classifier": results.classifier.sha256}
    own = results.autoencoders[0]
    return own.sha256 == sha256_of(autoencoder_files(folder, "autoencoder")) and all(
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in files_of(folder, stem)] == [sha256]
        for stem, sha256 in measured.items()
    )


def without_metrics(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "metrics"}


def with_metrics(family: dict[str, Any], folder: Path, results: FamilyResults) -> dict[str, Any]:
    """The family with the metrics of `results`, and no others: none at all where the autoencoder or a network of the metrics
    is another one than was measured with."""
    embedding, own = results.embedding.name, results.autoencoders[0]
    is_known = same_instruments(folder, results)
    measured = {result.name: result for result in results.models} if is_known else {}
    names = [entry["name"] for entry in family["models"] if entry["name"] in measured]
    fresh = {name for name in names if measured[name].sha256 == sha256_of(files_of(folder, name))}
    models = []
    for bare in map(without_metrics, family["models"]):
        name = bare["name"]
        if name in fresh:
            alike = similarity_metrics(name, fresh, results.pairs)
            bare["metrics"] = [*quality_metrics(measured[name].quality, embedding), *alike]
        models.append(bare)
    autoencoder = without_metrics(family["autoencoder"])
    if is_known:
        autoencoder["metrics"] = reconstruction_metrics(own, embedding)
    further = {result.name: result for result in results.autoencoders[1:]} if is_known else {}
    others = []
    for bare in map(without_metrics, family.get("autoencoders", [])):
        result = further.get(bare["name"])
        if result and result.sha256 == sha256_of(autoencoder_files(folder, result.name)):
            bare["metrics"] = reconstruction_metrics(result, embedding)
        others.append(bare)
    return {**family, "models": models, "autoencoder": autoencoder, **({"autoencoders": others} if others else {})}
