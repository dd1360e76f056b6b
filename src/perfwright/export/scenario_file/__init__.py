"""A draft as `scenario.py` and `data/*.csv`."""

from perfwright.export.scenario_file.data_files import write_data
from perfwright.export.scenario_file.writing import write_scenario

__all__ = ["write_data", "write_scenario"]
