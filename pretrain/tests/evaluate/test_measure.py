"""The share of the class that is recognised least, by hand and against resamples written out."""

import unittest

import numpy as np

from pretrain.evaluate.measure import lowest_share
from pretrain.metrics.bootstrap import RESAMPLES, SEED, resampled_counts
from pretrain.metrics.results import to_json


class LowestShare(unittest.TestCase):
    def test_is_the_worst_class_of_all_blocks_together(self):
        labels = [np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1])]
        right = [np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])]
        self.assertEqual(lowest_share(right, labels).value, 0.5)
        to_json(lowest_share(right, labels))  # plain numbers, as the results file wants them
        self.assertIs(type(lowest_share(right, labels).value), float)
        self.assertEqual(lowest_share([np.ones(4)] * 2, labels).value, 1.0)

    def test_its_interval_takes_the_worst_class_of_each_resample(self):
        random = np.random.RandomState(0)
        labels = [np.arange(40) % 2 for _ in range(2)]
        right = [(random.rand(40) < 0.8).astype(float) for _ in range(2)]
        estimate = lowest_share(right, labels)
        counts = np.concatenate(resampled_counts([40, 40], RESAMPLES, SEED), axis=1)
        every, wanted = np.concatenate(right), np.concatenate(labels)
        lowest = [min((c * every)[wanted == k].sum() / c[wanted == k].sum() for k in (0, 1)) for c in counts]
        want = np.percentile(lowest - np.mean(lowest) + estimate.value, [2.5, 97.5])
        np.testing.assert_allclose([estimate.low, estimate.high], want, atol=1e-9)


if __name__ == "__main__":
    unittest.main()
