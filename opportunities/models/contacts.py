"""Contacts: the unit that answers is public, the person only on request."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .texts import TextPair


class Contact(models.Model):
    """Who answers for an opportunity. The first of an opportunity's contacts is the main one.

    ``unit`` and ``office_*`` are public; ``name``, ``post`` and ``phone`` are given on request
    alone (``opportunities.revealing``).
    """

    opportunity = models.ForeignKey(
        "Opportunity", models.CASCADE, related_name="contacts", verbose_name=_("opportunity")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    unit_zh = models.CharField(_("unit (Chinese)"), max_length=120)
    unit_en = models.CharField(_("unit (English)"), max_length=160, blank=True)
    office_phone = models.CharField(_("office phone"), max_length=40, help_text=_("Public."))
    office_email = models.EmailField(_("office e-mail"), blank=True, help_text=_("Public."))
    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("Given on request only."))
    post_zh = models.CharField(_("post (Chinese)"), max_length=80, blank=True)
    post_en = models.CharField(_("post (English)"), max_length=120, blank=True)
    phone = models.CharField(
        _("direct line"), max_length=40, blank=True, help_text=_("Given on request only.")
    )

    unit = TextPair()
    post = TextPair()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.unit)


class ContactAsker(models.Model):
    """One client address within the budget for contacts, as a keyed hash; locked while it asks."""

    key = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("asker for contacts")
        verbose_name_plural = _("askers for contacts")

    def __str__(self) -> str:
        return self.key[:12]


class ContactGrant(models.Model):
    """One granted request for a contact. It says when, and nothing of whom was asked for."""

    asker = models.ForeignKey(ContactAsker, models.CASCADE, related_name="grants")
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("granted request for a contact")
        verbose_name_plural = _("granted requests for contacts")
        indexes = [models.Index(fields=["asker", "granted_at"], name="grant_by_asker_and_time")]

    def __str__(self) -> str:
        return self.granted_at.isoformat()
