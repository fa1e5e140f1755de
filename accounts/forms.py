"""Signing in by e-mail address, and making accounts for staff."""

from __future__ import annotations

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
    SetUnusablePasswordMixin,
    UserChangeForm,
    UsernameField,
)
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .models import User

# Longer than any pass phrase; what is longer is not worth hashing.
PASSWORD_MAX = 1000


class SignInForm(AdminAuthenticationForm):
    """Bounded before anything is looked up or hashed; one answer to every failure (promise P16)."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _("The e-mail address or the password is not right."),
    }
    username = UsernameField(
        max_length=254, widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AddUserForm(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "is_staff", "groups")
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}


class ChangePasswordForm(AdminPasswordChangeForm):
    # Django glues it when it starts, and so in one language for good.
    usable_password_help_text = format_lazy(
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        _("If disabled, the current password for this user will be lost."),
    )


class ChangeUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets name those shown
        field_classes: dict[str, type[forms.Field]] = {}
