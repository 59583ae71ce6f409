"""An interpreter that has torch: this one, or the system's when this one has none."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

CANDIDATES = ("/usr/bin/python3", "/usr/local/bin/python3")


def has_torch(interpreter: str) -> bool:
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    try:
        return subprocess.run([interpreter, "-c", probe], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def ensure_torch(module: str = "pretrain") -> None:
    """Starts the same command again with an interpreter that has torch; ends with a plain sentence when there is none."""
    if importlib.util.find_spec("torch") is not None:
        return
    for candidate in CANDIDATES:
        if os.path.exists(candidate) and os.path.realpath(candidate) != os.path.realpath(sys.executable):
            if has_torch(candidate):
                os.execv(candidate, [candidate, "-m", module, *sys.argv[1:]])
    sys.exit("error: no Python with torch here; install one ('pip install torch', or on Debian the package python3-torch)")
