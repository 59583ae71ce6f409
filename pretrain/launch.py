"""Starts one stage in several processes: `python3 -m pretrain.launch --processes 2 flow pretrain/configs/light-plain.toml`.

Does what torchrun does for one machine (which Debian's torch 1.13 on Python 3.11 cannot start): sets RANK, LOCAL_RANK,
WORLD_SIZE, MASTER_ADDR and MASTER_PORT, waits, and ends the others when one fails.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(processes: int, command: list[str], environment: dict[str, str] | None = None) -> int:
    """Runs `python -m pretrain COMMAND…` `processes` times side by side; the first exit status that is not 0, else 0."""
    shared = {**os.environ, **(environment or {}), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    children = []
    for rank in range(processes):
        own = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes)}
        children.append(subprocess.Popen([sys.executable, "-m", "pretrain", *command], env={**shared, **own}))

    def pass_on(number: int, _frame: object) -> None:
        for child in children:
            child.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, pass_on)
    waiting = set(children)
    status = 0
    while waiting:
        for child in [c for c in waiting if c.poll() is not None]:
            waiting.remove(child)
            if child.returncode != 0 and status == 0:
                status = child.returncode
                for other in waiting:  # they would wait for the lost one for ever
                    other.terminate()
        time.sleep(0.05)
    return status


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m pretrain.launch", description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, required=True, help="how many, one a GPU or CPU share")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="a stage of pretrain and its arguments")
    arguments = parser.parse_args()
    if arguments.processes < 1:
        parser.error("--processes must be 1 or more")
    sys.exit(launch(arguments.processes, arguments.command))


if __name__ == "__main__":
    main()
