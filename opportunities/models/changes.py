"""The publication revision: one counter that moves with everything public."""

from __future__ import annotations

import secrets

from django.db import connections, models, router
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    return secrets.token_hex(8)


class Revision(models.Model):
    """The state of all that is public, moved in the transaction that changes any of it.

    ``token`` makes a state unique even when a database is restored and counts on from an old
    number; it is the root of every ETag and the key of every cached page.
    """

    number = models.PositiveBigIntegerField(_("number"), default=0)
    token = models.CharField(_("token"), max_length=16, default=new_token)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("publication revision")
        verbose_name_plural = _("publication revisions")

    def __str__(self) -> str:
        return f"{self.number}-{self.token}"

    @classmethod
    def current(cls) -> str:
        """The current revision in ASCII, ``number-token``; ``0`` before anything was published."""
        # Every request asks this: said in SQL it costs a twentieth of what composing it does.
        with connections[router.db_for_read(cls)].cursor() as cursor:
            cursor.execute("SELECT number, token FROM opportunities_revision WHERE id = 1")
            row = cursor.fetchone()
        return f"{row[0]}-{row[1]}" if row else "0"

    @classmethod
    def bump(cls) -> int:
        """Move to a new revision. Call inside the transaction of the change it stands for.

        Returns its number. Others wait here until the transaction ends, so numbers are in the order in
        which changes become visible.
        """
        moved = (
            "INSERT INTO opportunities_revision (id, number, token, updated_at) VALUES (1, 1, %s, %s)"
            " ON CONFLICT (id) DO UPDATE SET number = opportunities_revision.number + 1,"
            " token = excluded.token, updated_at = excluded.updated_at RETURNING number"
        )
        with connections[router.db_for_write(cls)].cursor() as cursor:
            cursor.execute(moved, [new_token(), timezone.now()])
            return int(cursor.fetchone()[0])
