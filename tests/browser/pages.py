"""Every kind of page there is to look at, by the name its picture gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.serving import Portal

PUBLIC = {
    "home": "/",
    "search": "/opportunities/",
    "search-filtered": "/opportunities/?region=metro&bracket=10-50",
    "search-table": "/opportunities/?region=northeast&view=table",
    "search-map": "/opportunities/?region=metro&view=map",
    "search-words": "/opportunities/?q=%E6%A2%81%E5%B9%B3",
    "search-empty": "/opportunities/?sector=software&region=southeast&bracket=100-plus",
    "search-refused": "/opportunities/?sector=biomedcine&investment_min=120&investment_max=100",
    "search-past-the-end": "/opportunities/?page=99",
    "export-refused": "/opportunities/export.csv?sector=biomedcine&view=table",
    "detail": "/opportunities/DEMO-051/",
    "detail-two-regions": "/opportunities/DEMO-049/",
    "contact": "/opportunities/DEMO-051/contact/",
    "compare": "/compare/?reference=DEMO-051&reference=DEMO-111&reference=DEMO-049",
    "compare-one": "/compare/?reference=DEMO-051",
    "compare-refused": "/compare/?reference=DEMO-999",
    "sector": "/sectors/smart-ev/",
    "district": "/districts/500155/",
    "insights": "/insights/",
    "financing": "/financing/",
    "financing-filtered": "/financing/?list=platforms&list=policies",
    "financing-refused": "/financing/?list=policis",
    "financing-item": "/financing/items/policies-02/",
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "not-found": "/nowhere/",
    "api-docs": "/api/docs/",
}
WITHOUT_LANGUAGE = ("/api/",)

# Where staff come in, and what they see once they have: rows by their number in a fresh database.
SIGN_IN = {"admin-login": "/admin/login/"}
STAFF = {
    "admin": "/admin/",
    "admin-opportunities": "/admin/opportunities/opportunity/",
    "admin-found": "/admin/opportunities/opportunity/?q=DEMO-00&region=metro&_facets=True",
    "admin-nothing": "/admin/opportunities/opportunity/?q=%E6%97%A0%E6%AD%A4%E8%AF%8D",
    "admin-add": "/admin/opportunities/opportunity/add/",
    "admin-change": "/admin/opportunities/opportunity/49/change/",
    "admin-history": "/admin/opportunities/opportunity/49/history/",
    "admin-withdraw": "/admin/opportunities/opportunity/49/withdraw/",
    "admin-sectors": "/admin/opportunities/sector/",
    "admin-finance-items": "/admin/financing/item/",
    "admin-finance-rules": "/admin/financing/rule/add/",
    "admin-finance-report": "/admin/financing/report/add/",
    "admin-district": "/admin/opportunities/district/1/change/",
    "admin-figure-delete": "/admin/opportunities/publishedfigure/1/delete/",
    "admin-sector-protected": "/admin/opportunities/sector/1/delete/",
    "admin-password": "/admin/password_change/",
    "admin-users": "/admin/accounts/user/",
    "admin-user-add": "/admin/accounts/user/add/",
    "admin-user": "/admin/accounts/user/1/change/",
    "admin-user-password": "/admin/accounts/user/1/password/",
}

WIDTHS = (1440, 768, 390)
THEMES = ("light", "dark")
LANGUAGES = ("zh", "en")


def in_language(path: str, language: str) -> str:
    if language == "en" and not path.startswith(WITHOUT_LANGUAGE):
        return f"/en{path}"
    return path


@contextmanager
def withdrawn(portal: Portal) -> Iterator[str]:
    """The address of an opportunity that is withdrawn until the block ends."""
    act = (
        "from opportunities import publishing; from opportunities.models import Opportunity; "
        "publishing.{}(Opportunity.objects.get(reference='DEMO-160'))"
    )
    portal.manage("shell", "-c", act.format("withdraw"))
    try:
        yield "/opportunities/DEMO-160/"
    finally:
        portal.manage("shell", "-c", act.format("publish"))
