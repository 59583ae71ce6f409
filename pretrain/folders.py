"""Where a stage reads and writes: everything large lies in one work folder that version control ignores."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pretrain.errors import ConfigDoesNotFit, MissingFile

PROJECT = Path(__file__).resolve().parent.parent
CONFIGS = PROJECT / "pretrain" / "configs"


@dataclass(frozen=True)
class Folders:
    """`work` holds dataset/, latents/, reconstructions/, scores/, selections/, runs/NAME/, logs/ and evaluation/."""

    work: Path

    def run(self, name: str) -> Path:
        """The folder of a run. Throws ConfigDoesNotFit for a name that is a path."""
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ConfigDoesNotFit(f"a run's name has letters, digits, '.', '_' and '-', not {name!r}")
        return self.work / "runs" / name

    def find(self, name: str) -> Path:
        """A file or folder named relative to the work folder or to the project. Throws MissingFile."""
        for root in (self.work, PROJECT):
            if (root / name).exists():
                return root / name
        raise MissingFile(f"{name} is neither in {self.work} nor in the project; an earlier stage makes it")
