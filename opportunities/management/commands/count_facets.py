from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from opportunities import counting


class Command(BaseCommand):
    help = "Build the rows that large lists are counted by anew, or check them and what they add up to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; count large lists live, too, and fail where anything differs",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        found = counting.check() if check else counting.rebuild()
        if not check:
            self.stdout.write(f"{found.count} entries, {len(found.stale)} facet rows renewed.")
        elif found.stale or found.editions:
            raise CommandError(
                f"{len(found.stale)} facet rows of {found.count} entries are stale"
                f" ({', '.join(found.stale[:10])}); editions that add up to something else than counted live:"
                f" {', '.join(found.editions) or 'none'}. Run count_facets without --check."
            )
        else:
            self.stdout.write(f"The facet rows of {found.count} entries are up to date and add up.")
