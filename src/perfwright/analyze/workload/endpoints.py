"""Endpoints as the workload tells them: how often, how answered, how large, how fast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from perfwright.analyze.workload.parameters import path_parameters, query_parameters
from perfwright.analyze.workload.sorting import EndpointForm, Sorter
from perfwright.model.traffic import EndpointUse, ParameterUse, PathUse
from perfwright.model.workload import Endpoint


def endpoints_of(
    sorter: Sorter,
    use: EndpointUse,
    paths: Mapping[int, PathUse],
    queries: Mapping[int, Sequence[ParameterUse]],
) -> tuple[Endpoint, ...]:
    """In the order of `use`; `paths` and `queries` by the endpoint's number."""
    total = int(use.requests.sum())
    return tuple(
        _endpoint(sorter.endpoints[number], sorter, use, row, total, paths[number], queries[number])
        for row, number in enumerate(use.endpoint.tolist())
    )


def _endpoint(
    form: EndpointForm,
    sorter: Sorter,
    use: EndpointUse,
    row: int,
    total: int,
    paths: PathUse,
    queries: Sequence[ParameterUse],
) -> Endpoint:
    requests = int(use.requests[row])
    durations = [float(value) for value in use.duration_s[row]]
    return Endpoint(
        name=form.name,
        method=form.method,
        template=form.template,
        requests=requests,
        share=requests / total,
        statuses=tuple((int(status), int(count)) for status, count in use.statuses[row]),
        parameters=path_parameters(form, sorter, paths) + query_parameters(queries, requests),
        response_bytes_p50=_whole(use.bytes_sent[row, 0]),
        response_bytes_p95=_whole(use.bytes_sent[row, 1]),
        request_bytes_p50=_whole(use.bytes_received.ravel()[row]),
        service_s=(durations[0], durations[1], durations[2])
        if not any(map(math.isnan, durations))
        else None,
    )


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)
