"""Servers that the lab's services stand among: private, on free loopback ports, surely ended."""
