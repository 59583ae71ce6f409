"""The gallery of arms on a family of two tiny DiTs: it draws what the sampler draws, once, and notices other weights."""

import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from pretrain.checkpoints.safetensors import file_entry, half_precision, write_shards
from pretrain.errors import BadSafetensors, ConfigDoesNotFit, MissingFile
from pretrain.config import load_config
from pretrain.evaluate.claims import ORDERS, RULES, check_claims, measured_for
from pretrain.evaluate.draw import Gallery
from pretrain.evaluate.measure import RealImages, measure_pair, measure_quality
from pretrain.evaluate.models import Models
from pretrain.evaluate.plan import ClaimPlan, EvaluationPlan, PairPlan
from pretrain.evaluate.run import Evaluation
from pretrain.evaluate.trajectories import Arm, Trajectories, alone, arm_of
from pretrain.folders import CONFIGS, PROJECT
from pretrain.flow.sampler import sample, uniform_grid
from pretrain.metrics.frechet import frechet_distance
from pretrain.metrics.results import read_results
from pretrain.models.dit import DiT, DiTConfig
from pretrain.train.sheet import start_states

PLAN = EvaluationPlan(
    family="tiny", heavy="heavy", recipes={}, taus=(0.3, 0.7, 1.0), alone={}, pairs=(), points=11, blocks=2,
    samples=24, paired=16, cosine_at=(5, 10), resamples=20,
)


def write_family(root: Path, seed: int = 0) -> None:
    """Two tiny networks with weights that are not zero where training would not leave them zero."""
    models = []
    for name, width in (("light", 8), ("heavy", 16)):
        torch.manual_seed(seed + width)
        network = DiT(DiTConfig(4, 2, 2, width, 1, 1, num_classes=2))
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
        config = json.dumps(network.config.as_dict())
        paths = write_shards(root / "tiny", name, half_precision(network.state_dict()), {"config": config})
        models.append({"name": name, "role": name, "files": [file_entry(path, root) for path in paths]})
    family = {"name": "tiny", "models": models, "latent": {"channels": 2, "height": 4, "width": 4}, "classes": [{}, {}]}
    (root / "manifest.json").write_text(json.dumps({"families": [family]}))


class DrawTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        write_family(self.root)
        self.looks = 0

    def look(self, x1, _autoencoder):
        """Stands for decoder and metric networks: pixels and features are the latent's numbers."""
        self.looks += 1
        flat = x1.flatten(1).numpy()
        pixels = np.clip(flat[:, :12].reshape(-1, 2, 2, 3) * 40 + 128, 0, 255).astype(np.uint8).repeat(8, 1).repeat(8, 2)
        return pixels, flat[:, :8], (flat[:, 0] > 0).astype(np.int64), (flat[:, :3] > 0).astype(np.int64)

    def gallery(self):
        models = Models(self.root, "tiny", torch.device("cpu"), torch.float32)
        return Gallery(self.root / "cache", PLAN, models, self.look, lambda _: "look", lambda _: None)

    def test_an_arm_holds_what_the_sampler_draws_for_the_same_seeds(self):
        gallery = self.gallery()
        light, heavy = (gallery.models.velocity(name).network for name in ("light", "heavy"))
        x0 = start_states(PLAN.seeds(1), (2, 4, 4), torch.device("cpu"))
        y = torch.from_numpy(gallery.labels(1))
        for tau in (0.0, 0.3, 0.7, 1.0):
            with self.subTest(tau):
                block = gallery.block(Arm("light", "heavy", tau), 1)
                wanted = sample(light, heavy, tau, x0, y, uniform_grid(11), PLAN.guidance, 2)
                np.testing.assert_allclose(block.latents, wanted.numpy()[:16], atol=1e-5)
                np.testing.assert_allclose(block.states[-1], wanted.numpy()[:16], atol=2e-2, rtol=2e-3)  # f16
                self.assertEqual(block.features.shape, (24, 8))

    def test_a_block_is_drawn_once_and_again_when_weights_change(self):
        gallery = self.gallery()
        first = gallery.block(alone("heavy"), 0)
        looks = self.looks
        self.gallery().block(alone("heavy"), 0)
        self.assertEqual(self.looks, looks)
        write_family(self.root, seed=100)
        other = self.gallery().block(alone("heavy"), 0)
        self.assertGreater(self.looks, looks)
        self.assertGreater(np.abs(other.latents - first.latents).max(), 1e-3)

    def test_states_outlast_another_look_at_the_pictures(self):
        self.gallery().block(alone("heavy"), 0)
        models = Models(self.root, "tiny", torch.device("cpu"), torch.float32)
        other = Gallery(self.root / "cache", PLAN, models, self.look, lambda _: "another look", lambda _: None)
        other.trajectories._draw = lambda *_: self.fail("the states were drawn again")
        looks = self.looks
        other.block(alone("heavy"), 0)
        self.assertGreater(self.looks, looks)

    def test_an_interrupted_drawing_goes_on_where_it_was(self):
        drawn = []
        for _ in range(2):
            models = Models(self.root, "tiny", torch.device("cpu"), torch.float32)
            trajectories = Trajectories(self.root / "states", PLAN, models, lambda _: None)
            draw = trajectories._draw
            trajectories._draw = lambda *which: drawn.append(which) or draw(*which)
            trajectories.draw(Arm("light", "heavy", 0.7))
        self.assertEqual(len(drawn), PLAN.blocks)

    def test_a_model_is_as_good_as_itself_and_agrees_with_itself(self):
        gallery = self.gallery()
        blocks = gallery.blocks(alone("heavy"))
        labels = [gallery.labels(k) for k in range(2)]
        real = RealImages(np.random.default_rng(0).standard_normal((60, 8)))
        features, seen = [block.features for block in blocks], [block.seen_labels for block in blocks]
        measured = measure_quality(features, seen, labels, real, ["a", "b"], 20)
        quality = measured.quality
        self.assertLessEqual(quality.fd.low, quality.fd.value)
        self.assertEqual((len(measured.fd), len(measured.fd_pooled)), (20, 20))
        self.assertAlmostEqual(quality.fd_pooled.value, frechet_distance(real.features, np.concatenate(features)), places=6)
        self.assertEqual([ratio.value for ratio in measured.ratio_to(measured)], [1.0, 1.0])
        self.assertEqual(quality.recognised_lowest.value, min(quality.recognised_per_class.values()))
        pair = measure_pair(blocks, blocks, labels, ("heavy", "heavy"), "itself", False, [0.5, 1.0], ["x", "y", "z"])
        self.assertAlmostEqual(pair.s_norm.value, 1.0, places=6)
        self.assertEqual((pair.agreement.value, pair.mse.value, pair.psnr), (1.0, 0.0, None))
        self.assertAlmostEqual(pair.latent_cosine[1].cosine.value, 1.0, places=6)
        self.assertLess(pair.s_unrel.value, 0.99)

    def test_models_of_two_autoencoders_have_no_cosine_of_latents(self):
        gallery = self.gallery()
        blocks, labels = gallery.blocks(alone("heavy")), [gallery.labels(k) for k in range(2)]
        pair = measure_pair(blocks, blocks, labels, ("heavy", "heavy"), "itself", False, (), ["x", "y", "z"])
        self.assertEqual(pair.latent_cosine, ())

    def test_a_switch_time_that_came_later_has_its_own_state_of_the_light_model(self):
        models = Models(self.root, "tiny", torch.device("cpu"), torch.float32)
        draw = lambda plan, tau: Trajectories(self.root / "states", plan, models, lambda _: None).part(
            Arm("light", "heavy", tau), 0, 0
        )
        draw(PLAN, 0.7)
        late = draw(replace(PLAN, taus=(0.3, 0.4, 0.7)), 0.4)
        alone_at_once = Trajectories(self.root / "other", replace(PLAN, taus=(0.4,)), models, lambda _: None)
        np.testing.assert_array_equal(late, alone_at_once.part(Arm("light", "heavy", 0.4), 0, 0))

    def test_the_first_model_is_asked_up_to_its_switch_and_no_further(self):
        models = Models(self.root, "tiny", torch.device("cpu"), torch.float32)
        trajectories = Trajectories(self.root / "states", PLAN, models, lambda _: None)
        asked = []
        run = trajectories._run
        trajectories._run = lambda model, x, y, first, stops: asked.append((model, first, stops[-1])) or run(
            model, x, y, first, stops
        )
        parts = {tau: trajectories.part(Arm("heavy", "light", tau), 0, 0) for tau in (0.3, 0.7)}
        self.assertEqual(asked, [("heavy", 0, 3), ("light", 3, 10), ("heavy", 3, 7), ("light", 7, 10)])
        at_once = Trajectories(self.root / "other", PLAN, models, lambda _: None).part(Arm("heavy", "light", 0.7), 0, 0)
        np.testing.assert_array_equal(parts[0.7], at_once)

    def test_missing_shards_and_other_bytes_are_named_errors(self):
        path = self.root / "tiny/heavy.safetensors"
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with self.assertRaisesRegex(BadSafetensors, "sha256"):
            self.gallery().block(alone("heavy"), 0)
        path.unlink()
        with self.assertRaisesRegex(MissingFile, "missing"):
            self.gallery().block(alone("heavy"), 0)
        with self.assertRaises(MissingFile):
            self.gallery().block(alone("nobody"), 0)


class PlanTest(unittest.TestCase):
    def test_the_switch_is_the_first_grid_time_at_or_after_tau(self):
        plan = EvaluationPlan(family="f", heavy="h", recipes={}, taus=(), alone={}, pairs=())
        self.assertEqual(plan.switch_index(0.7), 42)  # the paper's 42 light and 17 heavy steps
        self.assertEqual(plan.switch_index(0.0), 0)
        self.assertEqual(plan.switch_index(1.0), 59)

    def test_the_plan_of_avatars_64_reads_and_its_claims_have_rules(self):
        plan = load_config(EvaluationPlan, CONFIGS / "evaluate-avatars-64.toml")
        self.assertEqual(plan.taus, (0.0, 0.3, 0.5, 0.7, 0.9, 1.0))
        for claim in plan.claims:
            self.assertIn(claim.measure.split(".")[1], RULES)
        check_claims(plan)

    def test_a_claim_about_what_is_not_measured_is_refused_before_anything_is(self):
        plan = EvaluationPlan(family="f", heavy="h", recipes={"plain": "l"}, taus=(0.7,), alone={"h": ""}, pairs=())
        for measure in ("c2f.fd_ratio.plain@0.5", "model.fd_ratio.h", "model.recognised_lowest.l", "c2f.kid.plain@0.7"):
            with self.assertRaisesRegex(ConfigDoesNotFit, "does not measure"):
                check_claims(replace(plan, claims=(ClaimPlan("it is good", measure, 1.0),)))
        check_claims(replace(plan, claims=(ClaimPlan("it is good", "c2f.fd_ratio.plain@0.7", 1.0),)))

    def test_the_heavy_model_can_go_first_where_a_recipe_is_known(self):
        plan = dict(family="f", heavy="h", recipes={"plain": "l"}, taus=(0.7,), alone={"h": ""}, pairs=())
        turned = EvaluationPlan(**plan, heavy_first={"plain": (0.3, 0.5)})
        self.assertEqual(turned.arms(), ["h", "l>h@0.7", "h>l@0.3", "h>l@0.5"])
        check_claims(replace(turned, claims=(ClaimPlan("it is good", "heavy_first.s_norm.plain@0.3", 1.0),)))
        with self.assertRaisesRegex(ConfigDoesNotFit, "does not measure"):
            check_claims(replace(turned, claims=(ClaimPlan("it is good", "heavy_first.s_norm.plain@0.7", 1.0),)))
        for wrong in ({"plan": (0.3,)}, {"plain": (0.0,)}, {"plain": (1.0,)}):
            with self.assertRaisesRegex(ConfigDoesNotFit, "heavy_first"):
                EvaluationPlan(**plan, heavy_first=wrong)

    def test_steps_are_counted_by_the_model_that_makes_them_in_either_order(self):
        rng, asked = np.random.default_rng(5), []
        blocks = [SimpleNamespace(features=rng.normal(size=(16, 4)).astype(np.float32)) for _ in range(2)]
        evaluation = object.__new__(Evaluation)
        evaluation.plan = replace(PLAN, points=60, recipes={"plain": "light"}, cosine_at=(12,))
        evaluation.labels = [np.arange(16) % 2] * 2
        evaluation.gallery = SimpleNamespace(blocks=lambda arm: blocks)
        ratio_to = lambda other: (None, None)
        evaluation.quality = lambda arm: asked.append(arm.name) or SimpleNamespace(quality=None, ratio_to=ratio_to)
        steps = {}
        for heavy_first, tau in ((False, 0.7), (True, 0.3), (True, 1.0), (False, 0.0)):
            result = evaluation.in_turns("plain", "light", tau, heavy_first)
            steps[result.order, tau] = (result.light_steps, result.heavy_steps)
        self.assertEqual(steps, {
            ("light first", 0.7): (42, 17), ("heavy first", 0.3): (41, 18),
            ("heavy first", 1.0): (0, 59), ("light first", 0.0): (0, 59),
        })  # fmt: skip
        drawn = [name for name in asked if name != "heavy"]
        self.assertEqual(drawn, ["light>heavy@0.7", "heavy>light@0.3", "heavy>light@1"])

    def test_the_networks_of_the_metrics_are_those_that_were_frozen(self):
        results = read_results(PROJECT / "docs" / "results.json").families["avatars-64"]
        features = Models(PROJECT / "public" / "models", "avatars-64", torch.device("cpu"), torch.float32).family["features"]
        # Of 21 November 2026, before any flow model was measured; another network would be another FD.
        frozen = "b7d874bb65eed2c428a55dc2979761778c0e7ca917a1023a2e3f3920e898f0a8"
        self.assertEqual({results.embedding.sha256, features["embedding"]["files"][0]["sha256"]}, {frozen})
        self.assertEqual(results.classifier.sha256, features["classifier"]["files"][0]["sha256"])

    def test_a_claim_is_judged_by_the_order_that_it_names(self):
        drawn = {order: SimpleNamespace(order=order, recipe="plain", tau=0.3, s_norm=order) for order in ORDERS.values()}
        for where, order in ORDERS.items():
            measured = measured_for(f"{where}.s_norm.plain@0.3", None, (), tuple(drawn.values()))
            self.assertEqual(measured, order)

    def test_an_arm_that_is_none_is_named(self):
        self.assertEqual(arm_of("h>l@0.3"), Arm("h", "l", 0.3))
        for wrong in ("a>b", "light>heavy@x", "light>heavy@1.5", ">heavy@0.5"):
            with self.assertRaisesRegex(ConfigDoesNotFit, "FIRST>LAST@TAU"):
                arm_of(wrong)

    def test_times_of_cosines_must_rise_within_the_grid(self):
        plan = dict(family="f", heavy="h", recipes={}, taus=(), alone={}, pairs=())
        for wrong in ((12, 60), (24, 12), (12, 12), (0,)):
            with self.assertRaisesRegex(ConfigDoesNotFit, "cosine_at"):
                EvaluationPlan(**plan, cosine_at=wrong)

    def test_what_only_a_pair_names_is_drawn_too(self):
        pairs = (PairPlan("h", "l>h@0.6", "a pair"),)
        plan = EvaluationPlan(family="f", heavy="h", recipes={}, taus=(0.7,), alone={"h": ""}, pairs=pairs)
        self.assertEqual(plan.arms(), ["h", "l>h@0.6"])
