#!/bin/sh
# Installs the packages of packages.txt that are absent, and has apt know of arm64, whose kernel the emulated Pi runs.
# Without any, it changes nothing and needs no rights.
set -eu
cd "$(dirname "$0")"
packages=$(sed 's/#.*//' packages.txt)
absent=
for package in $packages; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || absent="$absent $package"
done
if [ -z "$absent" ] && dpkg --print-foreign-architectures | grep -qx arm64; then
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "install.sh: run it as root, for apt install$absent" >&2
    exit 77 # EX_NOPERM
fi
dpkg --add-architecture arm64
apt-get update --quiet
# shellcheck disable=SC2086  # a list of packages
DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $absent
