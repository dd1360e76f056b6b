#!/usr/bin/env bash
# Makes .venv ready: the tools of the build, the locked dependencies, and Perfwright itself with its
# Rust kernel built for release. Idempotent, and quick when nothing changed. Python >= 3.11 must be
# on the machine (none is downloaded); uv lands in .tools, nothing outside this folder but Debian
# packages that are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV

uv_version='>=0.13,<0.14'

command -v cargo >/dev/null || {
    echo "cargo is missing: install Rust 1.88 or newer (https://rustup.rs), then repeat" >&2
    exit 1
}
command -v cc >/dev/null || scripts/apt_install.sh build-essential
command -v python3 >/dev/null || scripts/apt_install.sh python3

if [ ! -x .tools/uv/bin/uv ]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || scripts/apt_install.sh python3-venv
    rm -rf .tools/uv
    python3 -m venv .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv$uv_version"
fi

[ -d .venv ] || echo "building Perfwright and its Rust kernel: a few minutes the first time" >&2
export UV_PYTHON_DOWNLOADS=never
# Bytecode now: where Python may not write it (PYTHONDONTWRITEBYTECODE), each start would compile anew.
exec .tools/uv/bin/uv sync --locked --quiet --compile-bytecode
