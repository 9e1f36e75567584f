#include "bridge/diagnosis/machine.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/unit_text.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

UnitFacts machine_unit(std::string_view command, std::string_view properties = {}) {
    const auto units = read_units(
        concat("Id=vm.service\nType=notify\nNotifyAccess=main\nRestart=no\nTimeoutStartUSec=4s\n"
               "WatchdogUSec=3s\nExecMainStartTimestampMonotonic=1000\n",
               properties, "ExecStart={ path=/x ; argv[]=", command, " ; ignore_errors=no }\n"));
    BOOST_REQUIRE(units.size() == 1u);
    return units.front();
}

/// A unit's properties and log, and the diagnosis that is expected.
struct MachineSample {
    std::string properties;
    std::string log = {};
    std::string cause = {};
    std::string remedy = {};
    std::string options = {};
};

std::ostream& operator<<(std::ostream& out, const MachineSample& sample) {
    return out << sample.properties << sample.options << ' ' << sample.log;
}

std::optional<Diagnosis> diagnosis_of(const MachineSample& sample, bool reachable = true) {
    const UnitFacts unit = machine_unit(concat("/usr/bin/notifybridge wait --listen=vsock:9999 ",
                                               sample.options, "qemu-system-x86_64 -nographic"),
                                        sample.properties);
    Symptoms symptoms = symptoms_of(unit, read_log({{sample.log, Writer::ours}}));
    BOOST_REQUIRE(symptoms.machine.has_value());
    symptoms.machine->is_reachable = reachable;
    return diagnose(symptoms);
}

constexpr std::string_view listening =
    "[PROXY] listening on vsock:9999; give the guest the credential "
    "vmm.notify_socket=vsock-stream:2:9999\n";
constexpr std::string_view silent =
    "[MAIN] warning: SIGTERM arrived before READY=1; no message arrived from the guest; give the "
    "guest the credential vmm.notify_socket=vsock-stream:2:9999, which systemd 254 and later use "
    "[before-ready]\n";
const std::string late = "ActiveState=failed\nSubState=failed\nResult=timeout\n";
const std::string failed_by_1 =
    "ActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=1\n";
const std::string was_ready = "ActiveEnterTimestampMonotonic=2000\n";
const std::string ready_on = "--ready-on=multi-user.target ";

const std::vector<MachineSample> machine_samples = {
    {.properties = late,
     .log = std::string(silent),
     .cause = "vm.service has failed (timeout): READY=1 did not arrive in time: no message arrived "
              "from the guest",
     .remedy = "give the guest the credential vmm.notify_socket=vsock-stream:2:9999, which systemd "
               "254 and later use (`systemctl edit --full vm.service`)"},
    {.properties = late,
     .log = std::string(listening),
     .cause = "in time: the guest did not send READY=1",
     .remedy = "credential vmm.notify_socket=vsock-stream:2:9999,"},
    {.properties = late,
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; the guest has only sent messages of "
            "more than 4096 bytes, which are dropped [before-ready]\n",
     .cause = "in time: the guest has only sent messages of more than 4096 bytes",
     .remedy = "let the guest send shorter messages"},
    {.properties = late,
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; guests of this machine need "
            "/dev/vhost-vsock, which does not exist; run `modprobe vhost_vsock` [before-ready]\n",
     .cause = "in time: guests of this machine need /dev/vhost-vsock, which does not exist",
     .remedy = "`modprobe vhost_vsock`, then `systemctl restart vm.service`"},
    {.properties = late,
     .cause = "the guest did not send READY=1",
     .remedy = "the credential vmm.notify_socket=vsock-stream:2:9999, which systemd 254"},
    {.properties = concat(late, "StatusText=Starting up\n"),
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; the guest did not send READY=1; its "
            "last status was \"Starting up\" [before-ready]\n",
     .cause = "the guest did not send READY=1; its last STATUS is \"Starting up\"",
     .remedy =
         "the guest's journal shows why; if the guest is only slow, set a longer TimeoutStartSec="},
    {.properties = concat(late, "StatusText=Startup finished\n"),
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; the guest did not report that "
            "multi-user.target is active (--ready-on); this needs systemd 256 or later in the "
            "guest [before-ready]\n",
     .cause = "the guest did not report that multi-user.target is active (--ready-on)",
     .remedy =
         "`systemctl status multi-user.target` shows why; if the guest has systemd before 256",
     .options = ready_on},
    {.properties = "ActiveState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=124\n",
     .log = "[MAIN] error: READY=1 did not arrive within 5s (TIMEOUT, --timeout); no message "
            "arrived from the guest; give the guest the credential vmm.notify_socket=x [timeout]\n",
     .cause = "did not arrive in time: no message arrived",
     .remedy = "give the guest the credential"},
    {.properties = failed_by_1,
     .log = "qemu-system-x86_64: vhost-vsock: failed to open vhost device\n[MAIN] warning: the "
            "command exited with status 1 before READY=1; guests of this machine need "
            "/dev/vhost-vsock, which does not exist; run `modprobe vhost_vsock` [before-ready]\n",
     .cause = "guests of this machine need /dev/vhost-vsock, which does not exist",
     .remedy = "`modprobe vhost_vsock`, then `systemctl restart vm.service`"},
    {.properties = failed_by_1,
     .log = "qemu-system-x86_64: no such disk\n[MAIN] the command exited with status 1 "
            "[command-ended]\n[MAIN] "
            "warning: the command exited with status 1 before READY=1; no message arrived from "
            "the guest; give the guest the credential x [before-ready]\n",
     .cause = "the virtual machine exited with status 1 before READY=1; its last line is "
              "\"qemu-system-x86_64: no such disk\"",
     .remedy = "fix what the virtual machine reports"},
    {.properties = "ActiveState=failed\nResult=protocol\nExecMainCode=1\nExecMainStatus=0\n",
     .log = "[MAIN] warning: the command exited with status 0 before READY=1; no message arrived "
            "from the guest; give the guest the credential x [before-ready]\n",
     .cause = "the virtual machine ended before READY=1: no message arrived from the guest",
     .remedy = "give the guest the credential"},
    {.properties = "ActiveState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=127\n",
     .log = "[MAIN] error: cannot run \"qemu-system-x86_64\": No such file or directory; check the "
            "path of the command, and PATH [cannot-run]\n",
     .cause = "cannot run \"qemu-system-x86_64\": No such file or directory; check the path of",
     .remedy = "follow this message"},
    {.properties = "ActiveState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=125\n",
     .log = "notifybridge wait: cannot listen on vsock:9999: another process listens on this "
            "port; choose another\n",
     .cause = "another process listens on this port; choose another",
     .remedy = "follow this message; to edit the unit: `systemctl edit --full vm.service`"},
    {.properties = concat(failed_by_1, was_ready),
     .log = "[MAIN] the command exited with status 0 [command-ended]\n",
     .cause = "the guest ended with EXIT_STATUS=1",
     .remedy = "the guest's journal"},
    {.properties = concat("ActiveState=failed\nResult=watchdog\n", was_ready),
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s)",
     .remedy = "remove WatchdogSec= (`systemctl edit --full vm.service`)"},
    {.properties = concat(late, was_ready),
     .log = "[MAIN] warning: sending SIGKILL, because the stop took longer than 90s "
            "(--stop-timeout) [stop-timeout]\n",
     .cause = "the virtual machine did not end in time",
     .remedy = "ExecStop="},
};

BOOST_AUTO_TEST_SUITE(machine)

BOOST_AUTO_TEST_CASE(a_virtual_machine_is_recognized_by_the_options_of_wait) {
    const auto read = [](std::string_view line) {
        return machine_of(machine_unit(line)).value_or(Machine{"none", {}, true});
    };
    BOOST_TEST(read("/usr/bin/notifybridge wait --listen=vsock:9 qemu").address == "vsock:9");
    BOOST_TEST(read("host-notify-waiter --verbose --listen unix:/x qemu").address == "unix:/x");
    BOOST_TEST(read("/bin/sh -c exec notifybridge wait --listen=unix:/x").address == "unix:/x");
    BOOST_TEST(read("notifybridge wait --ready-on=a.target --listen=vsock:9 qemu").ready_on
               == "a.target");
    for (const std::string_view command :
         {"notifybridge wait podman run app --listen=unix:/x",
          "notifybridge wait --verbose podman run app --listen=unix:/x",
          "notifybridge wait qemu --listen=unix:/x", "notifybridge wait -- --listen=unix:/x",
          "notifybridge run --listen=unix:/x", "notifybridge wait --listen=9", "app"})
        BOOST_TEST(read(command).address == "none", command);
}

BOOST_DATA_TEST_CASE(a_failed_machine_has_one_cause_and_one_remedy, machine_samples) {
    const auto found = diagnosis_of(sample);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST_INFO(found->cause);
    BOOST_TEST(found->cause.find(sample.cause) != std::string::npos);
    BOOST_TEST_INFO(found->remedy);
    BOOST_TEST(found->remedy.find(sample.remedy) != std::string::npos);
    BOOST_TEST(found->remedy.find("--ready-when") == std::string::npos);
    BOOST_TEST((found->verdict == Finding::Verdict::problem));
}

BOOST_AUTO_TEST_CASE(a_starting_machine_causes_a_note) {
    const std::string starting = "ActiveState=activating\nSubState=start\n";
    const auto quiet = diagnosis_of({.properties = starting, .log = std::string(listening)});
    BOOST_TEST((quiet->verdict == Finding::Verdict::note));
    BOOST_TEST(quiet->cause == "vm.service is starting: waiting for READY=1 of the guest");
    BOOST_TEST(
        quiet->remedy.starts_with("if it takes too long, give the guest the credential "
                                  "vmm.notify_socket=vsock-stream:2:9999"));
    const auto booting =
        diagnosis_of({.properties = concat(starting, "StatusText=booting\n"), .options = ready_on});
    BOOST_TEST(booting->cause
               == "vm.service is starting: waiting for multi-user.target of the guest; its last "
                  "STATUS is \"booting\"");
    BOOST_TEST(booting->remedy == "");
    const auto alone = diagnosis_of({.properties = starting}, /*reachable=*/false);
    BOOST_TEST((alone->verdict == Finding::Verdict::problem));
    BOOST_TEST(alone->remedy.starts_with("`modprobe vhost_vsock`"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
