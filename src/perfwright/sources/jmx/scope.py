"""What applies to a sampler: settings, timers, extractors and assertions, by JMeter's scopes.

    Test Plan ┬ header manager            to every sampler
              ├ Thread Group ┬ timer      before each sampler of the group
              │              └ sampler ─ assertion    to this one only
              └ …

An element applies to all samplers under its parent. Of settings the nearest wins; of timers,
extractors and assertions all apply. https://jmeter.apache.org/usermanual/test_plan.html#scoping_rules
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfwright.sources.jmx.tree import Element

SETTINGS = frozenset({"ConfigTestElement", "HeaderManager", "CookieManager", "AuthManager"})
TIMERS = frozenset(
    {"ConstantTimer", "UniformRandomTimer", "GaussianRandomTimer", "PoissonRandomTimer"}
)
EXTRACTORS = frozenset(
    {
        "JSONPostProcessor", "JSONPathExtractor", "JMESPathExtractor", "RegexExtractor",
        "BoundaryExtractor", "HtmlExtractor", "XPathExtractor", "XPath2Extractor",
    }
)  # fmt: skip
ASSERTIONS = frozenset({"ResponseAssertion", "DurationAssertion", "JSONPathAssertion"})
SCOPED = SETTINGS | TIMERS | EXTRACTORS | ASSERTIONS


@dataclass(frozen=True, slots=True)
class Scope:
    """`frames`: the scoped elements of each parent, the outermost first."""

    frames: tuple[tuple[Element, ...], ...] = ()

    def within(self, parent: Element) -> Scope:
        frame = tuple(each for each in parent.children if each.enabled and each.kind in SCOPED)
        return Scope((*self.frames, frame)) if frame else self

    def of(self, kinds: frozenset[str] | set[str]) -> Iterator[Element]:
        """Those of some kinds, outermost first."""
        for frame in self.frames:
            yield from (element for element in frame if element.kind in kinds)
