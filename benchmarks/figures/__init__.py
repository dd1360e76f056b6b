"""The figures, one a file: each has a function `measure(settings)` that returns rows."""
