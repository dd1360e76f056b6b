"""One small source of each kind, all about what the calibration server has; written by hand as its
tool writes them, or by known users (the log)."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

BEGIN_S = 1_763_942_400
"""Monday, 2025-11-24 00:00 UTC."""
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/{}.0"


def access_log(*, sessions: int = 400, seed: int = 1, extra: str = "") -> str:
    """Combined format: visitors come at 0.2/s, take /bytes/N one to five times, and some post."""
    rng = random.Random(seed)
    lines: list[tuple[float, str]] = []
    begin_s = float(BEGIN_S)
    for number in range(sessions):
        begin_s += rng.expovariate(0.2)
        at_s, client = begin_s, f"10.1.{number // 250}.{number % 250}"
        agent = _AGENT.format(100 + number % 20)
        for _ in range(rng.randint(1, 5)):
            size = rng.choice((100, 200, 300, 400, 500, 600, 700, 800, 900))
            lines.append((at_s, _line(client, at_s, "GET", f"/bytes/{size}", agent)))
            at_s += rng.lognormvariate(1.2, 0.5)
        if rng.random() < 0.3:
            lines.append((at_s, _line(client, at_s, "POST", "/echo", agent)))
    return "".join(line for _, line in sorted(lines)) + extra


def _line(client: str, at_s: float, method: str, path: str, agent: str) -> str:
    when = datetime.fromtimestamp(at_s, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{when}] "{method} {path} HTTP/1.1" 200 512 "-" "{agent}"\n'


def openapi(target: str) -> str:
    """OpenAPI 3.0 in YAML: two operations, one with a body."""
    return f"""\
openapi: 3.0.3
info: {{title: Calibration, version: "1"}}
servers: [{{url: "{target}"}}]
paths:
  /bytes/{{size}}:
    get:
      parameters:
        - name: size
          in: path
          required: true
          schema: {{type: integer, minimum: 1, maximum: 99}}
      responses: {{"200": {{description: bytes}}}}
  /echo:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {{name: {{type: string, enum: [ada, grace]}}}}
      responses: {{"200": {{description: what came}}}}
"""


def har(target: str) -> str:
    """Two requests, a second and a half apart."""
    entries = [
        _entry("2025-11-24T10:00:00.000Z", "GET", f"{target}/bytes/300", None),
        _entry("2025-11-24T10:00:01.500Z", "POST", f"{target}/echo", '{"name": "ada"}'),
    ]
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"},
                 "pages": [], "entries": entries}}
    )  # fmt: skip


def _entry(started: str, method: str, url: str, body: str | None) -> dict[str, object]:
    request: dict[str, object] = {
        "method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [],
        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1,
    }  # fmt: skip
    if body is not None:
        request["headers"] = [{"name": "Content-Type", "value": "application/json"}]
        request["postData"] = {"mimeType": "application/json", "text": body}
    content = {"size": 2, "mimeType": "application/json", "text": "{}"}
    if body is None:
        content = {"size": 300, "mimeType": "application/octet-stream"}
    return {
        "startedDateTime": started, "time": 20, "request": request,
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [],
                     "cookies": [], "content": content, "redirectURL": "", "headersSize": -1,
                     "bodySize": 2},
        "cache": {}, "timings": {"send": 0, "wait": 20, "receive": 0},
    }  # fmt: skip


def postman(target: str) -> str:
    """A collection of v2.1 with a variable and a folder."""
    return json.dumps(
        {
            "info": {"name": "Calibration", "schema":
                "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "variable": [{"key": "base", "value": target}],
            "item": [
                {"name": "look", "item": [
                    {"name": "some bytes",
                     "request": {"method": "GET", "header": [], "url": {"raw": "{{base}}/bytes/9",
                      "host": ["{{base}}"], "path": ["bytes", "9"]}}}]},
                {"name": "say", "request": {"method": "POST",
                    "header": [{"key": "Content-Type", "value": "application/json"}],
                    "body": {"mode": "raw", "raw": "{\"name\": \"ada\"}"},
                    "url": {"raw": "{{base}}/echo", "host": ["{{base}}"], "path": ["echo"]}}},
            ],
        }
    )  # fmt: skip


def jmx(target: str) -> str:
    """A JMeter plan: one thread group, one sampler."""
    host, _, port = target.removeprefix("http://").partition(":")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3">
  <hashTree>
    <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Calibration" enabled="true"/>
    <hashTree>
      <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="people"
                   enabled="true">
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
          <boolProp name="LoopController.continue_forever">false</boolProp>
          <stringProp name="LoopController.loops">-1</stringProp>
        </elementProp>
        <stringProp name="ThreadGroup.num_threads">3</stringProp>
        <stringProp name="ThreadGroup.ramp_time">1</stringProp>
      </ThreadGroup>
      <hashTree>
        <HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="bytes"
                          enabled="true">
          <elementProp name="HTTPsampler.Arguments" elementType="Arguments">
            <collectionProp name="Arguments.arguments"/>
          </elementProp>
          <stringProp name="HTTPSampler.domain">{host}</stringProp>
          <stringProp name="HTTPSampler.port">{port}</stringProp>
          <stringProp name="HTTPSampler.protocol">http</stringProp>
          <stringProp name="HTTPSampler.path">/bytes/200</stringProp>
          <stringProp name="HTTPSampler.method">GET</stringProp>
        </HTTPSamplerProxy>
        <hashTree/>
      </hashTree>
    </hashTree>
  </hashTree>
</jmeterTestPlan>
"""


def curl(target: str) -> str:
    """Two commands as "copy as cURL" gives them."""
    return (
        f"curl '{target}/bytes/100' -H 'Accept: */*'\n"
        f"curl '{target}/echo' -X POST -H 'Content-Type: application/json' "
        """--data-raw '{"name": "ada"}'\n"""
    )
