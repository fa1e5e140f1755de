from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.bootstrap import make_environment
from portal.management.commands.serve import HOST, compile_messages


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


def test_without_a_key_no_command_runs(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "SECRET_KEY"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        check=False,
        capture_output=True,
        text=True,
        env={**environment, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"},
    )
    assert ended.returncode != 0
    assert "SECRET_KEY is not set" in ended.stderr
