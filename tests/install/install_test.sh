#!/bin/bash
# install_test.sh model|component|mpcom BUILD WORK: installs the build to WORK/prefix, builds the project
# in the folder beside this script against it, and looks at what came of it. Environment:
# MPLANE_CMAKE, CXX, CXXFLAGS as the build has them.
set -euo pipefail

component=$1 build=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
cmake=${MPLANE_CMAKE:-cmake}

fail() {
  echo "install_test: $*" >&2
  exit 1
}

# The program of the README is the one that newcomers copy.
copy_program_of_readme() {
  awk '/^```cpp$/ { on = 1; next } /^```$/ { on = 0 } on' "$here/../../README.md" >"$1"
  grep -q 'int main()' "$1" || fail "README.md shows no program"
}

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log"
cp -r "$here/$component" "$work/project"
if [ "$component" = mpcom ]; then
  cp "$here"/../../examples/{own_mpcom.cpp,load_plugin.cpp,load_module.*} "$work/project"
fi
[ "$component" != component ] || copy_program_of_readme "$work/project/main.cpp"

configure() {
  "$cmake" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$work/prefix" \
    -S "$work/project" -B "$work/build" "$@"
}
configure
"$cmake" --build "$work/build"

# No header of others behind ours, no library but what the model needs.
if grep -rnE '#include <(rapidjson|date|openssl|boost|httplib|yaml-cpp|sqlite3|re2|ldns|ares|curl|CLI)' "$work/prefix/include"; then
  fail "an installed header includes one of another project"
fi
if [ "$component" = model ]; then
  answer=$("$work/build/embedded" <"$here/model/specification.json") || fail "it asks in vain"
  cmp <(echo "$answer") "$here/model/result.json" || fail "another result: $answer"
  said=$("$work/build/embedded" <<<'{"specification": "measure"}' 2>&1) && fail "nonsense is taken"
  [ "$said" = 'registry: is missing' ] || fail "nonsense is refused with: $said"
  allowed='libcrypto|libstdc\+\+|libm|libgcc_s|libc|ld-linux.*'
  [[ "${CXXFLAGS:-}" != *-fsanitize* ]] || allowed+='|lib[atu]b?san'
  if readelf -d "$work/build/embedded" | grep NEEDED | grep -vE "\[($allowed)\.so"; then
    fail "the program links more than the model needs"
  fi
fi
if [ "$component" = mpcom ]; then
  chmod go-w "$work/build" "$work/build/load.so"
  cat >"$work/build/component.yaml" <<END
component: {insecure: true, module-dir: .}
access: {open: true}
modules:
  - load
  - {library: load.so, settings: {minutes: 5}}
END
  "$work/build/own_mpcom" --config "$work/build/component.yaml" --check
  # All that the module shows is the one function.
  shown=$(nm -D --defined-only "$work/build/load.so" | grep -c ' T ')
  [ "$shown" -eq 1 ] || fail "the module shows $shown functions"
fi

# What is not there is refused with a sentence.
refusal=$(configure -DCOMPONENT=nonsense 2>&1) && fail "a component 'nonsense' was found"
grep -q "no component 'nonsense'" <<<"$refusal" || fail "no word on the missing component: $refusal"
