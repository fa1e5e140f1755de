from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's administration with the portal's own site."""

    default_site = "portal.staff.StaffSite"


class PortalConfig(AppConfig):
    """The site's frame: addresses, error pages, health, and the command that serves it."""

    name = "portal"
