"""``make soak``: random searches through a served portal's page and API, against a second working-out.

``SEARCHES`` says how many (2,000), ``SEED`` repeats a run. Prints every difference; none is expected.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

from tests.oracle import CHONGQING, Oracle, Questions, query_string
from tests.readings import differences, read_api, read_page
from tests.serving import served

SEED = os.environ.get("SEED", "2026")
SEARCHES = int(os.environ.get("SEARCHES", "2000"))
PROGRESS_EVERY = 100
ON_THE_PAGE = ("references", "count", "total", "facets")


@dataclass(frozen=True)
class Answer:
    status_code: int
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Visitor:
    """Asks a served portal, over one connection that is kept."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.requests = 0

    def get(self, path: str, *, follow: bool = False) -> Answer:
        self.requests += 1
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        content = answer.read()
        location = answer.headers.get("Location")
        if follow and location and answer.status in (301, 302, 303):
            return self.get(location)
        return Answer(answer.status, content)


def main() -> int:
    oracle = Oracle(CHONGQING)
    ask = Questions(oracle, f"{SEED}-soak")
    wrong, begun = 0, time.monotonic()
    with served() as portal:
        visitor = Visitor(portal.port)
        for number in range(1, SEARCHES + 1):
            params = ask()
            expected = oracle.search(params)
            prefix = "/en" if number % 2 else ""
            try:
                found = [
                    *differences(expected, read_page(visitor, prefix, params), parts=ON_THE_PAGE),
                    *differences(expected, read_api(visitor, params)),
                ]
            except AssertionError as error:
                found = [str(error)]
            for difference in found:
                print(f"{prefix}?{query_string(params)}: {difference}", flush=True)
            wrong += bool(found)
            if number % PROGRESS_EVERY == 0:
                seconds = time.monotonic() - begun
                print(
                    f"{number} searches, {visitor.requests} requests, {seconds:.0f} s, {wrong} differ",
                    flush=True,
                )
    print(f"SEED={SEED}: {wrong} of {SEARCHES} searches differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
