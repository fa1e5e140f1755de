"""Everything between an installed checkout and a portal that answers."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

HOST = "127.0.0.1"
PORT_MAX = 65535


class Command(BaseCommand):
    help = "Migrate, load the data pack, make the demo staff account, prepare static files and serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=_port, default=8000)
        parser.add_argument(
            "--prepare-only",
            action="store_true",
            help="for other servers: nothing is served, and no demo account made",
        )

    def handle(self, *args: Any, port: int, prepare_only: bool, **options: Any) -> None:
        if not prepare_only:
            _refuse_taken_port(port)
        compile_messages(settings.LOCALE_PATHS[0])
        _migrate()
        call_command("load_catalogue", stdout=self.stdout)
        collect_static()
        if prepare_only:
            return
        call_command("make_demo_staff", stdout=self.stdout)
        os.environ.setdefault("ENVIRONMENT", "示例 Demo")
        os.environ.setdefault("CACHE_URL", shared_cache(settings.VAR_DIR))
        address = os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")
        self.stdout.write(
            f"\nPortal    {address}/  (English: {address}/en/)\n"
            f"API docs  {address}/api/docs/\n"
            f"Admin     {address}/admin/\n"
            "Stop with Ctrl-C.\n"
        )
        self.stdout.flush()
        server = server_command(port)
        os.execv(server[0], server)  # noqa: S606 - the server takes this process over; no shell is involved


def shared_cache(var_dir: Path) -> str:
    """A cache in files for all processes of a server, empty, as ``CACHE_URL`` has it."""
    folder = var_dir / "answers"
    shutil.rmtree(folder, ignore_errors=True)
    return f"filecache://{folder.resolve()}"


def server_command(port: int) -> list[str]:
    """The production server on the loopback address, as a command line."""
    return [
        str(Path(sys.executable).parent / "granian"),
        *("--interface", "wsgi", "--host", HOST, "--port", str(port), "--log-level", "warning"),
        # Two processes use two cores, which threads do not; two threads, so that a slow question does not
        # hold up a process. What is kept is in files for both: ``shared_cache``.
        *("--workers", "2", "--blocking-threads", "2"),
        "portal.wsgi:application",
    ]


def _port(value: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,4}", value, re.ASCII) or int(value) > PORT_MAX:
        raise ArgumentTypeError(f"a port is a number from 1 to {PORT_MAX}, such as 8123, not {value!r}")
    return int(value)


def _migrate() -> None:
    _make_database_file()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(f"The database of DATABASE_URL cannot be used: {reason}") from None


def _make_database_file() -> None:
    """A new SQLite database is its owner's alone; its log and index take the file's mode."""
    if connection.vendor == "sqlite":
        # What cannot be made or is there already is left to the database.
        with suppress(OSError):
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            os.close(os.open(connection.settings_dict["NAME"], flags, 0o600))


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CommandError(
                f"Port {port} on {HOST} cannot be used; something else may listen there. "
                f"Choose another one: make run PORT=8123"
            ) from None


def compile_messages(locale: Path) -> None:
    """Compile the catalogues whose source is newer, without GNU gettext."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        # A name of its own, as two portals may be made ready from one checkout at once.
        partial = target.with_suffix(f".{os.getpid()}.mo")
        with partial.open("wb") as file:
            write_mo(file, catalogue)
        partial.replace(target)


def collect_static() -> None:
    """Collect and compress static files, unless they are as at the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = _digest_of_static()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    # REST framework brings files for pages that the portal does not have.
    call_command(
        "collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=["rest_framework"]
    )
    stamp.write_text(wanted, encoding="ascii")


def _digest_of_static() -> str:
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                digest.update(str(path).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
