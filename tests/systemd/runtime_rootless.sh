#!/bin/bash
#
# `notifybridge runtime` with podman of a user who is not root, and an image that has a USER. The
# unit need not contain a uid.

. "$(dirname "$0")/lib.sh"
in_lab podman newuidmap newgidmap crun
. "$here/recipes.sh"

prepare
make_root
libexec=/usr/libexec/notifybridge
mkdir -p "$libexec"
ln -sf ../../bin/notifybridge "$libexec/crun"
ln -sf ../../bin/notifybridge "$libexec/runc"
log_in
image tiny "ENTRYPOINT [\"$bin/app.py\"]" "USER 999"

# her_unit NAME RUNTIME OPTIONS [DIRECTORY]: makes a unit of anna that uses this runtime, these
# options of podman and this shared directory.
her_unit() {
    local manager=
    # Without this option, even runc alone requests a control group from anna's manager.
    [ "$2" = crun ] || manager=--cgroup-manager=cgroupfs
    app "$1" >/dev/null
    adapt_unit "$1" "$her_units" <<END
[Service]
Type=notify
KillMode=mixed
Environment=SHARED_DIR=${4:-%t/$1}
ExecStart=/usr/bin/notifybridge wait --verbose podman $manager --runtime=$libexec/$2 run --rm --replace \
    --name=$1 -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN \
    $3 localhost/tiny $apps/$1
END
    systemctl daemon-reload
}

for runtime in crun runc; do
    scenario "$runtime: the container's user is mapped to a subordinate uid"
    her_unit plain "$runtime" ""
    try_unit plain
    try_unit plain # Now every user can write to the directory.

    scenario "$runtime: the container's root is mapped to the caller"
    her_unit root "$runtime" "--user=0"
    try_unit root

    scenario "$runtime: the container's user may change between runs"
    her_unit root "$runtime" ""
    try_unit root
    her_unit root "$runtime" "--user=7"
    try_unit root

    scenario "$runtime: the container's user is mapped to the caller"
    her_unit kept "$runtime" "--userns=keep-id:uid=999,gid=999"
    try_unit kept
done

scenario "a check in the container has no problem"
# `podman exec` may not move a process of this script into a control group of anna.
her_unit looked crun --cgroups=disabled
make_ready looked
said=$(podman exec looked /run/.notifybridge status --check 2>&1) || fail "$said"
grep -q "^ok  *directory .*mode 1777" <<<"$said" || fail "$said"
stop looked

scenario "a directory that others can enter is refused with advice"
her_unit shown crun "" /tmp/shown
systemctl start shown 2>/dev/null && fail "it was started"
expect_end shown "exit-code exited 126"
grep -q 'shared directory "/tmp/shown": .*choose a shared directory below one that only you can enter' "$SYSTEM_TEST/log/shown" ||
    fail "there is no advice"
