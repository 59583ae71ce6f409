"""The autoencoder computes what the golden cases say, and trains."""

import dataclasses
import unittest
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.checkpoints.safetensors import read_safetensors
from pretrain.config import from_dict
from pretrain.errors import ConfigDoesNotFit
from pretrain.models.autoencoder import (
    NORM_EPS,
    Autoencoder,
    AutoencoderConfig,
    Downsample,
    GroupNorm,
    Upsample,
    load_autoencoder,
    nearest_rows,
)
from pretrain.tests.golden import GoldenCase, golden

CASES = ("02_ae_kl_f4_attn_g6", "02_ae_kl_f8_g4", "02_ae_vq_f4_g32", "02_ae_vq_f8_attn_g8")
#: The family's first weights, with pictures of another implementation; beside the project where it is developed.
JUMP_START = Path(__file__).resolve().parents[4] / "shared" / "jumpstart"


def autoencoder_of(case: GoldenCase) -> Autoencoder:
    autoencoder = Autoencoder(from_dict(AutoencoderConfig, case.config, case.name))
    autoencoder.load_state_dict(case.weights)  # strict: the names are those of the checkpoints
    return autoencoder.eval()


class GoldenAutoencoders(unittest.TestCase):
    @torch.no_grad()
    def test_every_case_passes_at_the_tight_limits_in_both_memory_formats(self) -> None:
        for name in CASES:
            case = golden(name)
            for layout in (torch.contiguous_format, torch.channels_last):
                with self.subTest(name, layout=layout):
                    autoencoder = autoencoder_of(case).to(memory_format=layout)
                    image = case.torch("in.image").contiguous(memory_format=layout)
                    z = case.torch("in.z").contiguous(memory_format=layout)
                    self._check(case, autoencoder, image, z)

    def _check(self, case: GoldenCase, autoencoder: Autoencoder, image, z) -> None:
        if autoencoder.config.kind == "kl":
            mean, logvar = autoencoder.encode_moments(image)
            case.assert_close(mean, "out.mean", tight=True)
            case.assert_close(logvar, "out.logvar", tight=True)
            case.assert_close(mean + torch.exp(logvar / 2) * case.torch("in.eps"), "out.sample", tight=True)
            case.assert_close(autoencoder.decode(mean), "out.reconstruction_from_mean", tight=True)
            case.assert_close(autoencoder.encode(image), "out.mean", tight=True)
        else:
            prequant = autoencoder.quant_conv(autoencoder.encoder(image))
            case.assert_close(prequant, "out.latent_prequant", tight=True)
            code, indices = autoencoder.quantise(prequant)
            np.testing.assert_array_equal(indices, case["out.indices"])
            case.assert_close(code, "out.quantized", tight=True)
            case.assert_close(autoencoder.encode(image), "out.quantized", tight=True)
            case.assert_close(autoencoder.decode(code), "out.reconstruction", tight=True)
        case.assert_close(autoencoder.decode(z), "out.decoded_z", tight=True)
        for side, x in ((autoencoder.encoder, image), (autoencoder.decoder, autoencoder.post_quant_conv(z))):
            half = "encoder" if side is autoencoder.encoder else "decoder"
            h = side.conv_in(x)
            case.assert_close(h[:1], f"out.tap_{half}_after_conv_in", tight=True)
            for index in range(2):
                h = side.blocks[index](h)
                case.assert_close(h[:1], f"out.tap_{half}_after_block_{index}", tight=True)


class GoldenOperations(unittest.TestCase):
    @torch.no_grad()
    def test_norm_sampling_and_lookup_are_the_golden_ones(self) -> None:
        case = golden("00_ops")
        x = case.torch("in.gn_x")
        norm = GroupNorm(case.config["groups"], x.shape[1], eps=NORM_EPS)
        norm.weight.copy_(case.torch("in.gn_weight"))
        norm.bias.copy_(case.torch("in.gn_bias"))
        case.assert_close(norm(x), "out.group_norm_eps1em6", tight=True)
        weight, bias = case.torch("in.conv_weight"), case.torch("in.conv_bias")
        for module, image, name in (
            (Downsample(1), "in.image_even", "out.down_asymmetric"),
            (Upsample(1), "in.image_odd", "out.up_conv"),
        ):
            module.conv.weight, module.conv.bias = nn.Parameter(weight), nn.Parameter(bias)
            case.assert_close(module(case.torch(image)), name, tight=True)
        got = nearest_rows(case.torch("in.vq_z"), case.torch("in.codebook"))
        self.assertEqual(got.tolist(), case.indices("out.vq_indices"))

    def test_the_norm_stays_exact_in_bf16(self) -> None:
        torch.manual_seed(0)
        x = torch.randn(2, 8, 16, 16).mul(3).add(5).bfloat16().contiguous(memory_format=torch.channels_last)
        norm = GroupNorm(4, 8, eps=NORM_EPS).bfloat16()
        want = F.group_norm(x.double(), 4, eps=NORM_EPS)
        # the input's own values are exact in f32, so nothing but f32 rounding may remain
        torch.testing.assert_close(norm(x).double(), want, rtol=1e-5, atol=1e-5)


SMALL = AutoencoderConfig("kl", 16, 2, 8, (1, 2), 1, groups=4)


class Training(unittest.TestCase):
    def test_a_few_steps_lower_the_loss_of_both_kinds(self) -> None:
        for config in (SMALL, dataclasses.replace(SMALL, kind="vq", codebook_size=16)):
            with self.subTest(config.kind):
                torch.manual_seed(0)
                autoencoder = Autoencoder(config).to(memory_format=torch.channels_last)
                images = torch.rand(4, 3, 16, 16).round().mul(2).sub(1)
                eps = torch.randn(4, *config.latent_shape)
                optimizer = torch.optim.Adam(autoencoder.parameters(), 3e-3)
                losses = []
                for _ in range(30):
                    reconstruction, regulariser = autoencoder(images, eps)
                    loss = (reconstruction - images).pow(2).mean() + 0.1 * regulariser
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())
                self.assertLess(losses[-1], 0.7 * losses[0])
                untouched = [name for name, p in autoencoder.named_parameters() if p.grad is None]
                self.assertEqual(untouched, [])

    def test_the_kl_term_is_the_divergence_from_the_standard_normal(self) -> None:
        torch.manual_seed(1)
        autoencoder = Autoencoder(SMALL)
        images = torch.randn(2, 3, 16, 16)
        mean, logvar = autoencoder.encode_moments(images)
        posterior = torch.distributions.Normal(mean, (logvar / 2).exp())
        standard = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        want = torch.distributions.kl_divergence(posterior, standard).mean()
        torch.testing.assert_close(autoencoder(images, torch.zeros_like(mean))[1], want)

    def test_vq_passes_the_gradient_straight_through(self) -> None:
        torch.manual_seed(2)
        autoencoder = Autoencoder(dataclasses.replace(SMALL, kind="vq", codebook_size=8))
        images = torch.randn(1, 3, 16, 16)
        autoencoder(images, torch.empty(0))[0].sum().backward()
        self.assertIsNone(autoencoder.quantizers.codebook.weight.grad)
        self.assertGreater(autoencoder.quant_conv.weight.grad.abs().sum().item(), 0)

    def test_a_bf16_copy_gives_nearly_the_same_picture(self) -> None:
        torch.manual_seed(3)
        autoencoder = Autoencoder(SMALL).to(memory_format=torch.channels_last)
        images = torch.rand(2, 3, 16, 16).mul(2).sub(1).contiguous(memory_format=torch.channels_last)
        eps = torch.zeros(2, *SMALL.latent_shape)
        want = autoencoder(images, eps)[0]
        got = autoencoder.bfloat16()(images.bfloat16(), eps)[0]
        self.assertEqual(got.dtype, torch.float32)
        # bf16 has 8 bits: about 1 % after a dozen layers
        self.assertLess((got - want).pow(2).mean().sqrt().item(), 0.03 * want.pow(2).mean().sqrt().item())


class Configs(unittest.TestCase):
    def test_impossible_configs_are_refused_by_name(self) -> None:
        fresh = dataclasses.replace(SMALL, factor=None)
        for change in (
            {"kind": "gan"},
            {"kind": "vq"},
            {"codebook_size": 8},
            {"groups": 3},
            {"channel_multipliers": ()},
            {"image_size": 15},
            {"factor": 4},
            {"num_residual_blocks": 0},
        ):
            with self.subTest(change), self.assertRaises(ConfigDoesNotFit):
                dataclasses.replace(fresh, **change)

    def test_a_config_survives_its_dict(self) -> None:
        self.assertEqual(from_dict(AutoencoderConfig, SMALL.as_dict(), "here"), SMALL)
        self.assertEqual(SMALL.latent_shape, (2, 8, 8))

    @unittest.skipUnless(JUMP_START.is_dir(), "there is no ../shared/jumpstart beside the project")
    @torch.no_grad()
    def test_the_first_autoencoder_draws_its_reference_pictures_and_encodes_them_back(self) -> None:
        reference, _ = read_safetensors(JUMP_START / "reference.safetensors")
        parts = [JUMP_START / f"autoencoder-{part}.safetensors" for part in ("encoder", "decoder")]
        autoencoder = load_autoencoder(parts)
        x1 = torch.from_numpy(reference["out.latent_heavy"].copy())
        images = autoencoder.decode(x1 / autoencoder.config.scale_factor).clamp(-1, 1)
        levels = images.add(1).mul(127.5).round().numpy()
        # the reference is from another implementation: a value near a half may round to either side
        self.assertLessEqual(np.abs(levels - reference["out.rgb_heavy"]).max(), 1)
        again = autoencoder.decode(autoencoder.encode(images))
        self.assertLess((again - images).abs().mean().item(), 0.05)


if __name__ == "__main__":
    unittest.main()
