#!/usr/bin/env bash
# Installs Debian packages, and only those that are missing: apt_install.sh PACKAGE…
# Needs root or sudo for the missing ones. On a system without apt it says what to install and goes
# on, since the tools may be there under other package names.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "no apt-get here: please install what these Debian packages hold: ${missing[*]}" >&2
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "missing packages: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" \
        </dev/null >/dev/null
}

# A service package would start its server at once, on the port that a test or the user wants.
keep_servers_down() {
    [ -e /usr/sbin/policy-rc.d ] && return
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${as_root[@]}" chmod +x /usr/sbin/policy-rc.d
    trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

updated=.tools/apt-updated
if [ -z "$(find "$updated" -mmin -60 2>/dev/null)" ]; then
    apt_get update
    mkdir -p .tools && touch "$updated"
fi
echo "installing ${missing[*]}"
keep_servers_down
apt_get install --no-install-recommends "${missing[@]}"
