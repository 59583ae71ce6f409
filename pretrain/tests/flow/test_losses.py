import unittest

import torch

from pretrain.flow.inversion import invert
from pretrain.flow.losses import SEAM_WEIGHT, flow_matching, per_sample
from pretrain.flow.path import data_estimate, interpolate, score, target_velocity
from pretrain.tests.flow.test_sampler import network_of
from pretrain.tests.golden import golden


class LossesTest(unittest.TestCase):
    def setUp(self):
        self.case = golden("04_losses")
        self.light, self.heavy = network_of(self.case, "coarse"), network_of(self.case, "fine")
        self.x0, self.x1, self.t = (self.case.torch(f"in.{name}") for name in ("x0", "x1", "t"))
        self.y = self.case.torch("in.y").long()

    def test_path_target_score_and_data_estimate_equal_the_golden_vectors(self):
        case = self.case
        xt, target = interpolate(self.x0, self.x1, self.t), target_velocity(self.x0, self.x1)
        case.assert_close(xt, "out.x_t", tight=True)
        case.assert_close(target, "out.target", tight=True)
        with torch.no_grad():
            velocity = self.heavy(xt, self.t, self.y)
            loss = flow_matching(self.heavy, self.x0, self.x1, self.t, self.y)
        case.assert_close(velocity, "out.velocity", tight=True)
        case.assert_close(loss, "out.loss_per_sample", tight=True)
        case.assert_close(score(xt, velocity, self.t), "out.score")
        case.assert_close(data_estimate(xt, velocity, self.t), "out.x1_hat", tight=True)

    def test_inversion_and_the_papers_loss_with_its_gradient_equal_the_golden_vectors(self):
        case, tau = self.case, self.case.config["t_split"]
        states = invert(self.heavy, self.x1, self.y, tau, case.config["inversion_steps"])
        case.assert_close(torch.stack(states), "out.inversion_states", tight=True)
        matching = flow_matching(self.light, self.x0, self.x1, case.torch("in.t_coarse"), self.y).mean()
        at_tau = torch.full((len(self.y),), tau)
        with torch.no_grad():
            target = self.heavy(states[-1], at_tau, self.y)
        seam = per_sample(self.light(states[-1], at_tau, self.y), target).mean()
        total = matching + SEAM_WEIGHT * seam
        case.assert_close(matching, "out.c2f_fm", tight=True)
        case.assert_close(seam, "out.c2f_seam", tight=True)
        case.assert_close(total, "out.c2f_total", tight=True)
        total.backward()
        for name, parameter in self.light.named_parameters():
            case.assert_close(parameter.grad, f"out.grad.{name}", tight=True)
