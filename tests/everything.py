"""``make test``: every check and test, and in the last lines what could not be run.

Exit status 0 when all that ran passed. What could not be run is named in one line at the end; with
``REQUIRE_ALL=1`` such a line is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BROWSER_PACKAGES = ["chromium", "fonts-noto-cjk"]


@dataclass
class Outcome:
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def main() -> int:
    outcome = Outcome()
    # Types are checked with the settings loaded, and those want a key.
    environment = {"SECRET_KEY": "only for tests", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for name, command in (
        ("style", [BIN / "ruff", "check", "."]),
        ("format", [BIN / "ruff", "format", "--check", "."]),
        ("types", [BIN / "mypy"]),
    ):
        _step(outcome, name, command, environment)
    python_tests = [BIN / "python", "-m", "pytest", "tests", "--ignore=tests/browser", "-n", "2", "-q"]
    _step(outcome, "tests on SQLite", python_tests, environment)
    _step(outcome, "tests on PostgreSQL", python_tests, {**environment, "TEST_ENGINE": "postgresql"})
    if _has_browser():
        # Each process serves a portal of its own; who has done his share takes over from the other.
        browser_tests = [BIN / "python", "-m", "pytest", "tests/browser", "-n", "2", "--dist", "worksteal"]
        _step(outcome, "browser", [*browser_tests, "-q"], environment)
    else:
        packages = " ".join(BROWSER_PACKAGES)
        outcome.skipped.append(f"browser tests: no Chromium (apt-get install {packages})")
    return _report(outcome)


def _step(outcome: Outcome, name: str, command: list[object], environment: dict[str, str]) -> None:
    print(f"\n== {name}", flush=True)
    lines = []
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        outcome.failed.append(name)
    for line in lines:
        if re.search(r"^(PostgreSQL: SKIPPED|SKIPPED \[)", line):
            outcome.skipped.append(f"{name}: {line.strip()}")


def _has_browser() -> bool:
    """Whether there is a Chromium; where root may install without asking, it is installed."""
    if not any(map(shutil.which, BROWSERS)) and os.geteuid() == 0 and shutil.which("apt-get"):
        print("\n== installing Chromium", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", *BROWSER_PACKAGES], check=False, **quiet
        )
    return any(map(shutil.which, BROWSERS))


def _report(outcome: Outcome) -> int:
    required = os.environ.get("REQUIRE_ALL") == "1"
    print()
    for line in outcome.skipped:
        print(f"NOT RUN  {line}")
    for name in outcome.failed:
        print(f"FAILED   {name}")
    if outcome.failed or (outcome.skipped and required):
        return 1
    print("All passed." if not outcome.skipped else "All that ran passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
