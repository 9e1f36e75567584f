#!/bin/bash
#
# `notifybridge runtime`: unchanged images in units of podman, with crun and with runc.

. "$(dirname "$0")/lib.sh"
in_lab podman crun runc
. "$here/recipes.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache
for file in subuid subgid; do echo containers:300000:131072 >"/etc/$file"; done
# podman 5.8 asks libsubid, which knows the ids of existing users only.
echo containers:x:299:299::/:/bin/false >>/etc/passwd
# A user namespace can mount its own /proc only if it sees a complete one.
mkdir /run/proc
mount -t proc proc /run/proc
libexec=/usr/libexec/notifybridge
mkdir -p "$libexec"
ln -sf ../../bin/notifybridge "$libexec/crun"
ln -sf ../../bin/notifybridge "$libexec/runc"

# image_unit NAME RUNTIME PODMAN RUN IMAGE [ARGUMENT…]: makes a unit that runs this image with that
# runtime, with options of podman and of `podman run`. Its app gets orders as the app NAME.
image_unit() {
    local name=$1 runtime=$2 podman=$3 run=$4 limits="--cgroups=disabled"
    shift 4
    # crun and runc need different settings to work with fewer control groups than podman requests.
    [ "$runtime" = crun ] || limits=--pids-limit=0
    app "$name" >/dev/null
    unit "$name" <<END
ExecStart=/usr/bin/notifybridge wait --verbose podman --cgroup-manager=cgroupfs \
    --runtime=$libexec/$runtime $podman run --rm --replace --name=$name --network=none $limits \
    --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST \
    -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN $run localhost/$*
ExecReload=/bin/kill -HUP \$MAINPID
END
    systemctl daemon-reload
}

# expect_refused NAME TEXT: checks that podman starts nothing, and shows TEXT.
expect_refused() {
    systemctl start "$1" 2>/dev/null && fail "$1 was started"
    eventually "$1 ends" is_over "$1"
    grep -qF -e "$2" "$SYSTEM_TEST/log/$1" || fail "$1 does not say: $2"
    [ "$(lines "$apps/$1/starts")" = 0 ] || fail "$1's app was started"
    expect_gone "$1"
}

was_pinged() { [ "$(property "$1" WatchdogTimestampMonotonic)" != "$pinged" ]; }

image tiny "ENTRYPOINT [\"/usr/bin/python3\", \"$bin/app.py\"]" "CMD [\"$apps/command\"]" "USER app"
image rooted "ENTRYPOINT [\"$bin/app.py\"]"
image volume "ENTRYPOINT [\"$bin/app.py\"]" "VOLUME /run"
image sly "ENTRYPOINT [\"$bin/app.py\"]" "ENV SHARED_DIR=/etc" "ENV NOTIFYBRIDGE_TOKEN=guess"

# An app that needs no other files: it sends READY=1, and then waits for an event that never comes.
rm -rf "$image_root"
mkdir "$image_root"
cp "$bin/notifybridge" "$image_root/app"
image scratch 'ENTRYPOINT ["/app", "send", "--ready", "--status=up", "--exec", ";"]' \
    'CMD ["/app", "wait", "--shared-dir=/dev/shm/none"]'

# A fake init, which becomes the program that is its argument.
printf '#!/bin/sh\nshift\nexec "$@"\n' >"$bin/init"
chmod 755 "$bin/init"

for runtime in crun runc; do
    scenario "$runtime: an unchanged image with ENTRYPOINT, CMD and USER works"
    image_unit command "$runtime" "" "" tiny
    try_unit command
    try_unit command # Now the directory already belongs to the user app.

    scenario "$runtime: a read-only root works"
    image_unit readonly "$runtime" "" "--read-only" tiny "$apps/readonly"
    try_unit readonly

    scenario "$runtime: a tmpfs on /run works"
    image_unit tmpfs "$runtime" "" "--tmpfs=/run" tiny "$apps/tmpfs"
    try_unit tmpfs

    scenario "$runtime: the container's user may change between runs"
    for user in root app 7 root; do
        image_unit users "$runtime" "" "--user=$user --cap-drop=all" tiny "$apps/users"
        try_unit users
    done

    scenario "$runtime: a volume or mount may hide the shared directory's parent"
    image_unit volume "$runtime" "" "" volume "$apps/volume"
    try_unit volume
    image_unit above "$runtime" "" "-v /run:/run" tiny "$apps/above"
    try_unit above

    scenario "$runtime: the unit restarts with a new token after wait was killed"
    image_unit killed "$runtime" "" "" tiny "$apps/killed"
    sed -i "s|^ExecReload|Restart=always\n&|" "$SYSTEM_TEST/units/killed.service"
    systemctl daemon-reload
    make_ready killed
    before=$(lines "$apps/killed/starts")
    kill -KILL "$(property killed MainPID)"
    eventually "the app is started again" more_lines "$apps/killed/starts" "$before"
    tell killed "send READY=1\\nSTATUS=again"
    expect_soon killed ActiveState=active StatusText=again
    stop killed

    scenario "$runtime: podman's --init works"
    image_unit init "$runtime" "" "--init --init-path=$bin/init" tiny "$apps/init"
    try_unit init

    scenario "$runtime: the user namespace may change between runs"
    image_unit mapped "$runtime" "" "--uidmap=0:100000:65536" tiny "$apps/mapped"
    try_unit mapped
    [ "$(stat -c %u "$(shared mapped)")" = 100999 ] || fail "the directory is of another user"

    image_unit mapped "$runtime" "" "--uidmap=0:200000:65536" tiny "$apps/mapped"
    try_unit mapped

    scenario "$runtime: --userns=auto works"
    image_unit auto "$runtime" "" "--userns=auto" tiny "$apps/auto"
    try_unit auto
    try_unit auto

    scenario "$runtime: a directory that another user can replace is refused"
    install -d -o 4321 "/run/theirs-$runtime"
    image_unit theirs "$runtime" "" "--user=root" tiny "$apps/theirs"
    sed -i "s|^Environment=SHARED_DIR=.*|Environment=SHARED_DIR=/run/theirs-$runtime/shared|" \
        "$SYSTEM_TEST/units/theirs.service"
    systemctl daemon-reload
    expect_refused theirs "another user can replace it with a link"

    scenario "$runtime: an image without USER works"
    image_unit root "$runtime" "" "" rooted "$apps/root"
    try_unit root

    # Sanitizers are shared libraries, which this image does not have.
    if ldd "$bin/notifybridge" 2>&1 | grep -q "statically linked"; then
        scenario "$runtime: an image that contains only its app works"
        image_unit scratch "$runtime" "" "" scratch
        start scratch
        expect_soon scratch StatusText=up
        systemctl stop scratch
        expect_end scratch "success exited 0"
        expect_gone scratch
    fi

    scenario "$runtime: settings in the image cannot choose the shared directory"
    image_unit sly "$runtime" "" "" sly "$apps/sly"
    try_unit sly
    for name in crun runc; do
        said=$(podman --cgroup-manager=cgroupfs "--runtime=$libexec/$name" run --rm --name=sly \
            --network=none --pids-limit=0 -v /usr:/usr:ro -v "$SYSTEM_TEST:$SYSTEM_TEST" \
            localhost/sly "$apps/sly" 2>&1) && fail "it was started"
        [[ $said == *'SHARED_DIR="/etc": NOTIFYBRIDGE_TOKEN is not the token of the '* ]] || fail "it says: $said"
    done

    scenario "$runtime: a wrong token is refused"
    image_unit guess "$runtime" "" "-e NOTIFYBRIDGE_TOKEN=guess" tiny "$apps/guess"
    expect_refused guess "NOTIFYBRIDGE_TOKEN is not the token of the \`notifybridge wait\`"

    scenario "$runtime: the directory of another unit is refused"
    mkdir -p "$(shared other)"
    image_unit thief "$runtime" "" "-e SHARED_DIR=$(shared other)" tiny "$apps/thief"
    expect_refused thief "NOTIFYBRIDGE_TOKEN is not the token of the \`notifybridge wait\`"

    scenario "$runtime: unknown options are refused"
    image_unit unknown "$runtime" "" "-e NOTIFYBRIDGE_OPTIONS=--unheard-of" tiny "$apps/unknown"
    expect_refused unknown "NOTIFYBRIDGE_OPTIONS: "

    scenario "$runtime: a probe makes the unit active"
    rm -f "$apps/probed/ready"
    image_unit probed "$runtime" "" \
        "-e NOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/probed/ready" tiny "$apps/probed"
    begin probed
    expect probed ActiveState=activating
    touch "$apps/probed/ready"
    expect_soon probed ActiveState=active
    stop probed

    scenario "$runtime: probes work without wait and a shared directory"
    rm -f "$apps/straight/ready"
    app straight >/dev/null
    limits=--cgroups=disabled
    [ "$runtime" = crun ] || limits=--pids-limit=0
    unit straight <<END
NotifyAccess=all
ExecStart=/usr/bin/podman --cgroup-manager=cgroupfs --runtime=$libexec/$runtime run --rm --replace \
    --name=straight --sdnotify=container --network=none $limits --ulimit=nofile=1024:1024 \
    --ulimit=nproc=1000:1000 -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST \
    "-eNOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/straight/ready --alive-when=process --alive-interval=500ms" \
    localhost/tiny $apps/straight
WatchdogSec=5
END
    systemctl daemon-reload
    begin straight
    expect straight ActiveState=activating
    touch "$apps/straight/ready"
    expect_soon straight ActiveState=active
    # podman 4 does not pass WATCHDOG_USEC to its runtime.
    pinged=$(property straight WatchdogTimestampMonotonic)
    eventually "the watchdog is pinged" was_pinged straight
    timeout -k 1 60 systemctl stop straight || fail "systemctl stop straight"
    expect_gone straight
done

scenario "a hook replaces the runtime"
mkdir "$SYSTEM_TEST/hooks"
cat >"$SYSTEM_TEST/hooks/notifybridge.json" <<END
{"version": "1.0.0", "when": {"always": true}, "stages": ["precreate"],
 "hook": {"path": "/usr/bin/notifybridge", "args": ["notifybridge", "runtime", "--filter"]}}
END
image_unit hooked crun "--runtime=/usr/bin/crun --hooks-dir=$SYSTEM_TEST/hooks" "" tiny "$apps/hooked"
try_unit hooked
image_unit badhook crun "--runtime=/usr/bin/crun --hooks-dir=$SYSTEM_TEST/hooks" \
    "-e NOTIFYBRIDGE_TOKEN=guess" tiny "$apps/badhook"
expect_refused badhook "notifybridge: SHARED_DIR=\"$(shared badhook)\": NOTIFYBRIDGE_TOKEN is not the token of"
