"""The filters of the plan's items: each form has the values of its own plan."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from financing import filtering
from financing.filtering import ItemsForm
from financing.models import Plan


def test_two_forms_have_values_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def form(*systems: str) -> ItemsForm:
        monkeypatch.setattr(filtering, "options_of", lambda plan: {"system": dict.fromkeys(systems, "")})
        return ItemsForm(QueryDict("system=lending"), Plan())

    one, other = form("lending"), form("insurance")
    assert (list(one.options("system")), list(other.options("system"))) == (["lending"], ["insurance"])
    assert (one.is_valid(), other.is_valid()) == (True, False)
