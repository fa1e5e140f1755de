"""What holds for every list of the administration, whatever it lists."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse

from opportunities.models import Opportunity
from tests.factories import make_ledger, signed_in

KEYS = ["abc", "", " ", "1;drop", "9" * 30, "-" + "9" * 30, "1.5", "九"]


@pytest.mark.django_db
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_an_action_on_what_is_no_row_is_refused_in_words(model):
    make_ledger()
    client = signed_in("superuser")
    request = client.get("/admin/").wsgi_request
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for action in admin.site._registry[model].get_actions(request):
        for key in KEYS:
            for more in ({}, {"index": "0"}, {"post": "yes"}, {"_withdraw": "1"}):
                answer = client.post(address, {"action": action, "_selected_action": [key], **more})
                assert answer.status_code == 302, (action, key)
                *_earlier, said = [str(message) for message in get_messages(answer.wsgi_request)]
                assert "不是此列表中的行" in said and len(said) < 150
    assert Opportunity.objects.filter(publication="published").count() == 1
