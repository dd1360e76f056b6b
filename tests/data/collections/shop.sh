#!/bin/sh
# What a browser copied, and what was written by hand.
HOST=http://127.0.0.1:8000
curl "$HOST/login" \
  -H 'Content-Type: application/json' \
  --data-raw $'{"name": "ada.abara", "password": "06429e1c6a6\u0033"}' \
  --compressed
curl -s -G "$HOST/search" -d q=mug --data-urlencode 'sort=name up' | jq .
curl -X POST "$HOST/cart" -H "Authorization: Bearer $TOKEN" --json '{"id": 7, "quantity": 1}'
