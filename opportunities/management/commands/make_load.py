from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from opportunities import indexing, synthesising
from opportunities.synthesising import COUNT_MAX, SEED, CannotMake

BAR = 40
SECONDS_BETWEEN_LINES = 10


class Command(BaseCommand):
    help = (
        "Write an edition of N synthetic opportunities, load-N, beside the sample catalogue, whole or not at"
        " all. It is seen where somebody asks for it (edition=load-N), or as the current one with --current."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", metavar="N", type=_count, help=f"how many entries, 1 to {COUNT_MAX}")
        parser.add_argument("--seed", type=int, default=SEED, help=f"the same seed, the same rows ({SEED})")
        parser.add_argument("--replace", action="store_true", help="make it anew where it exists")
        parser.add_argument(
            "--current",
            action="store_true",
            help="show it in place of the sample edition until that is made current again",
        )

    def handle(self, *args: Any, count: int, seed: int, replace: bool, current: bool, **options: Any) -> None:
        progress = Progress(self, count)
        try:
            edition = synthesising.make(
                count, seed=seed, replace=replace, current=current, progress=progress.show
            )
        except CannotMake as error:
            raise CommandError(f"Nothing was written. {error}") from None
        indexing.describe_tables()
        self.stdout.write(
            f"Edition {edition.code}: {count} synthetic entries in {progress.seconds:.0f} s,"
            f" {count / progress.seconds:.0f} a second."
        )


class Progress:
    """How far it is: a bar that moves on a terminal, else a line now and then."""

    def __init__(self, command: BaseCommand, count: int) -> None:
        self.out = command.stderr
        self.count = count
        self.begun = self.said = time.monotonic()

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self.begun, 0.001)

    def show(self, done: int) -> None:
        if self.out.isatty():
            filled = BAR * done // self.count
            bar = "█" * filled + "░" * (BAR - filled)
            ending = "\n" if done == self.count else ""
            self.out.write(f"\r{bar} {self._said(done)}\033[K", self._plain, ending=ending)
        elif time.monotonic() - self.said >= SECONDS_BETWEEN_LINES:
            self.said = time.monotonic()
            self.out.write(self._said(done), self._plain)

    def _said(self, done: int) -> str:
        rate = done / self.seconds
        left = (self.count - done) / rate
        return f"{done} of {self.count}, {rate:.0f} a second, {left:.0f} s left"

    @staticmethod
    def _plain(written: str) -> str:
        """Not in the colour of errors."""
        return written


def _count(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 10 and 1 <= int(written) <= COUNT_MAX):
        raise ArgumentTypeError(f"{written!r} is not a whole number from 1 to {COUNT_MAX}")
    return int(written)
