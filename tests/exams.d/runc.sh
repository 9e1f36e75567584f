#!/bin/bash
#
# runc's integration tests, as root and with the cgroupfs driver.
#
# shellcheck disable=SC2034,SC2153,SC2154 # tests/exams and in_lab read and set variables of this file.

runtime=runc
source_of=runc
packages=(runc bats busybox-static gawk jq gcc libc6-dev libseccomp-dev golang-go
    golang-github-containerd-console-dev golang-github-cyphar-filepath-securejoin-dev
    golang-github-opencontainers-specs-dev golang-github-seccomp-libseccomp-golang-dev
    golang-github-sirupsen-logrus-dev golang-github-urfave-cli-dev golang-golang-x-sys-dev)

# make_images: makes the images that get-images.sh of the source would download. Both have the same
# contents: busybox, and ldconfig for the test of the Debian image. Some tests expect that there is no
# /proc and /sys.
make_images() {
    local root=$work/image images=$work/source/tests/integration/testdata arch name
    rm -rf "$root"
    mkdir -p "$root"/{bin,dev,etc,home,lib,root,sbin,tmp,usr,var}
    for name in $(busybox --list); do ln -s busybox "$root/bin/$name"; done
    cp --remove-destination /bin/busybox "$root/bin/"
    cp /sbin/ldconfig "$root/sbin/"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    chmod 1777 "$root/tmp"
    arch=$(go env GOARCH)
    for name in busybox debian; do
        tar --owner=0 --group=0 -C "$root" -cf "$images/$name-$arch.tar.xz" .
    done
}

# prepare: makes the images, and compiles the programs that runc's tests start.
prepare() {
    local name
    make_images
    mkdir -p "$work/go/src/github.com/opencontainers"
    ln -sfn "$work/source" "$work/go/src/github.com/opencontainers/runc"
    for name in recvtty seccompagent; do
        GO111MODULE=off GOPATH=$work/go:/usr/share/gocode GOCACHE=$work/cache go build -tags seccomp \
            -o "$work/source/contrib/cmd/$name/$name" "github.com/opencontainers/runc/contrib/cmd/$name"
    done
}

list_files() {
    (cd "$source/tests/integration" && printf '%s\n' *.bats)
}

# A directory in /run keeps the paths of sockets short. losetup always fails here, because it would
# use a loop device of the host. The kernel lets a user namespace mount /proc only if another /proc
# without mounts in it exists.
set_up() {
    mkdir -p /run/exam/bin /run/exam/proc
    mount -t proc proc /run/exam/proc
    ln -s /bin/false /run/exam/bin/losetup
    export PATH=/run/exam/bin:$PATH TMPDIR=/run/exam RUNC=$RUNTIME BATS_TEST_TIMEOUT=30
}

# run_file FILE: runs the file with a controlling terminal, which `runc run` opens if none of its
# standard descriptors is a terminal. bats ends with 1 if a test fails.
run_file() {
    # shellcheck disable=SC2016 # These variables are for the shell that script starts.
    SHELL=/bin/sh FILE=$source/tests/integration/$1 script --quiet /dev/null </dev/null >/dev/null \
        --command 'bats --tap "$FILE" </dev/null >"$TMPDIR/tap" 2>&1' || true
    cat "$TMPDIR/tap"
}
