"""The committed evaluation's numbers beside the parts of a family that they were measured on: `metrics` in
family.json.

A model is given numbers only while its files are those that were measured, by sha256; numbers of older
weights go.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pretrain.checkpoints.manifest import files_of
from pretrain.metrics.bootstrap import Estimate
from pretrain.metrics.results import FamilyResults, Quality, Reconstruction


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


def with_metrics(family: dict[str, Any], folder: Path, results: FamilyResults) -> dict[str, Any]:
    """The family with the metrics of `results`, and no others."""
    embedding = results.embedding.name
    measured = {result.name: result for result in results.models}
    models = []
    for entry in family["models"]:
        bare = {key: value for key, value in entry.items() if key != "metrics"}
        result = measured.get(entry["name"])
        if result is not None and result.sha256 == sha256_of(files_of(folder, entry["name"])):
            bare["metrics"] = quality_metrics(result.quality, embedding)
        models.append(bare)
    autoencoder = {**family["autoencoder"], "metrics": reconstruction_metrics(results.autoencoder, embedding)}
    return {**family, "models": models, "autoencoder": autoencoder}
