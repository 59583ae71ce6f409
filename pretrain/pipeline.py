"""Every stage in order, like make: `python3 -m pretrain all` runs what is missing, several steps side by side.

A step is made when the file it `makes` exists; stages write that file last and by rename, so that a killed pipeline goes
on where it was. A step that fails holds up what needs it, and nothing else.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from pretrain.config import from_dict, read_toml
from pretrain.errors import ConfigDoesNotFit
from pretrain.folders import PROJECT, Folders


@dataclass(frozen=True)
class Step:
    name: str
    #: A stage of pretrain with its arguments; with `program = true` any program, started in the project. {work} is the folder.
    command: str
    #: The file that proves the step, relative to the work folder, or to the project.
    makes: str
    needs: tuple[str, ...] = ()
    program: bool = False


def read_pipeline(path: Path) -> list[Step]:
    """Steps in file order. Throws ConfigDoesNotFit for an unknown need, a need that stands later, a name used twice."""
    tables = read_toml(path).get("step", [])
    steps = [from_dict(Step, table, f"{path}: step {k + 1}") for k, table in enumerate(tables)]
    known: set[str] = set()
    for step in steps:
        if step.name in known:
            raise ConfigDoesNotFit(f"{path}: two steps are called {step.name}")
        late = sorted(set(step.needs) - known)
        if late:
            raise ConfigDoesNotFit(f"{path}: {step.name} needs {late[0]}, which does not stand before it")
        known.add(step.name)
    return steps


def is_made(step: Step, folders: Folders) -> bool:
    return (folders.work / step.makes).exists() or (PROJECT / step.makes).exists()


class Pipeline:
    """Runs steps in `jobs` processes side by side: all of them, or those named in `only`, whose needs are made already or
    named too. Throws ConfigDoesNotFit."""

    def __init__(
        self, steps: list[Step], folders: Folders, jobs: int, threads: int, say=print, only: Sequence[str] = ()
    ) -> None:
        self.folders, self.jobs, self.threads, self.say = folders, jobs, threads, say
        self.made_before = {step.name for step in steps if is_made(step, folders)}
        unknown = sorted(set(only) - {step.name for step in steps})
        if unknown:
            raise ConfigDoesNotFit(f"the pipeline has no step {unknown[0]}")
        self.steps = [step for step in steps if not only or step.name in only]
        wanted = self._with_needs(steps)
        lacking = [name for name in wanted if only and name not in only]
        if lacking:
            raise ConfigDoesNotFit(f"what {lacking[-1]} makes is needed and not there; --only {' '.join(wanted)} makes all of it")
        self.running: dict[str, subprocess.Popen] = {}
        self.failed: set[str] = set()
        self.stopped = False

    def list(self) -> None:
        """Says every step, whether it is made, and what it needs; runs nothing."""
        for step in self.steps:
            state = "made   " if step.name in self.made_before else "missing"
            self.say(f"{state} {step.name}" + (f", needs {', '.join(step.needs)}" if step.needs else ""))

    def _with_needs(self, steps: list[Step]) -> list[str]:
        """The chosen steps that are not made and all that they wait for, in order."""
        wanted: set[str] = {step.name for step in self.steps}
        for step in reversed(steps):
            if step.name in wanted and step.name not in self.made_before:
                wanted.update(step.needs)
        return [step.name for step in steps if step.name in wanted - self.made_before]

    def run(self) -> bool:
        """True when every step is made."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while True:
                self._reap()
                ready = [] if self.stopped else self._ready()
                for step in ready[: self.jobs - len(self.running)]:
                    self._start(step)
                if not self.running:
                    break
                time.sleep(0.2)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        missing = [step.name for step in self.steps if not is_made(step, self.folders)]
        if missing:
            self.say(f"not made: {', '.join(missing)}")
        return not missing

    def _ready(self) -> list[Step]:
        made = self.made_before | {step.name for step in self.steps if is_made(step, self.folders)}
        waiting = [s for s in self.steps if s.name not in made and s.name not in self.failed and s.name not in self.running]
        return [step for step in waiting if set(step.needs) <= made]

    def _start(self, step: Step) -> None:
        words = [word.replace("{work}", str(self.folders.work)) for word in shlex.split(step.command)]
        if not step.program:
            words = [sys.executable, "-m", "pretrain", *words, "--work", str(self.folders.work)]
            words += ["--threads", str(self.threads)]
        log = self.folders.work / "logs" / f"{step.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self.say(f"{step.name}: {step.command}")
        with open(log, "ab") as file:
            self.running[step.name] = subprocess.Popen(words, cwd=PROJECT, stdout=file, stderr=subprocess.STDOUT)

    def _reap(self) -> None:
        for name, process in list(self.running.items()):
            status = process.poll()
            if status is None:
                continue
            del self.running[name]
            step = next(step for step in self.steps if step.name == name)
            if status != 0 or not is_made(step, self.folders):
                self.failed.add(name)
                self.say(f"{name} did not end well (status {status}); see {self.folders.work / 'logs' / name}.log")
            else:
                self.say(f"{name}: made")

    def _stop(self, number: int, _frame: object) -> None:
        """Passes the wish to stop on: stages save and leave."""
        self.stopped = True
        for process in self.running.values():
            process.send_signal(number)
