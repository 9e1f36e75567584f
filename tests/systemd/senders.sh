#!/bin/bash
#
# Shell scripts notify with `notifybridge send`, and with the systemd-notify of notifybridge and of
# the host. They run as root and as nobody, with and without a container.

. "$(dirname "$0")/lib.sh"
in_lab podman setpriv systemd-notify

as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"

# script NAME SENDER…: makes a shell script that notifies with SENDER and then runs until a signal
# ends it. Prints its command line.
script() {
    local name=$1
    shift
    cat >"$apps/$name.sh" <<EOF
set -e
$* --status="by $name, as \$(id -un)"
$* READY=1
$* --ready "STATUS=ready, by $name"
sleep infinity
EOF
    echo "/bin/sh $apps/$name.sh"
}

notifies() {
    local name=$1
    start "$name"
    expect_soon "$name" ActiveState=active "StatusText=ready, by $name"
    stop "$name"
}

for kind in none podman; do
    for user in root nobody; do
        for sender in send ours theirs; do
            case $sender in
            send) command="$bin/notifybridge send" ;;
            ours) command="$bin/libexec/systemd-notify" ;;
            theirs) command=$(command -v systemd-notify) ;;
            esac
            name=$kind-$user-$sender
            scenario "$kind: $user can notify with $command"
            become=
            [ $user = root ] || become=$as_nobody
            unit "$name" <<EOF
ExecStart=$wait $(container $kind "$name") $wrap $become $(script "$name" "$command")
EOF
            notifies "$name"
        done
    done
done

scenario "a container whose only user is nobody can notify"
name=all-nobody
unit "$name" <<EOF
ExecStart=$wait --owner=65534:65534 \
    $(container podman "$name" --user=65534:65534) $wrap $(script "$name" "$bin/notifybridge send")
EOF
notifies "$name"

scenario "a script without a container notifies systemd directly"
cat >"$apps/straight.sh" <<EOF
systemd-notify --ready --status="straight on"
exec sleep infinity
EOF
unit straight <<EOF
UnsetEnvironment=SHARED_DIR
ExecStart=$wrap /bin/sh $apps/straight.sh
EOF
start straight
expect_soon straight ActiveState=active "StatusText=straight on"
stop straight
