"""The REST API, version 1: parse, ask the search, answer. Reading is open to everybody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC
from functools import wraps
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from ..addresses import absolute, with_query
from ..models import Contact, Edition, Fact, Opportunity, Text
from ..reconciling import reconcile
from ..revealing import reveal_contact
from ..search.asking import ask
from ..search.parameters import API_LISTING, DEPTH_MAX, FILTERS
from ..search.query import Search
from ..search.refusals import Refusal
from ..search.suggesting import SUGGEST, suggest
from . import serializers
from .schema import openapi

logger = logging.getLogger(__name__)

public_answer = import_string(settings.PUBLIC_ANSWER)
client_address: Callable[[HttpRequest], str] = import_string(settings.CLIENT_ADDRESS)

UNIT = Text("亿元", "CNY 100 million")
JSON_TYPES = {"json": "application/json", "yaml": "application/yaml"}


class Gone(APIException):
    """An opportunity that was public once. Says since when, and nothing of its content."""

    status_code = 410
    default_code = "gone"

    def __init__(self, opportunity: Opportunity) -> None:
        since = opportunity.unpublished_at
        when = f" since {since.astimezone(UTC):%Y-%m-%d}" if since else ""
        super().__init__(f"{opportunity.reference} was public once and is withdrawn{when}.")


class BodyRefused(APIException):
    """A body where none is read."""

    status_code = 400
    default_code = "body"

    def __init__(self, body: object) -> None:
        super().__init__("This takes no body, or an empty one. Nothing was counted.")
        sent = json.dumps(body, ensure_ascii=False, default=str)
        message = _("This takes no body, or an empty one; “%(value)s” was sent.")
        self.refusals = [Refusal("body", sent, message, allowed=["", "{}"])]


class ReadThrottle(SimpleRateThrottle):
    """Reads by client address, as many as ``API_READ_RATE`` allows; without it as many as they like."""

    scope = "read"

    def get_rate(self) -> str | None:
        return settings.API_READ_RATE or None

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        try:
            return super().parse_rate(rate)
        except (ValueError, LookupError) as error:
            raise ImproperlyConfigured(f"API_READ_RATE: {rate!r} is not like 600/min") from error

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"api-read-{client_address(request)}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        # A cache that is away lifts the limit, it does not close the API (promise P24).
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.warning("the cache does not answer", exc_info=True)
            return True

    def give_back(self) -> None:
        """Forget the request that was just counted."""
        if self.rate and self.history:
            self.cache.set(self.key, self.history[1:], self.duration)
            self.history = self.history[1:]

    @property
    def headers(self) -> dict[str, str]:
        """What is left, as the IETF's RateLimit fields have it; empty without a limit."""
        history = getattr(self, "history", None)
        if not self.rate or history is None:
            return {}
        wait = self.duration - (self.now - history[-1]) if history else self.duration
        left = max(0, self.num_requests - len(history))
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{self.scope}";r={left};t={max(0, round(wait))}',
        }


ReadThrottle()  # a rate that cannot be read stops the start, not the first request


def kept(get: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A ``get`` whose answer depends on its address and on what is published, alone: see PUBLIC_ANSWER.

    Limits and content negotiation come before, so that they hold for kept answers too.
    """

    @wraps(get)
    def answer(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        def fresh(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            return APIView.finalize_response(view, request, get(view, request, *args, **kwargs))

        return public_answer(fresh)(request, *args, **kwargs)

    return answer


class ApiView(APIView):
    """Refuses what it does not take."""

    accepts: ClassVar[tuple[str, ...]] = ()
    # The problems it may answer with, for the schema.
    answers: ClassVar[tuple[int, ...]] = ()

    def asked(self, request: Request) -> Search:
        """The search of this request, or no more than its edition. Raises SearchRefused."""
        return Search.from_query(request.query_params, self.accepts)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What may be done here. Names that are not known are refused, as by every method."""
        self.asked(request)
        return super().options(request, *args, **kwargs)

    def public_opportunity(self, reference: str) -> Opportunity:
        """Raises NotFound for what never was public, and Gone for what was."""
        found = Opportunity.objects.once_public().for_detail().filter(reference=reference).first()
        if found is None:
            raise NotFound(f"There is no opportunity {reference}.")
        if not found.is_public:
            raise Gone(found)
        return found


class ReadView(ApiView):
    throttle_classes = [ReadThrottle]
    answers: ClassVar[tuple[int, ...]] = (400, 405, 406, 429, 503)

    def get_throttles(self) -> list[Any]:
        self.throttles = super().get_throttles()
        return self.throttles

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for throttle in getattr(self, "throttles", ()):
            if response.status_code == 304:
                throttle.give_back()
            for name, value in throttle.headers.items():
                response.headers[name] = value
        return response


class OpportunityList(ReadView):
    accepts = API_LISTING
    answers = (400, 404, 405, 406, 429, 503)

    @extend_schema(
        operation_id="listOpportunities",
        summary=_("Find opportunities"),
        description=_(
            "Public opportunities that meet every parameter given. Between parameters AND, between the"
            " values of one OR; region and district are asked of the same location."
        ),
        responses=serializers.AnyPageSerializer,
        tags=["opportunities"],
    )
    @kept
    def get(self, request: Request) -> Response:
        search = self.asked(request)
        count = search.count
        rows = search.rows(count)
        page_serializer: type[serializers.OpportunityPageSerializer] = serializers.OpportunityPageSerializer
        if search.values["fields"] == "full":
            page_serializer = serializers.FullOpportunityPageSerializer
            prefetch_related_objects(rows, "contacts", Prefetch("facts", Fact.objects.select_related("kind")))
        edition = search.scheme.edition
        page = {
            "count": count,
            "total_investment": search.total_investment,
            "next": self._page(search, search.page + 1, count),
            "previous": self._page(search, search.page - 1, count),
            "unit": UNIT,
            "edition": edition.code,
            "data_as_of": search.scheme.data_as_of,
            "license": edition.catalogue.site.get("license"),
            "notice": edition.notice,
            "results": rows,
        }
        context = {"search": search, "brackets": search.scheme.brackets}
        return Response(page_serializer(page, context=context).data)

    def _page(self, search: Search, page: int, count: int) -> str | None:
        if not 1 <= page <= search.last_page(count) or page * search.page_size > DEPTH_MAX:
            return None
        return with_query(absolute(reverse("api:opportunities")), search.query_with(page=page))


class OpportunityDetail(ReadView):
    answers = (400, 404, 405, 406, 410, 429, 503)

    @extend_schema(
        operation_id="getOpportunity",
        summary=_("One opportunity with all its attributes"),
        description=_("The office is public; the person in charge is given by POST on contact/."),
        responses=serializers.OpportunityDetailSerializer,
        tags=["opportunities"],
    )
    @kept
    def get(self, request: Request, reference: str) -> Response:
        self.asked(request)
        opportunity = self.public_opportunity(reference)
        context = {"brackets": opportunity.edition.catalogue.brackets}
        return Response(serializers.OpportunityDetailSerializer(opportunity, context=context).data)


@method_decorator(cache_control(no_store=True), name="dispatch")
class OpportunityContact(ApiView):
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    answers = (400, 404, 405, 406, 410, 415, 429, 503)

    @extend_schema(
        operation_id="showContact",
        summary=_("The person in charge"),
        description=_(
            "Name, post and direct line of the person who answers for an opportunity, within a budget"
            " for each client address. Each granted request counts; answers are not to be stored."
        ),
        request=None,
        responses=serializers.PersonSerializer,
        tags=["opportunities"],
    )
    def post(self, request: Request, reference: str) -> Response:
        self.asked(request)
        if request.data != {}:
            raise BodyRefused(request.data)
        opportunity = self.public_opportunity(reference)
        try:
            contact = reveal_contact(opportunity, client_address(request))
        except Contact.DoesNotExist:
            raise NotFound(f"Nobody is named for {reference}; call the office.") from None
        return Response(serializers.PersonSerializer(contact).data)


class FacetsView(ReadView):
    accepts = FILTERS

    @extend_schema(
        operation_id="getFacets",
        summary=_("Counts and sums by facet"),
        description=_(
            "For every value the number of opportunities and their money when that value alone is"
            " selected in its facet and all other filters stay."
        ),
        responses=serializers.FacetsSerializer,
        tags=["opportunities"],
    )
    @kept
    def get(self, request: Request) -> Response:
        return Response(serializers.FacetsSerializer(self.asked(request).facets).data)


class InterpretView(ReadView):
    accepts = ("q",)

    @extend_schema(
        operation_id="interpret",
        summary=_("What a question means as a search"),
        description=_(
            "Reads what people type, such as “food northeast under 2 years”, into parameters and words."
            " Only what is certain becomes a parameter; `parameters` with `q` is always a search that this"
            " API takes."
        ),
        responses=serializers.InterpretationSerializer,
        tags=["opportunities"],
    )
    @kept
    def get(self, request: Request) -> Response:
        asked = ask(request.query_params, self.accepts)
        return Response(serializers.InterpretationSerializer(asked.interpretation).data)


class SuggestView(ReadView):
    accepts = SUGGEST

    @extend_schema(
        operation_id="suggest",
        summary=_("Suggestions while typing"),
        description=_(
            "What `q` may become, at most 10: places, sectors and terms of the vocabulary in place of its"
            " last words, a direction for an amount or duration, opportunities by name or reference. Found"
            " by Chinese characters, pinyin, initials and English. The other parameters are those of the"
            " search it is typed in; each count is that of the search the suggestion leads to."
        ),
        responses=serializers.SuggestionsSerializer,
        tags=["opportunities"],
    )
    @kept
    def get(self, request: Request) -> Response:
        return Response(serializers.SuggestionsSerializer(suggest(request.query_params)).data)


class SectorList(ReadView):
    accepts = ("edition",)

    @extend_schema(
        operation_id="listSectors",
        summary=_("Sectors of an edition"),
        responses=serializers.SectorSerializer(many=True),
        tags=["reference data"],
    )
    @kept
    def get(self, request: Request) -> Response:
        return Response(serializers.SectorSerializer(self.asked(request).scheme.sectors, many=True).data)


class RegionList(ReadView):
    accepts = ("edition",)

    @extend_schema(
        operation_id="listRegions",
        summary=_("Regions of an edition"),
        responses=serializers.RegionSerializer(many=True),
        tags=["reference data"],
    )
    @kept
    def get(self, request: Request) -> Response:
        return Response(serializers.RegionSerializer(self.asked(request).scheme.regions, many=True).data)


class DistrictList(ReadView):
    accepts = ("edition",)

    @extend_schema(
        operation_id="listDistricts",
        summary=_("Districts, counties and zones of an edition"),
        responses=serializers.DistrictSerializer(many=True),
        tags=["reference data"],
    )
    @kept
    def get(self, request: Request) -> Response:
        return Response(serializers.DistrictSerializer(self.asked(request).scheme.districts, many=True).data)


class EditionList(ReadView):
    @extend_schema(
        operation_id="listEditions",
        summary=_("Editions, with published and computed figures"),
        description=_("Every figure that the source published, beside what the opportunities give."),
        responses=serializers.EditionSerializer(many=True),
        tags=["reference data"],
    )
    @kept
    def get(self, request: Request) -> Response:
        self.asked(request)
        editions = list(Edition.objects.select_related("catalogue").prefetch_related("published_figures"))
        reconciled = {edition.code: reconcile(edition) for edition in editions}
        answer = serializers.EditionSerializer(editions, many=True, context={"reconciled": reconciled})
        return Response(answer.data)


class AddressAlone(BaseContentNegotiation):
    """The format stands in the address; ``Accept`` is not looked at."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class SchemaView(ReadView):
    accepts = ("format",)
    answers = (400, 405, 429, 503)
    content_negotiation_class = AddressAlone

    @extend_schema(
        operation_id="getSchema",
        summary=_("This description, as OpenAPI 3.1"),
        responses={(200, *JSON_TYPES.values()): {"type": "object"}},
        tags=["reference data"],
    )
    @kept
    def get(self, request: Request) -> HttpResponse:
        wanted = self.asked(request).values["format"] or "json"
        renderer = OpenApiYamlRenderer() if wanted == "yaml" else OpenApiJsonRenderer()
        return HttpResponse(renderer.render(openapi("en")), content_type=JSON_TYPES[wanted])
