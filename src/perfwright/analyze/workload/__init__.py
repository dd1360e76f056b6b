"""From the counts of an access log to a workload, and from a workload to a test.

distinct paths ─► templates ─► endpoints ┐
agents, visitors ─► bots, monitors       ├─► Workload ─► steps, walks, data, load, slos
gaps ─► timeout ─► sessions ─► mixture of chains, think times ┘

Pure functions of arrays and tuples; who reads the log and who calls them is `workflow/plan_log.py`.
"""
