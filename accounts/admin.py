"""Accounts of staff, by e-mail address and role."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from opportunities.templatetags.opportunities import joined

from .forms import AddUserForm, ChangePasswordForm, ChangeUserForm
from .models import EDITORS, REVIEWERS, User

ROLE_NAMES = {EDITORS: _("editors"), REVIEWERS: _("reviewers")}

# The two roles are made by accounts.roles; nobody composes others by hand.
admin.site.unregister(Group)


class RoleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, group: Group) -> str:
        return str(ROLE_NAMES.get(group.name, group.name))


class RoleFilter(admin.SimpleListFilter):
    title = _("Role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ROLE_NAMES.items())

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[User]) -> models.QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = ChangeUserForm
    add_form = AddUserForm
    change_password_form = ChangePasswordForm
    ordering = ("email",)
    list_display = ("email", "name", "roles", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", RoleFilter)
    search_fields = ("email", "first_name", "last_name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": (("last_name", "first_name"),)}),
        (_("Role"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2", "is_staff", "groups")}),)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: histories name who acted. An account that is not needed any more is set inactive."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "groups":
            return RoleField(
                Group.objects.filter(name__in=ROLE_NAMES),
                label=_("Role"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_(
                    "Editors keep entries true; reviewers also publish, withdraw and edit reference data."
                ),
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("name"))
    def name(self, user: User) -> str:
        return f"{user.last_name}{user.first_name}"

    @admin.display(description=_("Role"))
    def roles(self, user: User) -> str:
        return joined(ROLE_NAMES.get(group.name, group.name) for group in user.groups.all())
