"""Writes JMX by hand: `plan(thread_group(sampler("/items")))` is a test plan's text."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from perfwright.model.journey import Call, Item, ScenarioDraft
from perfwright.sources.jmx import read_jmx


def prop(name: str, value: object, kind: str = "stringProp") -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{kind} name={quoteattr(name)}>{escape(said)}</{kind}>"


def collection(name: str, *inner: str) -> str:
    return f"<collectionProp name={quoteattr(name)}>{''.join(inner)}</collectionProp>"


def inner(name: str, *properties: str) -> str:
    return f"<elementProp name={quoteattr(name)}>{''.join(properties)}</elementProp>"


def element(
    kind: str,
    name: str,
    *properties: str,
    children: tuple[str, ...] = (),
    enabled: bool = True,
    gui: str = "",
) -> str:
    """An element, and the hashTree that follows it."""
    return (
        f"<{kind} guiclass={quoteattr(gui)} testclass={quoteattr(kind)} "
        f"testname={quoteattr(name)} enabled='{str(enabled).lower()}'>{''.join(properties)}"
        f"</{kind}><hashTree>{''.join(children)}</hashTree>"
    )


def arguments(**values: str) -> str:
    rows = [
        inner(name, prop("Argument.name", name), prop("Argument.value", value))
        for name, value in values.items()
    ]
    return inner("HTTPsampler.Arguments", collection("Arguments.arguments", *rows))


def sampler(
    path: str,
    *children: str,
    name: str = "",
    method: str = "GET",
    body: str | None = None,
    enabled: bool = True,
    properties: tuple[str, ...] = (),
) -> str:
    given = [prop("HTTPSampler.path", path), prop("HTTPSampler.method", method), *properties]
    if body is not None:
        raw = inner("", prop("Argument.value", body))
        given.append(prop("HTTPSampler.postBodyRaw", True, "boolProp"))
        given.append(inner("HTTPsampler.Arguments", collection("Arguments.arguments", raw)))
    return element("HTTPSamplerProxy", name or path, *given, children=children, enabled=enabled)


def thread_group(
    *children: str, name: str = "Users", kind: str = "ThreadGroup", properties: tuple[str, ...] = ()
) -> str:
    return element(kind, name, *properties, children=children)


def defaults(domain: str = "127.0.0.1", port: str = "8000") -> str:
    return element(
        "ConfigTestElement",
        "defaults",
        prop("HTTPSampler.domain", domain),
        prop("HTTPSampler.port", port),
        gui="HttpDefaultsGui",
    )


def headers(**values: str) -> str:
    rows = [
        inner("", prop("Header.name", name.replace("_", "-")), prop("Header.value", value))
        for name, value in values.items()
    ]
    return element("HeaderManager", "headers", collection("HeaderManager.headers", *rows))


def user_defined(**values: str) -> str:
    rows = [
        inner(name, prop("Argument.name", name), prop("Argument.value", value))
        for name, value in values.items()
    ]
    return element("Arguments", "variables", collection("Arguments.arguments", *rows))


def plan(*children: str, name: str = "Plan") -> str:
    whole = element("TestPlan", name, children=children)
    return f"<jmeterTestPlan version='1.2'><hashTree>{whole}</hashTree></jmeterTestPlan>"


def read(folder: Path, *children: str) -> ScenarioDraft:
    """The draft of a plan with HTTP defaults."""
    path = folder / "plan.jmx"
    path.write_text(plan(defaults(), *children), encoding="utf-8")
    return read_jmx(path)


def items_of(draft: ScenarioDraft) -> tuple[Item, ...]:
    """The items of its one journey."""
    (journey,) = draft.journeys
    return journey.items


def calls_of(draft: ScenarioDraft) -> list[Call]:
    """The calls that stand in no group."""
    return [item for item in items_of(draft) if isinstance(item, Call)]


def only_call(draft: ScenarioDraft) -> Call:
    (call,) = items_of(draft)
    assert isinstance(call, Call)
    return call
