"""A sample web shop: a real ASGI service over SQLite or PostgreSQL, in its healthy form.

    __main__ ─► server ─► app ─► operations ─► services {accounts, catalogue, carts, orders} ─► db
                           └───► openapi, metrics

Each service is one class over the narrow `db.Database`, so that a variant of the shop differs by
one class handed to `services.Services`. Start it with `python -m perfwright.lab.shop`.
"""
