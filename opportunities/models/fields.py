"""Column types that behave the same on every database."""

from __future__ import annotations

from typing import Any

from django.db import models


class CodeField(models.CharField):
    """A short ASCII name, compared and sorted byte by byte on every engine.

    PostgreSQL would otherwise sort by the database's collation, which looks past hyphens; SQLite
    sorts by bytes already.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class TokensField(models.TextField):
    """Words between single spaces, looked up by ``holding`` (``search.text``) in an index of their own."""
