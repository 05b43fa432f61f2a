#!/bin/sh
# s390x-sysroot.sh DIR: prepares DIR for cmake/s390x.cmake on Debian or Ubuntu: the libraries for that machine, taken out
# of the distribution's packages. Nothing is installed, and the system's own package lists are left alone.
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)
packages='libzstd1 libzstd-dev libxxhash0 libxxhash-dev libcjson1 libcjson-dev libssl3 libssl-dev
    libsqlite3-0 libsqlite3-dev libcmocka0 libcmocka-dev'
[ ! -e "$dir/root/complete" ] || exit 0

sources=/etc/apt/sources.list
for list in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources; do
    [ ! -e "$list" ] || sources=$list
done
mkdir -p "$dir/apt/state/lists/partial" "$dir/apt/cache/archives/partial" "$dir/packages" "$dir/root"
: >"$dir/apt/status"
apt() {
    apt-get -qq -o APT::Architecture=s390x -o APT::Architectures=s390x -o APT::Sandbox::User=root \
        -o "Dir::State=$dir/apt/state" -o "Dir::State::status=$dir/apt/status" -o "Dir::Cache=$dir/apt/cache" \
        -o "Dir::Etc::sourcelist=$sources" -o Dir::Etc::sourceparts=- "$@"
}
apt update
# shellcheck disable=SC2086 # words
(cd "$dir/packages" && apt download $packages)
for package in "$dir"/packages/*.deb; do
    dpkg-deb -x "$package" "$dir/root"
done
touch "$dir/root/complete"
