"""Before the first start: the key that this installation signs with, made once and kept in ``var/``.

Run as ``python -m portal.bootstrap``; it needs nothing but the standard library.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

VAR_DIR = Path(os.environ.get("VAR_DIR", Path(__file__).resolve().parent.parent / "var"))


def make_environment(var_dir: Path = VAR_DIR) -> Path:
    """The file with what an installation needs of its own (mode 0600), made unless it is there."""
    var_dir.mkdir(mode=0o700, exist_ok=True)
    path = var_dir / "portal.env"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"SECRET_KEY={secrets.token_urlsafe(48)}\n")
    return path


if __name__ == "__main__":
    try:
        make_environment()
    except OSError as error:
        sys.exit(f"{VAR_DIR} cannot be written to ({error.strerror}); VAR_DIR=… names another folder")
