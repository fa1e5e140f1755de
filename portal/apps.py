from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "django.contrib.admin.sites.AdminSite"


class PortalConfig(AppConfig):
    """The site's frame: addresses, error pages, health, and the command that serves it."""

    name = "portal"
