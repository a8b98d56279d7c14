#!/bin/sh
# Puts seaworthy in place, and takes it away again: ./install.sh --help
set -eu

usage() {
  cat <<'EOF'
usage: ./install.sh [--prefix DIR] [--root DIR] [--uninstall]

Installs seaworthy, its manual page, completions for bash, zsh and fish, and units for systemd, which nobody starts but you.
  --prefix DIR   below which it goes (default /usr/local); systemd and man look for theirs below /usr/local and /usr
  --root DIR     the root directory of the machine or image to install to (default /)
  --uninstall    remove what was installed below this prefix, and the directories that were made for it

It needs no network, and writes nothing else. /etc/seaworthy and /etc/default/seaworthy are yours: nothing here makes or removes them.
EOF
}

fail() {
  echo "install.sh: $*" >&2
  exit 3
}

prefix=/usr/local
root=
action=install
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --root)
      [ $# -ge 2 ] || fail "$1 needs a directory"
      [ "$1" = --prefix ] && prefix=$2 || root=$2
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --root=*) root=${1#*=} ;;
    --uninstall) action=uninstall ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && fail "what is $1?" ;;
  esac
  shift
done
case $prefix in /*) prefix=${prefix%/} ;; *) fail "--prefix $prefix does not begin with /" ;; esac
# systemd would split or expand anything else.
case $prefix in *[!A-Za-z0-9/._+@-]*) fail "--prefix $prefix has a character that a unit of systemd would not take" ;; esac
case $root in '') ;; /*) root=${root%/} ;; *) fail "--root $root does not begin with /" ;; esac
[ -z "$root" ] || [ -d "$root" ] || fail "there is no directory $root"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
units='seaworthy.service seaworthy-check.service seaworthy-check.timer'
# A line for each file and directory of ours: f or d, and its path without --root. A directory stands before what is in it.
record=$prefix/share/seaworthy/installed

# Each file of the archive, its mode, and where it goes.
files() {
  echo "seaworthy 755 $prefix/bin/seaworthy"
  echo "seaworthy.1 644 $prefix/share/man/man1/seaworthy.1"
  echo "completions/seaworthy.bash 644 $prefix/share/bash-completion/completions/seaworthy"
  echo "completions/seaworthy.zsh 644 $prefix/share/zsh/site-functions/_seaworthy"
  echo "completions/seaworthy.fish 644 $prefix/share/fish/vendor_completions.d/seaworthy.fish"
  for unit in $units; do echo "systemd/$unit 644 $prefix/lib/systemd/system/$unit"; done
}

is_ours() {
  [ -f "$root$record" ] && grep -qxF "$1" "$root$record"
}

# Makes a directory and what is missing above it, and notes what it made.
directory() {
  [ ! -d "$root$1" ] || return 0
  directory "$(dirname "$1")"
  mkdir "$root$1"
  echo "d $1" >>"$made"
}

# What an attempt that failed has put anywhere, newest first.
undo() {
  files | while read -r from mode to; do rm -f "$root$to.new"; done
  rm -f "$root$record.new"
  sed -n '1!G;h;$p' "$made" | while read -r kind path; do rmdir "$root$path" 2>/dev/null || true; done
  rm -f "$made"
}

install() {
  files | while read -r from mode to; do
    [ -f "$here/$from" ] || fail "$here/$from is missing: unpack the whole archive"
    [ ! -e "$root$to" ] || is_ours "f $to" || fail "$root$to is there, and not from here: move it away first"
  done
  made=$(mktemp "${TMPDIR:-/tmp}/seaworthy-install.XXXXXX")
  trap undo EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  files | while read -r from mode to; do
    directory "$(dirname "$to")"
    # Under another name until all of them are there: what runs cannot be written over, and half of it is of no use.
    case $from in
      systemd/*) sed "s|/usr/local/bin/seaworthy|$prefix/bin/seaworthy|" "$here/$from" >"$root$to.new" ;;
      *) cat "$here/$from" >"$root$to.new" ;;
    esac
    chmod "$mode" "$root$to.new"
  done
  directory "$(dirname "$record")"
  {
    [ ! -f "$root$record" ] || grep '^d ' "$root$record" || true
    cat "$made"
    files | while read -r from mode to; do echo "f $to"; done
    echo "f $record"
  } >"$root$record.new"
  trap '' INT TERM HUP
  # What an earlier version brought, and this one does not.
  [ ! -f "$root$record" ] || grep '^f ' "$root$record" | while read -r kind path; do
    grep -qxF "f $path" "$root$record.new" || rm -f "$root$path"
  done
  files | while read -r from mode to; do mv -f "$root$to.new" "$root$to"; done
  mv -f "$root$record.new" "$root$record"
  trap - EXIT
  rm -f "$made"
  systemd daemon-reload
  echo "installed: $root$prefix/bin/seaworthy"
}

uninstall() {
  [ -f "$root$record" ] || fail "nothing is installed below $root$prefix: there is no $root$record"
  # shellcheck disable=SC2086 # They are three words.
  systemd disable --now $units
  record_of_all=$(cat "$root$record")
  echo "$record_of_all" | grep '^f ' | while read -r kind path; do rm -f "$root$path"; done
  # What is in a directory stands behind it; what others put there since stays, and the directory with it.
  echo "$record_of_all" | grep '^d ' | sed -n '1!G;h;$p' | while read -r kind path; do
    rmdir "$root$path" 2>/dev/null || true
  done
  systemd daemon-reload
  for yours in /etc/seaworthy /etc/default/seaworthy; do
    [ ! -e "$root$yours" ] || echo "left as it is, since it is yours: $root$yours"
  done
}

# systemctl of the machine or the image, where it has systemd.
systemd() {
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    systemctl --quiet "$@" 2>/dev/null || true
  elif [ -n "$root" ] && [ "$1" = disable ]; then
    for unit in $units; do rm -f "$root"/etc/systemd/system/*.wants/"$unit"; done
  fi
}

umask 022
"$action"
