"""Limits of control groups are found in both versions, from the group up to the root."""

from __future__ import annotations

from pathlib import Path

from perfwright.observe.cgroup import (
    CpuQuota,
    Groups,
    memory_bytes,
    parse_groups,
    stalled_in_group_s,
    tightest_memory,
    tightest_quota,
)

V2_MOUNT = "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1_MOUNTS = """\
32 31 0:29 / /cg/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /cg/memory rw,relatime shared:5 - cgroup cgroup rw,memory
40 31 0:37 / /cg/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /cg/unified rw,relatime - cgroup2 cgroup2 rw
"""


def test_version_2_has_one_folder_and_its_parents() -> None:
    groups = parse_groups("0::/shop.slice/web\n", V2_MOUNT)
    folders = (
        "/sys/fs/cgroup/shop.slice/web", "/sys/fs/cgroup/shop.slice", "/sys/fs/cgroup",
    )  # fmt: skip
    assert groups == Groups(cpu=folders, memory=folders, unified=folders[0])


def test_version_1_has_a_tree_for_each_controller() -> None:
    text = "5:name=systemd:/\n4:memory:/shop\n3:cpu,cpuacct:/\n0::/\n"
    groups = parse_groups(text, V1_MOUNTS)
    assert groups.cpu == ("/cg/cpu,cpuacct",)
    assert groups.memory == ("/cg/memory/shop", "/cg/memory")
    assert groups.unified == "", "the root's pressure is the machine's"


def test_a_container_sees_its_own_group_at_the_mount() -> None:
    mount = "31 23 0:28 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
    assert parse_groups("0::/docker/abc/web\n", mount).cpu == (
        "/sys/fs/cgroup/web", "/sys/fs/cgroup",
    )  # fmt: skip
    assert parse_groups("0::/docker/abcdef\n", mount).cpu == ()
    assert parse_groups("0::/../other\n", V2_MOUNT).cpu == ()


def test_a_process_that_ended_has_no_groups() -> None:
    assert parse_groups("", V2_MOUNT) == Groups()


def written(folder: Path, files: dict[str, str]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return str(folder)


def test_the_tightest_quota_on_the_way_up_holds(tmp_path: Path) -> None:
    stat = "usage_usec 9\nnr_periods 100\nnr_throttled 40\nthrottled_usec 5\n"
    inner = written(tmp_path / "a" / "b", {"cpu.max": "max 100000\n", "cpu.stat": stat})
    outer = written(tmp_path / "a", {"cpu.max": "50000 100000\n", "cpu.stat": stat})
    root = written(tmp_path, {"cpu.max": "200000 100000\n", "cpu.stat": stat})
    assert tightest_quota((inner, outer, root)) == CpuQuota(cores=0.5, periods=100, throttled=40)
    assert tightest_quota((inner,)) is None


def test_a_quota_of_version_1_is_read(tmp_path: Path) -> None:
    limited = {
        "cpu.cfs_quota_us": "25000\n",
        "cpu.cfs_period_us": "100000\n",
        "cpu.stat": "nr_periods 8\nnr_throttled 2\nthrottled_time 1000\n",
    }
    quota = tightest_quota((written(tmp_path / "shop", limited),))
    assert quota == CpuQuota(cores=0.25, periods=8, throttled=2)
    free = {"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}
    assert tightest_quota((written(tmp_path / "free", free),)) is None


def test_file_cache_that_can_be_dropped_is_no_used_memory(tmp_path: Path) -> None:
    files = {"memory.current": "1000\n", "memory.stat": "anon 300\ninactive_file 600\n"}
    assert memory_bytes(written(tmp_path, files)) == 400
    assert memory_bytes(str(tmp_path / "none")) is None


def test_the_group_nearest_to_its_limit_speaks_for_all(tmp_path: Path) -> None:
    inner = written(tmp_path / "a", {"memory.current": "100\n", "memory.max": "max\n"})
    outer = written(tmp_path, {"memory.current": "900\n", "memory.max": "1000\n"})
    assert tightest_memory((inner, outer)) == (900, 1000)
    assert tightest_memory((inner,)) is None


def test_no_limit_in_version_1_is_a_huge_number(tmp_path: Path) -> None:
    files = {"memory.usage_in_bytes": "100\n", "memory.limit_in_bytes": "9223372036854771712\n"}
    assert tightest_memory((written(tmp_path, files),)) is None


def test_a_group_has_pressure_of_its_own(tmp_path: Path) -> None:
    line = "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\n"
    folder = written(tmp_path, {"cpu.pressure": line})
    assert stalled_in_group_s(Groups(unified=folder)) == {"cpu.some": 2.0}
    assert stalled_in_group_s(Groups()) == {}
