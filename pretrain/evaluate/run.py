"""The whole evaluation of one family: draws what is missing, measures, gives FamilyResults."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.checkpoints.measured import sha256_of
from pretrain.data.dataset import Split, load_split
from pretrain.evaluate.claims import check_claims, judge
from pretrain.evaluate.draw import Gallery
from pretrain.evaluate.measure import (
    Measured,
    RealImages,
    measure_loss_per_t,
    measure_memory,
    measure_pair,
    measure_quality,
)
from pretrain.evaluate.models import Models
from pretrain.evaluate.plan import EvaluationPlan
from pretrain.evaluate.trajectories import Arm, alone, arm_of
from pretrain.flow.noise import STREAM_X0, normals_of_seeds
from pretrain.metrics.bootstrap import RESAMPLES, interval_of_mean
from pretrain.metrics.frechet_interval import frechet_interval
from pretrain.metrics.pixels import peak_signal_to_noise, structural_similarity
from pretrain.metrics.results import (
    Accuracy,
    AttributeNetwork,
    FamilyResults,
    FeatureNetwork,
    ModelResult,
    Protocol,
    Quality,
    Reconstruction,
    TauResult,
)
from pretrain.metrics.similarity import similarity
from pretrain.models.attributes import head_values
from pretrain.models.autoencoder import Autoencoder, load_autoencoder
from pretrain.models.classifier import classify, load_classifier
from pretrain.models.embedding import features_of, load_embedding
from pretrain.train.sheet import to_bytes

LOSS_TIMES = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)
LOSS_SAMPLES = 800


class Evaluation:
    def __init__(self, plan: EvaluationPlan, models: Models, dataset: Path, cache: Path, say: Callable[[str], None]) -> None:
        check_claims(plan)
        self.plan, self.models, self.say = plan, models, say
        size = models.family["image_size"]
        self.held_out: Split = load_split(dataset, "held-out", size)
        self.train: Split = load_split(dataset, "train", size)
        features = models.family["features"]
        (self.embedding_path,) = models.paths(features["embedding"]["files"])
        (self.classifier_path,) = models.paths(features["classifier"]["files"])
        self.embedding, self.classifier = load_embedding(self.embedding_path), load_classifier(self.classifier_path)
        self.autoencoders: dict[str, Autoencoder] = {}
        self.gallery = Gallery(cache, plan, models, self.look, self._look_id, say)
        self.real = RealImages(features_of(self.embedding, self.held_out.images, models.device))
        self.labels = [self.gallery.labels(k) for k in range(plan.blocks)]
        self.classes = [entry["name"] for entry in models.family["classes"]]
        self.measured: dict[str, Measured] = {}
        self.training_features = self._training_features(cache)

    # -- what pictures are looked at with -----------------------------------------------------------------------------

    def autoencoder(self, name: str = "") -> tuple[Autoencoder, float]:
        """The family's autoencoder, or a further one, and its scale factor."""
        entry = self.models.autoencoder_entry(name)
        if name not in self.autoencoders:
            paths = self.models.paths([*entry["decoder"]["files"], *entry["encoder"]["files"]])
            self.autoencoders[name] = load_autoencoder(paths).to(self.models.device)
        return self.autoencoders[name], entry["config"]["scale_factor"]

    def _look_id(self, autoencoder: str) -> str:
        """Changes with the decoder and the networks that pictures are looked at with."""
        features = self.models.family["features"]
        entries = [features["embedding"], features["classifier"], self.models.autoencoder_entry(autoencoder)["decoder"]]
        return "-".join(entry["files"][0]["sha256"][:8] for entry in entries)

    def look(self, x1: torch.Tensor, autoencoder: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Pixels, features and the classifier's view of scaled latents."""
        network, scale = self.autoencoder(autoencoder)
        with torch.no_grad():
            latents = (x1 / scale).contiguous(memory_format=torch.channels_last)
            pixels = to_bytes(network.decode(latents))
        seen = classify(self.classifier, pixels, self.models.device)
        features = features_of(self.embedding, pixels, self.models.device).astype(np.float32)
        return pixels, features, seen.labels, seen.values

    def _training_features(self, cache: Path) -> np.ndarray:
        """Features of the training images, which f_mem looks for neighbours in; kept, since there are many."""
        key = hashlib.sha256(self.embedding_path.read_bytes() + "\n".join(self.train.keys).encode()).hexdigest()[:12]
        path = cache / f"training-features-{key}.npy"
        if not path.exists():
            self.say("features of the training images")
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(path.name + ".tmp.npy")
            np.save(temporary, features_of(self.embedding, self.train.images, self.models.device).astype(np.float32))
            os.replace(temporary, path)
        return np.load(path)

    # -- parts of the results -----------------------------------------------------------------------------------------

    def quality(self, arm: Arm) -> Measured:
        if arm.name not in self.measured:
            blocks = self.gallery.blocks(arm)
            self.say(f"measuring {arm.name}")
            features, seen = [block.features for block in blocks], [block.seen_labels for block in blocks]
            self.measured[arm.name] = self._measure(features, seen, self.labels)
        return self.measured[arm.name]

    def _measure(self, features: list[np.ndarray], seen: list[np.ndarray], labels: list[np.ndarray]) -> Measured:
        return measure_quality(features, seen, labels, self.real, self.classes, self.plan.resamples)

    def drawings(self) -> Quality:
        """What as many training drawings get, every class as often; their f_mem is that of the held-out images."""
        plan = self.plan
        each = plan.samples // len(self.classes)
        rows = [
            np.concatenate([np.flatnonzero(self.train.labels == c)[k * each : (k + 1) * each] for c in range(len(self.classes))])
            for k in range(plan.blocks)
        ]
        seen = [classify(self.classifier, np.array(self.train.images[r]), self.models.device).labels for r in rows]
        labels = [self.train.labels[r] for r in rows]
        measured = self._measure([self.training_features[r] for r in rows], seen, labels)
        parts = np.array_split(self.real.features, plan.blocks)
        return replace(measured.quality, memorised=measure_memory(parts, self.training_features))

    def reconstruction(self, name: str = "") -> Reconstruction:
        """An autoencoder on the held-out images; FD in blocks as large as those of the models."""
        network, _ = self.autoencoder(name)
        images = self.held_out.images
        back = []
        with torch.no_grad():
            for start in range(0, len(images), 64):
                x = torch.from_numpy(np.array(images[start : start + 64])).to(self.models.device)
                x = x.permute(0, 3, 1, 2).float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)
                back.append(to_bytes(network.decode(network.encode(x))))
        decoded = np.concatenate(back)
        halves = [slice(0, len(images) // 2), slice(len(images) // 2, None)]
        features = features_of(self.embedding, decoded, self.models.device)
        blocks = [features[k * self.plan.samples : (k + 1) * self.plan.samples] for k in range(self.plan.blocks)]
        psnr = [peak_signal_to_noise(np.asarray(images[half]), decoded[half]) for half in halves]
        ssim = [structural_similarity(np.asarray(images[half]), decoded[half]) for half in halves]
        fd, _ = frechet_interval(self.real.reference, [b for b in blocks if len(b) > 1], self.plan.resamples)
        entry = self.models.autoencoder_entry(name)
        weights = sha256_of(self.models.paths([*entry["decoder"]["files"], *entry["encoder"]["files"]]))
        return Reconstruction(name or "autoencoder", weights, interval_of_mean(psnr), interval_of_mean(ssim), fd)

    def model(self, name: str, base: str) -> ModelResult:
        """One model alone, compared with its base."""
        shipped = self.models.velocity(name)
        measured = self.quality(alone(name))
        ratio, pooled = measured.ratio_to(self.quality(alone(base))) if base else (None, None)
        memory = measure_memory([block.features for block in self.gallery.blocks(alone(name))], self.training_features)
        entry, recipe, config = shipped.entry, shipped.entry["recipe"], shipped.entry["config"]
        return ModelResult(
            name=name,
            kind="ladder" if entry.get("group") == "width" else entry["role"],
            differs=entry.get("about", ""),
            recipe=recipe.get("notes", ""),
            architecture=entry["architecture"],
            width=config.get("hidden_size", config.get("base_channels", 0)),
            depth=config.get("depth", len(config.get("channel_mult", ()))),
            parameters=entry["parameters"],
            bytes=sum(file["bytes"] for file in entry["files"]),
            sha256=shipped.sha256,
            samples=recipe["samples_seen"],
            seconds=60.0 * recipe["minutes"],
            device=recipe["device"],
            quality=replace(measured.quality, memorised=memory),
            base=base or None,
            fd_ratio=ratio,
            fd_ratio_pooled=pooled,
            loss_per_t=self.loss_per_t(name),
        )

    def loss_per_t(self, name: str):
        """On held-out latents of the model's own autoencoder, with one fixed noise a sample."""
        shipped = self.models.velocity(name)
        network, scale = self.autoencoder(shipped.autoencoder)
        images = np.array(self.held_out.images[:LOSS_SAMPLES])
        with torch.no_grad():
            x = torch.from_numpy(images).to(self.models.device).permute(0, 3, 1, 2).float().div(127.5).sub(1)
            x1 = network.encode(x.contiguous(memory_format=torch.channels_last)) * scale
        noise = normals_of_seeds(range(LOSS_SAMPLES), STREAM_X0, int(np.prod(x1.shape[1:])))
        x0 = torch.from_numpy(noise.reshape(x1.shape)).to(self.models.device)
        labels = torch.from_numpy(np.asarray(self.held_out.labels[:LOSS_SAMPLES])).to(self.models.device)
        return measure_loss_per_t(shipped.network, x1.contiguous(), labels, x0, LOSS_TIMES)

    def in_turns(self, recipe: str, light: str, tau: float, heavy_first: bool = False) -> TauResult:
        """A light model that hands over to the heavy one at tau, or the other way round, against the heavy one alone."""
        first, second = (self.plan.heavy, light) if heavy_first else (light, self.plan.heavy)
        arm = alone(second) if tau == 0 else Arm(first, second, tau)
        measured = self.quality(arm)
        ratio, pooled = measured.ratio_to(self.quality(alone(self.plan.heavy)))
        heavy = self.gallery.blocks(alone(self.plan.heavy))
        paired = self.plan.paired
        alike = similarity(
            [block.features[:paired] for block in self.gallery.blocks(arm)],
            [block.features[:paired] for block in heavy],
            [y[:paired] for y in self.labels],
        )
        steps = self.plan.points - 1
        before = min(self.plan.switch_index(tau), steps)
        light_steps = steps - before if heavy_first else before
        return TauResult(
            recipe=recipe,
            light=light,
            heavy=self.plan.heavy,
            order="heavy first" if heavy_first else "light first",
            tau=tau,
            light_steps=light_steps,
            heavy_steps=steps - light_steps,
            quality=measured.quality,
            fd_ratio=ratio,
            fd_ratio_pooled=pooled,
            s_norm=alike.s_norm,
        )

    def pairs(self):
        grid = [i / (self.plan.points - 1) for i in self.plan.cosine_at]
        heads = [head.name for head in self.classifier.config.heads]
        for pair in self.plan.pairs:
            arms = [arm_of(name) for name in (pair.a, pair.b)]
            a, b = (self.gallery.blocks(arm) for arm in arms)
            own = {self.models.velocity(arm.last).autoencoder for arm in arms}
            times = grid if len(own) == 1 else ()
            self.say(f"comparing {pair.a} with {pair.b}")
            yield measure_pair(a, b, self.labels, (pair.a, pair.b), pair.what, pair.noise_floor, times, heads)

    def classifier_result(self) -> AttributeNetwork:
        """How often the classifier is right on held-out drawings, measured again here."""
        entry = self.models.family["features"]["classifier"]
        seen = classify(self.classifier, self.held_out.images, self.models.device)
        right = seen.labels == np.asarray(self.held_out.labels)
        truth = head_truth(self.held_out, self.classifier)
        by_label = classify(self.classifier, self.held_out.images, self.models.device, np.asarray(self.held_out.labels))
        heads = {}
        for h, head in enumerate(self.classifier.config.heads):
            applies = truth[:, h] >= 0
            share = float((truth[applies, h] == by_label.values[applies, h]).mean())
            heads[head.name] = Accuracy(share, int(applies.sum()))
        file = entry["files"][0]
        accuracy = Accuracy(float(right.mean()), len(right))
        name = entry.get("name", "classifier")
        return AttributeNetwork(name, file["file"], file["bytes"], file["sha256"], entry["parameters"], accuracy, heads)

    def run(self) -> FamilyResults:
        plan, entry = self.plan, self.models.family["features"]["embedding"]
        file = entry["files"][0]
        device = torch.cuda.get_device_name() if self.models.device.type == "cuda" else f"CPU ({platform.machine()})"
        models = tuple(self.model(name, base) for name, base in plan.alone.items())
        taus = tuple(
            self.in_turns(recipe, light, tau, heavy_first)
            for heavy_first in (False, True)
            for recipe, light in plan.recipes.items()
            for tau in (plan.heavy_first.get(recipe, ()) if heavy_first else plan.taus)
        )
        further = [entry["name"] for entry in self.models.family.get("autoencoders", [])]
        autoencoders = tuple(self.reconstruction(name) for name in ["", *further])
        return FamilyResults(
            protocol=Protocol(
                guidance=plan.guidance,
                steps=plan.points,
                solver="euler",
                paired_blocks=plan.blocks,
                paired_seeds=plan.paired,
                quality_blocks=plan.blocks,
                quality_samples=plan.samples,
                reference_split="held-out",
                reference_count=len(self.held_out.labels),
                resamples=plan.resamples,
                mean_resamples=RESAMPLES,
                device=f"{device}, {str(self.models.dtype).removeprefix('torch.')} products",
                torch=torch.__version__,
            ),
            embedding=FeatureNetwork(
                entry.get("name", "embedding"), file["file"], file["bytes"], file["sha256"], entry["parameters"],
                self.embedding.config.feature_dim,
            ),
            classifier=self.classifier_result(),
            autoencoders=autoencoders,
            drawings=self.drawings(),
            models=models,
            coarse_to_fine=taus,
            pairs=tuple(self.pairs()),
            claims=judge(plan.claims, autoencoders[0], models, taus),
        )


def head_truth(split: Split, classifier) -> np.ndarray:
    """[N,H]: the drawings' own values of the classifier's heads, −1 where a style has no such head."""
    return head_values(split.attributes, classifier.config.heads)
