from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def make(path: Path) -> str:
    out = io.StringIO()
    call_command("make_demo_staff", password_file=path, stdout=out)
    return out.getvalue()


def test_the_account_is_made_once_with_a_password_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "password.txt"
    told = make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    password = path.read_text().strip()
    assert len(password) >= 20
    assert str(path) in told and "staff@portal.example" in told
    assert password not in told
    client = Client()
    client.post("/admin/login/", {"username": "staff@portal.example", "password": password})
    assert client.get("/admin/").status_code == 200

    assert make(path) == told
    assert path.read_text().strip() == password
    assert User.objects.count() == 1


def test_a_file_of_an_earlier_database_is_replaced_with_its_own_mode(tmp_path: Path) -> None:
    path = tmp_path / "password.txt"
    path.write_text("old\n")
    path.chmod(0o644)
    make(path)
    assert path.read_text() != "old\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lost_file_is_not_promised(tmp_path: Path) -> None:
    path = tmp_path / "password.txt"
    make(path)
    path.unlink()
    assert "changepassword staff@portal.example" in make(path)


def test_no_account_is_made_when_the_password_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        make(tmp_path / "missing" / "password.txt")
    assert not User.objects.exists()
