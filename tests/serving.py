"""A portal of its own, as ``make run`` serves it: a fresh folder, the sample catalogue, a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.management.commands.serve import HOST, server_command, shared_cache

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
READY_WITHIN = 30.0


@dataclass(frozen=True)
class Portal:
    """A served portal: its address, its process, and the environment its commands need."""

    address: str
    port: int
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run one of the portal's commands; gives what it printed."""
        return subprocess.run(
            [BIN / "python", "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextmanager
def served(folder: Path | None = None, **settings: str) -> Iterator[Portal]:
    """Serve the sample catalogue until the block ends; ``settings`` are environment variables.

    What it writes is in a folder that goes with it, or in one that stays.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, port = folder or Path(name), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        address = f"http://{HOST}:{port}"
        environment = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "VAR_DIR": str(folder),
            "SECRET_KEY": "of a portal that lives for one run",
            "SITE_URL": address,
            "CACHE_URL": shared_cache(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **settings,
        }
        subprocess.run(
            [BIN / "python", "manage.py", "serve", "--prepare-only"],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with running(server_command(port), f"{address}/readyz", environment) as process:
            yield Portal(address, port, folder, environment, process)


@contextmanager
def running(
    command: Sequence[str | Path],
    address: str,
    environment: dict[str, str],
    *,
    silent: bool = False,
    within: float = READY_WITHIN,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server's process from when it answers at an address, within so many seconds, until the block ends."""
    output = subprocess.DEVNULL if silent else None
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait_for(address, process, within)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes], within: float) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready")
