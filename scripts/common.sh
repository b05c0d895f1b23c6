# shellcheck shell=bash
# Sourced by the scripts beside it, after set -euo pipefail: goes to the project's directory and
# says how it is configured and built.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# A clone elsewhere then finds what this one has compiled.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
# As many compilers as processors: the sources with templates take a gigabyte each.
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc)
export CMAKE_BUILD_PARALLEL_LEVEL

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# usage: prints the comment at the head of the script.
usage() {
  sed -n '2,/^[^#]/{/^#/!q;s/^# \{0,1\}//p}' "$0"
}

# quietly WHAT COMMAND...: runs it, shows its output only when it fails.
quietly() {
  local what=$1 log
  shift
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "could not $what (its output is above)"
  fi
  rm -f "$log"
}

# build_directory PRESET: where it builds.
build_directory() {
  if [ "$1" = release ]; then echo build; else echo "build-$1"; fi
}

# configure PRESET [OPTION...]: unless that was done before with the presets as they are now.
configure() {
  local preset=$1 dir stamp
  dir=$(build_directory "$preset")
  stamp=$(cat CMakePresets.json - <<<"$*" | sha256sum)
  if [ ! -f "$dir/build.ninja" ] || [ "$(cat "$dir/configured" 2>/dev/null)" != "$stamp" ]; then
    quietly "configure $dir" cmake --preset "$@"
    echo "$stamp" >"$dir/configured"
  fi
}

# build PRESET [OPTION...]: ninja shows its progress on a terminal, else only what went wrong.
build() {
  if [ -t 1 ]; then
    cmake --build --preset "$@" || fail "the build failed (see above)"
  else
    quietly "build preset $1" cmake --build --preset "$@"
  fi
}
