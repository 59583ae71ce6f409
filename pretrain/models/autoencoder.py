"""Convolutional autoencoder as in taming transformers, KL or VQ, with the names of the paper's checkpoints.

Images are [B,C,S,S] in [−1,1], latents [B,z,S/f,S/f] without the scale factor, f = 2^(levels − 1). Encoder:
conv_in, a flat list `blocks` (each level n residual blocks, then a downsampling except at the last; two
residual blocks in the middle with one-head attention between them where wanted), norm_out, SiLU, conv_out.
The decoder is the mirror image with n + 1 residual blocks a level. Residual block:
conv2(silu(norm2(conv1(silu(norm1 x))))) + residual_scale · shortcut(x).
Source: Esser et al. 2021, arXiv 2012.09841; golden cases 02.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.checkpoints.safetensors import load_into, read_shards
from pretrain.config import from_dict
from pretrain.errors import BadSafetensors, ConfigDoesNotFit

NORM_EPS = 1e-6
#: A sampled latent's log-variance stays in this range, so that an early step of training cannot blow up.
LOGVAR_RANGE = (-12.0, 4.0)
#: A fresh KL autoencoder starts with this log-variance: nearly without noise.
INITIAL_LOGVAR = -4.0
#: Keeps the variance through SiLU, which passes 1 / 1.6761² of it on.
SILU_GAIN = 1.6761
#: Weight of the commitment loss beside the codebook loss (van den Oord et al. 2017, arXiv 1711.00937, eq. 3).
COMMITMENT = 0.25
_ROWS_AT_A_TIME = 512
_SIZES = ("image_size", "image_channels", "latent_channels", "hidden_channels")
_COUNTS = (*_SIZES, "num_residual_blocks", "groups")


@dataclass(frozen=True)
class AutoencoderConfig:
    """An autoencoder's config under the keys of the checkpoints and of the manifest."""

    kind: str  # "kl" | "vq"
    image_size: int
    latent_channels: int
    hidden_channels: int
    #: Widths of the levels as multiples of hidden_channels; each level but the first halves the picture.
    channel_multipliers: tuple[int, ...]
    num_residual_blocks: int
    groups: int
    image_channels: int = 3
    use_attention: bool = False
    residual_scale: float = 0.70711
    codebook_size: int | None = None
    #: 2^(levels − 1); written out for readers of the file.
    factor: int | None = None
    #: 1 / standard deviation of the latents; flow models see latents times this. Known after training.
    scale_factor: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("kl", "vq"):
            raise ConfigDoesNotFit(f"an autoencoder's kind is 'kl' or 'vq', not {self.kind!r}")
        if (self.kind == "vq") != bool(self.codebook_size):
            size = self.codebook_size
            raise ConfigDoesNotFit(f"kind {self.kind!r} with codebook_size {size}: VQ needs one, KL has none")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ConfigDoesNotFit(f"{name} is {getattr(self, name)}, which is below 1")
        if not self.channel_multipliers or min(self.channel_multipliers) < 1:
            levels = list(self.channel_multipliers)
            raise ConfigDoesNotFit(f"channel_multipliers {levels}: one level or more, each from 1")
        for channels in self.level_channels:
            if channels % self.groups:
                raise ConfigDoesNotFit(f"{self.groups} groups do not divide {channels} channels")
        factor = 2 ** (len(self.channel_multipliers) - 1)
        if self.factor not in (None, factor):
            levels = len(self.channel_multipliers)
            raise ConfigDoesNotFit(f"{levels} levels give factor {factor}, not {self.factor}")
        if self.image_size % factor:
            raise ConfigDoesNotFit(f"images of {self.image_size} cannot be divided by the factor {factor}")
        object.__setattr__(self, "factor", factor)

    @property
    def level_channels(self) -> list[int]:
        """Channels of the levels, the finest first."""
        return [self.hidden_channels * multiplier for multiplier in self.channel_multipliers]

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(C,H,W) of a latent."""
        side = self.image_size // self.factor
        return self.latent_channels, side, side

    def as_dict(self) -> dict:
        """What a file's metadata and the manifest hold."""
        values = dataclasses.asdict(self)
        values["channel_multipliers"] = list(self.channel_multipliers)
        if self.codebook_size is None:
            del values["codebook_size"]
        return values


class GroupNorm(nn.GroupNorm):
    """GroupNorm in f32 whatever the input's type: torch 1.13's bf16 kernel gives wrong numbers on the CPU."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps)


def _norm(groups: int, channels: int) -> GroupNorm:
    return GroupNorm(groups, channels, eps=NORM_EPS)


def _norm_silu(norm: GroupNorm, x: torch.Tensor) -> torch.Tensor:
    return F.silu(norm(x)).to(x.dtype)


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, config: AutoencoderConfig) -> None:
        super().__init__()
        self.residual_scale = config.residual_scale
        self.norm1 = _norm(config.groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = _norm(config.groups, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        for conv, gain in ((self.conv1, SILU_GAIN), (self.conv2, SILU_GAIN * 0.70711)):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="linear")
            conv.weight.data *= gain  # branch and scaled shortcut have half of the variance each

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.conv1(_norm_silu(self.norm1, x))
        h = self.conv2(_norm_silu(self.norm2, h))
        return torch.add(h, self.conv_shortcut(x), alpha=self.residual_scale)


class PixelAttention(nn.Module):
    """x + proj(attention(qkv(norm x))) over all pixels of an image, one head."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = _norm(groups, channels)
        self.qkv_conv = nn.Conv2d(channels, 3 * channels, 1)
        self.proj_conv = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels, height, width = x.shape
        qkv = self.qkv_conv(self.norm(x).to(x.dtype)).flatten(2)  # [B,3C,N]
        q, k, v = qkv.transpose(1, 2).chunk(3, dim=2)  # [B,N,C]
        weights = (q @ k.transpose(1, 2)).mul(channels**-0.5).softmax(-1)  # [B,N,N]
        mixed = (weights @ v).transpose(1, 2).reshape(batch, channels, height, width)
        return x + self.proj_conv(mixed)


class Downsample(nn.Module):
    """Pads right and bottom by 1, then a 3×3 convolution of stride 2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Every pixel twice in each direction, then a 3×3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class _Side(nn.Module):
    """conv_out(silu(norm_out(blocks(conv_in(x))))): the encoder or the decoder."""

    def __init__(self, conv_in: nn.Conv2d, blocks: list[nn.Module], conv_out: nn.Conv2d, groups: int) -> None:
        super().__init__()
        self.conv_in = conv_in
        self.blocks = nn.ModuleList(blocks)
        self.norm_out = _norm(groups, conv_out.in_channels)
        self.conv_out = conv_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.conv_in(x)
        for block in self.blocks:
            h = block(h)
        return self.conv_out(_norm_silu(self.norm_out, h))


def _middle(config: AutoencoderConfig) -> list[nn.Module]:
    deepest = config.level_channels[-1]
    attention = [PixelAttention(deepest, config.groups)] if config.use_attention else []
    return [ResidualBlock(deepest, deepest, config), *attention, ResidualBlock(deepest, deepest, config)]


def _encoder(config: AutoencoderConfig, outputs: int) -> _Side:
    levels = config.level_channels
    blocks: list[nn.Module] = []
    channels = config.hidden_channels
    for level, width in enumerate(levels):
        for _ in range(config.num_residual_blocks):
            blocks.append(ResidualBlock(channels, width, config))
            channels = width
        if level < len(levels) - 1:
            blocks.append(Downsample(channels))
    blocks += _middle(config)
    conv_in = nn.Conv2d(config.image_channels, config.hidden_channels, 3, padding=1)
    return _Side(conv_in, blocks, nn.Conv2d(levels[-1], outputs, 3, padding=1), config.groups)


def _decoder(config: AutoencoderConfig) -> _Side:
    levels = config.level_channels
    blocks = _middle(config)
    channels = levels[-1]
    for level in reversed(range(len(levels))):
        for _ in range(config.num_residual_blocks + 1):
            blocks.append(ResidualBlock(channels, levels[level], config))
            channels = levels[level]
        if level > 0:
            blocks.append(Upsample(channels))
    conv_in = nn.Conv2d(config.latent_channels, levels[-1], 3, padding=1)
    return _Side(conv_in, blocks, nn.Conv2d(levels[0], config.image_channels, 3, padding=1), config.groups)


class _Quantizers(nn.Module):
    """Holds the codebook [codes,z] under the name that the checkpoints give it."""

    def __init__(self, codes: int, width: int) -> None:
        super().__init__()
        self.codebook = nn.Embedding(codes, width)
        nn.init.uniform_(self.codebook.weight, -1 / codes, 1 / codes)


class Autoencoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        z = config.latent_channels
        moments = 2 * z if config.kind == "kl" else z
        self.encoder = _encoder(config, moments)
        self.decoder = _decoder(config)
        self.quant_conv = nn.Conv2d(moments, moments, 1)
        self.post_quant_conv = nn.Conv2d(z, z, 1)
        if config.kind == "vq":
            self.quantizers = _Quantizers(config.codebook_size, z)
        else:
            self.quant_conv.bias.data[z:].fill_(INITIAL_LOGVAR)

    def encode_moments(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log-variance (not clamped) of the posterior, each [B,z,h,w]; KL only."""
        mean, logvar = self.quant_conv(self.encoder(images)).chunk(2, dim=1)
        return mean, logvar

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """The latent of an image, [B,z,h,w]: posterior mean (KL) or nearest codes (VQ). Not scaled."""
        if self.config.kind == "kl":
            return self.encode_moments(images)[0]
        return self.quantise(self.quant_conv(self.encoder(images)))[0]

    def quantise(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Nearest codebook rows [B,z,h,w] of latents and their indices [B,h,w]; VQ only. A tie goes to the
        lower index."""
        codebook = self.quantizers.codebook.weight
        rows = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        indices = nearest_rows(rows, codebook).view(len(z), *z.shape[2:])
        return F.embedding(indices, codebook).permute(0, 3, 1, 2), indices

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Images [B,C,S,S] in about [−1,1] of unscaled latents."""
        return self.decoder(self.post_quant_conv(z))

    def forward(self, images: torch.Tensor, eps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """One pass of training: the reconstruction f32 of a sampled latent, and the regulariser as a mean
        over its elements.

        KL: z = mean + exp(logvar/2)·eps, eps [B,z,h,w] ~ N(0, I); ½(mean² + e^logvar − 1 − logvar).
        VQ: the nearest code with the gradient passed straight through (eps unused); ‖sg z − e‖² + ¼‖z − sg
        e‖².
        """
        if self.config.kind == "kl":
            mean, logvar = (part.float() for part in self.encode_moments(images))
            z = mean + torch.exp(0.5 * logvar.clamp(*LOGVAR_RANGE)) * eps
            regulariser = 0.5 * (mean.pow(2) + logvar.exp() - 1 - logvar).mean()
        else:
            prequant = self.quant_conv(self.encoder(images)).float()
            code = self.quantise(prequant)[0].float()
            z = prequant + (code - prequant).detach()
            to_codes, to_latents = (code - prequant.detach()).pow(2), (code.detach() - prequant).pow(2)
            regulariser = to_codes.mean() + COMMITMENT * to_latents.mean()
        z = z.to(images.dtype).contiguous(memory_format=torch.channels_last)
        return self.decode(z).float(), regulariser


@torch.no_grad()
def nearest_rows(rows: torch.Tensor, codebook: torch.Tensor) -> torch.Tensor:
    """Index of the nearest codebook row of each row of [R,z], int64 [R]; an exact tie goes to the lower
    index. From differences in float64: |c|² − 2 z·c would break exact ties by rounding, and devices would not
    agree."""
    codes = codebook.double()
    parts = rows.detach().split(_ROWS_AT_A_TIME)
    return torch.cat([(part.double()[:, None] - codes).pow(2).sum(-1).argmin(1) for part in parts])


def load_autoencoder(paths: list[Path]) -> Autoencoder:
    """The autoencoder of safetensors (decoder and encoder, in any order) whose metadata holds its `config` as
    JSON, in evaluation mode, channels last. Throws MissingFile, BadSafetensors, ConfigDoesNotFit."""
    tensors, metadata = read_shards(paths)
    try:
        values = json.loads(metadata["config"])
    except (KeyError, ValueError):
        raise BadSafetensors(f"{paths[0]} does not say its config in its metadata") from None
    autoencoder = Autoencoder(from_dict(AutoencoderConfig, values, str(paths[0])))
    load_into(autoencoder, tensors, str(paths[0]))
    return autoencoder.eval().to(memory_format=torch.channels_last)
