"""What the tests of the export share: tiny trained runs, and a folder of models to export them into."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import half_precision, write_safetensors
from pretrain.config import from_dict
from pretrain.data.latents import weights_hash, write_latents
from pretrain.distributed import World
from pretrain.export import Exporter
from pretrain.export_plan import ExportPlan
from pretrain.folders import Folders
from pretrain.models.autoencoder import Autoencoder, AutoencoderConfig, load_autoencoder
from pretrain.train.experiment import train_experiment

AUTOENCODER = AutoencoderConfig("kl", 8, 2, 4, (1, 2), 1, 2, scale_factor=0.5)

DIT = """
name = "{name}"
about = "A test of {name}."
[model]
architecture = "dit"
input_size = 4
patch_size = 2
in_channels = 2
hidden_size = {width}
depth = 1
num_heads = 1
num_classes = 2
[data]
latents = "latents/tiny.npz"
subset = "{subset}"
[train]
steps = {steps}
batch = 8
learning_rate = 1e-2
warmup_steps = 2
decay_steps = 2
precision = "f32"
log_every = 2
seed = 3
"""

UNET = """
name = "round"
about = "A U-Net."
[model]
architecture = "unet"
input_size = 4
in_channels = 2
num_classes = 3
base_channels = 4
channel_mult = [1, 2]
num_res_blocks = 1
groups = 2
[data]
latents = "latents/tiny.npz"
[train]
steps = 4
batch = 8
learning_rate = 1e-2
decay_steps = 2
precision = "f32"
"""

SITE = "https://example.org"
CREDIT = {"artist": "nobody", "licence": "MIT", "licence_url": SITE, "source": SITE}


class ExportCase(unittest.TestCase):
    """A work folder with latents and ended runs, a folder of models with an autoencoder, and a plan."""

    @classmethod
    def setUpClass(cls) -> None:
        torch.set_num_threads(1)
        cls.made = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.made)
        torch.manual_seed(0)
        network = Autoencoder(AUTOENCODER)
        cls._ship(network, cls.made / "models" / "tiny")
        shipped = load_autoencoder(sorted((cls.made / "models" / "tiny").glob("*.safetensors")))
        rng = np.random.RandomState(0)
        write_latents(
            cls.made / "work" / "latents" / "tiny.npz",
            rng.randn(16, 2, 4, 4).astype(np.float16),
            np.arange(16) % 2,
            0.5,
            weights_hash(shipped),
        )
        cls._write("work/selections/half.json", json.dumps({"indices": list(range(8))}))
        about = {"splits": {"train": {"count": 16}}, "styles": ["a", "b"], "perClass": 8}
        about["versions"] = {"@dicebear/core": "9.4.3"}
        cls._write("work/dataset/dataset.json", json.dumps(about))
        cls._write("configs/plain.toml", DIT.format(name="plain", width=8, steps=4, subset=""))
        half = DIT.format(name="half", width=8, steps=4, subset="selections/half.json")
        cls._write("configs/half.toml", half)
        cls._write("configs/round.toml", UNET)
        for name in ("plain", "half", "round"):
            config, folders = cls.made / "configs" / f"{name}.toml", Folders(cls.made / "work")
            train_experiment(config, folders, World(0, 1, torch.device("cpu")), say=silent)

    @classmethod
    def _write(cls, name: str, text: str) -> None:
        (cls.made / name).parent.mkdir(parents=True, exist_ok=True)
        (cls.made / name).write_text(text)

    @staticmethod
    def _ship(network: Autoencoder, folder: Path) -> None:
        """The autoencoder in two files, and family.json."""
        tensors = half_precision(network.state_dict())
        metadata = {"config": json.dumps(AUTOENCODER.as_dict())}
        for half in ("decoder", "encoder"):
            draws = half == "decoder"
            own = {k: v for k, v in tensors.items() if k.startswith(("decoder.", "post_")) == draws}
            write_safetensors(folder / f"autoencoder-{half}.safetensors", own, metadata)
        recipe = {"data": "16 pictures", "steps": None, "samples_seen": 10, "minutes": 1, "device": "none"}
        recipe |= {"loss": None, "seed": None, "notes": "random"}
        about = {"recipe": recipe, "licence": "MIT", "card": "c.md"}
        classes = [{"label": k, "name": name, "title": name, **CREDIT} for k, name in enumerate("ab")]
        defaults = {"model": "c2f", "tau": 0.7, "steps": 60, "solver": "euler", "guidance": 1.5}
        preview = {"matrix": [[0.0, 0.0]] * 3, "bias": [0.0] * 3, "r2": 0.0}
        family = {"title": "Tiny", "classes": classes, "defaults": defaults, "autoencoder": about}
        (folder / "family.json").write_text(json.dumps({**family, "models": [], "preview": preview}))

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        for name in ("work", "models", "configs"):
            shutil.copytree(self.made / name, self.root / name)

    def exporter(self, models: list[dict], unfinished: bool = False, **plan: object) -> Exporter:
        values = {"family": "tiny", "licence": "MIT", "card": "c.md", "model": models, **plan}
        return Exporter(
            from_dict(ExportPlan, values, "plan"),
            Folders(self.root / "work"),
            self.root / "models",
            unfinished,
            silent,
            self.root / "configs",
            self.root / "results.json",
        )

    def family(self) -> dict:
        return json.loads((self.root / "models" / "tiny" / "family.json").read_text())

    def contents(self) -> dict[str, str]:
        """sha256 of everything in the folder of models."""
        files = sorted(path for path in (self.root / "models").rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def assert_refused(self, error: type[Exception], words: str, exporter: Exporter, *names: str) -> None:
        before = self.contents()
        with self.assertRaisesRegex(error, words):
            exporter.run(list(names))
        self.assertEqual(self.contents(), before, "a refused export has changed something")
        self.assertEqual([p.name for p in (self.root / "models").glob(".export-*")], [])

    PLAIN = {"config": "plain.toml", "group": "data", "title": "Plain"}


def silent(_words: str) -> None:
    pass
