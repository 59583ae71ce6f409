"""family.json of a family of shipped weights: what the manifest cannot read off the weights themselves; and
what they may weigh.

`scripts/make-manifest.mjs` joins it with the files beside it to public/models/manifest.json, which the page
reads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pretrain.errors import BudgetExceeded, ConfigDoesNotFit, MissingFile
from pretrain.folders import PROJECT

LIMITS = PROJECT / "scripts" / "manifest" / "limits.json"
MAKE_MANIFEST = PROJECT / "scripts" / "make-manifest.mjs"
#: Light and heavy come first.
ROLE_ORDER = ("light", "heavy", "variant")


def read_family(folder: Path) -> dict[str, Any]:
    """Throws MissingFile, ConfigDoesNotFit."""
    path = folder / "family.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingFile(f"no {path}: titles, credits and defaults are a person's to write") from None
    except ValueError as error:
        raise ConfigDoesNotFit(f"{path} is not JSON: {error}") from None


def write_family(folder: Path, family: dict[str, Any]) -> None:
    """By rename."""
    temporary = folder / "family.json.tmp"
    temporary.write_text(json.dumps(family, indent=2, ensure_ascii=False) + "\n", "utf-8")
    os.replace(temporary, folder / "family.json")


def with_model(family: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The family with a model added, which takes the place of the one with its name or its role."""
    name, role = entry["name"], entry["role"]
    others = [m for m in family["models"] if m["name"] != name and (role == "variant" or m["role"] != role)]
    return {**family, "models": [*others, entry]}


def with_autoencoder(family: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The family with a further autoencoder added or replaced."""
    others = [one for one in family.get("autoencoders", []) if one["name"] != entry["name"]]
    return {**family, "autoencoders": [*others, entry]}


def with_features(family: dict[str, Any], kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The family with its embedding network or its classifier added or replaced."""
    return {**family, "features": {**family.get("features", {}), kind: entry}}


def files_of(folder: Path, stem: str) -> list[Path]:
    """`stem.safetensors` or its numbered shards, whichever there are."""
    shard = re.compile(re.escape(stem) + r"(-\d{5}-of-\d{5})?\.safetensors")
    return sorted(path for path in folder.glob("*.safetensors") if shard.fullmatch(path.name))


def check_budget(family: dict[str, Any], sizes: dict[str, int]) -> None:
    """Throws BudgetExceeded for the first part over its limit; scripts/manifest/budget.mjs says what counts.
    sizes: bytes by the stem of a part's files."""
    limits = json.loads(LIMITS.read_text("utf-8"))
    main = [model for model in family["models"] if model["role"] != "variant"]
    of_role = {model["role"]: sizes.get(model["name"], 0) for model in main}
    first = sizes.get("autoencoder-decoder", 0) + of_role.get("light", 0)
    features = sum(sizes.get(kind, 0) for kind in family.get("features", {}))
    whole = first + sizes.get("autoencoder-encoder", 0) + of_role.get("heavy", 0) + features
    everything = "decoder, encoder, light, heavy, embedding network and classifier"
    weighed = [("decoder and light model", first, limits["firstPicture"])]
    weighed.append((everything, whole, limits["family"]))
    of_group = {"width": limits["wideVariant"], "heavy": of_role.get("heavy", 0) + limits["headers"]}
    for model in family["models"]:
        if model["role"] == "variant":
            limit = of_group.get(model.get("group"), limits["variant"])
            weighed.append((model["name"], sizes.get(model["name"], 0), limit))
    for one in family.get("autoencoders", []):
        both = sum(sizes.get(f"{one['name']}-{half}", 0) for half in ("decoder", "encoder"))
        weighed.append((one["name"], both, limits["otherAutoencoder"]))
    for what, size, limit in weighed:
        if size > limit:
            raise BudgetExceeded(
                f"{what} would weigh {size:,} bytes; the limit is {limit:,}. Nothing was written"
            )


def stems_of(family: dict[str, Any]) -> list[str]:
    """The stem of every part that a family lists."""
    others = [one["name"] for one in family.get("autoencoders", [])]
    further = [f"{name}-{half}" for name in others for half in ("decoder", "encoder")]
    models = [model["name"] for model in family["models"]]
    return ["autoencoder-decoder", "autoencoder-encoder", *models, *further, *family.get("features", {})]


def make_manifest(models: Path, say=print) -> bool:
    """Writes the manifest with Node; without Node says what to run, and answers False. Throws
    ConfigDoesNotFit with what the script says."""
    node = shutil.which("node")
    if node is None:
        say("there is no Node here; where there is, run: node scripts/make-manifest.mjs")
        return False
    command = [node, str(MAKE_MANIFEST), "--root", str(models)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ConfigDoesNotFit(f"scripts/make-manifest.mjs: {done.stderr.strip()}")
    return True
