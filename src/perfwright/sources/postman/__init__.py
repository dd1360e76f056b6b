"""Reads Postman collections (v2.0, v2.1): folders become journeys, requests their calls, in order.

    collection ┬ folder "Orders" ┬ request            a journey with two calls
               │                 └ request
               └ folder "Admin"  ─ folder ─ request   a journey with a group

Where a folder needs what an answer of an earlier one filled (a token), the folders are groups of
one journey instead. https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.model.journey import ScenarioDraft
from perfwright.sources.postman.collection import Collection
from perfwright.sources.postman.documents import elements, object_of, open_document, text

_SCHEMA = re.compile(rb"schema\.(?:get)?postman\.com/(?:json/)?collection")
_ITEMS = re.compile(rb'"item"\s*:\s*\[')
_ENVIRONMENT = re.compile(
    rb'"_postman_variable_scope"\s*:|"values"\s*:\s*\[\s*\{[^{}]{0,4000}"enabled"\s*:'
)
_OTHER = re.compile(rb'"(?:openapi|swagger)"\s*:\s*"')


def is_postman(head: bytes) -> bool:
    """A collection; also one that another tool wrote without its schema's address."""
    if not _is_object(head):
        return False
    named = b'"info"' in head and b'"request"' in head and _ITEMS.search(head) is not None
    return _SCHEMA.search(head) is not None or (named and _OTHER.search(head) is None)


def is_postman_environment(head: bytes) -> bool:
    """An environment or the globals, exported as a file of their own."""
    return _is_object(head) and not is_postman(head) and _ENVIRONMENT.search(head) is not None


def _is_object(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_postman(path: Path, *, environments: Sequence[Path] = ()) -> ScenarioDraft:
    """`environments`: exported ones, the first wins over the next and over the collection.

    DataError: a file cannot be read, or is no collection that has requests.
    """
    document = open_document(path)
    if "requests" in document and "item" not in document:
        raise DataError(
            f"plan: {path} is a collection of version 1; export it from Postman as v2.1"
        )
    if not elements(document.get("item")):
        raise DataError(f"plan: {path} is no Postman collection, or has no requests")
    collection = Collection(document, text(object_of(document, "info"), "name") or path.stem)
    for environment in environments:
        collection.variables.declare(open_document(environment), "values")
    return collection.draft((path.name, *(each.name for each in environments)))
