"""The command line: one stage, its arguments, plain words when something does not fit."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import torch

from pretrain.distributed import join_world, leave_world
from pretrain.errors import PretrainError
from pretrain.folders import CONFIGS, PROJECT, Folders
from pretrain.scoring.stage import add_stages


#: Stages that train what a TOML file describes: module and function, and what `--help` says of them.
TRAININGS = {
    "flow": (
        "experiment.train_experiment",
        "Trains a flow model: plain flow matching, the paper's coarse-to-fine loss, or distillation.",
    ),
    "autoencoder": ("autoencoder.train_autoencoder", "Trains an autoencoder, KL or VQ."),
    "decoder": ("decoder.train_decoder", "Trains a decoder further on latents that stay as they are."),
    "embedding": (
        "embedding.train_embedding",
        "Trains the embedding network of the metrics and writes it into its run's folder.",
    ),
    "classifier": (
        "classifier.train_classifier",
        "Trains the attribute classifier and writes it, with its held-out accuracy, into its run's folder.",
    ),
}


def stage_training(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the training has ended, 3 when the same command goes on with it."""
    module, function = TRAININGS[arguments.stage][0].split(".")
    train = getattr(importlib.import_module(f"pretrain.train.{module}"), function)
    world = join_world()
    try:
        ended = train(arguments.config, Folders(arguments.work), world, arguments.minutes, _say)
    finally:
        leave_world()
    return 0 if ended else 3


def stage_latents(arguments: argparse.Namespace) -> int:
    """Encodes the training split once, for flow models to train on."""
    from pretrain.models.autoencoder import load_autoencoder
    from pretrain.train.autoencoder import PictureTable, encode_dataset, trained_autoencoder

    folders = Folders(arguments.work)
    if arguments.run_name:
        autoencoder, scale = trained_autoencoder(folders, arguments.run_name), None
    else:
        autoencoder = load_autoencoder([folders.find(name) for name in arguments.weights])
        scale = autoencoder.config.scale_factor
    out = folders.work / "latents" / f"{arguments.out}.npz"
    table = PictureTable(arguments.dataset, autoencoder.config.image_size)
    scale = encode_dataset(autoencoder, scale, folders, table, out, join_world(), _say)
    _say(f"wrote {out}, scale factor {scale:.6f}")
    return 0


def stage_export(arguments: argparse.Namespace) -> int:
    """Writes trained weights as the page downloads them, f16 with what made them, and the manifest."""
    from pretrain.export import Exporter
    from pretrain.export_plan import read_plan

    exporter = Exporter(
        read_plan(arguments.config),
        Folders(arguments.work),
        arguments.models,
        arguments.allow_unfinished,
        _say,
    )
    if arguments.metrics:
        exporter.remeasure()
        return 0
    exported = exporter.run(arguments.names)
    _say(f"exported {', '.join(exported) or 'nothing'}")
    return 0


def stage_reference(arguments: argparse.Namespace) -> int:
    """Draws pictures from the exported files, for the engine in TypeScript to be compared with."""
    from pretrain.reference import read_reference_plan, write_reference

    write_reference(read_reference_plan(arguments.config), arguments.models, say=_say)
    return 0


def stage_all(arguments: argparse.Namespace) -> int:
    """Runs every stage that is missing, like make; goes on where it was stopped."""
    from pretrain.pipeline import Pipeline, read_pipeline

    steps, folders = read_pipeline(arguments.pipeline), Folders(arguments.work.resolve())
    pipeline = Pipeline(steps, folders, arguments.jobs, arguments.threads or 1, _say, arguments.only or ())
    if arguments.list:
        pipeline.list()
        return 0
    return 0 if pipeline.run() else 3


def _say(words: str) -> None:
    print(words, flush=True)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python3 -m pretrain", description="Trains everything that the page ships.")
    stages = top.add_subparsers(dest="stage", required=True, metavar="STAGE")

    def add(name: str, run, about: str = "") -> argparse.ArgumentParser:
        words = about or run.__doc__.splitlines()[0]
        stage = stages.add_parser(name, help=words, description=words)
        stage.add_argument("--work", type=Path, default=PROJECT / ".train", help="work folder (default: .train)")
        stage.add_argument("--threads", type=int, help="CPU threads")
        stage.set_defaults(run=run)
        return stage

    for name, (_, about) in TRAININGS.items():
        training = add(name, stage_training, about)
        training.add_argument("config", type=Path, help="TOML file; pretrain/configs has those of the shipped models")
        training.add_argument("--minutes", type=float, help="stop after so long; the same command goes on (exit 3)")

    latents = add("latents", stage_latents)
    source = latents.add_mutually_exclusive_group(required=True)
    source.add_argument("--run", dest="run_name", help="an autoencoder's run in the work folder")
    source.add_argument("--weights", nargs="+", help="safetensors of encoder and decoder")
    latents.add_argument("--dataset", default="dataset", help="folder of the data set, in the work folder")
    latents.add_argument("--out", required=True, help="name of the latents, for instance avatars-64")

    add_stages(add)

    export = add("export", stage_export)
    export.add_argument("names", nargs="*", help="what to export (default: all but decoder, light and heavy)")
    export.add_argument("--config", type=Path, default=CONFIGS / "export.toml", help="which run becomes which file")
    export.add_argument("--models", type=Path, default=PROJECT / "public" / "models", help="folder of the manifest")
    export.add_argument("--allow-unfinished", action="store_true", help="take runs as they are")
    export.add_argument("--metrics", action="store_true", help="only renew the metrics")

    reference = add("reference", stage_reference)
    reference.add_argument("--config", type=Path, default=CONFIGS / "reference.toml", help="what to draw")
    reference.add_argument("--models", type=Path, default=PROJECT / "public" / "models", help="folder of the manifest")

    everything = add("all", stage_all)
    everything.add_argument("--pipeline", type=Path, default=CONFIGS / "avatars-64.toml", help="TOML file of steps")
    everything.add_argument("--jobs", type=int, default=2, help="steps side by side (default: 2), each in --threads threads")
    everything.add_argument("--only", nargs="+", help="these steps alone")
    everything.add_argument("--list", action="store_true", help="say which steps there are and which are made, and end")
    return top


def main() -> None:
    arguments = parser().parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    try:
        sys.exit(arguments.run(arguments))
    except PretrainError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
