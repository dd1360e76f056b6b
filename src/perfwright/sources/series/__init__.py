"""Reads series of measurements: production metrics, a figure per build."""
