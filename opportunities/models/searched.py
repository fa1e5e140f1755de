"""What words are looked up in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import Opportunity
from .fields import TokensField


class SearchText(models.Model):
    """The search text of one opportunity, in both languages and normalised (``search.text``).

    Kept by ``opportunities.indexing`` in the transaction that changes the entry; the index over the
    tokens is kept by the database.
    """

    opportunity = models.OneToOneField(Opportunity, models.CASCADE, primary_key=True, related_name="searched")
    name = models.TextField(help_text="Its names, and how they sound.")
    heading = models.TextField(help_text="Its names, sector and districts, and how they sound.")
    text = models.TextField(help_text="Everything that words are looked up in.")
    tokens = TokensField(help_text="What the index holds of it.")

    class Meta:
        verbose_name = _("search text")
        verbose_name_plural = _("search texts")

    def __str__(self) -> str:
        return str(self.opportunity_id)
