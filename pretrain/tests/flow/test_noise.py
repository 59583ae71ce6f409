"""Noise is a function of the seed alone, and the same as everywhere else."""

import unittest

import numpy as np

from pretrain.errors import SeedOutOfRange
from pretrain.flow import noise
from pretrain.tests.golden import golden


def philox(counter, key) -> list[int]:
    """The four words of one counter and key."""
    words = noise.philox4x32([np.array([word]) for word in counter], [np.array([word]) for word in key])
    return [int(word[0]) for word in words]


class Philox(unittest.TestCase):
    def test_words_are_the_published_ones(self) -> None:
        for case in golden("09_noise").about["philox4x32_10"]:
            words = philox(case["counter"], case["key"])
            self.assertEqual(words, case["output"])

    def test_numbers_lie_strictly_inside_the_unit_interval_and_fill_it(self) -> None:
        u = noise.uniforms(3, noise.STREAM_TRAINING_TIME, 100_000)
        self.assertTrue(0 < u.min() and u.max() < 1)
        counts, _ = np.histogram(u, bins=20, range=(0, 1))
        # chi-square of 19 degrees of freedom is below 44 with probability 0.999
        self.assertLess(((counts - 5000.0) ** 2 / 5000).sum(), 44)

    def test_the_block_number_carries_into_the_second_counter_word(self) -> None:
        first_beyond = 4 * 2**32
        word = philox((0, 1, 2, 0), (9, 0))[0]
        self.assertEqual(noise.uniforms(9, 2, 1, first_beyond)[0], (word + 0.5) / 2**32)


class Normals(unittest.TestCase):
    def test_normals_are_the_golden_ones(self) -> None:
        case = golden("09_noise")
        for entry in case.about["normals"]:
            want = np.array(entry["normals"])
            got = noise.normals(int(entry["seed"]), entry["stream"], len(want))
            np.testing.assert_allclose(got, want, rtol=case.about["rtol"], atol=case.about["atol"])
        tensor = golden("09_noise_tensor")
        tensor.assert_close(noise.normals(7, 0, 4096), "out.normals")

    def test_any_range_is_a_slice_of_the_stream(self) -> None:
        whole = noise.normals(12, 5, 70)
        for start in range(9):
            for count in (1, 2, 3, 4, 5, 8, 33):
                part = noise.normals(12, 5, count, start)
                np.testing.assert_array_equal(part, whole[start : start + count])

    def test_a_seed_gives_the_same_normals_in_every_batch(self) -> None:
        seeds = [0, 5, 2**53 - 1, 2**32, 5]
        together = noise.initial_noise(seeds, (4, 33, 65))  # more than one piece of the cache
        for seed, image in zip(seeds, together):
            np.testing.assert_array_equal(image, noise.initial_noise([seed], (4, 33, 65))[0])
        many = noise.normals_of_seeds(range(9000), 0, 4)
        np.testing.assert_array_equal(many[8765], noise.normals(8765, 0, 4))

    def test_normals_made_on_the_device_equal_those_of_the_cpu(self) -> None:
        for start in (0, 1, 6):
            got = noise.device_normals(2**40 + 1, 4, 999, start, device="cpu").numpy()
            # float64 functions of two libraries differ in the last bit, which may change one float32 rounding
            np.testing.assert_allclose(got, noise.normals(2**40 + 1, 4, 999, start), rtol=2e-7, atol=1e-7)

    def test_seeds_outside_the_range_are_refused_by_name(self) -> None:
        for seed in (-1, 2**53, 0.5):
            with self.assertRaises(SeedOutOfRange):
                noise.normals(seed, 0, 1)


class Orders(unittest.TestCase):
    def test_a_permutation_holds_every_index_once_and_depends_on_the_seed(self) -> None:
        order = noise.permutation(1, noise.STREAM_SHUFFLE, 1000)
        self.assertEqual(sorted(order), list(range(1000)))
        self.assertFalse(np.array_equal(order, noise.permutation(2, noise.STREAM_SHUFFLE, 1000)))

    def test_the_scoring_noises_lie_one_after_the_other_in_their_stream(self) -> None:
        noises = noise.scoring_noises(6, 2, (3, 2, 5))
        self.assertEqual(tuple(noises.shape), (2, 3, 2, 5))
        stream = noise.normals(6, noise.STREAM_SCORING_NOISE, 60)
        np.testing.assert_array_equal(noises.numpy().ravel(), stream)


if __name__ == "__main__":
    unittest.main()
