"""Stage `export`: trained weights as the page downloads them (f16 shards with what made them in the
metadata), their entries in family.json, and the manifest.

Everything that is to be written is collected, written into a folder beside the target, read back, checked
(finite, loads into its network, within the limits of size), and only then moved into place. Which run becomes
which file is said by configs/export.toml.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pretrain.checkpoints.manifest import (
    ROLE_ORDER,
    check_budget,
    files_of,
    make_manifest,
    read_family,
    stems_of,
    with_autoencoder,
    with_features,
    with_model,
    write_family,
)
from pretrain.checkpoints.measured import with_metrics
from pretrain.checkpoints.safetensors import write_shards
from pretrain.errors import ConfigDoesNotFit, MissingFile
from pretrain.export_parts import Collector, Part
from pretrain.export_plan import DECODER, ExportPlan, ModelExport
from pretrain.folders import CONFIGS, PROJECT, Folders
from pretrain.metrics.results import read_results

#: What the evaluation wrote.
RESULTS = PROJECT / "docs" / "results.json"

#: Paths of a part's files by stem.
Written = dict[str, list[Path]]


class Exporter:
    """Exports parts of one family into the folder `models`, which holds the manifest."""

    def __init__(
        self,
        plan: ExportPlan,
        folders: Folders,
        models: Path,
        allow_unfinished: bool = False,
        say=print,
        configs: Path = CONFIGS,
        results: Path = RESULTS,
    ) -> None:
        self.plan, self.models, self.say, self.results = plan, models, say, results
        self.allow_unfinished = allow_unfinished
        self.folder = models / plan.family
        self.family = read_family(self.folder)
        self.parts = Collector(plan, configs, folders, self.folder, self.family, allow_unfinished)

    def names(self, asked: list[str]) -> list[str]:
        """What to export: what is asked for, or everything but decoder, light and heavy, which are replaced
        by name alone. Throws ConfigDoesNotFit for a name that the plan does not know."""
        known = self.parts.known
        unknown = sorted(set(asked) - set(known))
        if unknown:
            raise ConfigDoesNotFit(f"there is no {unknown[0]!r} to export; there is {', '.join(known)}")
        if asked:
            return [name for name in known if name in asked]
        models = {name: item for name, item in known.items() if isinstance(item, ModelExport)}
        main = {name for name, item in models.items() if item.role != "variant"} | {DECODER}
        return [name for name in known if name not in main]

    def run(self, asked: list[str]) -> list[str]:
        """Exports; gives the names that were. Throws PretrainError, and then nothing in the target has
        changed."""
        parts = []
        for name in self.names(asked):
            try:
                parts.append(self.parts.collect(name))
            except MissingFile as error:
                if not self.allow_unfinished:
                    raise
                self.say(f"left out {name}: {error}")
        if not parts:
            return []
        self._check_autoencoders(parts)
        staging = Path(tempfile.mkdtemp(prefix=".export-", dir=self.models))
        try:
            written = {part.name: self._stage(part, staging) for part in parts}
            family = self._with_entries(parts)
            self._check_sizes(family, written)
            self._install(written, family)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        make_manifest(self.models, self.say)
        for part in parts:
            self.say(f"{part.name}: {part.entry['recipe']['samples_seen']:,} samples seen")
        self.say("pictures that the engine must equal are drawn anew by: python3 -m pretrain reference")
        return [part.name for part in parts]

    def remeasure(self) -> None:
        """Brings the manifest's metrics in line with the committed evaluation."""
        write_family(self.folder, self._measured(self.family))
        make_manifest(self.models, self.say)

    def _check_autoencoders(self, parts: list[Part]) -> None:
        """Throws ConfigDoesNotFit for a model whose autoencoder would not be there."""
        there = {one["name"] for one in self.family.get("autoencoders", [])}
        there |= {part.name for part in parts if part.kind == "autoencoder"}
        for part in parts:
            wanted = part.entry.get("autoencoder")
            if wanted and wanted not in there:
                raise ConfigDoesNotFit(f"{part.name} needs the autoencoder {wanted}: export it before")

    def _stage(self, part: Part, staging: Path) -> Written:
        """Writes a part's files beside the target and reads them back."""
        written = {stem: write_shards(staging, stem, *weights) for stem, weights in part.weights.items()}
        for stem, source in part.copies.items():
            written[stem] = [staging / f"{stem}.safetensors"]
            shutil.copyfile(source, written[stem][0])
        part.load([path for paths in written.values() for path in paths])
        return written

    def _with_entries(self, parts: list[Part]) -> dict[str, Any]:
        """The family with the entries of `parts`; models in the order of the plan, light and heavy first."""
        family = self.family
        for part in parts:
            if part.kind == "model":
                family = with_model(family, part.entry)
            elif part.kind == "autoencoder":
                family = with_autoencoder(family, part.entry)
            elif part.kind == "decoder":
                family = {**family, "autoencoder": part.entry}
            else:
                family = with_features(family, part.kind, part.entry)
        order = {name: place for place, name in enumerate(self.parts.known)}
        models = sorted(family["models"], key=lambda model: order.get(model["name"], len(order)))
        return {**family, "models": sorted(models, key=lambda model: ROLE_ORDER.index(model["role"]))}

    def _check_sizes(self, family: dict[str, Any], written: dict[str, Written]) -> None:
        """Throws BudgetExceeded."""
        fresh = {stem: paths for files in written.values() for stem, paths in files.items()}
        sizes = {}
        for stem in stems_of(family):
            paths = fresh.get(stem) or files_of(self.folder, stem)
            sizes[stem] = sum(path.stat().st_size for path in paths)
        check_budget(family, sizes)

    def _install(self, written: dict[str, Written], family: dict[str, Any]) -> None:
        """Moves the files into place, removes those that they replace, and writes family.json last."""
        for files in written.values():
            for stem, paths in files.items():
                stale = set(files_of(self.folder, stem)) - {self.folder / path.name for path in paths}
                for path in paths:
                    os.replace(path, self.folder / path.name)
                for path in stale:
                    path.unlink()
        for stem in set(stems_of(self.family)) - set(stems_of(family)):
            for path in files_of(self.folder, stem):
                path.unlink()
        write_family(self.folder, self._measured(family))

    def _measured(self, family: dict[str, Any]) -> dict[str, Any]:
        """With the numbers of the committed evaluation, where there is one."""
        if not self.results.exists():
            return family
        results = read_results(self.results).families.get(self.plan.family)
        return with_metrics(family, self.folder, results) if results else family
