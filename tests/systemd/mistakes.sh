#!/bin/bash
#
# The recipes of README.md and notifybridge-examples(7), with common mistakes. The first line that a
# person reads must name the mistake and the remedy. Only lines of podman may come before it. Other
# tests contain the mistakes with docker and distrobox.

. "$(dirname "$0")/lib.sh"
in_lab podman crun redis-server
. "$here/recipes.sh"

prepare
make_root
# Most images do not have the directory /shared.
rmdir "$image_root/shared"
hide /srv
podman_settings
image docker.io/library/redis 'CMD ["redis-server", "--save", ""]'
image localhost/tiny "CMD [\"$bin/app.py\", \"$apps/bare\"]"
app bare >/dev/null

# by_hand NAME SED: makes the podman unit written by hand, with its own directory and that mistake.
by_hand() {
    copy "$examples" podman 1 "$1" "s|/run/app\\b|/run/$1|g; s|--name=app|--name=$1|
        s|IMAGE COMMAND|localhost/tiny $(app "$1")|; $2"
}

# is_stopped NAME: stops the unit before it is ready, as systemd does after TimeoutStartSec=.
is_stopped() {
    systemctl stop --no-block "$1"
}

# remove WHAT: removes that container, or --all. podman 5 fails once if --rm has already begun.
remove() {
    podman rm --force --time=0 "$1" >/dev/null 2>&1 || podman rm --force --time=0 "$1" >/dev/null
}

# clear NAME: ends the unit in any state, and removes its container.
clear() {
    remove "$1"
    systemctl kill --signal=KILL "$1" 2>/dev/null || true
    expect_ended "$1"
    systemctl reset-failed "$1" 2>/dev/null || true
}

scenario "podman: the log explains that the directory is not mounted"
by_hand unmounted "s|-v /run/[a-z]*:/shared:Z||"
fails unmounted 1 'shared directory "/shared": No such file' '`-v /run/app:/shared:Z`'

scenario "podman: the log explains a wrong SHARED_DIR"
by_hand elsewhere "s|SHARED_DIR=/shared|SHARED_DIR=/elsewhere|"
fails elsewhere 1 'shared directory "/elsewhere": No such file' 'set SHARED_DIR to the path where it is'

scenario "podman: the log explains a mount of another directory"
mkdir /run/another
by_hand other "s|-v /run/[a-z]*:/shared|-v /run/another:/shared|"
begin other
is_stopped other
says other 1 "SIGTERM arrived before READY=1; no wrap has started in /run/other" \
    "mounts /run/another at /shared; mount the directory of \`wait\` there, for example \`-v /run/other:/shared:Z\`"
clear other

scenario "podman: the log explains that the wrapper is missing"
by_hand bare "/-v .usr.bin.notifybridge/s|.*|\\\\|"
fails bare 2 "no wrap has started in /run/bare" "-v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro"

scenario "podman: the log explains that the wrapper does not run"
by_hand unnamed "s|--entrypoint=[^ ]*||; s|-v /usr/bin/notifybridge[^ ]*||"
begin unnamed
is_stopped unnamed
says unnamed 1 "no wrap has started in /run/unnamed" "does not name container-notify-wrapper" \
    "\`notifybridge run\`"
clear unnamed

scenario "podman: the log explains a wrapper for another machine"
mkdir /run/arm
{
    head -c 18 /usr/bin/notifybridge
    printf '\xb7\x00'
    tail -c +21 /usr/bin/notifybridge
} >/run/arm/notifybridge
chmod 755 /run/arm/notifybridge
by_hand arm "s|-v /usr/bin/notifybridge|-v /run/arm/notifybridge|"
fails arm 1 "it is for aarch64 (arm64), but this machine is" "install the package for this machine"

scenario "podman: the log explains that the user may not write"
by_hand user "s|--rm|--user=999 &|"
fails user 1 "not writable (Permission denied)" "--owner=999:999" ":Z"

scenario "podman: the log advises Type=notify"
for access in "" "NotifyAccess=none"; do
    by_hand simple "s|Type=notify|Type=simple\n$access|"
    begin simple
    says simple 1 "NOTIFY_SOCKET is not set" "set Type=notify"
    systemctl stop simple
    expect_gone simple
    rm "$SYSTEM_TEST/log/simple"
done

scenario "the log advises a script to start wait with exec"
by_hand script "s|^ExecStart=|&/bin/sh -c 'true; \"\$@\"; true' sh |"
begin script
says script 1 ", and not this process; systemd" "with \`exec\`"
is_stopped script
clear script

scenario "podman: the log explains that the app does not notify"
by_hand quiet ""
begin quiet
is_stopped quiet
says quiet 1 "sent READY=1; if the command never sends it, set --ready-when"
clear quiet

scenario "podman: the log explains a TIMEOUT shorter than the pull"
mkdir /run/slow
printf '#!/bin/sh\nexec sleep 60\n' >/run/slow/podman
chmod 755 /run/slow/podman
slow="s|waiter podman|waiter /run/slow/podman|; s|^Type=notify|&\nEnvironment=TIMEOUT=4s|"
by_hand pull "$slow; s|localhost/tiny|missing.example/tiny|"
fails pull 1 "READY=1 did not arrive within 4s (TIMEOUT, --timeout)" "podman is still pulling the image" \
    "run \`podman pull\` before the start, or allow more time"

scenario "podman: the log does not blame a pull if the image is there"
by_hand slow "$slow"
fails slow 1 "READY=1 did not arrive within 4s (TIMEOUT, --timeout)" \
    "podman has not started the container yet; allow more time"

scenario "the log advises RuntimeDirectory= for a unit with User="
by_hand place "s|^Type=notify|&\nUser=nobody|"
fails place 1 "cannot create it: Permission denied" "RuntimeDirectory="

scenario "any image: the log explains a probe of the wrong port"
copy "$readme" "Any image, as it is" 1 cache "s|notifybridge run|& --ready-when=tcp:127.0.0.1:6380|"
systemctl start --no-block cache
eventually "it is waited for" grep -qs "Ready to accept" "$SYSTEM_TEST/log/cache"
is_stopped cache
eventually "the cause is told" grep -qF \
    "a stop was requested before the command was ready: waiting for tcp:127.0.0.1:6380: connection refused" \
    "$SYSTEM_TEST/log/cache"
clear cache

scenario "any image: the log explains a misplaced option"
copy "$readme" "Any image, as it is" 1 behind "s|podman run|& --ready-when=listen|"
fails behind 1 '"--ready-when" is an option of `run`; put it before podman'
copy "$readme" "Any image, as it is" 1 waits "s|notifybridge run|host-notify-waiter --ready-when=listen|"
fails waits 1 "is not an option of this command, but of \`notifybridge run\`"

scenario "Quadlet: the log explains that Notify=true is missing"
start_journald
printf '[Service]\nType=notify\nNotifyAccess=all\nExecStart=/usr/bin/podman %s run --rm --replace %s\n' \
    "$(recipe "$readme" Quadlet 1 text | sed -n "s/^GlobalArgs=//p")" \
    "--detach --sdnotify=conmon --name=quadlet --env=NOTIFYBRIDGE_OPTIONS= docker.io/library/redis" \
    >"$SYSTEM_TEST/units/quadlet.service"
systemctl daemon-reload
systemctl start quadlet || fail "a container that nobody hears does not start"
eventually "the unit's log says so" logged quadlet \
    "ignoring NOTIFYBRIDGE_OPTIONS: the container has neither NOTIFY_SOCKET nor SHARED_DIR"
logged quadlet "Notify=true" || fail "the unit's log does not say what to do"
systemctl stop quadlet

scenario "several containers: the log names the one that did not start"
recipe "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 sh | sed '/start web/d; s|stop web db|stop db|' \
    >/usr/local/bin/stack
chmod 755 /usr/local/bin/stack
copy "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 stack
systemctl start --no-block stack
expect_soon stack "StatusText=waiting for web"
is_stopped stack
eventually "the cause is told" grep -q \
    "SIGTERM arrived before READY=1; no wrap has started in /run/stack/web: the container does not mount it" \
    "$SYSTEM_TEST/log/stack"
clear stack
remove --all

scenario "the log explains a script that cannot run or has Type=simple"
recipe "$examples" "A SHELL SCRIPT" 1 sh >/usr/local/bin/app
copy "$examples" "A SHELL SCRIPT" 1 closed
fails closed 1 'cannot run "/usr/local/bin/app": Permission denied' \
    "\`chmod a+x /usr/local/bin/app\`"
chmod 755 /usr/local/bin/app
copy "$examples" "A SHELL SCRIPT" 1 plain "s|Type=notify|Type=simple|"
systemctl start plain
says plain 1 "neither NOTIFY_SOCKET nor SHARED_DIR is set" "Type=notify"

scenario "the log explains a script below su, runuser or sudo"
copy "$examples" "A SHELL SCRIPT" 1 below "s|^ExecStart=|&/usr/sbin/runuser -u nobody -- |"
systemctl start --no-block below
says below 1 ", and not this process; systemd" "User= instead of su"
clear below

# locked_up NAME SETTING: makes a unit with a script, and restricts it with SETTING.
locked_up() {
    copy "$examples" "A SHELL SCRIPT" 1 "$1" "s|Type=notify|&\n$2|"
}

scenario "the log explains sandbox settings that are too strict"
locked_up placeless "ProtectSystem=strict"
fails placeless 1 "for the socket" "Read-only file system" "RuntimeDirectory="
locked_up inet "RestrictAddressFamilies=AF_INET"
fails inet 1 "cannot create AF_UNIX sockets" "RestrictAddressFamilies="
by_hand inet_host "s|Type=notify|&\nRestrictAddressFamilies=AF_INET|"
fails inet_host 1 "cannot create AF_UNIX sockets" "RestrictAddressFamilies="
mkdir /run/read_only
by_hand read_only "s|Type=notify|&\nReadOnlyPaths=/run|"
fails read_only 1 "not writable (Read-only file system)" "ReadWritePaths="
if ! is_instrumented; then # Sanitizers need /proc themselves.
    by_hand procless "s|Type=notify|&\nInaccessiblePaths=/proc|"
    fails procless 1 "cannot use /proc" "MountAPIVFS=yes"
fi

scenario "a program that does not notify: the log names the wrong port"
copy "$readme" "A program that does not notify" 1 web "s|8080/|8081/|g"
systemctl start --no-block web
eventually "the port is asked" grep -q "8081.*connection refused" <(
    until systemctl show --property=StatusText web | grep 8081; do sleep 0.1; done
)
is_stopped web
says web 1 "a stop was requested before the command was ready: waiting for http://127.0.0.1:8081/: connection refused" \
    "check whether --ready-when is right"

scenario "several services: the log explains that the units are missing"
recipe "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1 sh | bash -e
copy "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1 box "s|-v /srv/box:/units:ro,Z||"
if timeout -k 1 60 systemctl start box 2>/dev/null; then fail "box started"; fi
# podman prints the cause. `wait` prints its own line about the end of the run.
eventually "the cause is told" grep -q \
    "Unit worker.service not found.*directories: /units.*--unit-path" "$SYSTEM_TEST/log/box"
