"""What staff may do: two groups, made with their permissions after every migration.

Editors keep the entries true; reviewers also publish, withdraw and edit what entries refer to.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from opportunities.models import Opportunity

from .models import EDITORS, REVIEWERS

PUBLISH = "publish_opportunity"

_ENTRY_PARTS = ("location", "contact", "fact")
_REFERENCE_DATA = (
    "catalogue", "edition", "region", "district", "sector", "publishedfigure", "factkind",
    "vocabularyterm",
)  # fmt: skip

_EDITORS = {
    "view_opportunity",
    "add_opportunity",
    "change_opportunity",
    "delete_opportunity",
    *(f"{action}_{part}" for part in _ENTRY_PARTS for action in ("view", "add", "change", "delete")),
    *(f"view_{model}" for model in _REFERENCE_DATA),
}
_REVIEWERS = _EDITORS | {
    PUBLISH,
    "delete_vocabularyterm",
    *(f"{action}_{model}" for model in _REFERENCE_DATA for action in ("add", "change")),
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
            *Permission.objects.filter(Q(content_type__app_label="opportunities"), codename__in=codenames)
        )
