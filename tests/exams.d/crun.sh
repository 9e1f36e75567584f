#!/bin/bash
#
# crun's tests in Python.
#
# shellcheck disable=SC2034,SC2153,SC2154 # tests/exams and in_lab read and set variables of this file.

runtime=crun
source_of=crun
packages=(crun gcc libc6-dev libseccomp-dev)

# prepare: compiles the program that crun's tests run in their containers.
prepare() {
    mkdir -p "$work/include"
    printf '#define HAVE_SECCOMP 1\n#define HAVE_ERROR_H 1\n' >"$work/include/config.h"
    gcc -w -static -I "$work/include" -o "$work/source/tests/init" "$work/source/tests/init.c"
}

list_files() {
    (cd "$source/tests" && printf '%s\n' test_*.py)
}

set_up() {
    mkdir -p "$WORK/tmp"
    cd "$WORK/tmp" || exit # Tests create their directories here.
    ln -sfn "$source/tests" tests # One test ignores INIT, and uses tests/init.
    export OCI_RUNTIME=$RUNTIME INIT=$source/tests/init PYTHONPATH=$source/tests
}

# run_file FILE: runs each test separately, so that a test that hangs does not stop the others.
run_file() {
    local name
    /usr/bin/python3 -c "import ${1%.py} as tests; print(*tests.all_tests, sep='\n')" |
        while read -r name; do
            RUN_TESTS=$name timeout --kill-after=1 15 /usr/bin/python3 "$source/tests/$1" </dev/null ||
                echo "not ok 1 - $name # timeout"
        done
}
