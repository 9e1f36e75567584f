#!/bin/bash
#
# podman's system tests that need no network. Their image is built from busybox.
#
# shellcheck disable=SC2034,SC2153,SC2154 # tests/exams and in_lab read and set variables of this file.

runtime=crun
source_of=podman
packages=(podman crun conmon bats busybox-static jq socat)

# prepare: builds the image that the tests expect. The script build-testimage in podman's source
# describes this image.
prepare() {
    local root=$work/image name
    rm -rf "$root"
    mkdir -p "$root"/{bin,dev,etc,home/podman,proc,root,sys,tmp,usr/bin,var}
    for name in $(busybox --list); do ln -s busybox "$root/bin/$name"; done
    cp --remove-destination /bin/busybox "$root/bin/"
    ln -s ../../bin/env "$root/usr/bin/env"
    ln -s busybox "$root/bin/busybox-extras"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    echo 20220615 >"$root/home/podman/testimage-id"
    touch --date=@1600000000 "$root/home/podman/testimage-id"
    # shellcheck disable=SC2016 # $0 belongs to the printed script.
    printf '#!/bin/sh\necho "Confirmed: testimage pause invoked as $0"\nwhile :; do sleep 0.1; done\n' \
        >"$root/home/podman/pause"
    chmod 755 "$root/home/podman/pause"
    chmod 1777 "$root/tmp"
    /usr/bin/python3 tests/systemd/image.py quay.io/libpod/testimage:20220615 \
        '{"Cmd": ["/bin/echo", "This container is intended for podman CI testing"],
          "WorkingDir": "/home/podman", "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}' \
        "$root" >"$work/image.tar"
}

# list_files: prints the files whose differences are in `known`, or all that need neither a registry nor
# a network.
list_files() {
    if [ -z "$LONG" ]; then
        echo 130-kill.bats
        return
    fi
    (cd "$source/test/system" && printf '%s\n' *.bats |
        grep -vE '^(150-login|255-auto-update|270|271|272|500-networking|520|750|900)')
}

# Configures podman without control groups and with low limits, because not every machine lets a lab
# use control groups or raise limits.
set_up() {
    cat >"$WORK/containers.conf" <<END
[containers]
netns = "host"
cgroups = "disabled"
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
END
    export CONTAINERS_CONF=$WORK/containers.conf PODMAN="podman --runtime=$RUNTIME"
    export PODMAN_TIMEOUT=60 BATS_TEST_TIMEOUT=180
    podman load --quiet --input "$WORK/image.tar"
    $PODMAN run --rm quay.io/libpod/testimage:20220615 true
}

# run_file FILE: bats ends with 1 if a test fails, which many do.
run_file() {
    bats --tap "$source/test/system/$1" </dev/null || true
}
