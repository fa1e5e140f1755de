from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from opportunities import indexing
from opportunities.loading import PackInvalid, described, load_pack


class Command(BaseCommand):
    help = "Check a data pack and load it whole, or nothing of it. Can be run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.DATA_PACK)
        parser.add_argument(
            "--overwrite", action="store_true", help="replace entries that staff have edited, too"
        )

    def handle(self, *args: Any, folder: Path, overwrite: bool, **options: Any) -> None:
        try:
            report = load_pack(folder, overwrite=overwrite)
        except PackInvalid as error:
            raise CommandError(f"Nothing was loaded. {len(error.errors)} to mend:\n{error}") from None
        if report.created or report.updated:
            indexing.describe_tables()
        for line in described(report):
            self.stdout.write(line)
