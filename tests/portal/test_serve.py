from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.core.management import CommandError, call_command

from portal.bootstrap import make_environment
from portal.management.commands.serve import HOST, compile_messages, shared_cache


def test_a_taken_port_ends_with_a_sentence_that_names_another() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} .*make run PORT="):
            call_command("serve", port=port)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = make_environment(tmp_path)
    first = path.read_text(encoding="ascii")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.startswith("SECRET_KEY=")
    assert len(first) > 60
    assert make_environment(tmp_path).read_text(encoding="ascii") == first


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    assert len({make_environment(folder).read_text(encoding="ascii") for folder in folders}) == 2


def test_messages_are_compiled_without_gettext_and_only_when_newer(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, target = folder / "django.po", folder / "django.mo"
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    source.write_text(f'{header}\nmsgid "a"\nmsgstr "甲"\n', encoding="utf-8")
    compile_messages(tmp_path)
    assert "甲".encode() in target.read_bytes()
    target.write_bytes(b"kept")
    os.utime(target, (source.stat().st_mtime + 1,) * 2)
    compile_messages(tmp_path)
    assert target.read_bytes() == b"kept"


def ended(command: list[str], **environment: str) -> str:
    """What a command that must fail says, without a traceback."""
    kept = {key: value for key, value in os.environ.items() if key not in ("SECRET_KEY", "DATABASE_URL")}
    run = subprocess.run(
        [sys.executable, *command],
        check=False,
        capture_output=True,
        text=True,
        env={**kept, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
    )
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    return run.stderr


def test_without_a_key_no_command_runs(tmp_path: Path) -> None:
    assert "SECRET_KEY is not set" in ended(["manage.py", "check"], VAR_DIR=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "many"),
        ("TRUSTED_PROXIES", "-1"),
        ("STATEMENT_TIMEOUT_MS", "3 s"),
        ("DEBUG", "maybe"),
        ("SITE_URL", "portal.example"),
        ("SITE_URL", "ftp://portal.example"),
        ("CACHE_URL", "nonsense"),
        ("EMAIL_URL", "nonsense"),
        ("CONTACT_BUDGET", "5"),
        ("CONTACT_BUDGET", "0/60"),
        ("API_READ_RATE", "lots"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://user:secret@127.0.0.1/portal"),
        ("DATABASE_URL", "postgres://user:secret@host:port/portal"),
        ("DATABASE_URL", "sqlite://"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, name: str, value: str) -> None:
    said = ended(["manage.py", "check"], VAR_DIR=str(tmp_path), SECRET_KEY="x", **{name: value})
    assert name in said
    assert "secret" not in said


@pytest.mark.parametrize("url", ["postgres://user:secret@127.0.0.1:1/portal", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_used_ends_with_a_sentence(tmp_path: Path, url: str) -> None:
    command = ["manage.py", "serve", "--prepare-only"]
    said = ended(command, VAR_DIR=str(tmp_path), SECRET_KEY="x", DATABASE_URL=url)
    assert "The database of DATABASE_URL cannot be used" in said
    assert "secret" not in said


def test_a_new_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    ended(
        ["manage.py", "serve", "--prepare-only"],
        VAR_DIR=str(tmp_path),
        SECRET_KEY="x",
        DATABASE_URL=f"sqlite:///{path}",
        DATA_PACK=str(tmp_path / "no-pack"),
    )
    assert path.stat().st_size > 0
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("portal.sqlite3*")} == {0o600}


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "８０００"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    said = ended(["manage.py", "serve", f"--port={port}"], VAR_DIR=str(tmp_path), SECRET_KEY="x")
    assert "a port is a number from 1 to 65535" in said


def test_a_folder_that_cannot_be_written_to_is_named() -> None:
    said = ended(["-m", "portal.bootstrap"], VAR_DIR="/proc/nowhere")
    assert "/proc/nowhere cannot be written to" in said
    assert "VAR_DIR" in said


def test_who_only_prepares_gets_no_demo_account(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "serve", "--prepare-only"],
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "VAR_DIR": str(tmp_path),
            "SECRET_KEY": "x",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        },
    )
    assert "160 new" in run.stdout
    assert "sign-in" not in run.stdout
    assert not (tmp_path / "staff-password.txt").exists()


def test_answers_are_kept_in_files_and_none_of_an_earlier_start(tmp_path: Path) -> None:
    address = shared_cache(tmp_path)
    assert address == f"filecache://{tmp_path / 'answers'}"
    folder = environ.Env.cache_url_config(address)["LOCATION"]
    FileBasedCache(folder, {}).set("a", "page")
    assert FileBasedCache(folder, {}).get("a") == "page", "by another process"
    assert stat.S_IMODE((tmp_path / "answers").stat().st_mode) == 0o700
    shared_cache(tmp_path)
    assert FileBasedCache(folder, {}).get("a") is None
