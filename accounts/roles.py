"""What staff may do: two groups, made with their permissions after every migration.

Editors keep the entries true; reviewers also publish, withdraw and edit what entries refer to.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from opportunities.models import Opportunity

from .models import EDITORS, REVIEWERS

PUBLISH = "publish_opportunity"

_ENTRY_PARTS = ("location", "contact", "fact")
_REFERENCE_DATA = (
    "catalogue", "edition", "region", "district", "sector", "publishedfigure", "factkind",
    "vocabularyterm",
)  # fmt: skip

# The finance plan's ledger: rows are added and never changed. Editors set milestones and report;
# reviewers evaluate, note what followed and make it public.
_REPORTED = ("milestone", "report", "evidence", "figure")
_EVALUATED = ("evaluation", "consequence", "disclosure")
_PLAN = ("plan", "unit", "system", "task", "indicator", "itemlist", "item", "rule", "pin")

_EDITORS = {
    "view_opportunity",
    "add_opportunity",
    "change_opportunity",
    "delete_opportunity",
    *(f"{action}_{part}" for part in _ENTRY_PARTS for action in ("view", "add", "change", "delete")),
    *(f"view_{model}" for model in (*_REFERENCE_DATA, *_PLAN, *_REPORTED, *_EVALUATED)),
    *(f"add_{model}" for model in _REPORTED),
}
_REVIEWERS = _EDITORS | {
    PUBLISH,
    "delete_vocabularyterm",
    *(f"{action}_{model}" for model in (*_REFERENCE_DATA, *_PLAN) for action in ("add", "change")),
    *(f"add_{model}" for model in _EVALUATED),
    *(f"delete_{model}" for model in ("rule", "pin")),
}
ROLES = {EDITORS: _EDITORS, REVIEWERS: _REVIEWERS}


def make_roles(**_signal: Any) -> None:
    """Make the groups and give each what it lacks; what an administrator added stays."""
    Permission.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(Opportunity),
        codename=PUBLISH,
        defaults={"name": "Can publish and withdraw opportunities"},
    )
    for role, codenames in ROLES.items():
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.add(
            *Permission.objects.filter(
                content_type__app_label__in=("opportunities", "financing"), codename__in=codenames
            )
        )
