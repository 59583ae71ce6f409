"""Training times of which a share lies below tau."""

import unittest

import torch

from pretrain.errors import ConfigDoesNotFit
from pretrain.folders import CONFIGS
from pretrain.train.experiment import identity_of, read_experiment
from pretrain.train.flow import Times


class TimesTest(unittest.TestCase):
    def test_a_share_lies_below_tau_and_each_part_is_uniform(self) -> None:
        t = Times(tau=0.7, below=0.9).of((torch.arange(100_000) + 0.5) / 100_000)
        self.assertAlmostEqual((t < 0.7).float().mean().item(), 0.9, places=4)
        for low, high, share in ((0.0, 0.35, 0.45), (0.35, 0.7, 0.45), (0.7, 0.85, 0.05), (0.85, 1.0, 0.05)):
            inside = ((t >= low) & (t < high)).float().mean().item()
            self.assertAlmostEqual(inside, share, places=3)
        self.assertTrue(bool((t[1:] > t[:-1]).all()) and t[0] > 0 and t[-1] < 1)

    def test_half_below_a_half_is_uniform_and_all_below_leaves_nothing_behind(self) -> None:
        u = torch.rand(1000, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(Times().of(u), u)
        self.assertLess(Times(tau=0.7, below=1.0).of(u).max().item(), 0.7)

    def test_shares_that_cannot_be_are_refused(self) -> None:
        for tau, below in ((0.0, 0.5), (1.0, 0.5), (0.7, 0.0), (0.7, 1.1)):
            with self.assertRaisesRegex(ConfigDoesNotFit, "share below"):
                Times(tau, below)

    def test_a_run_from_before_there_was_a_share_is_the_same_run_and_one_with_a_share_is_another(self) -> None:
        plain, early = (identity_of(read_experiment(CONFIGS / f"{name}.toml")) for name in ("light-plain", "light"))
        self.assertNotIn("below", plain["objective"])
        self.assertEqual(early["objective"]["below"], 0.9)


if __name__ == "__main__":
    unittest.main()
