"""What pages are about, told to programs in the words of schema.org (JSON-LD).

Nothing is said here that the page itself does not say; sample data is called so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .addresses import absolute, search_address
from .attributes import ATTRIBUTES
from .search.query import Search
from .search.saying import summary
from .trail import Crumb

Description = dict[str, Any]


def trail(crumbs: Sequence[Crumb]) -> Description:
    """The way to a page, of two steps or more; the last is the page itself."""
    steps: list[Description] = []
    for position, crumb in enumerate(crumbs, start=1):
        step: Description = {"@type": "ListItem", "position": position, "name": str(crumb.label)}
        if crumb.path:
            step["item"] = absolute(crumb.path)
        steps.append(step)
    return _thing("BreadcrumbList", itemListElement=steps)


def website(name: str, other_name: str) -> Description:
    """The portal, and how its list is searched."""
    search = absolute(search_address())
    return _thing(
        "WebSite",
        name=name,
        alternateName=other_name,
        url=absolute(reverse("home")),
        inLanguage=_language(),
        potentialAction={
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{words}}"},
            "query-input": "required name=words",
        },
    )


def dataset(everything: Search, page: str) -> Description:
    """The current edition as a data set; ``page`` is the address of the page that tells of it."""
    edition, as_of = everything.scheme.edition, everything.scheme.as_of
    catalogue = edition.catalogue
    found: Description = {
        "name": str(catalogue.title),
        "description": summary(everything),
        "url": page,
        "inLanguage": ["zh-Hans", "en"],
        "version": edition.code,
        "isAccessibleForFree": True,
        "spatialCoverage": {"@type": "Place", "name": str(catalogue.place)},
        "variableMeasured": [str(attribute.label) for attribute in ATTRIBUTES],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/json",
                "contentUrl": absolute(reverse("api:opportunities")),
            }
        ],
    }
    if as_of:
        found["dateModified"] = as_of.isoformat()
    if licence := catalogue.site.get("license"):
        is_address = licence.startswith("http")
        found["license"] = licence if is_address else {"@type": "CreativeWork", "name": licence}
    if catalogue.is_sample:
        # Whoever issued the list has not issued its samples.
        found["name"] = _("%(name)s (sample data)") % {"name": catalogue.title}
        found["description"] = f"{found['description']} {edition.notice}"
    else:
        found["datePublished"] = edition.released_on.isoformat()
        found["creator"] = {"@type": "Organization", "name": str(catalogue.issuer)}
    return _thing("Dataset", **found)


def _thing(kind: str, **properties: Any) -> Description:
    return {"@context": "https://schema.org", "@type": kind, **properties}


def _language() -> str:
    return "en" if get_language() == "en" else "zh-Hans"
