"""A worker's memory: bounded whatever its scenarios leave behind."""

from __future__ import annotations

from pathlib import Path

from support.loads import run_file


def test_cyclic_garbage_held_over_awaits_is_freed(calibration: str, tmp_path: Path) -> None:
    """Each iteration holds a tree with parent links while it waits, as an HTML parser's does."""
    ran = run_file(
        tmp_path,
        f"""
        import os
        from perfwright import Test, scenario, users
        from said import say

        class Node:
            def __init__(self, parent):
                self.parent = parent
                self.text = "x" * 400
                self.children = []
                if parent:
                    parent.children.append(self)

        @scenario
        async def visit(user):
            root = Node(None)
            for _ in range(500):
                Node(root)
            await user.get("/delay/10")
            if user.id == 0:
                pages = int(open("/proc/self/statm").read().split()[1])
                say(len(root.children), pages * os.sysconf("SC_PAGE_SIZE"))

        test = Test(target={calibration!r}, load=users(10).hold(3))
        """,
    )
    resident = [size for _, size in ran.said]
    garbage = ran.total.iterations_completed * 500 * 450
    grown = max(resident) - resident[len(resident) // 5]
    assert garbage > 150_000_000, "it would have been seen"
    assert grown < 60_000_000
