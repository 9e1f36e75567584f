#!/bin/bash
#
# `wait --listen`: a virtual machine runs as a Type=notify unit. The units are those of README.md
# and notifybridge-examples(7). The virtual machine manager is a stand-in with the sockets of
# cloud-hypervisor: messages of the guest to a port of the host arrive at a Unix socket.

. "$(dirname "$0")/lib.sh"
in_lab 120
. "$here/recipes.sh"

orders=$SYSTEM_TEST/apps/orders

# stand_in: creates a manager that sends the guest's messages, which it reads from $orders line by
# line.
stand_in() {
    cat >/usr/bin/cloud-hypervisor <<END
#!/usr/bin/python3
import re, socket, sys
line = " ".join(sys.argv)
path = re.search(r"--vsock cid=3,socket=(\S+)", line)[1]
port = re.search(r"vmm\.notify_socket=vsock-stream:2:(\d+)", line)[1]
def say(text):
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(f"{path}_{port}")
        guest.sendall(text.encode())
        guest.shutdown(socket.SHUT_WR)
        guest.recv(1)
say("STATUS=booting")
while True:
    with open("$orders", encoding="utf-8") as orders:
        for order in orders:
            say(order.rstrip("\n").replace("\\\\n", "\n"))
            if "X_SYSTEMD_SHUTDOWN=poweroff" in order:
                sys.exit(0)
END
    chmod 755 /usr/bin/cloud-hypervisor
}

# guest_says MESSAGE: lets the guest send MESSAGE.
guest_says() {
    printf '%s\n' "$1" | timeout -k 1 "$patience" tee "$orders" >/dev/null || fail "the guest is not up"
}

boot() {
    systemctl start --no-block vm
    expect_soon vm ActiveState=activating StatusText=booting
    guest_says 'READY=1\nSTATUS=Startup finished'
    expect_soon vm StatusText="Startup finished"
    expect vm ActiveState=activating
    guest_says X_SYSTEMD_UNIT_ACTIVE=multi-user.target
    expect_soon vm ActiveState=active
}

prepare
stand_in
mkfifo "$orders"

scenario "the unit in README.md is active when the guest has started"
recipe "$readme" "A virtual machine" 1 | adapt_unit vm "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl start --no-block vm
expect_soon vm ActiveState=activating StatusText=booting
guest_says 'READY=1\nSTATUS=Startup finished'
expect_soon vm ActiveState=active StatusText="Startup finished"
stop vm

recipe "$examples" "A VIRTUAL MACHINE" 2 | adapt_unit vm "$SYSTEM_TEST/units"
systemctl daemon-reload

scenario "the unit is active when the guest's target is active"
boot
expect vm MainPID="$(pgrep --full 'notifybridge wait --listen')"
stop vm

scenario "the unit ends with the guest's exit status"
boot
guest_says 'EXIT_STATUS=3\nX_SYSTEMD_SHUTDOWN=poweroff'
expect_end vm "exit-code exited 3"
systemctl reset-failed vm

scenario "the unit succeeds if the guest powers off"
boot
guest_says 'EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=poweroff'
expect_end vm "success exited 0"

scenario "a guest cannot change the main process"
boot
pid=$(property vm MainPID)
guest_says 'MAINPID=1\nSTATUS=evil'
expect_soon vm StatusText=evil
expect vm MainPID="$pid"
stop vm
