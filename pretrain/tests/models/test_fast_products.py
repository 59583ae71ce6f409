"""Products through oneDNN equal torch's own, values and gradients."""

import unittest

import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.models.fast_products import _OneDnnProducts, batched_product, blas_is_reference, fast_products


@unittest.skipUnless(blas_is_reference(), "torch has a BLAS of its own here, so nothing is replaced")
class FastProducts(unittest.TestCase):
    def check(self, run, *shapes: tuple[int, ...]) -> None:
        """`run` of random tensors, inside and outside the context, against float64."""
        torch.manual_seed(0)
        inputs = [torch.randn(shape) for shape in shapes]
        exact = [x.double().requires_grad_() for x in inputs]
        want = run(*exact)
        weight = torch.randn(want.shape)
        (want * weight).sum().backward()
        quick = [x.requires_grad_() for x in inputs]
        with fast_products():
            got = run(*quick)
            (got * weight).sum().backward()
        limits = dict(rtol=1e-5, atol=1e-5)  # f32 sums of up to 50 terms of order 1
        torch.testing.assert_close(got.double(), want, **limits)
        for x, y in zip(quick, exact):
            torch.testing.assert_close(x.grad.double(), y.grad, **limits)

    def test_linear_layers(self) -> None:
        self.check(F.linear, (2, 5, 7), (9, 7), (9,))
        self.check(F.linear, (6, 7), (9, 7))
        self.check(F.linear, (7,), (9, 7), (9,))
        self.check(lambda x, w: x @ w, (2, 3, 7), (7, 4))

    def test_batched_products(self) -> None:
        self.check(lambda a, b: a @ b.transpose(-1, -2), (2, 3, 5, 7), (2, 3, 4, 7))
        self.check(torch.bmm, (3, 5, 7), (3, 7, 2))
        self.check(batched_product, (3, 5, 7), (3, 7, 2))
        self.check(lambda a, b: torch.matmul(a, b), (4, 1, 5, 50), (1, 3, 50, 2))  # broadcasts: left to torch

    def test_other_types_are_left_alone(self) -> None:
        with fast_products():
            layer = nn.Linear(4, 3).double()
            self.assertEqual(layer(torch.randn(2, 4, dtype=torch.float64)).dtype, torch.float64)
            ones = torch.ones(2, 2, dtype=torch.int64)
            self.assertEqual((ones @ ones).sum().item(), 8)
            self.assertEqual(tuple(F.linear(torch.empty(0, 4), torch.ones(3, 4)).shape), (0, 3))

    def test_the_context_is_in_force_where_blas_is_the_reference_one(self) -> None:
        self.assertIsInstance(fast_products(), _OneDnnProducts)


if __name__ == "__main__":
    unittest.main()
