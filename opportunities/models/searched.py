"""What entries are found and counted by, kept beside them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import Edition, Opportunity
from .fields import CodeField, TokensField


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


class FacetRow(models.Model):
    """What one opportunity counts as in facets, all in one narrow row.

    Kept by ``opportunities.counting`` in the transaction that changes the entry. Of one that is no longer
    public the row stays, so that whoever follows the revision learns of it.
    """

    opportunity = models.OneToOneField(
        Opportunity, models.CASCADE, primary_key=True, related_name="facet_row"
    )
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+", db_index=False)
    reference = CodeField(max_length=32)
    is_public = models.BooleanField()
    revision = models.PositiveBigIntegerField(help_text="The number of the revision that changed it last.")
    sector = models.ForeignKey("Sector", models.CASCADE, related_name="+", db_index=False)
    cents = models.PositiveIntegerField(help_text="Its investment in hundredths of CNY 100 million.")
    cycle_months = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20)
    cooperation = models.CharField(max_length=120, help_text="Its forms of cooperation, blanks between.")
    places = models.TextField(help_text="Key of each district and cents there: “12:5000 31:3000”.")

    class Meta:
        verbose_name = _("facet row")
        verbose_name_plural = _("facet rows")
        indexes = [models.Index(fields=["edition", "revision"], name="facet_row_by_revision")]

    def __str__(self) -> str:
        return self.reference
