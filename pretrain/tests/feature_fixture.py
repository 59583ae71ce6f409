"""Writes test/fixtures/pretrain/feature-networks.{json,safetensors}: small metric networks with random
weights, and what PyTorch computes with them, for the engine in TypeScript to be compared with. Run it as
`python3 -m pretrain.tests.feature_fixture`.

Inputs are images [B,3,S,S] in [−1,1] at the size of the network and at twice that; outputs are f32.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import write_safetensors
from pretrain.folders import PROJECT
from pretrain.models.attributes import Head
from pretrain.models.classifier import Classifier, ClassifierConfig
from pretrain.models.embedding import EmbeddingConfig, EmbeddingNetwork

FOLDER = PROJECT / "test" / "fixtures" / "pretrain"
SIZE = 16

HEADS = (
    Head("background", ("round", "square"), ("blue", "pink", "green")),
    Head("round.hair", ("round",), ("long", "short")),
    Head("square.eyes", ("square",), ("open", "closed", "hidden")),
)


def randomised(network: torch.nn.Module, generator: torch.Generator) -> torch.nn.Module:
    """Every weight drawn anew, so that no block is the identity that training starts with."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 25
            parameter.normal_(0.0, fan_in**-0.5, generator=generator)
            if "norm" in name and name.endswith("weight"):
                parameter.add_(1.0)
    return network.eval()


@torch.no_grad()
def main(folder: Path = FOLDER) -> None:
    generator = torch.Generator().manual_seed(64)
    trunk = {"image_size": SIZE, "widths": (8, 16), "residual_blocks": (1, 2), "norm_groups": 4}
    embedding = randomised(EmbeddingNetwork(EmbeddingConfig(**trunk, feature_dim=12)), generator)
    config = ClassifierConfig(("round", "square"), HEADS, **trunk, reduced=6, hidden=20)
    classifier = randomised(Classifier(config), generator)
    tensors: dict[str, np.ndarray] = {}
    for name, network in (("embedding", embedding), ("classifier", classifier)):
        tensors |= {f"weights.{name}.{key}": value.numpy() for key, value in network.state_dict().items()}
    for size in (SIZE, 2 * SIZE):
        images = torch.rand(3, 3, size, size, generator=generator) * 2 - 1
        class_logits, attribute_logits = classifier(images)
        outputs = {"features": embedding(images), "class_logits": class_logits}
        outputs["attribute_logits"] = attribute_logits
        tensors[f"in.images_{size}"] = images.numpy()
        tensors |= {f"out.{key}_{size}": value.numpy() for key, value in outputs.items()}
    # |got − want| <= atol + rtol·|want|: f32 sums of up to a few hundred products in another order.
    configs = {"embedding": embedding.config.as_dict(), "classifier": config.as_dict()}
    about: dict[str, object] = {"config": configs}
    about |= {"sizes": [SIZE, 2 * SIZE], "atol_tight": 2e-5, "rtol_tight": 2e-5, "torch": torch.__version__}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feature-networks.json").write_text(json.dumps(about, indent=2) + "\n")
    write_safetensors(folder / "feature-networks.safetensors", tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
