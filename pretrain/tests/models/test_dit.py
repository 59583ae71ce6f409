import unittest

import torch

from pretrain.config import from_dict
from pretrain.errors import ConfigDoesNotFit
from pretrain.models.dit import DiT, DiTConfig, gelu, layer_norm, time_features
from pretrain.tests.golden import golden

CASES = ["01_dit_cond_p1", "01_dit_cond_p2", "01_dit_uncond_p1", "01_dit_uncond_p2"]


class DiTTest(unittest.TestCase):
    def test_velocity_and_taps_equal_the_golden_vectors(self):
        for name in CASES:
            with self.subTest(name), torch.no_grad():
                case = golden(name)
                network = DiT(from_dict(DiTConfig, case.config, name))
                network.load_state_dict(case.weights)
                x, y = case.torch("in.x"), case.torch("in.y").long()
                for time in ("t0", "t1", "tmid"):
                    velocity = network(x, case.torch(f"in.{time}"), y)
                    case.assert_close(velocity, f"out.v_{time}", tight=True)
                t = case.torch("in.tmid")
                case.assert_close(time_features(t), "out.time_features_tmid", tight=True)
                case.assert_close(network.patch_embed(x), "out.tap_tokens_after_patch_embed", tight=True)
                case.assert_close(network.condition(t, y), "out.tap_conditioning", tight=True)

    def test_position_table_is_the_stored_one(self):
        case = golden("01_dit_cond_p2")
        network = DiT(from_dict(DiTConfig, case.config, "case"))
        torch.testing.assert_close(network.pos_embed, case.torch("weights.pos_embed"))

    def test_the_fast_bf16_gelu_has_the_value_and_slope_of_the_f32_one(self):
        x = torch.linspace(-5, 5, 201)
        exact, fast = x.clone().requires_grad_(), x.clone().bfloat16().requires_grad_()
        gelu(exact).sum().backward()
        gelu(fast).sum().backward()
        # bf16 keeps 8 bits: 2^-8 relative, at values up to 5
        torch.testing.assert_close(gelu(fast).float(), gelu(exact), atol=0.02, rtol=0.01)
        torch.testing.assert_close(fast.grad.float(), exact.grad, atol=0.02, rtol=0.01)

    def test_layer_norm_in_bf16_equals_the_f32_one_to_its_rounding(self):
        x = torch.randn(2, 3, 128, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(layer_norm(x.bfloat16()).float(), layer_norm(x), atol=0.03, rtol=0.01)

    def test_a_config_that_no_network_can_have_is_refused_in_words(self):
        good = {"input_size": 16, "patch_size": 2, "in_channels": 4, "hidden_size": 32, "depth": 1, "num_heads": 2}
        for key, value in [("patch_size", 3), ("num_heads", 5), ("learn_sigma", True), ("hidden_size", 30)]:
            with self.subTest(key), self.assertRaises(ConfigDoesNotFit):
                from_dict(DiTConfig, {**good, key: value}, "test")
