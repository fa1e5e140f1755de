"""Where an opportunity lies: the region scheme of an edition, and its districts and zones."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import CodeField
from .texts import TextPair


class Region(models.Model):
    """One of the areas an edition counts in. An edition carries its own scheme of regions."""

    edition = models.ForeignKey("Edition", models.CASCADE, related_name="regions", verbose_name=_("edition"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    short_zh = models.CharField(_("short name (Chinese)"), max_length=20)
    short_en = models.CharField(_("short name (English)"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()
    short = TextPair()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["edition", "position"]
        constraints = [models.UniqueConstraint(fields=["edition", "slug"], name="region_once_per_edition")]

    def __str__(self) -> str:
        return str(self.name)


class District(models.Model):
    """A district, county or zone as one edition counts it: the region is that edition's.

    A district that was abolished later keeps its row here and names its successors; records of an
    old edition are never rewritten.
    """

    class Kind(models.TextChoices):
        DISTRICT = "district", pgettext_lazy("kind of district", "district")
        COUNTY = "county", _("county")
        AUTONOMOUS_COUNTY = "autonomous-county", _("autonomous county")
        ZONE = "functional-zone", _("functional zone")

    edition = models.ForeignKey(
        "Edition", models.CASCADE, related_name="districts", verbose_name=_("edition")
    )
    code = CodeField(
        _("code"), max_length=20, help_text=_("GB/T 2260 code, or the slug of a zone that has none.")
    )
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    short_zh = models.CharField(_("short name (Chinese)"), max_length=20)
    short_en = models.CharField(_("short name (English)"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.DISTRICT)
    region = models.ForeignKey(Region, models.PROTECT, related_name="districts", verbose_name=_("region"))
    subregion = models.CharField(_("subregion"), max_length=40, blank=True)
    map_row = models.PositiveSmallIntegerField(_("map row"), null=True, blank=True)
    map_column = models.PositiveSmallIntegerField(_("map column"), null=True, blank=True)
    aliases = models.JSONField(
        _("aliases"), default=list, blank=True, help_text=_("Other names that a search knows it by.")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successors = models.JSONField(
        _("successors"), default=list, blank=True, help_text=_("Codes of the units that took its place.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()
    short = TextPair()

    class Meta:
        verbose_name = pgettext_lazy("place", "district")
        verbose_name_plural = _("districts")
        ordering = ["edition", "position"]
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="district_once_per_edition")]

    def __str__(self) -> str:
        return str(self.name)
