from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User

EMAIL = "staff@portal.example"


class Command(BaseCommand):
    help = (
        "Make the demo staff account of `make run`, once, with a password of its own in a file (mode 0600)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--password-file",
            type=Path,
            default=settings.VAR_DIR / "staff-password.txt",
            help="where the password is written (default: %(default)s)",
        )

    def handle(self, *args: Any, password_file: Path, **options: Any) -> None:
        if User.objects.filter(email=EMAIL).exists():
            self.tell(password_file)
            return
        password = secrets.token_urlsafe(15)
        try:
            # A file left by an earlier database goes first, so that the mode is ours in any case.
            password_file.unlink(missing_ok=True)
            descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{password_file} cannot be written: {error.strerror}") from error
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{password}\n")
        User.objects.create_superuser(EMAIL, password)
        self.tell(password_file)

    def tell(self, password_file: Path) -> None:
        where = f"password in {password_file}"
        if not password_file.exists():
            where = f"set a new password with: manage.py changepassword {EMAIL}"
        self.stdout.write(f"Staff sign-in: {EMAIL}, {where}")
