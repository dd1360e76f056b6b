"""The shared vocabulary: units, errors, frozen records and narrow protocols.

Imports nothing of ours.
"""
