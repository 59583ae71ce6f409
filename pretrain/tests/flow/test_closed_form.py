"""Closed forms of the flow are the golden ones, and what they say they are."""

import unittest

import torch

from pretrain.flow.closed_form import effective_samples, gaussian_flow, optimal_velocity, optimal_weights
from pretrain.tests.golden import golden


class GoldenClosedForms(unittest.TestCase):
    def test_finite_data_and_gaussian_data_are_the_golden_ones(self) -> None:
        case = golden("07_closed_form")
        data, x, t = (case.torch(f"in.{name}").double() for name in ("data", "x", "t"))
        weights = optimal_weights(data, x, t)
        case.assert_close(weights, "out.optimal_weights")
        case.assert_close(optimal_velocity(data, x, t), "out.optimal_velocity")
        case.assert_close(effective_samples(weights), "out.n_eff")
        mean, basis, values, x0 = (case.torch(f"in.{name}").double() for name in ("mu", "U", "lambda", "x0"))
        flows = [gaussian_flow(mean, basis, values, x0, time) for time in case["in.t_gauss"].tolist()]
        case.assert_close(torch.stack([xt for xt, _ in flows]), "out.gauss_x")
        case.assert_close(torch.stack([velocity for _, velocity in flows]), "out.gauss_v")


class ClosedForms(unittest.TestCase):
    def test_the_optimal_velocity_is_the_mean_of_the_targets_of_those_that_come_by(self) -> None:
        torch.manual_seed(0)
        data, t = torch.tensor([[-1.0], [2.0]]).double(), 0.5
        x0 = torch.randn(2_000_000, 1, dtype=torch.float64)
        chosen = data[torch.randint(2, (len(x0),))]
        xt, target = t * chosen + (1 - t) * x0, chosen - x0
        near = (xt - 0.2).abs() < 0.01
        want = optimal_velocity(data, torch.tensor([[0.2]]).double(), torch.tensor([t]).double()).item()
        # some 10,000 targets of standard deviation about 1.5
        self.assertAlmostEqual(target[near].mean().item(), want, delta=0.06)

    def test_all_have_a_say_at_the_start_and_one_at_the_end(self) -> None:
        torch.manual_seed(0)
        data = torch.randn(50, 8).double()
        start = optimal_weights(data, torch.randn(3, 8).double(), torch.zeros(3).double())
        torch.testing.assert_close(effective_samples(start), torch.full((3,), 50.0).double())
        end = optimal_weights(data, data[:3], torch.full((3,), 0.999).double())
        torch.testing.assert_close(effective_samples(end), torch.ones(3).double())

    def test_the_gaussian_velocity_is_the_time_derivative(self) -> None:
        torch.manual_seed(0)
        basis, _ = torch.linalg.qr(torch.randn(5, 5).double())
        arguments = (torch.randn(5).double(), basis, torch.rand(5).double(), torch.randn(2, 5).double())
        h = 1e-6
        ahead, behind = (gaussian_flow(*arguments, 0.4 + step)[0] for step in (h, -h))
        slope = (ahead - behind) / (2 * h)
        torch.testing.assert_close(gaussian_flow(*arguments, 0.4)[1], slope, rtol=1e-7, atol=1e-8)


if __name__ == "__main__":
    unittest.main()
