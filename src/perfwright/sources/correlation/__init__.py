"""Finds the values that a server gave and a client sent back: tokens, ids, CSRF values.

    exchanges ─► slots: texts in requests ─► pieces that are distinctive ─┐
             └─► offers: values in answers, and how to get at them ───────┴─► extractions, uses

Pure: exchanges in, extractions and uses out; whoever reads a recording (`sources/har`) builds the
exchanges. An extraction is only proposed if it gives, on the recorded answer, the very text that
the later request holds.
"""
