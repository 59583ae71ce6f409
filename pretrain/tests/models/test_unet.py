"""The U-Net computes what the golden cases say, and trains."""

import dataclasses
import unittest

import torch
import torch.nn as nn

from pretrain.config import from_dict
from pretrain.errors import ConfigDoesNotFit
from pretrain.models.unet import UNetConfig, UNetFM, _Downsample, time_features
from pretrain.tests.golden import GoldenCase, golden

SMALL = UNetConfig(8, 2, 3, 8, (1, 2), 1, attn_levels=(1,), groups=4)


class GoldenUNets(unittest.TestCase):
    @torch.no_grad()
    def test_both_cases_pass_at_the_tight_limits(self) -> None:
        for name in ("11_unet_attn", "11_unet_cond"):
            case = golden(name)
            network = UNetFM(from_dict(UNetConfig, case.config, name))
            network.load_state_dict(case.weights)  # strict: the names are those of the checkpoints
            for layout in (torch.contiguous_format, torch.channels_last):
                with self.subTest(name, layout=layout):
                    self._check(case, network.to(memory_format=layout))

    def _check(self, case: GoldenCase, network: UNetFM) -> None:
        taps: dict[str, torch.Tensor] = {}

        def tap(name: str):
            return lambda module, inputs, output: taps.__setitem__(name, output)

        modules = {"after_in_conv": network.in_conv, "after_middle": network.mid_block2}
        modules |= {f"after_down_{i}": level for i, level in enumerate(network.down_blocks)}
        modules |= {f"after_up_{i}": level for i, level in enumerate(network.up_blocks)}
        hooks = [module.register_forward_hook(tap(name)) for name, module in modules.items()]
        t, y = case.torch("in.t"), case.torch("in.y").long()
        case.assert_close(time_features(t), "out.time_features", tight=True)
        case.assert_close(network.condition(t, y), "out.tap_embedding", tight=True)
        velocity = network(case.torch("in.x"), t, y)
        for name, value in taps.items():
            case.assert_close(value, f"out.tap_{name}")  # the tight limits are measured at the output
        case.assert_close(velocity, "out.v", tight=True)
        for hook in hooks:
            hook.remove()

    @torch.no_grad()
    def test_downsampling_pads_on_every_side_and_frequencies_reach_both_ends(self) -> None:
        case = golden("00_ops")
        down = _Downsample(1)
        down.op.weight = nn.Parameter(case.torch("in.conv_weight"))
        down.op.bias = nn.Parameter(case.torch("in.conv_bias"))
        case.assert_close(down(case.torch("in.image_even")), "out.down_symmetric", tight=True)
        case.assert_close(time_features(case.torch("in.t")), "out.time_unet", tight=True)


class Training(unittest.TestCase):
    def test_a_fresh_network_says_zero_and_every_parameter_learns(self) -> None:
        torch.manual_seed(0)
        network = UNetFM(SMALL)
        x, y = torch.randn(6, 2, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2])
        target = torch.randn(3, 2, 8, 8)[y] - x
        t = torch.rand(6)
        self.assertEqual(network(x, t, y).abs().max().item(), 0)
        optimizer = torch.optim.Adam(network.parameters(), 1e-2)
        losses = []
        for _ in range(40):
            loss = (network(x, t, y) - target).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        self.assertLess(losses[-1], 0.5 * losses[0])
        silent = [name for name, p in network.named_parameters() if not p.grad.abs().sum() > 0]
        self.assertEqual(silent, [])

    def test_impossible_configs_are_refused_by_name(self) -> None:
        for change in (
            {"channel_mult": ()},
            {"groups": 3},
            {"attn_levels": (2,)},
            {"input_size": 7},
            {"num_res_blocks": 0},
            {"base_channels": 6, "groups": 2},
        ):
            with self.subTest(change), self.assertRaises(ConfigDoesNotFit):
                dataclasses.replace(SMALL, **change)

    def test_a_config_survives_its_dict(self) -> None:
        self.assertEqual(from_dict(UNetConfig, SMALL.as_dict(), "here"), SMALL)


if __name__ == "__main__":
    unittest.main()
