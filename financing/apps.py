from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinancingConfig(AppConfig):
    """The finance plan beside the opportunities: its indicators, its ledger, and whom it can serve."""

    name = "financing"
    verbose_name = _("Finance plan")
    default_auto_field = "django.db.models.BigAutoField"
