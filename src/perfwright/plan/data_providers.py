"""Which providers Faker has in a locale, and which locales there are: names only.

Providers that make files or whole documents (`zip`, `csv`, `image`, …) are no columns and are left
out. Faker is loaded when the first name is asked for.
"""

from __future__ import annotations

from functools import cache

from perfwright.model.errors import DataError
from perfwright.plan.data_values import did_you_mean

_NO_COLUMNS = frozenset(
    {
        *("add_provider", "get_providers", "random_choices", "random_elements", "random_sample"),
        *("seed", "seed_instance", "set_arguments", "format", "parse", "pystr_format", "enum"),
        *("binary", "image", "json_bytes", "tar", "zip", "xml", "json", "csv", "dsv", "psv", "tsv"),
        *("fixed_width", "passport_full", "profile", "simple_profile", "py_object"),
    }
)
"""Not of one value, or not a provider at all."""


@cache
def providers_of(locale: str) -> frozenset[str]:
    """DataError for a locale that Faker does not have."""
    from faker import Factory
    from faker.config import AVAILABLE_LOCALES

    if locale not in AVAILABLE_LOCALES:
        raise DataError(
            f"locale: Faker has no locale {locale!r}{did_you_mean(locale, AVAILABLE_LOCALES)} "
            "Write de_DE, en_GB, ja_JP …"
        )
    fake = Factory.create(locale)
    names = (name for provider in fake.get_providers() for name in dir(provider))
    return frozenset(
        name
        for name in names
        if not name.startswith("_")
        and name.islower()
        and name not in _NO_COLUMNS
        and callable(getattr(fake, name, None))
    )
