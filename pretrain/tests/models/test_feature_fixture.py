"""The stored fixture of the metric networks is what PyTorch computes."""

from __future__ import annotations

import json
import unittest

import numpy as np
import torch

from pretrain.checkpoints.safetensors import load_into, read_safetensors
from pretrain.config import from_dict
from pretrain.models.classifier import Classifier, ClassifierConfig
from pretrain.models.embedding import EmbeddingConfig, EmbeddingNetwork
from pretrain.tests.feature_fixture import FOLDER


class FeatureFixture(unittest.TestCase):
    def test_the_networks_give_the_stored_outputs(self) -> None:
        tensors, _ = read_safetensors(FOLDER / "feature-networks.safetensors")
        about = json.loads((FOLDER / "feature-networks.json").read_text())
        embedding = EmbeddingNetwork(from_dict(EmbeddingConfig, about["config"]["embedding"], "fixture"))
        classifier = Classifier(from_dict(ClassifierConfig, about["config"]["classifier"], "fixture"))
        for name, network in (("embedding", embedding), ("classifier", classifier)):
            start = f"weights.{name}."
            load_into(network, {k[len(start) :]: v for k, v in tensors.items() if k.startswith(start)}, name)
        for size in about["sizes"]:
            images = torch.from_numpy(tensors[f"in.images_{size}"].copy())
            with torch.no_grad():
                outputs = dict(zip(("class_logits", "attribute_logits"), classifier(images)))
                outputs["features"] = embedding(images)
            for key, got in outputs.items():
                want = tensors[f"out.{key}_{size}"]
                np.testing.assert_allclose(got.numpy(), want, 1e-5, 1e-5, err_msg=f"{key}, {size} px")


if __name__ == "__main__":
    unittest.main()
