"""Augmented views: what is left alone, what is moved, and how much."""

import unittest

import numpy as np
import torch

from pretrain.train.augmentation import Augmentation, augment, gaussian_blur
from pretrain.train.task import Draw


def draw_with(seed: int, batch: int) -> Draw:
    device = torch.device("cpu")
    return Draw(torch.Generator().manual_seed(seed), batch, slice(0, batch), device)


class Views(unittest.TestCase):
    def test_without_limits_an_image_stays_as_it_is(self):
        images = torch.rand(4, 3, 16, 16) * 2 - 1
        views = augment(images, draw_with(0, 4), Augmentation(0.0, 0.0, 0.0, 0.0, 0.0))
        np.testing.assert_allclose(
            views.numpy(), images.numpy(), atol=1e-5
        )  # bilinear weights of 0 and 1 in f32

    def test_are_reproducible_and_stay_in_range(self):
        images = torch.rand(4, 3, 16, 16) * 2 - 1
        one = augment(images, draw_with(1, 4), Augmentation())
        two = augment(images, draw_with(1, 4), Augmentation())
        self.assertTrue(torch.equal(one, two))
        self.assertLessEqual(one.abs().max().item(), 1.0)

    def test_are_never_mirrored(self):
        ramp = torch.linspace(-0.5, 0.5, 16).expand(32, 3, 16, 16).contiguous()
        views = augment(ramp, draw_with(2, 32), Augmentation(noise=0.0))
        self.assertTrue((views[..., -1].mean((1, 2)) > views[..., 0].mean((1, 2))).all())

    def test_blur_is_gaussian_with_its_own_sigma_for_each_image(self):
        impulse = torch.zeros(2, 1, 15, 15)
        impulse[:, 0, 7, 7] = 1.0
        blurred = gaussian_blur(impulse, torch.tensor([0.0, 0.8]))
        np.testing.assert_allclose(blurred[0].numpy(), impulse[0].numpy(), atol=1e-7)
        self.assertAlmostEqual(blurred[1].sum().item(), 1.0, places=5)
        x = torch.arange(15.0) - 7
        variance = (blurred[1, 0].sum(0) * x**2).sum().item()
        self.assertAlmostEqual(variance, 0.64, delta=0.01)  # seven taps cut the tails beyond 3 px

    def test_half_of_the_views_get_no_noise_and_none_more_than_the_limit(self):
        images = torch.zeros(400, 3, 16, 16)
        spread = augment(
            images, draw_with(3, 400), Augmentation(colour=0.0, blur=0.0, noise=0.1)
        ).std((1, 2, 3))
        self.assertAlmostEqual(
            (spread == 0).float().mean().item(), 0.5, delta=0.08
        )  # three standard errors of 400
        self.assertLess(spread.max().item(), 0.11)  # the deviation of 768 samples is right within 3 %
