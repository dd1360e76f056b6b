"""OpenAPI documents as drafts of a test: `read_openapi`, and `is_openapi` to recognise one.

    loading, yaml_text, swagger ─► references, schemas ─► operations ─► resources ─┐
    examples (texts, numbers, formats, patterns, validity) ────────────────────────┤
    security, login ───────────────────────────────────► laying, bodies, calls ◄───┘─► journeys

A document is data of strangers: bounded in size, depth and number, never executed; what is odd in
it becomes a note, not an error, as long as there is something left to test.
"""

from perfwright.sources.openapi.reading import OpenApiOptions, is_openapi, read_openapi

__all__ = ["OpenApiOptions", "is_openapi", "read_openapi"]
