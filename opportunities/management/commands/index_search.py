from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from opportunities import indexing


class Command(BaseCommand):
    help = "Build the search texts of all entries and their index anew, or check them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail where something is stale"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        found = indexing.check() if check else indexing.rebuild()
        if not check:
            self.stdout.write(f"{found.count} search texts, {len(found.stale)} of them renewed; index built.")
        elif found.stale or not found.index_is_true:
            raise CommandError(
                f"{len(found.stale)} of {found.count} search texts are stale ({', '.join(found.stale[:10])});"
                f" the index is {'up to date' if found.index_is_true else 'not true to them'}."
                " Run index_search without --check."
            )
        else:
            self.stdout.write(f"{found.count} search texts are up to date, and so is the index.")
