"""Drives kernels: one worker is one spawned process, one reactor, one GIL."""
