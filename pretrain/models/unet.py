"""UNetFM, the paper's other architecture, as a velocity field v(xt, t, y); parameter names of its
checkpoints.

xt and v are [B,C,H,W], t is [B] in [0,1], not scaled before the sinusoid, y is [B] in 0..num_classes-1: there
is no null label. Level l of `down_blocks` works at H / 2^l; up block 0 is the deepest. Residual block: x +
conv2(silu(norm2(conv1(silu(norm1 x))))·(1 + scale) + shift), scale and shift by FiLM from the embedding of
time and label. Golden cases 11.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.errors import ConfigDoesNotFit

TIME_FEATURES = 128
EMBEDDING = 128
HEADS = 4
NORM_EPS = 1e-5


@dataclass(frozen=True)
class UNetConfig:
    """A UNetFM's config under the keys of the checkpoints."""

    #: Height and width of the latents.
    input_size: int
    in_channels: int
    #: 1: no label table, labels are ignored.
    num_classes: int
    base_channels: int
    #: Widths of the levels as multiples of base_channels, the finest first.
    channel_mult: tuple[int, ...]
    num_res_blocks: int
    #: Levels that end in attention, 0 is the finest; with any, the middle has one too.
    attn_levels: tuple[int, ...] = ()
    groups: int = 32

    def __post_init__(self) -> None:
        for name in ("input_size", "in_channels", "num_classes", "base_channels", "num_res_blocks", "groups"):
            if getattr(self, name) < 1:
                raise ConfigDoesNotFit(f"{name} is {getattr(self, name)}, which is below 1")
        levels = len(self.channel_mult)
        if levels == 0:
            raise ConfigDoesNotFit("channel_mult is empty: a U-Net has one level or more")
        if self.input_size % 2 ** (levels - 1):
            raise ConfigDoesNotFit(f"latents of {self.input_size} cannot be halved {levels - 1} times")
        if any(not 0 <= level < levels for level in self.attn_levels):
            raise ConfigDoesNotFit(f"attn_levels {list(self.attn_levels)}: the levels are 0 to {levels - 1}")
        for channels in self.level_channels:
            if channels % self.groups:
                raise ConfigDoesNotFit(f"{self.groups} groups do not divide {channels} channels")
            if self.attn_levels and channels % HEADS:
                raise ConfigDoesNotFit(f"{HEADS} heads do not divide {channels} channels")

    @property
    def level_channels(self) -> list[int]:
        """Channels of every level, the finest first."""
        return [self.base_channels * multiplier for multiplier in self.channel_mult]

    @property
    def class_dropout_prob(self) -> float:
        """There is no null label, so training drops none."""
        return 0.0

    def as_dict(self) -> dict:
        values = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def time_features(t: torch.Tensor) -> torch.Tensor:
    """Sinusoid [B,128] of t [B]: [sin | cos] at frequencies 10000^(−k/63), k = 0..63."""
    half = TIME_FEATURES // 2
    frequency = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=t.device) / (half - 1))
    angle = t[:, None].double() * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=1).float()


class GroupNorm(nn.GroupNorm):
    """GroupNorm in f32 whatever the input's type: torch 1.13's bf16 kernel gives wrong numbers on the CPU."""

    def __init__(self, groups: int, channels: int) -> None:
        super().__init__(groups, channels, eps=NORM_EPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps)


class _Film(nn.Module):
    """Scale and shift, each [B,C,1,1], from the embedding [B,E]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Sequential(nn.SiLU(), nn.Linear(EMBEDDING, 2 * channels))
        nn.init.zeros_(self.proj[1].weight)
        nn.init.zeros_(self.proj[1].bias)

    def forward(self, embedding: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scale, shift = self.proj(embedding)[:, :, None, None].chunk(2, dim=1)
        return scale, shift


class ResidualBlock(nn.Module):
    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm1 = GroupNorm(groups, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = GroupNorm(groups, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = _Film(channels)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        scale, shift = self.film(embedding)
        h = self.conv1(F.silu(self.norm1(x)).to(x.dtype))
        h = torch.addcmul(shift, F.silu(self.norm2(h)).to(x.dtype), 1 + scale)
        return x + self.conv2(h)


class PooledAttention(nn.Module):
    """x + proj(attention of one token, the mean of norm(x) over the pixels): with a single key the softmax
    runs over the heads, which it weighs against each other."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = GroupNorm(groups, channels)
        self.q = nn.Linear(channels, channels, bias=False)
        self.k = nn.Linear(channels, channels, bias=False)
        self.v = nn.Linear(channels, channels, bias=False)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels = x.shape[:2]
        token = self.norm(x).mean(dim=(2, 3)).to(x.dtype)  # [B,C]
        q, k, v = (part(token).view(batch, HEADS, channels // HEADS) for part in (self.q, self.k, self.v))
        scores = (q * k).sum(2).mul((channels // HEADS) ** -0.5)  # [B,heads]
        mixed = scores.softmax(1)[:, :, None] * v  # [B,heads,C/heads]
        return x + self.proj(mixed.reshape(batch, channels))[:, :, None, None]


class _Level(nn.Module):
    """proj where the width changes, the residual blocks, attention where wanted."""

    def __init__(self, inputs: int, channels: int, config: UNetConfig, attends: bool) -> None:
        super().__init__()
        self.proj = nn.Conv2d(inputs, channels, 1) if inputs != channels else nn.Identity()
        blocks = [ResidualBlock(channels, config.groups) for _ in range(config.num_res_blocks)]
        self.res = nn.ModuleList(blocks)
        self.attn = PooledAttention(channels, config.groups) if attends else nn.Identity()

    def forward(self, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        h = self.proj(x)
        for block in self.res:
            h = block(h, embedding)
        return self.attn(h)


class _Downsample(nn.Module):
    """3×3 convolution of stride 2, padded by 1 on every side."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.op(x)


class _Upsample(nn.Module):
    """Every pixel twice in each direction, then a 3×3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.op(F.interpolate(x, scale_factor=2, mode="nearest"))


class UNetFM(nn.Module):
    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        levels = config.level_channels
        deepest = len(levels) - 1
        self.time_mlp = nn.Sequential(
            nn.Linear(TIME_FEATURES, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING)
        )
        if config.num_classes > 1:
            self.cls_emb = nn.Embedding(config.num_classes, EMBEDDING)
        self.in_conv = nn.Conv2d(config.in_channels, config.base_channels, 3, padding=1)
        above = [config.base_channels, *levels]
        self.down_blocks = nn.ModuleList(
            [_Level(above[i], width, config, i in config.attn_levels) for i, width in enumerate(levels)]
        )
        self.downs = nn.ModuleList([_Downsample(width) for width in levels[:-1]])
        self.mid_block1 = ResidualBlock(levels[-1], config.groups)
        self.mid_attn = PooledAttention(levels[-1], config.groups) if config.attn_levels else nn.Identity()
        self.mid_block2 = ResidualBlock(levels[-1], config.groups)
        upwards = levels[::-1]
        below = [upwards[0], *upwards]  # channels that come from below
        self.up_blocks = nn.ModuleList(
            [_Level(2 * w, w, config, deepest - i in config.attn_levels) for i, w in enumerate(upwards)]
        )
        self.ups = nn.ModuleList([_Upsample(width) for width in upwards[:-1]])
        self.up_match = nn.ModuleList(
            [nn.Conv2d(below[i], w, 1) if below[i] != w else nn.Identity() for i, w in enumerate(upwards)]
        )
        self.out_norm = GroupNorm(config.groups, levels[0])
        self.out_conv = nn.Conv2d(levels[0], config.in_channels, 3, padding=1)
        nn.init.zeros_(self.out_conv.weight)
        nn.init.zeros_(self.out_conv.bias)

    def condition(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Time embedding (+ label embedding) [B,E]."""
        embedding = self.time_mlp(time_features(t).to(self.out_conv.weight.dtype))
        return embedding + self.cls_emb(y) if self.config.num_classes > 1 else embedding

    def forward(self, xt: torch.Tensor, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        embedding = self.condition(t, y)
        h = self.in_conv(xt.to(embedding.dtype))  # [B,base,H,W]
        skips = []
        for index, level in enumerate(self.down_blocks):
            h = level(h, embedding)  # [B,base·mult,H/2^index,W/2^index]
            skips.append(h)
            if index < len(self.downs):
                h = self.downs[index](h)
        h = self.mid_attn(self.mid_block1(h, embedding))
        h = self.mid_block2(h, embedding)
        for index, level in enumerate(self.up_blocks):
            if index > 0:
                h = self.ups[index - 1](h)
            h = self.up_match[index](h)
            h = level(torch.cat([h, skips.pop()], dim=1), embedding)
        h = F.silu(self.out_norm(h)).to(embedding.dtype)
        return self.out_conv(h).float()  # [B,C,H,W]
