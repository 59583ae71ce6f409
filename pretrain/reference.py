"""Stage `reference`: pictures computed here from the exported files, for the engine to be compared with.

Written into test/fixtures/pretrain, one set a family: reference-FAMILY.json (settings of each case and the
sha256 of the files it was drawn with), .safetensors (final latents x1 [B,C,H,W], f32, by the case's `tensor`)
and .png (pixels: one row a case, one column a seed).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pretrain.checkpoints.safetensors import write_safetensors
from pretrain.config import load_config
from pretrain.errors import ConfigDoesNotFit, MissingFile
from pretrain.evaluate.models import Models
from pretrain.flow.noise import initial_noise
from pretrain.flow.sampler import sample, uniform_grid
from pretrain.folders import PROJECT
from pretrain.models.autoencoder import load_autoencoder
from pretrain.models.fast_products import fast_products
from pretrain.train.sheet import save_picture, to_bytes

FOLDER = PROJECT / "test" / "fixtures" / "pretrain"
#: Levels of 255 that the engine's pixels may differ by: both compute in f32, in another order.
PIXEL_LEVELS = 2
#: Largest difference of a final latent, whose values are about 1.
LATENTS = 5e-3


@dataclass(frozen=True)
class Case:
    #: As in links: light, heavy, c2f, a model's name, c2f:NAME or c2f:NAME:NAME, so c2f:heavy:light for heavy first.
    model: str
    seeds: tuple[int, ...]
    #: One a seed.
    classes: tuple[str, ...]
    #: Points of the time grid.
    steps: int
    tau: float = 0.7
    guidance: float = 1.5
    #: Few enough evaluations for plain JavaScript.
    quick: bool = False

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.classes):
            raise ConfigDoesNotFit(f"{self.model}: {len(self.seeds)} seeds and {len(self.classes)} classes")


@dataclass(frozen=True)
class ReferencePlan:
    family: str
    case: tuple[Case, ...]


def models_of(text: str) -> tuple[str, str]:
    """Names of the models that draw below tau and from it on; a model alone takes both places."""
    first, *others = text.split(":")
    if first != "c2f":
        return text, text
    before, after, *rest = [*others, *("light", "heavy")[len(others) :]]
    if rest:
        raise ConfigDoesNotFit(f"{text} names more than two models")
    return before, after


def draw(case: Case, models: Models) -> tuple[torch.Tensor, np.ndarray, dict[str, list[str]]]:
    """Final latents [B,C,H,W], pixels uint8 [B,S,S,3] and the sha256 of the files by the place that they
    have. Throws MissingFile for a model that the manifest does not list."""
    before, after = (models.velocity(name) for name in models_of(case.model))
    entry = models.autoencoder_entry(after.autoencoder)
    decoder = entry["decoder"]["files"]
    autoencoder = load_autoencoder(models.paths([*decoder, *entry["encoder"]["files"]]))
    names = [one["name"] for one in models.family["classes"]]
    labels = torch.tensor([names.index(name) for name in case.classes])
    x0 = initial_noise(case.seeds, autoencoder.config.latent_shape)
    tau = case.tau if case.model.startswith("c2f") else 0.0
    times = uniform_grid(case.steps)
    with torch.no_grad(), fast_products():
        x1 = sample(before.network, after.network, tau, x0, labels, times, case.guidance, after.null_label)
        pixels = to_bytes(autoencoder.decode(x1 / autoencoder.config.scale_factor))
    if case.model.startswith("c2f"):
        # As src/checkpoints/modelText.ts tells heavy first: by the name.
        is_turned = before.entry["name"] == "heavy" and after.entry["name"] != "heavy"
        used = {"light": after, "heavy": before} if is_turned else {"light": before, "heavy": after}
    else:
        used = {"alone": after}
    weights = {place: model.entry["files"] for place, model in used.items()} | {"decoder": decoder}
    return x1, pixels, {place: [file["sha256"] for file in files] for place, files in weights.items()}


def write_reference(plan: ReferencePlan, root: Path, folder: Path = FOLDER, say=print) -> list[str]:
    """Draws every case that the manifest in `root` has models for; the models drawn."""
    models = Models(root, plan.family, torch.device("cpu"), torch.float32)
    cases, tensors, rows = [], {}, []
    for number, case in enumerate(plan.case):
        try:
            x1, pixels, weights = draw(case, models)
        except MissingFile as error:
            say(f"left out {case.model}: {error}")
            continue
        tensor = f"{number}.{case.model}"
        tensors[tensor] = x1.numpy()
        names = [one["name"] for one in models.family["classes"]]
        settings = {"tau": case.tau, "steps": case.steps, "guidance": case.guidance, "quick": case.quick}
        labels = [names.index(name) for name in case.classes]
        place = {"model": case.model, "seeds": list(case.seeds), "labels": labels, **settings}
        cases.append({**place, "row": len(rows), "tensor": tensor, "weights": weights})
        rows.append(pixels)
        say(f"{case.model}: {len(case.seeds)} images, {case.steps} points")
    size = models.family["image_size"]
    sheet = np.full((len(rows) * size, max(len(row) for row in rows) * size, 3), 255, np.uint8)
    for k, row in enumerate(rows):
        sheet[k * size : (k + 1) * size, : len(row) * size] = np.concatenate(list(row), axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"reference-{plan.family}"
    write_safetensors(folder / f"{stem}.safetensors", tensors)
    save_picture(Image.fromarray(sheet), folder / f"{stem}.png")
    about = {"family": plan.family, "solver": "euler", "torch": torch.__version__, "image_size": size}
    about |= {"tolerance": {"pixels": PIXEL_LEVELS, "latents": LATENTS}, "cases": cases}
    temporary = folder / f"{stem}.json.tmp"
    temporary.write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    os.replace(temporary, folder / f"{stem}.json")
    return [case["model"] for case in cases]


def read_reference_plan(path: Path) -> ReferencePlan:
    return load_config(ReferencePlan, path)
