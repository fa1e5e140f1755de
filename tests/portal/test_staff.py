"""What holds for every list of the administration, whatever it lists."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse

from opportunities.models import Opportunity
from tests.factories import make_ledger, make_user, signed_in
from tests.opportunities.test_admin import errors_of, filled_in

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


REFUSED = [
    (
        "/accounts/user/add/",
        {
            "email": "Taken@staff.example",
            "password1": "a-long-pass-phrase",
            "password2": "a-long-pass-phrase",
        },
        "这个地址已有账号",
        "This address has an account already.",
    ),
    (
        "/financing/unit/add/",
        {"slug": "two", "name_zh": "另一办", "name_en": "Another office", "role": "lead", "position": "1"},
        "牵头单位只有一个",
        "The plan has its lead office already; there is one.",
    ),
    (
        "/financing/plan/{plan}/change/",
        {"starts_in": "2027", "ends_in": "2024"},
        "末年不得早于首年",
        "The last year is the first year or later.",
    ),
    (
        "/opportunities/opportunity/{opportunity}/change/",
        {"locations-0-share": "0"},
        "0.0001 到 1 之间",
        "A share is from 0.0001 to 1.",
    ),
    (
        "/opportunities/opportunity/{opportunity}/change/",
        {"locations-0-share": "-1"},
        "0.0001 到 1 之间",
        "A share is from 0.0001 to 1.",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "given", "chinese", "english"), REFUSED)
def test_what_the_database_would_refuse_is_said_in_words(page, given, chinese, english):
    plan = make_ledger().list.plan
    make_user("editor", email="taken@staff.example")
    client = signed_in("superuser")
    address = page.format(plan=plan.pk, opportunity=Opportunity.objects.get().pk)
    for language, said in (("", chinese), ("/en", english)):
        form = filled_in(client.get(f"{language}/admin{address}"))
        answer = client.post(f"{language}/admin{address}", {**form, "plan": plan.pk, **given})
        assert answer.status_code == 200
        mistakes = errors_of(answer)
        assert said in answer.text, mistakes
        assert not re.search(r"[a-z]+_[a-z]+", " ".join(mistakes)), mistakes
