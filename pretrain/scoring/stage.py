"""The stages `score` (ask the early light checkpoint about every sample) and `select` (the subsets of the
zoo)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import torch

from pretrain.data.latents import read_latents
from pretrain.folders import Folders
from pretrain.scoring.evidence import Evidence, gather_evidence
from pretrain.scoring.select import CRITERIA, write_selection

Say = Callable[[str], None]

#: File of the stability zoo → criterion; micah is class 4.
ZOO = {
    "half": "half",
    "complement": "complement",
    "drop-micah": "drop-class:4",
    "g": "G",
    "l": "L",
    "l-inverse": "L-inverse",
    "cb": "Cb",
    "cb-kernel": "Cb-kernel",
}
ZOO_RATIO = 0.5


def evidence_path(folders: Folders, run: str) -> Path:
    """Where the scores by a run lie."""
    return folders.work / "scores" / f"{run}.npz"


def score(
    folders: Folders,
    run: str,
    latents: str,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
    say: Say = print,
) -> Path:
    """Scores every sample of `latents/{latents}.npz` by the EMA network of the run, and writes
    `scores/{run}.npz`. A killed scoring goes on at its last finished chunk. Throws MissingFile,
    StateDoesNotFit."""
    from pretrain.train.experiment import trained_network

    path = evidence_path(folders, run)
    proxy = trained_network(folders, run).to(device)
    finished = path.with_name(f"{run}.finished.npz")
    data = read_latents(folders.find(f"latents/{latents}.npz"))
    gathered = gather_evidence(proxy, data, finished, seed, dtype, say)
    gathered.write(path)
    say(f"scores of {len(gathered.classes)} samples by {run} are in {path}")
    return path


def select_for_zoo(folders: Folders, run: str, seed: int = 0, say: Say = print) -> list[Path]:
    """Writes `selections/{name}.json` of every entry of ZOO, from the scores by the run. Throws
    MissingFile."""
    evidence = Evidence.read(evidence_path(folders, run))
    paths = []
    for name, criterion in ZOO.items():
        path = folders.work / "selections" / f"{name}.json"
        kept = write_selection(path, criterion, ZOO_RATIO, evidence, seed)
        say(f"{path.name}: {criterion} keeps {len(kept)} of {len(evidence.classes)}")
        paths.append(path)
    return paths


def stage_score(arguments: argparse.Namespace) -> int:
    """Scores every training sample by an early light checkpoint: loss, gradient norm, features, dominance."""
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[arguments.precision]
    folders, device = Folders(arguments.work), arguments.device
    score(folders, arguments.run_name, arguments.latents, arguments.seed, dtype, device, _say)
    return 0


def stage_select(arguments: argparse.Namespace) -> int:
    """Writes the subsets of the stability zoo, or one of any criterion, from the scores."""
    folders = Folders(arguments.work)
    if arguments.criterion is None:
        select_for_zoo(folders, arguments.run_name, arguments.seed, _say)
        return 0
    evidence = Evidence.read(evidence_path(folders, arguments.run_name))
    name = arguments.out or f"{arguments.criterion.replace(':', '-').lower()}-{arguments.ratio:g}"
    path = folders.work / "selections" / f"{name}.json"
    how = (arguments.criterion, arguments.ratio, evidence, arguments.seed, arguments.oversample)
    kept = write_selection(path, *how)
    _say(f"{path}: {len(kept)} of {len(evidence.classes)}")
    return 0


def add_stages(add: Callable[[str, Callable], argparse.ArgumentParser]) -> None:
    """Puts `score` and `select` on the command line; `add(name, run)` makes the parser of one stage."""
    scoring = add("score", stage_score)
    scoring.add_argument("--latents", default="avatars-64", help="name of the latents (default: avatars-64)")
    precision = "bf16 is 3 times as fast on a CPU, ranks differ by 0.0004"
    scoring.add_argument("--precision", choices=("f32", "bf16"), default="f32", help=precision)
    scoring.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    selecting = add("select", stage_select)
    known = f"{', '.join(CRITERIA)} or drop-class:LABEL"
    selecting.add_argument("--criterion", help=f"{known} (default: those of the zoo)")
    share = f"share that is pruned (default: {ZOO_RATIO})"
    selecting.add_argument("--ratio", type=float, default=ZOO_RATIO, help=share)
    selecting.add_argument("--out", help="name of the file (default: from criterion and ratio)")
    repeated = "repeat the kept ones up to the old number"
    selecting.add_argument("--oversample", action="store_true", help=repeated)
    for stage in (scoring, selecting):
        proxy = "the run that scores (default: zoo-early)"
        stage.add_argument("--run", dest="run_name", default="zoo-early", help=proxy)
        seed = "of noises, clusters and random choices (default: 0)"
        stage.add_argument("--seed", type=int, default=0, help=seed)


def _say(words: str) -> None:
    print(words, flush=True)
