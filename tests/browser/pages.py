"""Every kind of page there is to look at, by the name its picture gets."""

from __future__ import annotations

PUBLIC = {
    "home": "/",
    "search": "/opportunities/",
    "search-filtered": "/opportunities/?region=metro&bracket=10-50",
    "search-table": "/opportunities/?region=northeast&view=table",
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
    "financing-filtered": "/financing/?list=policies&list=platforms",
    "financing-refused": "/financing/?list=policis",
    "financing-item": "/financing/items/policies-02/",
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "not-found": "/nowhere/",
    "api-docs": "/api/docs/",
}
WITHOUT_LANGUAGE = ("/api/",)

STAFF = {
    "admin": "/admin/",
    "admin-opportunities": "/admin/opportunities/opportunity/",
    "admin-sectors": "/admin/opportunities/sector/",
    "admin-finance-items": "/admin/financing/item/",
    "admin-finance-rules": "/admin/financing/rule/add/",
    "admin-finance-report": "/admin/financing/report/add/",
}

WIDTHS = (1440, 768, 390)
THEMES = ("light", "dark")
LANGUAGES = ("zh", "en")


def in_language(path: str, language: str) -> str:
    if language == "en" and not path.startswith(WITHOUT_LANGUAGE):
        return f"/en{path}"
    return path
