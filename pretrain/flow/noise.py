"""Seeded random numbers: Philox4x32-10 with Box–Muller, the same on every machine and backend (method §3).

Block i of a stream is philox4x32(counter = (i mod 2³², i div 2³², stream, 0), key = (seed mod 2³², seed div
2³²)); its words give u = (word + 0.5) / 2³², numbers 4i … 4i+3. Pairs (u, u') of them give the normals r cos
a, r sin a with r = √(−2 ln u), a = 2π u': float64, then float32. Normal k is element k of a latent flattened
as (C,H,W).
Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

from __future__ import annotations

import math
from typing import Sequence, TypeVar

import numpy as np
import torch

from pretrain.errors import SeedOutOfRange

#: What a random stream is for; streams of one seed are independent.
STREAM_X0 = 0
STREAM_TRAINING_NOISE = 1
STREAM_TRAINING_TIME = 2
STREAM_SHUFFLE = 3
STREAM_SCORING_NOISE = 4
STREAM_AUGMENTATION = 5
STREAM_CLUSTERING = 6
STREAM_POSTERIOR = 7

LARGEST_SEED = 2**53 - 1

_ROUNDS = 10
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_INCREMENTS = (0x9E3779B9, 0xBB67AE85)
_WORD = 0xFFFFFFFF
_BLOCKS_AT_A_TIME = 1 << 13  # 64 KiB an array: the rounds stay in the cache

#: Integers of 64 bits, a numpy array or a torch tensor: the same expressions serve both.
Words = TypeVar("Words", np.ndarray, torch.Tensor)


def philox4x32(counter: Sequence[Words], key: Sequence[Words]) -> tuple[Words, Words, Words, Words]:
    """Four random words for each counter (4 words) and key (2 words), all int64 arrays that hold 0 … 2³²−1.

    A product of two words may pass 2⁶³: it wraps, and its bits are still right, so the upper word is masked
    out of it.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        product0 = c0 * _MULTIPLIERS[0]
        product1 = c2 * _MULTIPLIERS[1]
        c0 = ((product1 >> 32) & _WORD) ^ c1 ^ k0
        c1 = product1 & _WORD
        c2 = ((product0 >> 32) & _WORD) ^ c3 ^ k1
        c3 = product0 & _WORD
        k0 = (k0 + _KEY_INCREMENTS[0]) & _WORD
        k1 = (k1 + _KEY_INCREMENTS[1]) & _WORD
    return c0, c1, c2, c3


def key_of_seed(seed: int) -> tuple[int, int]:
    """Philox key (low 32 bits, high 21 bits) of a seed 0 … 2⁵³−1; throws SeedOutOfRange."""
    if int(seed) != seed or not 0 <= seed <= LARGEST_SEED:
        raise SeedOutOfRange(f"a seed is an integer 0 … {LARGEST_SEED}, not {seed}")
    return int(seed) & _WORD, int(seed) >> 32


def uniforms_of_seeds(seeds: Sequence[int], stream: int, count: int, start: int = 0) -> np.ndarray:
    """Numbers `start` … `start + count − 1` of the stream of each seed, float64 [seeds,count] strictly inside
    (0,1)."""
    keys = np.array([key_of_seed(seed) for seed in seeds], np.int64).reshape(-1, 2)
    first = start // 4
    blocks = np.arange(first, -(-(start + count) // 4), dtype=np.int64)
    values = np.empty((len(keys), len(blocks), 4))
    width = min(_BLOCKS_AT_A_TIME, max(1, len(blocks)))
    height = _BLOCKS_AT_A_TIME // width
    for top in range(0, len(keys), height):
        key0, key1 = keys[top : top + height].T[..., None]  # [height,1]
        for left in range(0, len(blocks), width):
            block = np.repeat(blocks[None, left : left + width], len(key0), axis=0)
            counter = (block & _WORD, block >> 32, np.full_like(block, stream), np.zeros_like(block))
            for lane, word in enumerate(philox4x32(counter, (key0, key1))):
                values[top : top + height, left : left + width, lane] = word
    values += 0.5
    values *= 2.0**-32
    return values.reshape(len(keys), -1)[:, start - 4 * first : start - 4 * first + count]


def normals_of_seeds(seeds: Sequence[int], stream: int, count: int, start: int = 0) -> np.ndarray:
    """Standard normals `start` … `start + count − 1` of the stream of each seed, float32 [seeds,count]."""
    odd = start % 2  # a pair of numbers makes a pair of normals
    pairs = uniforms_of_seeds(seeds, stream, 2 * math.ceil((count + odd) / 2), start - odd)
    radius = np.log(pairs[:, 0::2])
    np.sqrt(np.multiply(radius, -2, out=radius), out=radius)
    angle = pairs[:, 1::2] * (2 * math.pi)
    values = np.empty(pairs.shape, np.float32)
    values[:, 0::2] = radius * np.cos(angle)
    values[:, 1::2] = radius * np.sin(angle)
    return values[:, odd : odd + count]


def uniforms(seed: int, stream: int, count: int, start: int = 0) -> np.ndarray:
    """Numbers `start` … `start + count − 1` of one stream of one seed, float64 [count] strictly inside
    (0,1)."""
    return uniforms_of_seeds([seed], stream, count, start)[0]


def normals(seed: int, stream: int, count: int, start: int = 0) -> np.ndarray:
    """Standard normals `start` … `start + count − 1` of one stream of one seed, float32 [count]."""
    return normals_of_seeds([seed], stream, count, start)[0]


def permutation(seed: int, stream: int, count: int, start: int = 0) -> np.ndarray:
    """A random order of 0 … count−1, int64: the places of numbers `start` … of the stream, sorted
    (ties: lower first)."""
    return np.argsort(uniforms(seed, stream, count, start), kind="stable")


def initial_noise(seeds: Sequence[int], shape: Sequence[int]) -> torch.Tensor:
    """Start states x0 ~ N(0, I), float32 [B,C,H,W] on the CPU: image b is drawn from `seeds[b]` alone. shape
    is (C,H,W)."""
    values = normals_of_seeds(seeds, STREAM_X0, math.prod(shape))
    return torch.from_numpy(values).view(len(seeds), *shape)


def device_normals(
    seed: int, stream: int, count: int, start: int = 0, device: torch.device | str = "cuda"
) -> torch.Tensor:
    """The normals of `normals`, float32 [count], made on the device: equal to within a float32 rounding, and
    there at once, where the CPU would take a second for 15 million of them."""
    first = start // 4
    block = torch.arange(first, -(-(start + count) // 4), dtype=torch.int64, device=device)
    zero = torch.zeros_like(block)
    key0, key1 = (torch.full_like(block, word) for word in key_of_seed(seed))
    words = philox4x32((block & _WORD, block >> 32, zero + stream, zero), (key0, key1))
    u = [(word.double() + 0.5) * 2.0**-32 for word in words]
    values = []
    for even, odd in ((u[0], u[1]), (u[2], u[3])):
        radius = (-2 * even.log()).sqrt()
        angle = odd * (2 * math.pi)
        values += [radius * angle.cos(), radius * angle.sin()]
    skipped = start - 4 * first
    return torch.stack(values, dim=1).float().view(-1)[skipped : skipped + count]


def scoring_noises(seed: int, count: int, shape: Sequence[int]) -> torch.Tensor:
    """The M = `count` fixed noises that all samples and times of a scoring share, float32 [M,C,H,W]; shape is
    (C,H,W). Noise m holds the normals m·n … (m+1)·n−1 of stream 4 of the seed, n = C·H·W."""
    values = normals(seed, STREAM_SCORING_NOISE, count * math.prod(shape))
    return torch.from_numpy(values).view(count, *shape)
