# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by ./run and ./check: installs the Debian packages that are missing, and builds. Sourced by bash, with root
# set to the folder of the project.

say ()
{
  printf '\033[1m%s\033[0m\n' "$*" >&2
}

die ()
{
  printf '%s\n' "$*" >&2
  exit 1
}

# The packages of the given groups (run, test) that are not installed, one a line
missing_packages ()
{
  local wanted=() group name installed
  while read -r group name; do
    case " $* " in
      *" $group "*) wanted+=("$name") ;;
    esac
  done < <(grep -v '^#' "$root/tools/packages.txt")
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  printf '%s\n' "${wanted[@]}" | grep -vxF -f <(printf '%s\n' "$installed")
}

apt_get ()
{
  local as=()
  if [ "$(id -u)" != 0 ]; then
    as=(sudo)
  fi
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
}

# Installs what is missing of the given groups; asks apt only if something is
install_packages ()
{
  local missing
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian system: the packages of tools/packages.txt are taken as installed."
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" = 0 ]; then
    return
  fi
  say "Installing: ${missing[*]}"
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "These packages are missing and there is no sudo here. As root: apt-get install ${missing[*]}"
  fi
  # A fresh container has no package lists, and an old one has stale ones
  if ! apt-get -s install --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
    apt_get update || die "apt-get update failed."
  fi
  apt_get install -y --no-install-recommends "${missing[@]}" ||
    { apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; } ||
    die "The packages could not be installed: ${missing[*]}"
}

# configure FOLDER OPTION…: makes the folder a build folder, if it is none yet
configure ()
{
  local folder=$1
  shift
  if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$root" "$@" >&2
  fi
}

# What Meson installs from a build folder, as names that ninja knows: the programs and their data, not the tests
installed_targets ()
{
  meson introspect "$1" --targets | python3 -c '
import json, os, sys
for target in json.load (sys.stdin):
    if target["installed"]:
        print (os.path.relpath (target["filename"][0], sys.argv[1]))' "$1"
}
