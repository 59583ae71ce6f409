import unittest

import torch

from pretrain.config import from_dict
from pretrain.flow.sampler import guided, sample, uniform_grid
from pretrain.models.dit import DiT, DiTConfig
from pretrain.tests.golden import golden


def network_of(case, part):
    network = DiT(from_dict(DiTConfig, case.config[part], part))
    start = f"{part}."
    network.load_state_dict({k[len(start) :]: v for k, v in case.weights.items() if k.startswith(start)})
    return network.eval()


class SamplerTest(unittest.TestCase):
    def test_coarse_to_fine_switches_where_the_golden_vectors_do(self):
        case = golden("03_c2f_euler")
        light, heavy = network_of(case, "coarse"), network_of(case, "fine")
        grid = [float(t) for t in case["in.grid"]]
        for tau in ("0.00", "0.30", "0.70", "1.00"):
            with self.subTest(tau):
                x1 = sample(light, heavy, float(tau), case.torch("in.x0"), case.torch("in.y").long(), grid)
                case.assert_close(x1, f"out.final_{tau}", tight=True)

    def test_guidance_acts_on_all_channels_also_when_coarse_to_fine(self):
        case = golden("03_cfg_all_channels")
        light, heavy = network_of(case, "coarse"), network_of(case, "fine")
        x, y, t = case.torch("in.x"), case.torch("in.y").long(), case.torch("in.t_single")
        config = case.config
        with torch.no_grad():
            velocity = guided(heavy, config["guidance_scale"], config["null_class"])(x, t, y)
        case.assert_close(velocity, "out.v_guided", tight=True)
        grid = [float(t) for t in case["in.grid"]]
        rest = {"guidance": config["guidance_scale"], "null_label": config["null_class"]}
        case.assert_close(sample(heavy, heavy, 0.0, x, y, grid, **rest), "out.final", tight=True)
        case.assert_close(sample(light, heavy, config["t_split"], x, y, grid, **rest), "out.final_c2f", tight=True)

    def test_two_parts_of_a_grid_give_the_trajectory_of_the_whole(self):
        grid = uniform_grid(11)
        x0, y = torch.randn(2, 1, 2, 2), torch.zeros(2, dtype=torch.long)

        def field(x, t, y):
            return x * t.view(-1, 1, 1, 1)

        whole = sample(field, field, 0.5, x0, y, grid)
        half = sample(field, field, 0.5, x0, y, grid[:6])
        torch.testing.assert_close(sample(field, field, 0.5, half, y, grid[5:]), whole, rtol=0, atol=0)
