"""Selections are the golden ones, keep exactly the budget, and follow their definitions."""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from pretrain.errors import BadSelection
from pretrain.flow.closed_form import optimal_velocity
from pretrain.scoring import selection
from pretrain.scoring.clustering import spherical_k_means, unit_rows
from pretrain.scoring.dominance import dominance
from pretrain.scoring.evidence import Evidence
from pretrain.scoring.kernels import fourier_features
from pretrain.scoring.select import CRITERIA, select, write_selection
from pretrain.tests.golden import golden


class GoldenSelections(unittest.TestCase):
    def test_selections_by_cluster_are_the_golden_ones(self) -> None:
        for name in ("06_cluster_small", "06_cluster_uneven"):
            case = golden(name)
            unit = unit_rows(case["in.features"])
            clusters = spherical_k_means(unit, case["in.init_centroids"], case.config["iterations"])
            labels, distances = clusters.labels, clusters.distances
            for keep, total in case.config["keep_totals"].items():
                ratio = 1 - float(keep)
                self.assertEqual(selection.kept_count(len(unit), ratio), total)
                balanced = selection.balanced_quota(clusters.sizes, total)
                self.assertEqual(balanced.tolist(), case.indices(f"out.Cb_quota_{keep}"))
                quotas = {"Cp": selection.proportional_quota(clusters.sizes, ratio), "Cb": balanced}
                for kind, quota in quotas.items():
                    for end in ("nearest", "furthest"):
                        got = selection.select_per_cluster(labels, distances, quota, end == "furthest")
                        want = case.indices(f"out.{kind}_{end}_{keep}")
                        self.assertEqual(got.tolist(), want, f"{name} {kind} {end} {keep}")
            features = fourier_features(unit, case["in.omega"].astype(float), case["in.b"].astype(float))
            total = selection.kept_count(len(unit), 1 - case.config["kernel_keep"])
            quota = selection.balanced_quota(clusters.sizes, total)
            for anchors, which in ((None, "all"), (2, "2")):
                got = selection.select_by_kernel(labels, distances, features, quota, anchors)
                self.assertEqual(set(got.tolist()), set(case.indices(f"out.Ck_{which}_anchors")))
                self.assertEqual(len(got), total)

    def test_quotas_are_the_golden_ones(self) -> None:
        for case in golden("06_balanced_quota").about["cases"]:
            got = selection.balanced_quota(np.array(case["sizes"]), case["total"])
            self.assertEqual(got.tolist(), case["quota"], case)

    def test_cuts_through_exact_ties_keep_the_lower_index(self) -> None:
        about = golden("06_ties").about
        unit = unit_rows(np.array(about["features"]))
        clusters = spherical_k_means(unit, np.array(about["init_centroids"]), about["iterations"])
        for case in about["balanced"]:
            quota = selection.balanced_quota(clusters.sizes, case["total"])
            self.assertEqual(quota.tolist(), case["quota"])
            got = selection.select_per_cluster(clusters.labels, clusters.distances, quota, case["furthest"])
            self.assertEqual(got.tolist(), case["selected"], case)
        for case in about["proportional"]:
            quota = selection.proportional_quota(clusters.sizes, 1 - case["keep"])
            got = selection.select_per_cluster(clusters.labels, clusters.distances, quota, case["furthest"])
            self.assertEqual(got.tolist(), case["selected"], case)
        for case in about["scores"]:
            got = selection.select_by_score(np.array(about["score_values"]), case["keep"], case["largest"])
            self.assertEqual(got.tolist(), case["selected"], case)


class Budgets(unittest.TestCase):
    def test_rounding_loses_no_sample(self) -> None:
        cases = ((24000, 0.9, 2400), (10, 0.9, 1), (24000, 0.95, 1200), (3, 0.9, 1), (7, 0, 7))
        for samples, ratio, kept in cases:
            self.assertEqual(selection.kept_count(samples, ratio), kept)
        for bad in ((0, 0.5), (5, -0.1), (5, 1.1)):
            with self.assertRaises(BadSelection):
                selection.kept_count(*bad)

    def test_a_balanced_quota_fills_the_budget_and_is_as_level_as_sizes_allow(self) -> None:
        random = np.random.default_rng(0)
        for _ in range(200):
            sizes = random.integers(0, 30, random.integers(1, 9))
            total = int(random.integers(0, sizes.sum() + 5))
            quota = selection.balanced_quota(sizes, total)
            self.assertEqual(quota.sum(), min(total, sizes.sum()))
            self.assertTrue((quota <= sizes).all())
            unfilled = quota[quota < sizes]
            if len(unfilled):
                self.assertLessEqual(quota.max() - unfilled.min(), 1)


class Dominance(unittest.TestCase):
    def test_it_is_the_change_of_the_optimal_velocity_when_a_sample_is_left_out(self) -> None:
        torch.manual_seed(0)
        times = np.array([0.1, 0.5, 0.9])
        for spread in (1.0, 0.05):  # 0.05: near twins dominate each other late
            x1 = spread * torch.randn(9, 2, 2, 1, dtype=torch.float64)
            noises = torch.randn(2, 2, 2, 1, dtype=torch.float64)
            data, x0 = x1.flatten(1), noises.flatten(1)
            want = []
            for i in range(len(data)):
                changes = []
                for j in set(range(len(data))) - {i}:
                    for t in times:
                        for noise in x0:
                            xt = (t * data[j] + (1 - t) * noise)[None]
                            time = torch.tensor([t], dtype=torch.float64)
                            without = torch.cat([data[:i], data[i + 1 :]])
                            gap = optimal_velocity(data, xt, time) - optimal_velocity(without, xt, time)
                            changes.append(gap.pow(2).sum().item())
                want.append(np.mean(changes))
            np.testing.assert_allclose(dominance(x1, noises, times, batch=7), want, rtol=1e-8)
            quick = dominance(x1.float(), noises.float(), times)
            np.testing.assert_allclose(quick, want, rtol=1e-3)  # f32: exponents of a few tens

    def test_twins_tie_and_stay_finite(self) -> None:
        torch.manual_seed(1)
        x1 = torch.randn(20, 1, 3, 3)
        x1[1] = x1[0]
        scores = dominance(x1, torch.randn(4, 1, 3, 3), np.linspace(0.2, 0.95, 4))
        self.assertTrue(np.isfinite(scores).all())
        self.assertAlmostEqual(scores[0] / scores[1], 1, places=4)


def evidence(samples: int = 60) -> Evidence:
    random = np.random.default_rng(0)
    features = unit_rows(random.standard_normal((samples, 5))).astype(np.float32)
    score = random.random((3, samples))
    classes = np.arange(samples) % 4
    return Evidence("a" * 64, classes, score[0], score[1], features, seed=3, dominance=score[2])


class Criteria(unittest.TestCase):
    def test_every_criterion_keeps_its_budget_ascending_without_repeats_and_the_same_again(self) -> None:
        proof = evidence()
        for criterion in CRITERIA:
            for ratio in (0.5, 0.9):
                with self.subTest(criterion, ratio=ratio):
                    kept = select(criterion, ratio, proof, seed=3)
                    self.assertEqual(kept.dtype, np.int64)
                    self.assertTrue((np.diff(kept) > 0).all())
                    np.testing.assert_array_equal(kept, select(criterion, ratio, evidence(), seed=3))
                    budget = selection.kept_count(60, ratio)
                    if criterion in ("half", "complement"):
                        self.assertEqual(len(kept), 32 if criterion == "half" else 28)  # 15 a class: 8 and 7
                    elif criterion.startswith("Cp"):
                        self.assertTrue(0 <= budget - len(kept) <= proof.clusters.sizes.size)
                    else:
                        self.assertEqual(len(kept), budget)

    def test_inverse_criteria_are_disjoint_from_their_counterparts(self) -> None:
        for criterion, inverse in (("G", "G-inverse"), ("L", "L-inverse"), ("half", "complement")):
            kept, rest = select(criterion, 0.5, evidence()), select(inverse, 0.5, evidence())
            self.assertEqual(sorted([*kept, *rest]), list(range(60)))

    def test_b_times_l_has_the_quotas_of_cb_and_the_lowest_losses_of_each_cluster(self) -> None:
        proof = evidence()
        kept = select("BxL", 0.5, proof)
        labels = proof.clusters.labels
        balanced = select("Cb", 0.5, proof)
        np.testing.assert_array_equal(np.bincount(labels[kept]), np.bincount(labels[balanced]))
        for cluster in range(labels.max() + 1):
            inside = labels == cluster
            mine = np.isin(np.arange(60), kept)
            if (inside & ~mine).any() and (inside & mine).any():
                self.assertLess(proof.score_l[inside & mine].max(), proof.score_l[inside & ~mine].min())

    def test_halves_split_every_class(self) -> None:
        classes = np.array([0] * 10 + [1] * 7 + [2])
        first, second = selection.random_halves(classes, 0)
        self.assertEqual(np.bincount(classes[first]).tolist(), [5, 4, 1])
        self.assertEqual(sorted([*first, *second]), list(range(18)))
        self.assertFalse(np.array_equal(first, selection.random_halves(classes, 1)[0]))

    def test_a_class_can_be_dropped_and_the_rest_repeated_to_the_old_size(self) -> None:
        proof = evidence()
        kept = select("drop-class:2", 0, proof)
        self.assertFalse((proof.classes[kept] == 2).any())
        self.assertEqual(len(kept), 45)
        again = select("drop-class:2", 0, proof, oversampled=True)
        counts = np.bincount(again, minlength=60)
        self.assertEqual(len(again), 60)
        self.assertEqual(sorted(set(counts[kept].tolist())), [1, 2])
        self.assertEqual(counts[proof.classes == 2].sum(), 0)

    def test_dropped_clusters_are_gone_whole_but_for_one(self) -> None:
        proof = evidence()
        labels = proof.clusters.labels
        kept = np.isin(np.arange(60), select("drop-cluster", 0.5, proof))
        partly = [k for k in range(labels.max() + 1) if 0 < kept[labels == k].sum() < (labels == k).sum()]
        self.assertLessEqual(len(partly), 1)

    def test_what_cannot_be_selected_is_refused_by_name(self) -> None:
        without = Evidence("", np.arange(8) % 2, None, None, None, seed=0)
        for criterion in ("G", "L", "Cb", "BxL", "dominance", "nonsense", "drop-class:7", "drop-class:x"):
            with self.subTest(criterion), self.assertRaises(BadSelection):
                select(criterion, 0.5, without)
        self.assertEqual(len(select("random", 0.5, without)), 4)


class Files(unittest.TestCase):
    def test_a_selection_file_says_what_it_holds(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "selections" / "g.json"
            kept = write_selection(path, "G", 0.5, evidence(), seed=7)
            said = json.loads(path.read_text())
            self.assertEqual(said["indices"], kept.tolist())
            text = ",".join(str(index) for index in kept)
            self.assertEqual(said["indices_sha256"], hashlib.sha256(text.encode()).hexdigest())
            want = {"criterion": "G", "ratio": 0.5, "seed": 7, "samples": 60, "kept": 30, "proxy": "a" * 64}
            self.assertEqual({key: said[key] for key in want}, want)

    def test_evidence_survives_its_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "evidence.npz"
            proof = evidence()
            proof.write(path)
            again = Evidence.read(path)
            for criterion in CRITERIA:
                np.testing.assert_array_equal(select(criterion, 0.5, proof), select(criterion, 0.5, again))
            self.assertEqual(again.proxy, proof.proxy)


if __name__ == "__main__":
    unittest.main()
