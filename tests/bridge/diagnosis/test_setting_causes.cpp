#include "bridge/diagnosis/inactive_causes.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// Returns a property of `systemctl show`: a command of the unit, and how the command ended.
std::string command(std::string_view key, std::string_view words, std::string_view end) {
    return concat(key, "={ path=/bin/sh ; argv[]=", words,
                  " ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=7 ; ", end,
                  " }\n");
}

constexpr std::string_view by_status = "code=exited ; status=3";
constexpr std::string_view by_signal = "code=killed ; status=9/KILL";

const std::vector<DiagnosisSample> settings = {
    // Commands other than ExecStart=.
    {.properties = concat("ActiveState=failed\nResult=exit-code\n",
                          command("ExecStartPre", "/bin/sh -c a ; b", by_status)),
     .cause = "app.service has failed (exit-code): \"ExecStartPre=/bin/sh -c a ; b\" exited with "
              "status 3",
     .remedy =
         concat("correct this command (", edit, "); its output: `journalctl -u app.service`")},
    {.properties = concat(failed("signal", 143), command("ExecStartPost", "/bin/sh", by_signal)),
     .cause = "\"ExecStartPost=/bin/sh\" was killed by SIGKILL",
     .remedy = edit},
    {.properties = concat(was_up(failed("exit-code")), command("ExecStop", "/bin/sh", by_status)),
     .cause = "\"ExecStop=/bin/sh\" exited with status 3",
     .remedy = edit},
    {.properties =
         concat(was_up(failed("exit-code", 4)), command("ExecStop", "/bin/sh", by_status)),
     .cause = "the app exited with status 4",
     .remedy = "fix what the app reports"},
    {.properties = concat(failed("exit-code", 4),
                          "ExecStartPre={ path=/x ; argv[]=/x ; ignore_errors=yes ; pid=7 ; "
                          "code=exited ; status=3 }\n"),
     .cause = "the app exited with status 4",
     .remedy = "fix what the app reports"},
    // The first command that fails is the cause, and not the commands that follow.
    {.properties = concat("ActiveState=failed\nResult=exit-code\n",
                          command("ExecStartPre", "/bin/true", "code=exited ; status=0"),
                          command("ExecStartPre", "/bin/sh", by_status),
                          command("ExecStopPost", "/bin/rm x", by_status)),
     .cause = "\"ExecStartPre=/bin/sh\" exited with status 3",
     .remedy = edit},
    // The manager of another user shows all commands in one property.
    {.properties =
         concat("ActiveState=failed\nResult=exit-code\nExecStartPre={ path=/a ; argv[]=/a ; "
                "ignore_errors=no ; pid=6 ; code=exited ; status=0 } { path=/b ; argv[]=/b x ; "
                "ignore_errors=no ; pid=7 ; code=exited ; status=3 }\n"),
     .cause = "\"ExecStartPre=/b x\" exited with status 3",
     .remedy = edit},
    {.properties = concat(killed("exit-code", 15), "ActiveEnterTimestampMonotonic=2000\n",
                          command("ExecStop", "/bin/sh", by_status)),
     .cause = "\"ExecStop=/bin/sh\" exited with status 3",
     .remedy = edit},
    {.properties = concat("ActiveState=failed\nResult=timeout\n",
                          command("ExecStartPre", "podman pull x", "code=killed ; status=15/TERM")),
     .cause = "\"ExecStartPre=podman pull x\" did not end within TimeoutStartSec= (4s)",
     .remedy = "if the command only needs more time, set TimeoutStartSec= (`systemctl edit"},
    {.properties = concat(failed("timeout", 3),
                          command("ExecStartPost", "/bin/sh", "code=killed ; status=15/TERM")),
     .log = "no database\n",
     .cause =
         "\"ExecStartPost=/bin/sh\" did not end within TimeoutStartSec= (4s); the main process "
         "exited with status 3; its last line is \"no database\"",
     .remedy = "set TimeoutStartSec="},
    {.properties = concat(was_up(failed("timeout")),
                          command("ExecStop", "/bin/sh", "code=killed ; status=15/TERM")),
     .cause = "\"ExecStop=/bin/sh\" did not end within TimeoutStopSec= (2s)",
     .remedy = "if the command only needs more time, set TimeoutStopSec= (`systemctl edit"},
    // Limits and types.
    {.properties = concat(was_up(failed("timeout")),
                          "RuntimeMaxUSec=2s\nExecMainExitTimestampMonotonic=2002100\n"),
     .cause = "systemd stopped it after RuntimeMaxSec= (2s)",
     .remedy = "set RuntimeMaxSec= (`systemctl edit app.service`)"},
    {.properties = concat(was_up(failed("timeout")),
                          "RuntimeMaxUSec=2s\nExecMainExitTimestampMonotonic=2001000\n"),
     .cause = "the service did not stop within TimeoutStopSec=",
     .remedy = "set TimeoutStopSec="},
    {.properties = "ActiveState=deactivating\nResult=timeout\nRuntimeMaxUSec=1d\n"
                   "ActiveEnterTimestampMonotonic=2000\n",
     .cause = "the service did not stop within TimeoutStopSec=",
     .remedy = "set TimeoutStopSec="},
    {.properties = concat(failed("timeout"), "Type=forking\n"),
     .cause = "Type=forking: systemd waits until the main process has forked and ended",
     .remedy = "set Type=notify (`systemctl edit app.service`)"},
    {.properties = concat(failed("timeout"), "Type=oneshot\n"),
     .exec_start = run_with("--ready-when=start"),
     .cause = "Type=oneshot: systemd waits until the main process has ended",
     .remedy = "set Type=notify (`systemctl edit app.service`)"},
    {.properties = concat(failed("timeout"), "Type=oneshot\n"),
     .cause = "Type=oneshot: the job did not end within TimeoutStartSec= (4s)",
     .remedy = "set a longer TimeoutStartSec= (`systemctl edit app.service`); if it is a service"},
    {.properties = concat(failed("timeout"), "Type=oneshot\n"),
     .exec_start = run_with("--until=ready"),
     .cause = "the app did not send READY=1, and no probe is set",
     .remedy = "add --ready-when=listen:PORT"},
    // Starts that systemd refused.
    {.properties = concat("ActiveState=inactive\nResult=exec-condition\n",
                          command("ExecCondition", "/bin/sh", by_status)),
     .cause = "app.service is not started: \"ExecCondition=/bin/sh\" exited with status 3",
     .remedy = edit},
    {.properties = concat("ActiveState=inactive\nResult=timeout\n",
                          command("ExecCondition", "/bin/sh", "code=killed ; status=15/TERM")),
     .cause = "app.service is not started: \"ExecCondition=/bin/sh\" did not end within "
              "TimeoutStartSec= (4s)",
     .remedy = edit},
    {.properties = "ActiveState=inactive\nConditionResult=no\nConditionTimestampMonotonic=7\n",
     .cause = "app.service is not started: a condition of [Unit] was not met",
     .remedy = "`systemctl status app.service` names the condition"},
    {.properties = "ActiveState=inactive\nAssertResult=no\nConditionTimestampMonotonic=7\n",
     .cause = "app.service is not started: a condition of [Unit] was not met",
     .remedy = "`systemctl status app.service` names the condition"},
    // systemd shows this for a unit that it has just loaded.
    {.properties = "ActiveState=inactive\nConditionResult=no\nConditionTimestampMonotonic=0\n",
     .cause = "app.service is not started",
     .remedy = "`systemctl start app.service`",
     .verdict = Finding::Verdict::note},
};

BOOST_AUTO_TEST_SUITE(setting_causes)

BOOST_DATA_TEST_CASE(a_setting_that_ends_the_unit_is_the_cause, settings) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_CASE(all_required_units_are_read) {
    const auto units = read_units(
        "Requires=a.service b.socket\nRequisite=\nBindsTo=c.mount\n"
        "ExecStartPre={ path=/x ; argv[]=/x a\nb ; ignore_errors=no }\n"
        "Id=app.service\n");
    BOOST_REQUIRE(units.size() == 1u);
    BOOST_TEST(
        units.front().required == (std::vector<std::string>{"a.service", "b.socket", "c.mount"}),
        boost::test_tools::per_element());
    BOOST_TEST(units.front().name == "app.service");
    BOOST_TEST(units.front().has_first_command);
}

BOOST_AUTO_TEST_CASE(a_required_unit_that_cannot_run_is_the_cause) {
    Symptoms symptoms = symptoms_by({.properties = "ActiveState=inactive\n"});
    const auto cause_with = [&](std::string_view requirement) {
        symptoms.requirements = read_units(requirement);
        return diagnose(symptoms)->cause;
    };
    BOOST_TEST(cause_with("Id=system.slice\nActiveState=active\nLoadState=loaded\n\n"
                          "Id=docker.service\nActiveState=failed\nLoadState=loaded\n")
               == "app.service is not started: it requires docker.service, which has failed");
    BOOST_TEST(diagnose(symptoms)->remedy
               == "`journalctl -u docker.service` shows why; then `systemctl start app.service`");
    BOOST_TEST(cause_with("Id=docker.service\nActiveState=inactive\nLoadState=not-found\n")
               == "app.service is not started: it requires docker.service, which does not exist");
    BOOST_TEST(cause_with("Id=docker.service\nActiveState=inactive\nLoadState=masked\n")
               == "app.service is not started: it requires docker.service, which is masked");
    BOOST_TEST(diagnose(symptoms)->remedy
               == "`systemctl status docker.service` shows more; if it is not needed, remove it from "
                  "Requires= (`systemctl edit --full app.service`)");
    // The file of a unit that still runs may be gone.
    BOOST_TEST(cause_with("Id=docker.service\nActiveState=active\nLoadState=not-found\n")
               == "app.service is not started");
    BOOST_TEST(cause_with("Id=docker.service\nActiveState=inactive\nLoadState=bad-setting\n")
               == "app.service is not started: it requires docker.service, which systemd cannot load "
                  "(bad-setting)");
    BOOST_TEST(cause_with("Id=docker.service\nActiveState=inactive\nLoadState=loaded\n")
               == "app.service is not started");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
