"""Published figures: what a source claims, kept beside what our rows give."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import CodeField
from .texts import TextPair


class PublishedFigure(models.Model):
    """One figure as a source printed it, kept with its source and never corrected."""

    class Claim(models.TextChoices):
        OPPORTUNITIES = "opportunities", _("Opportunities in all")
        INVESTMENT = "investment", _("Investment in all")
        SECTORS = "sectors", _("Sectors")
        ATTRIBUTES = "attributes", _("Attributes of an opportunity")
        OPPORTUNITIES_AT_LEAST = "opportunities-at-least", _("Opportunities of an investment and more")
        REGION_OPPORTUNITIES = "region-opportunities", _("Opportunities in a region")
        REGION_INVESTMENT = "region-investment", _("Investment in a region")
        SECTOR_OPPORTUNITIES = "sector-opportunities", _("Opportunities in a sector")
        SECTOR_INVESTMENT = "sector-investment", _("Investment in a sector")

        @property
        def is_money(self) -> bool:
            return self in (self.INVESTMENT, self.REGION_INVESTMENT, self.SECTOR_INVESTMENT)

    edition = models.ForeignKey(
        "Edition", models.CASCADE, related_name="published_figures", verbose_name=_("edition")
    )
    claim = models.CharField(_("claim"), max_length=30, choices=Claim)
    value = CodeField(
        _("of what"),
        max_length=40,
        blank=True,
        help_text=_("Slug of the region or sector, or the threshold in 亿元; empty for the whole list."),
    )
    published = models.DecimalField(
        _("published figure"), max_digits=12, decimal_places=2, help_text=_("A count, or money in 亿元.")
    )
    is_rounded = models.BooleanField(_("published as “about”"), default=False)
    explanation_zh = models.TextField(
        _("explanation (Chinese)"), blank=True, help_text=_("Ours, not the source's.")
    )
    explanation_en = models.TextField(_("explanation (English)"), blank=True)
    source_zh = models.TextField(_("source (Chinese)"))
    source_en = models.TextField(_("source (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    explanation = TextPair()
    source = TextPair()

    class Meta:
        verbose_name = _("published figure")
        verbose_name_plural = _("published figures")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "claim", "value"], name="published_figure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_claim_display()} {self.value}".strip()
