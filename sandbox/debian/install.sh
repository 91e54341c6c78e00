#!/bin/sh
# Installs the packages of packages.txt that are absent, and has apt know of arm64, whose kernel the emulated Pi runs.
# Where nothing is absent it changes nothing and needs no rights.
set -eu
cd "$(dirname "$0")"
absent=
for package in $(sed 's/#.*//' packages.txt); do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || absent="$absent $package"
done
if [ -z "$absent" ] && dpkg --print-foreign-architectures | grep -qx arm64; then
    exit 0
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root dpkg --add-architecture arm64
$as_root apt-get update --quiet
# shellcheck disable=SC2086  # a list of packages
$as_root apt-get install --quiet --yes --no-install-recommends $absent
