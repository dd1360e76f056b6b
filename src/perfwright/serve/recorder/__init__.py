"""`perfwright record`: a reverse proxy that writes a HAR while a person clicks.

browser ──HTTP──► proxy (uvicorn) ──HTTP(S)──► target (httpx's transport)
                    │ rewriting: addresses and cookies, so that the browser stays here
                    └ exchange ─► har_entry ─► har_file: whole after every request
"""
