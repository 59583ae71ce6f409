"""The stored reference pictures are what PyTorch draws from the shipped files."""

from __future__ import annotations

import json
import unittest

import numpy as np
import torch
from PIL import Image

from pretrain.checkpoints.safetensors import read_safetensors
from pretrain.errors import ConfigDoesNotFit, MissingFile
from pretrain.evaluate.models import Models
from pretrain.folders import PROJECT
from pretrain.reference import FOLDER, Case, draw, models_of

MODELS = PROJECT / "public" / "models"


class ReferenceTest(unittest.TestCase):
    def test_a_model_alone_takes_both_places_and_coarse_to_fine_names_two(self) -> None:
        self.assertEqual(models_of("zoo-half"), ("zoo-half", "zoo-half"))
        self.assertEqual(models_of("c2f"), ("light", "heavy"))
        self.assertEqual(models_of("c2f:a"), ("a", "heavy"))
        self.assertEqual(models_of("c2f:a:b"), ("a", "b"))
        with self.assertRaises(ConfigDoesNotFit):
            models_of("c2f:a:b:c")
        with self.assertRaisesRegex(ConfigDoesNotFit, "2 seeds and 1 classes"):
            Case("light", (1, 2), ("micah",), 4)

    def test_quick_cases_are_drawn_as_stored(self) -> None:
        torch.set_num_threads(1)
        for path in sorted(FOLDER.glob("reference-*.json")):
            about = json.loads(path.read_text("utf-8"))
            latents, _ = read_safetensors(path.with_suffix(".safetensors"))
            sheet = np.asarray(Image.open(path.with_suffix(".png")).convert("RGB")).astype(int)
            models = Models(MODELS, about["family"], torch.device("cpu"), torch.float32)
            names = [one["name"] for one in models.family["classes"]]
            size = about["image_size"]
            quick = [case for case in about["cases"] if case["quick"]]
            self.assertTrue(quick)
            for stored in quick:
                keys = ("model", "steps", "tau", "guidance")
                classes = tuple(names[label] for label in stored["labels"])
                settings = {key: stored[key] for key in keys}
                case = Case(seeds=tuple(stored["seeds"]), classes=classes, **settings)
                with self.subTest(**settings):
                    x1, pixels, weights = draw(case, models)
                    self.assertEqual(weights, stored["weights"], "run python3 -m pretrain reference")
                    # Another version of torch sums in another order.
                    np.testing.assert_allclose(x1.numpy(), latents[stored["tensor"]], atol=1e-3)
                    for k, picture in enumerate(pixels):
                        row = sheet[stored["row"] * size : (stored["row"] + 1) * size]
                        difference = np.abs(row[:, k * size : (k + 1) * size] - picture.astype(int))
                        self.assertLessEqual(difference.max(), 1)

    def test_a_model_that_the_manifest_does_not_list_is_named(self) -> None:
        models = Models(MODELS, "avatars-64", torch.device("cpu"), torch.float32)
        with self.assertRaisesRegex(MissingFile, "no model nothing"):
            draw(Case("c2f:nothing", (1,), ("micah",), 4), models)


if __name__ == "__main__":
    unittest.main()
