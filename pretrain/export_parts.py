"""Trained runs as parts of a family: tensors and metadata of their files, and their entries in family.json.

Nothing is written here. Metadata of a flow model: config (JSON), name, steps, samples_seen, seed,
scale_factor, and `autoencoder`, the sha256 of the autoencoder whose latents it was trained on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import numpy as np

from pretrain.checkpoints.manifest import files_of
from pretrain.checkpoints.safetensors import half_precision, load_into, read_shards
from pretrain.config import from_dict, load_config
from pretrain.data.latents import Latents, read_latents, weights_hash
from pretrain.errors import ConfigDoesNotFit, MissingFile, StateDoesNotFit
from pretrain.export_plan import DECODER, AutoencoderExport, ExportPlan, ModelExport
from pretrain.folders import Folders
from pretrain.models.autoencoder import Autoencoder, AutoencoderConfig, load_autoencoder
from pretrain.models.build import build_velocity, load_velocity
from pretrain.models.classifier import load_classifier
from pretrain.models.embedding import load_embedding
from pretrain.recipes import TrainedRun, data_words, flow_notes, subset_words, time_on_record
from pretrain.train.autoencoder import AutoencoderExperiment
from pretrain.train.classifier import ClassifierExperiment
from pretrain.train.decoder import DecoderExperiment
from pretrain.train.embedding import EmbeddingExperiment
from pretrain.train.experiment import Experiment, identity_of, read_experiment

#: Weights that draw; all others of an autoencoder look.
DECODER_WEIGHTS = ("decoder.", "post_quant_conv.")


@dataclass(frozen=True)
class Part:
    """What one entry of family.json and its files will be."""

    #: "model", "autoencoder", "decoder" or the kind of a metric network.
    kind: str
    name: str
    entry: dict[str, Any]
    #: Tensors and metadata by the stem of the file.
    weights: dict[str, tuple[dict[str, np.ndarray], dict[str, str]]] = field(default_factory=dict)
    #: Frozen files that are taken byte for byte, by stem.
    copies: dict[str, Path] = field(default_factory=dict)
    #: Loads the files that were written into a network; throws when they do not fit their config.
    load: Callable[[list[Path]], object] = load_velocity


class Collector:
    """Parts of one family. `configs` is the folder of the plan's configurations, `folder` that of the
    family's weights."""

    def __init__(
        self,
        plan: ExportPlan,
        configs: Path,
        folders: Folders,
        folder: Path,
        family: dict[str, Any],
        unfinished: bool,
    ) -> None:
        self.plan, self.configs, self.folders = plan, configs, folders
        self.folder, self.family, self.unfinished = folder, family, unfinished
        #: Everything that the plan can export, by name.
        self.known: dict[str, ModelExport | AutoencoderExport | str] = {}
        for item in (*plan.autoencoder, *plan.model):
            kind = Experiment if isinstance(item, ModelExport) else AutoencoderExperiment
            name = item.name or load_config(kind, configs / item.config).name
            if name in self.known:
                raise ConfigDoesNotFit(f"two exports are called {name}")
            self.known[name] = item
        if plan.decoder:
            self.known[DECODER] = plan.decoder
        self.known |= plan.features

    def collect(self, name: str) -> Part:
        """Throws MissingFile, RunNotEnded, StateDoesNotFit, ConfigDoesNotFit."""
        item = self.known[name]
        if isinstance(item, ModelExport):
            return self._model(name, item)
        if isinstance(item, AutoencoderExport):
            return self._autoencoder(name, item)
        return self._decoder(item) if name == DECODER else self._metric_network(name, item)

    def _run(self, experiment: Experiment | AutoencoderExperiment | DecoderExperiment) -> TrainedRun:
        return TrainedRun(self.folders, experiment.name, experiment.train, self.unfinished)

    def _model(self, name: str, item: ModelExport) -> Part:
        experiment = read_experiment(self.configs / item.config)
        run = self._run(experiment)
        different = differences(run.state["config"], identity_of(experiment))
        if different:
            raise StateDoesNotFit(
                f"the run {run.name} was trained with other settings than {item.config} has now "
                f"({', '.join(different[:4])}): set them back, or train it again"
            )
        latents = read_latents(self.folders.find(experiment.data.latents))
        time = time_on_record(self.folders, run, experiment.start.branch)
        notes = flow_notes(experiment, run.state["samples_before"], time.since_samples)
        config = build_velocity(experiment.model, item.config).config.as_dict()
        metadata = {
            "config": json.dumps({"architecture": experiment.model["architecture"], **config}),
            "name": name,
            **_counts(run),
            "scale_factor": repr(latents.scale_factor),
            "autoencoder": self._autoencoder_hash(item.autoencoder, latents, name),
        }
        words = {"title": item.title, "about": item.about or experiment.about, "group": item.group}
        words["autoencoder"] = item.autoencoder
        entry = {
            "name": name,
            "role": item.role,
            **{key: text for key, text in words.items() if text},
            "recipe": run.recipe(self._data_of(experiment), notes, time.seconds),
            **self._provenance(),
        }
        return Part("model", name, entry, {name: (half_precision(run.state["ema"]), metadata)})

    def _autoencoder(self, name: str, item: AutoencoderExport) -> Part:
        experiment = load_config(AutoencoderExperiment, self.configs / item.config)
        run = self._run(experiment)
        network = autoencoder_of(run)
        latents = read_latents(self.folders.find(item.latents))
        if latents.autoencoder != weights_hash(network):
            raise ConfigDoesNotFit(
                f"{item.latents} was made with other weights than the run {run.name} has: make it again"
            )
        table = {**experiment.model, "scale_factor": latents.scale_factor}
        config = from_dict(AutoencoderConfig, table, item.config)
        metadata = {"config": json.dumps(config.as_dict()), "name": name, **_counts(run)}
        halves: dict[str, dict[str, np.ndarray]] = {f"{name}-decoder": {}, f"{name}-encoder": {}}
        for key, values in half_precision(network.state_dict()).items():
            half = "decoder" if key.startswith(DECODER_WEIGHTS) else "encoder"
            halves[f"{name}-{half}"][key] = values
        notes = f"{config.kind.upper()} autoencoder; EMA weights, decay {experiment.train.ema_decay:g}"
        entry = {
            "name": name,
            "about": item.about or experiment.about,
            "recipe": run.recipe(self._data(config.image_size), notes),
            **self._provenance(),
        }
        weights = {stem: (tensors, metadata) for stem, tensors in halves.items()}
        return Part("autoencoder", name, entry, weights, load=load_autoencoder)

    def _decoder(self, config: str) -> Part:
        """The family's own decoder, trained on. Its file goes on naming the autoencoder that the latents came
        from, and the recipe of what it began with, so that it can be exported again."""
        experiment = load_config(DecoderExperiment, self.configs / config)
        run = self._run(experiment)
        network, latents = autoencoder_of(run), read_latents(self.folders.find(experiment.latents))
        encoder = load_autoencoder(self._own_files()).encoder
        origin = self._latents_of()
        known = latents.autoencoder in self._own_hashes()
        if not known or weights_hash(encoder) != weights_hash(network.encoder):
            raise ConfigDoesNotFit(f"the run {run.name} decodes latents of another encoder than the family's")
        began_with = self._decoder_metadata().get("began_with", "null")
        began = json.loads(began_with) or self.family["autoencoder"]["recipe"]
        words = f"decoder trained on by {run.samples_seen:,} samples with its encoder at rest"
        recipe = run.recipe(began["data"], f"{words}; before that: {began['notes']}")
        recipe["samples_seen"] += began["samples_seen"]
        recipe["minutes"] = round(recipe["minutes"] + began["minutes"], 1)
        metadata = {
            "config": json.dumps(network.config.as_dict()),
            "name": run.name,
            **_counts(run),
            "latents_of": origin,
            "began_with": json.dumps(began),
        }
        halved = half_precision(network.state_dict())
        tensors = {key: values for key, values in halved.items() if key.startswith(DECODER_WEIGHTS)}
        weights = {"autoencoder-decoder": (tensors, metadata)}
        encoder_files = files_of(self.folder, "autoencoder-encoder")

        def load(paths: list[Path]) -> Autoencoder:
            return load_autoencoder([*paths, *encoder_files])

        return Part("decoder", DECODER, {"recipe": recipe, **self._provenance()}, weights, load=load)

    def _metric_network(self, kind: str, config: str) -> Part:
        """The frozen file of a run, byte for byte: numbers are measured with it, so its hash must stay."""
        experiments = {"embedding": EmbeddingExperiment, "classifier": ClassifierExperiment}
        experiment = load_config(experiments[kind], self.configs / config)
        run = self._run(experiment)
        file = self.folders.find(f"runs/{run.name}/{kind}.safetensors")
        card = json.loads(self.folders.find(f"runs/{run.name}/{kind}.json").read_text("utf-8"))
        if hashlib.sha256(file.read_bytes()).hexdigest() != card["sha256"]:
            raise StateDoesNotFit(f"{file} is not the file that its {kind}.json describes; end the run again")
        entry: dict[str, Any] = {"recipe": run.recipe(self._data(experiment.data.size), experiment.about)}
        entry |= self._provenance()
        if kind == "classifier":
            heads = {name: round(accuracy["share"], 5) for name, accuracy in card["heads"].items()}
            entry["accuracy"] = {"class": round(card["class_accuracy"]["share"], 5), "heads": heads}
        load = {"embedding": load_embedding, "classifier": load_classifier}[kind]
        return Part(kind, kind, entry, copies={kind: file}, load=lambda paths: load(paths[0]))

    # -- what parts have in common --------------------------------------------------------------------------

    def _provenance(self) -> dict[str, str]:
        return {"licence": self.plan.licence, "card": self.plan.card}

    def _data(self, size: int) -> str:
        return data_words(self.folders.find(self.plan.dataset), size)

    def _data_of(self, experiment: Experiment) -> str:
        data = self._data(load_autoencoder(self._own_files()).config.image_size)
        subset = experiment.data.subset
        return subset_words(self.folders.find(subset), data) if subset else data

    def _own_files(self) -> list[Path]:
        """Files of the family's own autoencoder. Throws MissingFile."""
        halves = [files_of(self.folder, f"autoencoder-{half}") for half in ("decoder", "encoder")]
        if not all(halves):
            raise MissingFile(f"{self.folder} lacks the decoder or the encoder of its family")
        return [path for half in halves for path in half]

    def _decoder_metadata(self) -> dict[str, str]:
        return read_shards(files_of(self.folder, "autoencoder-decoder"))[1]

    def _latents_of(self) -> str:
        """sha256 of the autoencoder that the family's latents came from: its own, or what that was before its
        decoder was trained on."""
        return self._own_hashes()[0]

    def _own_hashes(self) -> list[str]:
        """sha256 of every autoencoder whose latents are the family's: what its encoder was trained with, and the two as
        they are shipped, which is what latents that are made now come from."""
        shipped = weights_hash(load_autoencoder(self._own_files()))
        return [self._decoder_metadata().get("latents_of") or shipped, shipped]

    def _autoencoder_hash(self, wanted: str, latents: Latents, name: str) -> str:
        """sha256 of the autoencoder that a model's latents came from. Throws ConfigDoesNotFit when that is
        another one than the page decodes with."""
        if wanted:
            item = self.known.get(wanted)
            if not isinstance(item, AutoencoderExport):
                raise ConfigDoesNotFit(f"{name} wants the autoencoder {wanted}, which is not in the plan")
            other = load_config(AutoencoderExperiment, self.configs / item.config)
            run = TrainedRun(self.folders, other.name, other.train, unfinished=True)
            digests = [weights_hash(autoencoder_of(run))]
            scale = read_latents(self.folders.find(item.latents)).scale_factor
        else:
            digests = self._own_hashes()
            scale = load_autoencoder(self._own_files()).config.scale_factor
        if latents.scale_factor != scale or latents.autoencoder not in digests:
            raise ConfigDoesNotFit(
                f"{name} was trained on latents of the autoencoder {latents.autoencoder} with scale factor "
                f"{latents.scale_factor!r}; the page decodes with {digests[0]}, {scale!r}"
            )
        return digests[0]


def _counts(run: TrainedRun) -> dict[str, str]:
    """How far a run has come, for the metadata of its file."""
    counts = {"steps": run.state["step"], "samples_seen": run.samples_seen, "seed": run.train.seed}
    return {key: str(count) for key, count in counts.items()}


def autoencoder_of(run: TrainedRun) -> Autoencoder:
    """The EMA autoencoder of a run."""
    network = Autoencoder(from_dict(AutoencoderConfig, run.state["config"]["model"], run.name))
    load_into(network, {key: value.float().numpy() for key, value in run.state["ema"].items()}, run.name)
    return network.eval()


def differences(state: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Settings in which a run's state is not what its TOML file says, as table.key; the length of a run that
    never cools down is not among them, though early states hold it."""
    places = []
    for table, values in expected.items():
        theirs = state.get(table)
        if isinstance(values, dict) and isinstance(theirs, dict):
            keys = (set(values) | set(theirs)) - ({"steps"} - set(values))
            places += [f"{table}.{key}" for key in sorted(keys) if values.get(key) != theirs.get(key)]
        elif values != theirs:
            places.append(table)
    return places
