#!/bin/bash
#
# `status --check` for units that have failed because of common mistakes. The first finding names
# the cause, in the words of the unit's log or its last STATUS. The line below it names the remedy.

. "$(dirname "$0")/lib.sh"
in_lab podman crun redis-server journalctl
. "$here/recipes.sh"
. "$here/diagnosed.sh"

redis="podman run --rm --replace --name=x docker.io/library/redis"
probe=--ready-when=tcp:127.0.0.1:6379

prepare
make_root
hide /srv
podman_settings
journal
image docker.io/library/redis 'CMD ["redis-server", "--save", ""]'

scenario "check explains a probe of the wrong port"
service port "/usr/bin/notifybridge run --ready-when=tcp:127.0.0.1:6380 $redis" TimeoutStartSec=30
fails port "waiting for \"tcp:127.0.0.1:6380: connection refused, but something listens on 127.0.0.1:6379" "if the app is only slow, set a longer TimeoutStartSec= (\`systemctl edit port.service\`); if it is ready when it listens on 127.0.0.1:6379, change the option to $probe in ExecStart="

scenario "check does not suspect the port of an app that starts slowly"
service slow "/usr/bin/notifybridge run $probe $redis sleep 60"
fails slow "READY=1 did not arrive within TimeoutStartSec= (4s): waiting for \"tcp:127.0.0.1:6379: connection refused (" "if the app is only slow, set a longer TimeoutStartSec="
[[ $said != *"change the option"* ]] || fail "the port is suspected: $said"
service ready-timeout "/usr/bin/notifybridge run $probe --ready-timeout=2s $redis sleep 60"
fails ready-timeout "READY=1 did not arrive within --ready-timeout= (2s): waiting for \"tcp:127.0.0.1:6379: connection refused (" "if the app is only slow, change the option to a longer --ready-timeout= in ExecStart="

scenario "check explains TIMEOUT= that is meant for the app"
service variable "/usr/bin/notifybridge run $redis sleep 60" TimeoutStartSec=60 Environment=TIMEOUT=2
fails variable "READY=1 did not arrive within Environment=TIMEOUT= (2s), which \`wait\` reads" "add --ready-when=listen:PORT to ExecStart="

scenario "check explains a probe of the wrong host"
service host "/usr/bin/notifybridge run --ready-when=tcp:192.0.2.1:6379 $redis"
fails host "waiting for \"tcp:192.0.2.1:6379: network is unreachable" "change the option to $probe in ExecStart="

scenario "check explains a probe of a port published on the host"
service published "/usr/bin/notifybridge run --ready-when=tcp:127.0.0.1:16379 ${redis/--rm/--rm -p 16379:6379}"
fails published "waiting for \"tcp:127.0.0.1:16379" "probes run inside the container, where port 16379 of the host is port 6379: change the option to $probe in"

scenario "check explains that probes do not support https"
service https "/usr/bin/notifybridge run --ready-when=https://127.0.0.1:6379 $redis"
fails https "https is not supported; use 'exec:curl" "follow this message"

scenario "check suggests the right name for a misspelled option"
service typo "/usr/bin/notifybridge run --redy-when=tcp:127.0.0.1:6379 $redis"
fails typo "unknown option '--redy-when'; did you mean '--ready-when'?" "follow this message; to edit the unit: \`systemctl edit --full typo.service\`"

scenario "check explains an exec: probe without quotes"
service exec "/usr/bin/notifybridge run --ready-when=exec:redis-cli ping $redis"
fails exec "'ping' is not a container manager; quote the probe" "follow this message"

scenario "check explains an option after podman"
service behind "/usr/bin/notifybridge run podman run $probe --rm --replace --name=x docker.io/library/redis"
fails behind '"--ready-when" is an option of `run`; put it before podman' "follow this message"

scenario "check explains a program that does not exist"
service none "/nonexistent/notifybridge run $redis"
fails none "(203/EXEC): Failed at step EXEC spawning /nonexistent/notifybridge" "systemctl edit --full none.service"
service nothing "/nonexistent/notifybridge run $redis" 'ExecStartPre=/bin/echo "Error: No such container: redis"'
fails nothing "systemd cannot execute the program of ExecStart= (203/EXEC)" "systemctl edit --full nothing.service"

scenario "check explains a missing image"
service missing "/usr/bin/notifybridge run podman run --rm --replace --name=x localhost/none" TimeoutStartSec=20
fails missing "the image cannot be pulled: \"Error: initializing source" "podman pull localhost/none"

scenario "check explains an image for another machine"
head -c 18 /usr/bin/notifybridge >"$image_root/opt/server"
printf '\xb7\x00' >>"$image_root/opt/server"
tail -c +21 /usr/bin/notifybridge >>"$image_root/opt/server"
chmod 755 "$image_root/opt/server"
image localhost/arm 'CMD ["/opt/server"]'
rm "$image_root/opt/server"
service arm "/usr/bin/notifybridge run podman run --rm --replace --name=x localhost/arm"
fails arm 'its output says "cannot run \"/opt/server\": Exec format error' "is for the architecture of this machine"

scenario "check explains a missing entry point"
service entry "/usr/bin/notifybridge run $redis /no/such"
fails entry 'its output says "cannot run \"/no/such\": No such file' "check that the image has this program, at this path"

scenario "check shows the last line of an app that crashes"
service crash "/usr/bin/notifybridge run $probe $redis sh -c 'echo cannot open /data/db; exit 3'"
fails crash 'it exited with status 3; its last line is "cannot open /data/db"' "journalctl -u crash.service"
service tidied "/usr/bin/notifybridge run $probe $redis sh -c 'echo cannot open /data/db; exit 3'" "ExecStopPost=/bin/echo tidied"
fails tidied 'it exited with status 3; its last line is "cannot open /data/db"' "journalctl -u tidied.service"

scenario "an error of ExecStartPre= is not the cause of a later failure"
service noisy "/usr/bin/notifybridge run $redis /no/such" ExecStartPre="-/bin/sh -c 'echo Error: no such container: x >&2; exit 1'"
fails noisy 'its output says "cannot run \"/no/such\": No such file' "check that the image has this program, at this path"

scenario "check does not take an error of the app for one of podman"
service words "/usr/bin/notifybridge run $redis sh -c 'echo Error: no configuration; exit 127'"
fails words 'the app exited with status 127; its last line is "Error: no configuration"' "fix what the app reports"
service words "/usr/bin/notifybridge run $redis sh -c 'exit 126'"
fails words 'the app exited with status 126' "fix what the app reports"

scenario "check explains a command of the unit that fails"
service post "/usr/bin/notifybridge run --ready-when=start $redis sleep 1000" ExecStartPost=/bin/false
fails post '"ExecStartPost=/bin/false" exited with status 1' "systemctl edit --full post.service"

scenario "check explains the end after RuntimeMaxSec="
service brief "/usr/bin/notifybridge run --ready-when=start $redis sleep 1000" RuntimeMaxSec=1
systemctl start brief
expect_soon brief ActiveState=failed
names brief "systemd stopped it after RuntimeMaxSec= (1s)" "set RuntimeMaxSec="

scenario "check explains a type that does not wait for READY=1"
service once "/usr/bin/notifybridge run --ready-when=start $redis sleep 1000" Type=oneshot TimeoutStartSec=3
fails once "Type=oneshot: systemd waits until the main process has ended" "set Type=notify"

scenario "check names a required unit that has failed"
service needed /bin/false Type=oneshot
service needing "/usr/bin/notifybridge run $redis" "[Unit]" Requires=needed.service After=needed.service "[Service]"
fails needing "it requires needed.service, which has failed" "\`journalctl -u needed.service\` shows why"

scenario "check explains an app that ends before it is ready"
service zero "/usr/bin/notifybridge run $redis true"
fails zero "ended with status 0 before it was ready" "stays in the foreground"

service daemon "/usr/bin/notifybridge run $redis sh -c 'setsid sleep 60 >/dev/null 2>&1 &'"
fails daemon "the app put itself into the background, and its first process ended with status 0" "configure the app to stay in the foreground"

scenario "check says when an app that pings too seldom pinged last"
service seldom "/usr/bin/notifybridge run $redis sh -c '/run/.notifybridge send READY=1 WATCHDOG=1; sleep 60'" TimeoutStartSec=20 WatchdogSec=2
timeout -k 1 60 systemctl start seldom || fail "seldom does not start"
names seldom "WATCHDOG=1 did not arrive within WatchdogSec= (2s): the last WATCHDOG=1 was sent 2." "if the app pings less often, set WatchdogSec= above the time between its pings"
# The next units have a mount namespace, in which podman cannot unmount this container.
remove_killed x

scenario "check names a setting of the sandbox in which podman cannot work"
service devices "/usr/bin/notifybridge run $probe $redis" TimeoutStartSec=20 PrivateDevices=yes
fails devices "with PrivateDevices=yes, the container's devices cannot be created: \"Error: " "set PrivateDevices=no (\`systemctl edit devices.service\`)"
service namespaces "/usr/bin/notifybridge run $probe $redis" TimeoutStartSec=20 "RestrictNamespaces=~pid"
fails namespaces "with RestrictNamespaces=, the container's namespaces cannot be created" "set RestrictNamespaces=no"
service hostname "/usr/bin/notifybridge run $probe $redis" TimeoutStartSec=20 ProtectHostname=yes
fails hostname "with ProtectHostname=yes, the container cannot have a name of its own" "set ProtectHostname=no"

scenario "check explains podman create instead of podman run"
service made "/usr/bin/notifybridge run podman create --replace --name=made docker.io/library/redis"
fails made '`podman create` makes a container and does not start it' 'use `run` instead of `create`'
podman rm --force made >/dev/null

# ends_by VERB NAME: starts NAME, and ends its container with `podman VERB`.
ends_by() {
    service "$2" "/usr/bin/notifybridge run --ready-when=start $redis sleep 1000"
    systemctl start "$2"
    podman "$1" x >/dev/null
    expect_soon "$2" ActiveState=failed
}

scenario "check explains that podman stop ended the app"
ends_by stop halted
names halted 'the app was killed by SIGTERM, for example by `podman stop`' 'systemctl restart halted'

scenario "check explains that podman kill ended the container"
ends_by kill slain
names slain 'the run broke off: wrap was killed, for example by `podman kill`' 'systemctl restart slain'

scenario "podman restart by another program ends the unit at once"
ends_by restart anew
names anew "another program has started the container again" "restart the unit instead of its container: \`systemctl restart anew.service\`"
eventually "the container goes" no_container x

scenario "check advises a probe for an app that does not notify"
service quiet "/usr/bin/notifybridge run $redis"
fails quiet "the app did not send READY=1, and no probe is set" "add --ready-when=listen:PORT to ExecStart="

scenario "check explains a TimeoutStartSec= shorter than the pull"
python3 -c 'import fcntl, socket, struct
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
server = socket.create_server(("127.0.0.1", 5999))
kept = []
while True:
    kept.append(server.accept())' &
registry=$!
service pull "/usr/bin/notifybridge run podman run --rm --replace --name=x 127.0.0.1:5999/redis" TimeoutStartSec=8
fails pull "Starting podman: pulling 127.0.0.1:5999/redis" "podman pull 127.0.0.1:5999/redis"
kill "$registry"

scenario "check explains a TimeoutStopSec= shorter than --stop-timeout="
# Without a trap, the signal would end the app. So the app is ready only when it has the trap.
service stuck "/usr/bin/notifybridge run --ready-when=log:deaf --stop-timeout=30 $redis \
    sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 1; done'" TimeoutStopSec=2
systemctl start stuck
systemctl stop stuck
names stuck "did not stop within TimeoutStopSec= (2s)" "set TimeoutStopSec="
podman rm --force --time=0 x >/dev/null 2>&1 || true

scenario "check explains an app that ignores its stop signal"
service deafened "/usr/bin/notifybridge run --ready-when=log:deaf --stop-timeout=2 $redis \
    sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 1; done'"
systemctl start deafened
systemctl stop deafened
names deafened "the app did not end within 2s (--stop-timeout) after its stop signal, and was killed" "set STOPSIGNAL in its image"
podman rm --force --time=0 x >/dev/null 2>&1 || true

# starting NAME: returns whether the finding about the unit names the port that the unit waits for.
starting() {
    said=$(check "$1")
    [[ $said == "note     unit "*"$1.service is starting: waiting for \"tcp:127.0.0.1:6380"* ]]
}

scenario "check shows what a starting unit of run waits for"
service slow "/usr/bin/notifybridge run --ready-when=tcp:127.0.0.1:6380 $redis" TimeoutStartSec=120 WatchdogSec=60
systemctl start --no-block slow
eventually "slow waits for its probe" starting slow
if grep -E 'has not sent READY=1|wrap --' <<<"$said"; then fail "slow: $said"; fi
systemctl stop slow

# no_run NAME: returns whether `status` reports that the container may not have been started yet.
no_run() {
    said=$(timeout -k 1 20 "$bin/notifybridge" status "$1" 2>&1) || true
    [[ $said == *"no run yet; wait "*"the container does not exist yet"* ]]
}

scenario "status reports that no container has started yet"
service early "/usr/bin/host-notify-waiter /bin/sleep 1000" TimeoutStartSec=120 Environment=SHARED_DIR=/run/early
systemctl start --no-block early
eventually "status tells that early has no run" no_run early
systemctl stop early

scenario "check advises a probe for an app that does not ping"
service dog "/usr/bin/notifybridge run $probe $redis" WatchdogSec=2
systemctl start dog
expect_soon dog ActiveState=failed
names dog "WATCHDOG=1 did not arrive within WatchdogSec= (2s)" "add --alive-when=tcp:127.0.0.1:6379 to ExecStart="
remove_killed x

scenario "check explains that the files of the directory were removed"
service bare "/usr/bin/notifybridge run $probe $redis"
systemctl start bare
rm -rf /run/notifybridge/bare.service/shared
names bare "something removed the files of the shared directory" "systemctl restart bare.service"
timeout -k 1 9 systemctl stop bare || fail "bare goes on"

scenario "check advises Type=notify instead of Type=simple"
service simple "/usr/bin/notifybridge run $probe $redis" Type=simple
systemctl start simple
eventually "simple is up" notifybridge status --ready simple
names simple "Type=simple, NotifyAccess=none" "set Type=notify (\`systemctl edit simple.service\`)"
systemctl stop simple

scenario "check explains NotifyAccess=none"
service deaf "/usr/bin/notifybridge run $probe $redis" Type=exec NotifyAccess=none
systemctl start deaf
eventually "deaf is up" notifybridge status --ready deaf
names deaf "NotifyAccess=none: systemd does not wait for READY=1, and drops" "set Type=notify"
systemctl stop deaf

scenario "check explains KillMode=process"
service loose "/usr/bin/notifybridge run $probe $redis" KillMode=process
systemctl start loose
systemctl kill --kill-whom=main --signal=KILL loose
expect_soon loose ActiveState=failed
names loose "was killed by SIGKILL, and KillMode=process" "set KillMode=mixed"
remove_killed x

scenario "check explains that two units share a directory"
service one "/usr/bin/notifybridge run --shared-dir=/run/same $probe $redis"
service two "/usr/bin/notifybridge run --shared-dir=/run/same $probe ${redis/=x/=y}"
systemctl start one
fails two 'shared directory "/run/same": in use by another wait' "follow this message"
systemctl stop one

scenario "check explains the limit of restarts"
service limit "/usr/bin/notifybridge run $redis sh -c 'echo cannot open /data/db; exit 3'" Restart=always \
    RestartSec=10ms StartLimitInterval=1h StartLimitBurst=3
systemctl start limit 2>/dev/null || true
expect_soon limit ActiveState=failed
names limit 'times in a row, and systemd does not start it again: the app exited with status 3; its last line is "cannot open' \
    "systemctl reset-failed limit.service"

# ended NAME TEXT: returns whether the finding about the starting unit says how its last run ended.
ended() {
    said=$(check "$1")
    [[ $said == "note     unit "*"$1.service is starting, after "*"; its last run ended: "*"$2"* ]]
}

scenario "check explains why the last run ended while systemd restarts the unit"
service loop "/usr/bin/notifybridge run $probe $redis sh -c 'echo cannot open /data/db; sleep 1; exit 3'" \
    Restart=always RestartSec=10ms StartLimitInterval=0 TimeoutStartSec=20 "ExecStopPost=/bin/echo tidied"
systemctl start --no-block loop
eventually "loop says how its last run ended" ended loop 'it exited with status 3; its last line is "cannot open /data/db"'
systemctl stop loop

# again NAME CAUSE REMEDY: returns whether a finding says this about the last run of a unit that
# systemd has restarted.
again() {
    said=$(check "$1")
    [[ $said == *"note     "*"$1.service is "*", after "*"; its last run ended: $2"*$'\n '*"$3"* ]]
}

scenario "a restart loop gets the same remedies as a failed unit"
loop=(Restart=always RestartSec=10ms StartLimitInterval=0)
service loop-slow "/usr/bin/notifybridge run $probe $redis sleep 60" TimeoutStartSec=8 "${loop[@]}"
systemctl start --no-block loop-slow
eventually "loop-slow needs more time" again loop-slow "READY=1 did not arrive within TimeoutStartSec= (8s): waiting for \"tcp:127.0.0.1:6379: connection refused" "if the app is only slow, set a longer TimeoutStartSec="
systemctl stop loop-slow
service loop-seldom "/usr/bin/notifybridge run $redis sh -c '/run/.notifybridge send READY=1 WATCHDOG=1; sleep 60'" TimeoutStartSec=20 WatchdogSec=2 "${loop[@]}"
systemctl start --no-block loop-seldom
eventually "loop-seldom pings too seldom" again loop-seldom "WATCHDOG=1 did not arrive within WatchdogSec= (2s): the last WATCHDOG=1 was sent 2." "if the app pings less often, set WatchdogSec= above the time between its pings"
systemctl stop loop-seldom
remove_killed x

# by_hand NAME OPTIONS: makes the same unit with `wait` and a command line written by hand.
by_hand() {
    service "$1" "/usr/bin/host-notify-waiter podman run --rm --replace --name=x $2 \
        docker.io/library/redis /opt/container-notify-wrapper $probe redis-server" \
        "Environment=SHARED_DIR=/run/$1" KillMode=mixed
}
wrapper="-v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro"

scenario "by hand: check explains a container without the wrapper"
by_hand bare "-v /run/bare:/shared:Z -e SHARED_DIR=/shared"
fails bare "the container does not have container-notify-wrapper" "mount the program: \`-v /usr/bin/notifybridge:"

scenario "by hand: check does not take an error of podman for one of the app"
by_hand nosource "$wrapper -v /run/nosource:/shared:Z -e SHARED_DIR=/shared -v /nosuch:/x"
fails nosource 'the container was not started: "Error: ' "correct the command line"

scenario "by hand: check explains a wrong SHARED_DIR"
by_hand elsewhere "$wrapper -v /run/elsewhere:/shared:Z -e SHARED_DIR=/elsewhere"
fails elsewhere 'its output says "shared directory \"/elsewhere\": No such file' "check this message"

scenario "by hand: check explains a mount of another directory"
mkdir /run/another
by_hand other "$wrapper -v /run/another:/shared:Z -e SHARED_DIR=/shared"
fails other "no wrap has started in /run/other: the container mounts /run/another at /shared" "follow this message"
