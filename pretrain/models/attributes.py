"""Attributes as classification heads: which styles have one, its values in a fixed order, and a masked cross
entropy.

A head is one attribute, such as "micah.hair" or "background". An image has a value 0..V−1 of each head that
applies to its style, and NOT_APPLICABLE (−1) of all others. A part that something else covers has the value
"hidden", so that a head always has an answer that can be seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

import numpy as np
import torch

from pretrain.errors import ConfigDoesNotFit

NOT_APPLICABLE = -1
HIDDEN = "hidden"

Attributes = Mapping[str, object]


@dataclass(frozen=True)
class Head:
    """One attribute. `styles` are the classes that have it, `values` its words in the order of the logits."""

    name: str
    styles: tuple[str, ...]
    values: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {"name": self.name, "styles": list(self.styles), "values": list(self.values)}


#: What covers a part: head → the attribute and its values under which the part cannot be seen.
COVERED: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "bigSmile.eyes": (("bigSmile.accessories", ("sunglasses", "sleepMask")),),
    "bigSmile.mouth": (("bigSmile.accessories", ("faceMask",)),),
    "openPeeps.face": (
        ("openPeeps.mask", ("medicalMask", "respirator")),
        ("openPeeps.accessories", ("sunglasses", "sunglasses2", "eyepatch")),
    ),
    "openPeeps.facialHair": (("openPeeps.mask", ("medicalMask", "respirator")),),
}


def _prefix(*prefixes: str) -> Callable[[str], str]:
    """The first of `prefixes` that the word begins with, else the word itself."""
    return lambda word: next((prefix for prefix in prefixes if word.startswith(prefix)), word)


def _presence(word: str) -> str:
    return "none" if word == "none" else "some"


#: Coarser words for attributes whose own values are too fine for 64 px: head → attribute and how its words
#: are merged.
MERGED: dict[str, tuple[str, Callable[[str], str]]] = {
    "adventurer.hairLength": ("adventurer.hair", _prefix("short", "long")),
    "adventurer.wearsGlasses": ("adventurer.glasses", _presence),
    "adventurer.wearsEarrings": ("adventurer.earrings", _presence),
    "lorelei.mood": ("lorelei.mouth", _prefix("happy", "sad")),
    "lorelei.wearsGlasses": ("lorelei.glasses", _presence),
    "lorelei.wearsEarrings": ("lorelei.earrings", _presence),
    "lorelei.hasBeard": ("lorelei.beard", _presence),
    "micah.wearsGlasses": ("micah.glasses", _presence),
    "micah.wearsEarrings": ("micah.earrings", _presence),
    "micah.hasFacialHair": ("micah.facialHair", _presence),
    "openPeeps.hasFacialHair": (
        "openPeeps.facialHair", lambda word: word if word == HIDDEN else _presence(word)
    ),
    "openPeeps.eyewear": ("openPeeps.accessories", _prefix("sunglasses", "glasses")),
    "openPeeps.wearsMask": ("openPeeps.mask", _presence),
    "personas.hasFacialHair": ("personas.facialHair", _presence),
    "toonHead.hasRearHair": ("toonHead.rearHair", _presence),
}

#: Attributes that repeat another one: which colour a part's outline has where there is one colour or two of
#: them.
REPEATED = frozenset({"lorelei.mouthColor", "micah.mouthColor"})

#: Attributes of every style; glasses and facialHair of all styles are in the styles' own heads already.
SHARED = ("background",)


def word_of(attributes: Attributes, head: str) -> str | None:
    """The value of a head in a drawing's attributes as a word; None when its style has no such attribute."""
    if head in MERGED:
        source, merge = MERGED[head]
        word = word_of(attributes, source)
        return None if word is None else merge(word)
    if head not in attributes:
        return None
    for attribute, covering in COVERED.get(head, ()):
        if attributes.get(attribute) in covering:
            return HIDDEN
    return str(attributes[head])


def heads_of(records: Sequence[Attributes], styles: Sequence[str], rarest: int = 8) -> tuple[Head, ...]:
    """Every head that the drawings have: shared ones, the styles' own, merged ones; by name, values in order
    of the alphabet.

    Left out: attributes with one value, colours of a part that has a single one (they repeat whether the part
    is there), and values seen fewer than `rarest` times (the head does not apply to an image with such a
    value).
    """
    words: dict[str, Counter[str]] = {}
    owners: dict[str, set[str]] = {}
    for attributes in records:
        own = [name for name in attributes if "." in name]
        style = own[0].split(".")[0] if own else ""
        merged = [name for name in MERGED if name.startswith(style + ".")]
        for name in (*SHARED, *own, *merged):
            word = word_of(attributes, name)
            if word is not None:
                words.setdefault(name, Counter())[word] += 1
                owners.setdefault(name, set()).add(style)
    heads = []
    for name in sorted(words):
        values = tuple(sorted(word for word, count in words[name].items() if count >= rarest))
        single_colour = name.endswith("Color") and len(set(values) - {"none"}) < 2
        if len(values) >= 2 and not single_colour and name not in REPEATED:
            heads.append(Head(name, tuple(style for style in styles if style in owners[name]), values))
    return tuple(heads)


def without_repetition(names: Sequence[str]) -> list[str]:
    """Heads without those merged ones whose finer attribute is among them: it says the same, and more."""
    return [name for name in names if name not in MERGED or MERGED[name][0] not in names]


def head_values(records: Sequence[Attributes], heads: Sequence[Head]) -> np.ndarray:
    """[N, H] int64: the value of each head in each drawing, NOT_APPLICABLE where it has none."""
    table = np.full((len(records), len(heads)), NOT_APPLICABLE, dtype=np.int64)
    for h, head in enumerate(heads):
        index = {word: i for i, word in enumerate(head.values)}
        for n, attributes in enumerate(records):
            word = word_of(attributes, head.name)
            if word is not None:
                table[n, h] = index.get(word, NOT_APPLICABLE)
    return table


def applies_to(heads: Sequence[Head], styles: Sequence[str]) -> np.ndarray:
    """[S, H] bool: style s has head h."""
    return np.array(
        [[style in head.styles for head in heads] for style in styles], dtype=bool
    ).reshape(len(styles), len(heads))


class Layout:
    """Where each head's logits lie in one vector [L] of all heads, L = Σ values."""

    def __init__(self, heads: Sequence[Head]) -> None:
        if not heads:
            raise ConfigDoesNotFit(
                "no attribute heads: the data set's attributes hold none with two values or more"
            )
        sizes = [len(head.values) for head in heads]
        self.total = sum(sizes)
        self.widest = max(sizes)
        starts = np.cumsum([0, *sizes[:-1]])
        columns = np.arange(self.widest)
        inside = columns[None] < np.array(sizes)[:, None]
        place = np.where(inside, starts[:, None] + columns[None], 0)
        self.place = torch.from_numpy(place)  # [H, widest]
        self.inside = torch.from_numpy(inside)  # [H, widest]
        self.starts = starts

    def spread(self, logits: torch.Tensor) -> torch.Tensor:
        """[B, L] → [B, H, widest], −∞ where a head has no such value."""
        place, inside = self.place.to(logits.device), self.inside.to(logits.device)
        spread = logits[:, place.reshape(-1)].view(len(logits), *place.shape)
        return spread.masked_fill(~inside, float("-inf"))


def attribute_loss(
    logits: torch.Tensor, values: torch.Tensor, layout: Layout, smoothing: float = 0.0
) -> torch.Tensor:
    """Cross entropy of each head that applies, mean over an image's heads, then over images with any.

    logits [B, L], values [B, H] with NOT_APPLICABLE. `smoothing` mixes that share of the uniform distribution
    over a head's values into the target. No image with a head gives 0.
    """
    spread = layout.spread(logits.float())
    log_share = torch.log_softmax(spread, dim=2)
    applies = values != NOT_APPLICABLE
    right = log_share.gather(2, values.clamp(min=0).unsqueeze(2)).squeeze(2)
    if smoothing:
        inside = layout.inside.to(logits.device)
        mean = log_share.masked_fill(~inside, 0.0).sum(2) / inside.sum(1)
        right = (1.0 - smoothing) * right + smoothing * mean
    per_image = -(right * applies).sum(1) / applies.sum(1).clamp(min=1)
    return per_image.sum() / applies.any(1).sum().clamp(min=1)
