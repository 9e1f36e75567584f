# Sourced by every system test. One file is both the test that Meson starts and the driver that runs
# in the lab. Outside of the lab, `in_lab` checks that the needed programs exist, and starts the
# same file again in the lab. In the lab, `in_lab` returns.
#
# In the lab, a test creates units with `unit`, and sends orders to their apps with `tell`. `expect`
# checks the current values in systemd, and `expect_soon` waits up to $patience seconds for them.
# The first failed check ends the test, and prints the scenario's name, and the state and output of
# each unit.

set -eEu -o pipefail

# dockerd is in /usr/sbin on Debian, and in /usr/bin elsewhere. After su(1), PATH may have neither.
export PATH=$PATH:/usr/sbin:/usr/bin
readonly patience=30
# A lab that hangs is ended after this many seconds.
readonly lab_limit=$([ "${NOTIFYBRIDGE_LONG:-}" = 1 ] && echo 7200 || echo 600)
# is_repeated: returns whether this run uses a second podman, and leaves out scenarios that test the
# same code of notifybridge again. With NOTIFYBRIDGE_LONG=1, no scenario is left out.
is_repeated() {
    [ -n "${NEWER_PODMAN:-}" ] && [ "${NOTIFYBRIDGE_LONG:-}" != 1 ]
}
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
lab=$here/../lab/lab

# --- outside ---------------------------------------------------------------------------------

skip() {
    echo "skipped: $1"
    exit 77
}

# is_instrumented: returns whether the executable has sanitizers. Then it needs their libraries, and
# it does without the sandbox of `wait`.
is_instrumented() { ldd "$NOTIFYBRIDGE" 2>/dev/null | grep -q 'lib[au]san'; }

# systemd_version: prints the installed release of systemd, or in the lab the running one. Prints 0
# if there is none.
systemd_version() {
    local version
    version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p') || true
    echo "${version:-0}"
}

podman_version() {
    podman --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/'
}

# want_podman_5: makes the lab have podman 5, whose Quadlet supports GlobalArgs=. If the installed
# version is older, the lab uses the tree NEWER_PODMAN, which tests/run unpacks.
want_podman_5() {
    (($(podman_version) < 5)) || return 0
    export SYSTEMD_TREE=${NEWER_PODMAN:-}
    [ -n "${SYSTEM_TEST:-}" ] || [ -x "$SYSTEMD_TREE/usr/libexec/podman/quadlet" ] ||
        skip "there is no podman 5 at NEWER_PODMAN=$SYSTEMD_TREE; tests/run unpacks one"
}

# in_lab PROGRAM…: runs the rest of the file in a lab that has these programs.
in_lab() {
    local program status=0
    if [ -n "${SYSTEM_TEST:-}" ]; then
        trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
        return
    fi
    for program in /usr/bin/python3 "$@"; do
        command -v "$program" >/dev/null || skip "there is no $program"
    done
    "$lab" --check || exit
    if ! [ -x "${NOTIFYBRIDGE:-}" ]; then
        echo "NOTIFYBRIDGE must name the executable to test"
        exit 99
    fi
    SYSTEM_TEST=$(mktemp -d --tmpdir notifybridge-test.XXXXXXXXXX)
    trap 'rm -rf "$SYSTEM_TEST"' EXIT
    export SYSTEM_TEST
    lay_out "$SYSTEM_TEST"
    # Some tests need units in directories with lower priority than that of `unit`.
    UNIT_PATH=$SYSTEM_TEST/units-run:$SYSTEM_TEST/units-lib \
        "$lab" "$SYSTEM_TEST/units" "$0" "$lab_limit" || status=$?
    exit "$status"
}

# lay_out DIRECTORY: installs the executable with all its names, and the app, in DIRECTORY. Every
# container can mount this directory.
lay_out() {
    local name
    chmod 755 "$1"
    mkdir "$1/units" "$1/bin" "$1/log" "$1/ends"
    mkdir -m 1777 "$1/apps"
    cp "$NOTIFYBRIDGE" "$1/bin/notifybridge"
    cp "$here/app.py" "$here/../command/sdnotify.py" "$1/bin/"
    for name in container-notify-wrapper host-notify-waiter; do
        ln -s notifybridge "$1/bin/$name"
    done
    # A client of a daemon. It starts a process in another control group, and the process survives
    # the client.
    cat >"$1/bin/away" <<'END'
#!/bin/sh
mkdir -p /sys/fs/cgroup/away
sh -c 'echo $$ >/sys/fs/cgroup/away/cgroup.procs; exec "$@"' sh "$@" &
wait $!
END
    chmod 755 "$1/bin/away"
    mkdir "$1/bin/libexec"
    ln -s ../notifybridge "$1/bin/libexec/systemd-notify"
}

# --- inside: units ---------------------------------------------------------------------------

bin=${SYSTEM_TEST:-}/bin
apps=${SYSTEM_TEST:-}/apps
wait=$bin/host-notify-waiter
wrap=$bin/container-notify-wrapper

# container KIND NAME [OPTION…]: prints the words that run a command in that kind of container. If
# the container has its own file system, the unit's shared directory is at /shared. podman uses the
# host's own files, so no image is needed.
container() {
    local kind=$1 name=$2
    shift 2
    case $kind in
    none) ;;
    bwrap) echo "/usr/bin/bwrap --dev-bind / / --unshare-pid --proc /proc $*" ;;
    unshare) echo "/usr/bin/unshare --pid --fork --mount-proc $*" ;;
    away) echo "$bin/away" ;;
    exec) echo "/usr/bin/podman --cgroup-manager=cgroupfs exec -e SHARED_DIR=/shared $* $name" ;;
    podman)
        echo "/usr/bin/podman --cgroup-manager=cgroupfs run --rm --replace --name=$name" \
            "--cgroups=disabled --network=none --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000" \
            "-v $(shared "$name"):/shared -e SHARED_DIR=/shared" \
            "-v $bin:$bin:ro -v $apps:$apps $* --rootfs /:O"
        ;;
    *) fail "there is no container of kind $kind" ;;
    esac
}

# box NAME: starts a container for `container exec NAME`.
box() {
    local words
    mkdir -p "$(shared "$1")"
    read -ra words <<<"$(container podman "$1" --detach)"
    "${words[@]}" sleep infinity >/dev/null || fail "podman starts no container"
}

# shared NAME: prints the path of the directory that the unit shares with its container.
shared() {
    echo "/run/shared-$1"
}

# unit NAME <<EOF: creates a unit with the default of NotifyAccess=. Its service section is read
# from standard input. Type=notify and some other lines are added.
unit() {
    {
        printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\nKillMode=mixed\n'
        printf 'Environment=SHARED_DIR=%s\n' "$(shared "$1")"
        printf 'TimeoutStopSec=20\nStandardOutput=append:%s\nStandardError=append:%s\n' \
            "$SYSTEM_TEST/log/$1" "$SYSTEM_TEST/log/$1"
        printf "ExecStopPost=/bin/sh -c 'echo %s >%s'\n" \
            '${SERVICE_RESULT} ${EXIT_CODE} ${EXIT_STATUS}' "$SYSTEM_TEST/ends/$1"
        cat
    } >"$SYSTEM_TEST/units/$1.service"
}

# app NAME: creates the files for the app NAME, and prints the words that start it.
app() {
    mkdir -p "$apps/$1"
    [ -p "$apps/$1/orders" ] || mkfifo "$apps/$1/orders"
    touch "$apps/$1/starts" "$apps/$1/done"
    chmod -R a+rwX "$apps/$1"
    echo "$bin/app.py $apps/$1"
}

# app_unit NAME [KIND [OPTIONS]]: creates a unit whose app obeys orders, in that kind of container
# and with these options of `wait`. More lines are read from standard input.
app_unit() {
    local name=$1 kind=${2:-none} options=${3:-}
    {
        echo "ExecStart=$wait --verbose $options $(container "$kind" "$name") $wrap --verbose $(app "$name")"
        cat
    } | unit "$name"
}

# --- inside: what happens --------------------------------------------------------------------

lines() {
    local all=()
    mapfile all <"$1"
    echo ${#all[@]}
}

# begin NAME: starts the unit, and returns when its app is up. The unit may not be active yet. Sets
# ${log_begin[NAME]} to the number of lines that its log already has.
declare -A log_begin=()
begin() {
    local before
    before=$(lines "$apps/$1/starts")
    [ ! -e "$SYSTEM_TEST/log/$1" ] || log_begin[$1]=$(lines "$SYSTEM_TEST/log/$1")
    systemctl "${2:-start}" --no-block "$1"
    eventually "$1's app starts" more_lines "$apps/$1/starts" "$before"
}

more_lines() {
    [ "$(lines "$1")" -gt "$2" ]
}

# tell NAME ORDER: sends an order to the app, and returns when the app has executed it.
tell() {
    local before
    before=$(lines "$apps/$1/done")
    order "$@"
    eventually "$1's app does: $2" more_lines "$apps/$1/done" "$before"
}

# order NAME ORDER: sends an order to the app, and returns before the app executes it. Use this for
# orders that end the app.
order() {
    printf '%s\n' "$2" | timeout -k 1 "$patience" tee "$apps/$1/orders" >/dev/null ||
        fail "$1's app takes no orders: $2"
}

# --- inside: what must hold ------------------------------------------------------------------

# scenario WHAT: sets and prints the name of the checks that follow.
scenario() {
    current=$1
    printf -- '- %s\n' "$1"
}

# pause NUMBER: waits for a moment, without a process that takes time from the test. In a loop, the
# later moments are longer.
exec {never}<> <(:) # No process writes to this pipe.
pause() {
    read -rt 0.$(($1 < 10 ? 1 : 2)) -u "$never" || :
}

# eventually WHAT COMMAND…: waits until COMMAND succeeds, at most $patience seconds.
eventually() {
    local what=$1 deadline=$((SECONDS + patience)) tries=0
    shift
    until "$@"; do
        ((SECONDS < deadline)) || fail "not within ${patience} s: $what"
        pause $((tries += 1))
    done
}

property() {
    systemctl show --property="$2" --value "$1"
}

has_properties() {
    local unit=$1 wanted names shown
    shift
    printf -v names '%s,' "${@%%=*}"
    shown=$'\n'$(systemctl show --property="$names" "$unit")$'\n'
    for wanted; do
        [[ $shown == *$'\n'"$wanted"$'\n'* ]] || return 1
    done
}

# expect UNIT PROPERTY=VALUE…: checks that systemd shows these values now.
expect() {
    local unit=$1 wanted value
    shift
    for wanted in "$@"; do
        value=$(property "$unit" "${wanted%%=*}")
        [ "$value" = "${wanted#*=}" ] ||
            fail "$unit: ${wanted%%=*} is \"$value\" and should be \"${wanted#*=}\""
    done
}

# expect_soon UNIT PROPERTY=VALUE…: waits until systemd shows these values.
expect_soon() {
    local deadline=$((SECONDS + patience)) tries=0
    until has_properties "$@"; do
        ((SECONDS < deadline)) || expect "$@"
        pause $((tries += 1))
    done
}

# expect_end UNIT "RESULT CODE STATUS": waits until the unit has ended, and checks how its main
# process ended, in systemd's words. systemd forgets a unit that ended with success, so
# ExecStopPost= of the unit writes the end to a file.
expect_end() {
    local end
    eventually "$1 ends" is_over "$1"
    end=$(cat "$SYSTEM_TEST/ends/$1")
    [ "$end" = "$2" ] || fail "$1 ended as \"$end\" and should have as \"$2\""
}

is_over() {
    case $(property "$1" ActiveState) in
    inactive | failed) [ -s "$SYSTEM_TEST/ends/$1" ] ;;
    *) false ;;
    esac
}

# stop UNIT: stops the unit, and checks that the stop is clean.
stop() {
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    expect_end "$1" "success killed TERM"
    expect_gone "$1"
}

# start UNIT: starts the unit, and checks that it becomes active.
start() {
    timeout -k 1 60 systemctl start "$1" || fail "systemctl start $1"
    expect "$1" ActiveState=active SubState=running
}

# expect_ended UNIT: checks that no process of the unit is left.
expect_ended() {
    eventually "$1 leaves no process" no_process "/sys/fs/cgroup/system.slice/$1.service"
}

# expect_gone UNIT: checks that no process and no container of the unit is left.
expect_gone() {
    expect_ended "$1"
    if command -v podman >/dev/null; then
        # podman's monitor may remove the container later than its client ends.
        eventually "$1 leaves no container" no_container "$1"
    fi
}

no_container() {
    [ -z "$(podman ps --all --quiet --filter "name=^$1\$")" ]
}

# hide DIRECTORY: mounts an empty file system there. A checkout below it stays visible.
hide() {
    local checkout
    checkout=$(realpath "$here/../..")
    mkdir -p /run/lab/checkout
    mount --bind "$checkout" /run/lab/checkout
    mount -t tmpfs -o mode=755 tmpfs "$1"
    if ! [ -e "$checkout" ]; then
        mkdir -p "$checkout"
        mount --bind /run/lab/checkout "$checkout"
    fi
    umount /run/lab/checkout
}

# remove_killed NAME: removes the container NAME, whose monitor was killed together with it. podman 5
# fails at its first attempt.
remove_killed() {
    podman rm --force --ignore --time=0 "$1" >/dev/null 2>&1 ||
        podman rm --force --ignore --time=0 "$1" >/dev/null || fail "$1 cannot be removed"
}

no_process() {
    ! [ -s "$1/cgroup.procs" ]
}

# no_program PATTERN: returns whether no process has a command line that matches the pattern.
no_program() {
    ! pgrep --full "$1" >/dev/null
}

# expect_line TEXT FILE: checks that the file contains TEXT as a whole line.
expect_line() {
    grep -qxF -e "$1" "$2" || fail "no line \"$1\" in $2"
}

fail() {
    local log what="FAILED in \"${current:-the beginning}\": $1"
    echo "$what"
    for log in "$SYSTEM_TEST"/log/*; do
        [ -s "$log" ] || continue
        printf -- '--- the last that %s wrote:\n' "${log##*/}"
        tail -n 50 "$log"
    done
    systemctl status --no-pager --full --lines=0 "*.service" 2>&1 || true
    ! command -v podman >/dev/null || timeout -k 1 20 podman ps --all 2>&1 || true
    # Meson shows only the last lines of a long output.
    echo "$what"
    exit 1
}
