#!/bin/sh
# exec-script.sh FOLDER: how much room the file system of a folder has, in
# kibibytes, as "total=N free=N". For conf/exec-script.yaml.
set -eu
[ -d "$1" ] || exit 3
df -Pk "$1" | awk 'NR == 2 { print "total=" $2 " free=" $4 }'
