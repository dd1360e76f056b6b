"""Result files of other tools, one format a file: which is it, and what does it say?

    head of the file ──► recognise ──► ResultFormat.read ──► rows in `samples`, or a Summary

A format is told by content, never by its file's name. Readers insert into a DuckDB table, so that
five gigabytes are read in bounded memory; see `model/imported.py` for its columns. A line that
cannot be read is counted and shown, never dropped in silence.
"""
