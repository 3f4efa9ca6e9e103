"""CPU seconds of commands that should feel immediate, and of the demo; children alone, best of several.

The goals are 0.3 s of CPU for help, and 90 s of wall time for the demo on two cores.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time


def cost(*arguments: str, cwd: str) -> tuple[float, float]:
    """Return CPU and wall seconds of one command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "riskscore", *arguments], cwd=cwd, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Print a line per command."""
    with tempfile.TemporaryDirectory() as folder:
        for arguments, times in ((["--help"], 7), (["rank", "--help"], 7), (["features", "list"], 3), (["demo"], 1)):
            found = [cost(*arguments, cwd=folder) for _ in range(times)]
            cpu, wall = (min(column) for column in zip(*found, strict=True))
            print(f"riskscore {' '.join(arguments):16} CPU {cpu:6.2f} s   wall {wall:6.2f} s   best of {times}")


if __name__ == "__main__":
    main()
