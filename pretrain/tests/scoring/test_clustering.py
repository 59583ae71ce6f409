"""Clusters, kernels and greedy orders are the golden ones, and have the properties that define them."""

import math
import unittest

import numpy as np

from pretrain.errors import BadSelection
from pretrain.scoring.clustering import cluster_count, k_means_start, spherical_k_means, unit_rows
from pretrain.scoring.herding import herding
from pretrain.scoring.k_center import k_center
from pretrain.scoring.kernels import fourier_features, median_sigma, random_frequencies
from pretrain.tests.golden import golden

CASES = ("06_cluster_small", "06_cluster_uneven")


def blobs(seed: int, sizes: tuple[int, ...], dimensions: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around far directions, and which of them each row is around."""
    random = np.random.default_rng(seed)
    centres = np.eye(dimensions)[: len(sizes)]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return unit_rows(centres[labels] + 0.03 * random.standard_normal((len(labels), dimensions))), labels


class GoldenClusters(unittest.TestCase):
    def test_k_means_is_the_golden_one(self) -> None:
        for name in CASES:
            case = golden(name)
            unit = unit_rows(case["in.features"])
            case.assert_close(unit, "out.unit_features")
            clusters = spherical_k_means(unit, case["in.init_centroids"], case.config["iterations"])
            self.assertEqual(clusters.labels.tolist(), case.indices("out.labels"))
            self.assertEqual(clusters.sizes.tolist(), case.indices("out.sizes"))
            case.assert_close(clusters.centroids, "out.centroids")
            case.assert_close(clusters.inertia, "out.inertia")
            case.assert_close(clusters.distances, "out.distance_to_centroid")

    def test_kernel_width_features_and_greedy_orders_are_the_golden_ones(self) -> None:
        for name in CASES:
            case = golden(name)
            unit, m = unit_rows(case["in.features"]), case.config["m"]
            case.assert_close(median_sigma(unit), "out.median_sigma_all")
            features = fourier_features(unit, case["in.omega"].astype(float), case["in.b"].astype(float))
            case.assert_close(features, "out.rff_features")
            self.assertEqual(herding(unit, m).tolist(), case.indices("out.herding_linear"))
            self.assertEqual(herding(features, m).tolist(), case.indices("out.herding_rff"))
            got = k_center(unit, m, case.config["kcenter_start"])
            self.assertEqual(got.tolist(), case.indices("out.kcenter"))

    def test_exact_ties_go_to_the_lower_index(self) -> None:
        about = golden("06_ties").about
        unit = unit_rows(np.array(about["features"]))
        clusters = spherical_k_means(unit, np.array(about["init_centroids"]), about["iterations"])
        self.assertEqual(clusters.labels.tolist(), about["labels"])
        order = about["kcenter"]
        self.assertEqual(k_center(unit, order["m"], order["start"]).tolist(), order["selected"])
        order = about["herding_linear"]
        self.assertEqual(herding(unit, order["m"]).tolist(), order["selected"])


class Clustering(unittest.TestCase):
    def test_it_finds_clusters_that_lie_apart_from_any_seed_and_stops_when_labels_rest(self) -> None:
        unit, truth = blobs(0, (40, 10, 25, 60))
        for seed in range(5):
            clusters = spherical_k_means(unit, k_means_start(unit, 4, seed))
            pairs = {(a, b) for a, b in zip(clusters.labels, truth)}
            self.assertEqual(len(pairs), 4)  # one cluster a direction
            self.assertLess(clusters.rounds, 10)

    def test_a_round_never_raises_the_inertia(self) -> None:
        unit = unit_rows(np.random.default_rng(1).standard_normal((300, 5)))
        start = k_means_start(unit, 12, 3)
        inertia = [spherical_k_means(unit, start, rounds).inertia for rounds in range(12)]
        self.assertTrue(all(b <= a + 1e-9 for a, b in zip(inertia, inertia[1:])))
        self.assertLess(inertia[-1], inertia[0])

    def test_the_start_is_rows_that_differ_chosen_by_the_seed(self) -> None:
        unit, _ = blobs(0, (40, 10, 25, 60))
        starts = [k_means_start(unit, 4, seed) for seed in (1, 1, 2)]
        np.testing.assert_array_equal(starts[0], starts[1])
        self.assertFalse(np.array_equal(starts[0], starts[2]))
        few = np.repeat(np.eye(3), [2, 2, 1], axis=0)  # three directions for four clusters
        self.assertEqual(len(k_means_start(few, 4, 0)), 4)
        with self.assertRaises(BadSelection):
            k_means_start(few, 6, 0)

    def test_an_empty_cluster_keeps_its_centroid(self) -> None:
        unit = np.repeat(np.eye(4)[:2], 3, axis=0)
        clusters = spherical_k_means(unit, np.eye(4)[[0, 1, 3]])
        self.assertEqual(clusters.sizes.tolist(), [3, 3, 0])
        np.testing.assert_array_equal(clusters.centroids[2], np.eye(4)[3])

    def test_rows_without_a_direction_are_refused_by_index(self) -> None:
        for bad in (0.0, np.nan):
            with self.assertRaisesRegex(BadSelection, "sample 1"):
                unit_rows(np.array([[1.0, 0], [bad, bad], [0, 0]]))

    def test_the_number_of_clusters_follows_the_size_of_the_set(self) -> None:
        self.assertEqual([cluster_count(n) for n in (2, 39, 60, 100, 480, 24000)], [2, 2, 3, 5, 24, 24])


class Kernels(unittest.TestCase):
    def test_products_of_features_are_the_gaussian_kernel(self) -> None:
        unit = unit_rows(np.random.default_rng(0).standard_normal((40, 6)))
        sigma = median_sigma(unit)
        features = fourier_features(unit, *random_frequencies(6, sigma, 0, count=4096))
        squared = ((unit[:, None] - unit) ** 2).sum(2)
        # R = 4096 random features: the standard deviation of an entry is below 1/√(2·4096)·√2 ≈ 0.016
        np.testing.assert_allclose(features @ features.T, np.exp(-squared / (2 * sigma**2)), atol=0.07)

    def test_the_median_of_a_large_set_is_that_of_a_sample_of_it(self) -> None:
        unit = unit_rows(np.random.default_rng(0).standard_normal((2500, 4)))
        self.assertAlmostEqual(median_sigma(unit), median_sigma(unit[:2000]), delta=0.02)
        with self.assertRaises(BadSelection):
            median_sigma(np.repeat(np.eye(3)[:1], 5, axis=0))


class GreedyOrders(unittest.TestCase):
    def test_herding_comes_closer_to_the_mean_than_chance(self) -> None:
        rows = np.random.default_rng(0).standard_normal((500, 10))
        chosen = herding(rows, 50)
        self.assertEqual(len(set(chosen.tolist())), 50)
        gap = np.linalg.norm(rows[chosen].mean(0) - rows.mean(0))
        chance = math.sqrt(10 / 50)
        self.assertLess(gap, 0.25 * chance)
        self.assertEqual(sorted(herding(rows[:7], 99)), list(range(7)))

    def test_k_center_is_within_twice_the_best_radius_and_takes_every_row_in_the_end(self) -> None:
        unit, truth = blobs(2, (30, 3, 9))
        chosen = k_center(unit, 3, 0)
        self.assertEqual(set(truth[chosen]), {0, 1, 2})
        twins = np.repeat(unit[:4], 2, axis=0)
        self.assertEqual(sorted(k_center(twins, 8, 0)), list(range(8)))
        # all are at distance 0 in the end: lower index first
        self.assertEqual(k_center(twins, 8, 0)[4:].tolist(), [1, 3, 5, 7])


if __name__ == "__main__":
    unittest.main()
