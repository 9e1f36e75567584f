# Sourced after lib.sh by the tests of container runtimes. Each runs exactly the text that README.md
# or notifybridge-examples(7) tells people to copy. In the lab, the machine's /usr, /etc and /home
# can be changed, and no process outside of the lab sees the changes.

readme=$here/../../README.md
manual=$here/../../man
examples=$manual/notifybridge-examples.7
image_root=$SYSTEM_TEST/root

# prepare: installs the executable, and makes directories writable that daemons need besides /run
# and /tmp.
prepare() {
    local directory
    for directory in usr etc; do
        mkdir -p "/run/lab/$directory/upper" "/run/lab/$directory/work"
        mount -t overlay overlay -o "lowerdir=/$directory,upperdir=/run/lab/$directory/upper" \
            -o "workdir=/run/lab/$directory/work" "/$directory"
    done
    cp -d "$bin/notifybridge" "$bin/host-notify-waiter" "$bin/container-notify-wrapper" /usr/bin/
    hide /home
    mount --make-rshared /
    chmod 1777 "$SYSTEM_TEST/log" "$SYSTEM_TEST/ends"
}

# make_root: creates the files of an image. Its containers mount the host's /usr for programs. Its
# user `app` has the uid 999.
make_root() {
    local name
    mkdir -p "$image_root"/{usr,etc,proc,sys,dev,run,tmp,var,root,opt,shared}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$image_root/$name"; done
    cp -a /etc/alternatives "$image_root/etc/"
    cp -L /etc/os-release "$image_root/etc/"
    printf 'root:x:0:0::/root:/bin/sh\napp:x:999:999::/:/bin/sh\n' >"$image_root/etc/passwd"
    printf 'root:x:0:\napp:x:999:\n' >"$image_root/etc/group"
}

# share_tun: makes /dev/net/tun usable for users, as slirp4netns needs it. The machine's own stays.
share_tun() {
    cp -a /dev/net/tun /run/devices/tun
    chmod 666 /run/devices/tun
    mount --bind /run/devices/tun /dev/net/tun
}

# podman_settings: writes settings that podman needs in the lab and that no recipe contains.
# Installs the runtime at the place where a package installs it.
podman_settings() {
    mount -t tmpfs tmpfs /var/cache
    mkdir -p /usr/libexec/notifybridge /etc/containers
    ln -sf ../../bin/notifybridge /usr/libexec/notifybridge/crun
    cat >/etc/containers/containers.conf <<END
[engine]
cgroup_manager="cgroupfs"
[containers]
cgroups="disabled"
netns="none"
default_ulimits=["nofile=1024:1024", "nproc=1000:1000"]
volumes=["/usr:/usr:ro", "$SYSTEM_TEST:$SYSTEM_TEST"]
END
}

# move_monitor: makes podman's monitor leave the unit's control group. podman would use D-Bus for
# this, which the lab does not have. Call this after podman_settings.
move_monitor() {
    cat >"$bin/conmon" <<'END'
#!/bin/sh
mkdir -p /sys/fs/cgroup/away
echo $$ >/sys/fs/cgroup/away/cgroup.procs
exec /usr/bin/conmon "$@"
END
    chmod 755 "$bin/conmon"
    sed -i "/^\[engine\]/a conmon_path=[\"$bin/conmon\"]" /etc/containers/containers.conf
}

# install_hook [EXECUTABLE]: installs the hook at the place where a package installs it, and names
# it in podman's settings.
install_hook() {
    local hooks=/usr/share/notifybridge/hooks.d
    mkdir -p "$hooks" /etc/containers/containers.conf.d
    sed "s|@executable@|${1:-/usr/bin/notifybridge}|" "$here/../../src/bridge/runtime/hook.json.in" \
        >"$hooks/notifybridge.json"
    printf '[engine]\nhooks_dir = ["%s"]\n' "$hooks" >/etc/containers/containers.conf.d/hooks.conf
}

# start_journald: gives units a log in the journal from now on, which logged() reads.
start_journald() {
    mkdir -p /run/systemd/journal /run/log/journal
    echo 0123456789abcdef0123456789abcdef >/etc/machine-id
    printf '[Service]\nExecStart=/lib/systemd/systemd-journald\n' >"$SYSTEM_TEST/units/journald.service"
    systemctl daemon-reload
    systemctl start journald
    eventually "journald takes messages" [ -S /run/systemd/journal/stdout ]
}

# logged UNIT TEXT: returns whether the unit's log in the journal contains that text.
logged() {
    journalctl --quiet --no-pager --output=cat --unit="$1" 2>/dev/null | grep -qF -e "$2"
}

# image NAME CHANGE…: makes an image of the files in $image_root for podman.
image() { import_image podman "$@"; }

# docker_image NAME CHANGE…: does the same for docker.
docker_image() { import_image /usr/bin/docker "$@"; }

# import_image MANAGER NAME CHANGE…: makes the image with that container manager.
import_image() {
    local manager=$1 name=$2 change options=()
    shift 2
    for change; do options+=(--change "$change"); done
    tar -C "$image_root" -c . | "$manager" import "${options[@]}" - "$name" >/dev/null 2>&1 ||
        fail "$manager import $name"
}

# docker_unit: writes docker.service, whose dockerd belongs to the test and uses no network.
docker_unit() {
    unit docker <<EOF
UnsetEnvironment=SHARED_DIR
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin
Delegate=yes
ExecStart=$(command -v dockerd) --data-root=$SYSTEM_TEST/docker --storage-driver=vfs --bridge=none \
    --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs
EOF
}

# journal: starts systemd-journald, which gets the units' output as on any machine.
journal() {
    mount -t tmpfs tmpfs /var/log
    mkdir -p /etc/systemd /run/log/journal
    printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\nForwardToSyslog=no\nForwardToWall=no\n' \
        >/etc/systemd/journald.conf
    [ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef >/etc/machine-id
    cat >"$SYSTEM_TEST/units/systemd-journald.socket" <<'END'
[Unit]
DefaultDependencies=no
[Socket]
ListenStream=/run/systemd/journal/stdout
ListenDatagram=/run/systemd/journal/socket
SocketMode=0666
PassCredentials=yes
END
    cat >"$SYSTEM_TEST/units/systemd-journald.service" <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=notify
ExecStart=/lib/systemd/systemd-journald
Sockets=systemd-journald.socket
StandardOutput=null
END
    systemctl daemon-reload
    systemctl start systemd-journald.socket systemd-journald
    # As on a host. The lab's systemd logs to the console.
    systemctl log-target journal
}

# recipe FILE HEADING NUMBER [LANGUAGE]: prints that block below that heading of README.md or a
# page.
recipe() {
    /usr/bin/python3 -B "$here/../docs/documented.py" "$1" "$2" "${4:-ini}" "$3"
}

# adapt_unit NAME DIRECTORY: writes the unit on standard input to that directory. The unit writes
# its log and its end to the files that lib.sh reads. Its container has the unit's name.
adapt_unit() {
    mkdir -p "$2/$1.service.d"
    sed "s|\(podman rm --force --ignore\) .*|\1 $1|" >"$2/$1.service"
    grep -q ExecStart "$2/$1.service" || fail "there is no such unit for $1"
    cat >"$2/$1.service.d/test.conf" <<END
[Service]
TimeoutStopSec=20
ExecReload=/bin/kill -HUP \$MAINPID
StandardOutput=append:$SYSTEM_TEST/log/$1
StandardError=append:$SYSTEM_TEST/log/$1
ExecStopPost=+/bin/sh -c 'echo \${SERVICE_RESULT} \${EXIT_CODE} \${EXIT_STATUS} >$SYSTEM_TEST/ends/$1'
END
}

# copy FILE HEADING NUMBER NAME [SED]: writes that block as unit NAME. In the lab, podman leaves its
# monitor in the unit's control group.
copy() {
    recipe "$1" "$2" "$3" | sed "${5:-}" | adapt_unit "$4" "$SYSTEM_TEST/units"
    printf '[Service]\nKillMode=mixed\n' >"$SYSTEM_TEST/units/$4.service.d/monitor.conf"
    systemctl daemon-reload
}

# says NAME NUMBER TEXT…: waits for line NUMBER of the unit's output, and checks that it contains
# these texts. Line 1 is the first that a person sees.
says() {
    local name=$1 number=$2 text
    shift 2
    eventually "$name says line $number" has_line "$SYSTEM_TEST/log/$name" "$number"
    for text in "$@"; do
        sed -n "${number}p" "$SYSTEM_TEST/log/$name" | grep -qF -e "$text" ||
            fail "line $number of $name is not \"$text\""
    done
}

has_line() {
    [ -e "$1" ] && [ "$(lines "$1")" -ge "$2" ]
}

# fails NAME NUMBER TEXT…: checks that the unit fails to start, and that line NUMBER explains this.
fails() {
    if timeout -k 1 60 systemctl start "$1" 2>/dev/null; then fail "$1 started"; fi
    says "$@"
    systemctl stop "$1"
    systemctl reset-failed "$1" 2>/dev/null || true
}

# is_healthy NAME: checks that the active unit has logged no warning since its start, and that
# `status --check` finds no problem.
is_healthy() {
    local said
    mkdir -p /run/notifybridge # As on a host on which `run` was used.
    said=$(checked "$1")
    if grep '^problem' <<<"$said"; then fail "$1 is healthy, and check says: $said"; fi
    if tail -n "+$((${log_begin[$1]:-0} + 1))" "$SYSTEM_TEST/log/$1" | grep 'warning: '; then
        fail "$1 is healthy, and its log has a warning"
    fi
}

# checked NAME: prints the findings about the unit, for the user to whom it belongs.
checked() {
    if [ -d "$SYSTEM_TEST/hers" ]; then
        as_anna notifybridge status --check --user "$1" 2>&1 || true
    else
        notifybridge status --check "$1" 2>&1 || true
    fi
}

# try_unit NAME: checks that the unit becomes active when its app is ready and is healthy then, that
# a reload reaches the app, and that a stop is clean.
try_unit() {
    make_ready "$1"
    is_healthy "$1"
    try_reload_and_stop "$1"
}

try_reload_and_stop() {
    tell "$1" "on HUP send STATUS=reloaded"
    systemctl reload "$1"
    expect_soon "$1" ActiveState=active StatusText=reloaded
    stop "$1"
}

make_ready() {
    begin "$1"
    expect "$1" ActiveState=activating
    tell "$1" "send READY=1\\nSTATUS=up"
    expect_soon "$1" ActiveState=active StatusText=up
}

# has_no_app NAME: returns whether no app with that name runs, in the container or elsewhere.
has_no_app() {
    no_program "$apps/$1\$"
}

# try_hard_ends NAME: checks that the unit starts again after an app that ignored SIGTERM, and after
# an app that a killed `wait` has left.
try_hard_ends() {
    scenario "an app that ignores SIGTERM ends with its unit"
    make_ready "$1"
    tell "$1" "on TERM send STATUS=ignored"
    systemctl stop "$1"
    eventually "the app is killed" has_no_app "$1"
    try_unit "$1"

    scenario "a killed wait's leftover app does not block a start"
    make_ready "$1"
    kill -KILL "$(property "$1" MainPID)"
    expect_end "$1" "signal killed KILL"
    make_ready "$1"
    try_reload_and_stop "$1"
    eventually "no app is left" has_no_app "$1"
}

# log_in: creates a user anna with her own manager, which pam_systemd would start.
log_in() {
    local uid
    add_anna
    uid=$(id -u anna)
    install -d -m 755 /run/user
    install -d -m 700 -o anna -g anna "/run/user/$uid"
    unit anna <<END
User=anna
Environment=${her_environment[*]}
UnsetEnvironment=SHARED_DIR
Delegate=yes
ExecStart=/lib/systemd/systemd --user
END
    systemctl start anna
    use_hers
}

# add_anna: creates a user anna, who can use podman.
add_anna() {
    # podman uses the bus to request a control group from the user's manager. Without this control
    # group, a box ends with the unit that first entered it.
    [ -e /usr/lib/systemd/user/dbus.socket ] || skip "there is no dbus-user-session"
    useradd --create-home --shell /bin/bash anna
    for file in subuid subgid; do echo anna:100000:65536 >"/etc/$file"; done
    # The lab has no networks, and may have no controllers. A user namespace can mount its own /proc
    # only if it sees a complete one. In the lab, other file systems are mounted on /proc.
    mkdir -p /etc/containers /run/proc
    printf '[containers]\nnetns="none"\npids_limit=0\n' >/etc/containers/containers.conf
    mount -t proc proc /run/proc
    her_environment=(
        "XDG_RUNTIME_DIR=/run/user/$(id -u anna)" HOME=/home/anna USER=anna SHELL=/bin/bash TMPDIR=/tmp
        PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    )
    her_units=/home/anna/.config/systemd/user
    as_anna mkdir -p "$her_units"
}

# use_hers: makes systemctl and podman run as anna from now on.
use_hers() {
    mkdir "$SYSTEM_TEST/hers"
    her_program systemctl --user
    her_program podman
    PATH=$SYSTEM_TEST/hers:$PATH
    podman unshare true || skip "podman cannot make a user namespace here"
}

as_anna() {
    setpriv --reuid=anna --regid=anna --init-groups env -i --chdir=/ "${her_environment[@]}" "$@"
}

# her_program NAME [OPTION…]: makes NAME run as anna, with these options.
her_program() {
    printf '#!/bin/sh\nexec setpriv --reuid=anna --regid=anna --init-groups env -i --chdir=/ %s /usr/bin/%s "$@"\n' \
        "${her_environment[*]}" "$*" >"$SYSTEM_TEST/hers/$1"
    chmod 755 "$SYSTEM_TEST/hers/$1"
}
