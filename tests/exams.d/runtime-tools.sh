#!/bin/bash
#
# The validation of runtimes in opencontainers/runtime-tools, as root. Each of its programs makes some
# containers in which runtimetest runs. runtimetest compares what it finds with config.json.
#
# shellcheck disable=SC2034,SC2154 # tests/exams and in_lab read and set variables of this file.

runtime=runc
source_of=golang-github-opencontainers-runtime-tools-dev
packages=(runc golang-go golang-github-google-uuid-dev golang-github-opencontainers-runtime-tools-dev
    golang-github-stretchr-testify-dev)

# build PACKAGE PROGRAM: compiles a package of the source. Static, because the root directory of the
# containers has no libraries.
build() {
    GO111MODULE=off CGO_ENABLED=0 GOPATH=$work/go:/usr/share/gocode GOCACHE=$work/cache \
        go build -o "$2" "github.com/opencontainers/runtime-tools/$1"
}

# prepare: compiles the programs. Debian has no package of tap-go, so tap.go takes its place.
prepare() {
    local directory
    mkdir -p "$work/go/src/github.com/opencontainers" "$work/go/src/github.com/mndrix/tap-go" \
        "$work/validation"
    ln -sfn "$work/source" "$work/go/src/github.com/opencontainers/runtime-tools"
    cp tests/exams.d/tap.go "$work/go/src/github.com/mndrix/tap-go/"
    build cmd/runtimetest "$work/source/runtimetest"
    for directory in "$work/source/validation"/*/; do
        directory=$(basename "$directory")
        [ "$directory" = util ] || build "validation/$directory" "$work/validation/$directory"
    done
}

# list_files: leaves out process_rlimits, which gives the real runtime so little memory that it fails
# now and then.
list_files() {
    (cd "$WORK/validation" && printf '%s\n' * | grep -vx process_rlimits)
}

# The programs look for runtimetest and the image in the current directory. The kernel lets a user
# namespace mount /proc only if another /proc without mounts in it exists.
set_up() {
    mkdir -p /run/exam/proc
    mount -t proc proc /run/exam/proc
    cd "$source" || exit
}

# run_file PROGRAM: a program that hangs or fails at once counts as one failed test.
run_file() {
    timeout --kill-after=1 60 "$WORK/validation/$1" </dev/null || echo "not ok 1 - ends with 0"
}
