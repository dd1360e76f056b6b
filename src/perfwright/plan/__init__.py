"""What to test: load shapes, SLOs, scenarios, data feeders, the test file. Imports only `model`."""
