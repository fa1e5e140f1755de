"""The demo staff account of a served portal."""

from __future__ import annotations

import re
from pathlib import Path

from tests.serving import Portal


def demo_staff(portal: Portal) -> tuple[str, str]:
    """E-mail address and password, found as a newcomer finds them: by what the portal prints."""
    printed = portal.manage("make_demo_staff")
    told = re.fullmatch(r"Staff sign-in: (\S+), password in (.+)\n", printed)
    if told is None:
        raise AssertionError(f"no sign-in is told: {printed}")
    return told[1], Path(told[2]).read_text(encoding="ascii").strip()
