#include "bridge/diagnosis/running_causes.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

constexpr std::uint64_t second_usec = 1'000'000;

/// Returns the symptoms of a unit whose state changed at 100 s, `age` seconds ago.
Symptoms symptoms_after(int age, const DiagnosisSample& sample) {
    Symptoms symptoms = symptoms_by(sample);
    symptoms.now.monotonic = (100 + static_cast<std::uint64_t>(age)) * second_usec;
    return symptoms;
}

std::string reloading(std::string_view sub_state, std::string_view more = {}) {
    return concat("ActiveState=reloading\nSubState=", sub_state,
                  "\nStateChangeTimestampMonotonic=100000000\n", more);
}

/// A unit that is active again after a reload that timed out.
const std::string after_timeout =
    "ActiveState=active\nSubState=running\nReloadResult=timeout\nType=notify-reload\n"
    "StateChangeTimestampMonotonic=100000000\n";

const std::vector<DiagnosisSample> reloads = {
    {.properties = reloading("reload-notify", "StatusText=reading /etc/app\n"),
     .cause = "app.service has been reloading for 1min 5s: the app has sent RELOADING=1 and no "
              "READY=1 since then; its last STATUS is \"reading /etc/app\"",
     .remedy = "the app has to send READY=1 at the end of a reload; to go on now: `systemctl "
               "restart app.service`"},
    {.properties = reloading("reload-signal"),
     .cause = "has been reloading for 1min 5s: the app got SIGHUP and has not sent RELOADING=1",
     .remedy = "if the app does not report its reloads, add --ready-when=listen:PORT to "
               "ExecStart="},
    {.properties = reloading("reload") + "ControlPID=7\n",
     .cause = "has been reloading for 1min 5s: ExecReload= still runs",
     .remedy = concat("if the command hangs, correct it (", edit, ')')},
    {.properties = after_timeout,
     .cause = "app.service is active, but its last reload failed 1min 5s ago: the app did not send "
              "RELOADING=1 and READY=1 within TimeoutStartSec= (4s) after SIGHUP",
     .remedy = concat("if the app does not report its reloads, add "
                      "--ready-when=listen:PORT to ExecStart= (",
                      edit,
                      "): notifybridge then reports them; otherwise set Type=notify and "
                      "ExecReload=/bin/kill -HUP $MAINPID (`systemctl edit app.service`)")},
    {.properties = after_timeout,
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .cause = "its last reload failed",
     .remedy = "if the app is only slow, set a longer TimeoutStartSec="},
};

BOOST_AUTO_TEST_SUITE(reload_causes)

BOOST_DATA_TEST_CASE(a_failed_reload_has_one_cause_and_one_remedy, reloads) {
    const auto found = diagnose(symptoms_after(65, sample));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST_INFO(found->cause);
    BOOST_TEST(found->cause.find(sample.cause) != std::string::npos);
    BOOST_TEST_INFO(found->remedy);
    BOOST_TEST(found->remedy.find(sample.remedy) != std::string::npos);
    BOOST_TEST((found->verdict == Finding::Verdict::problem));
}

BOOST_AUTO_TEST_CASE(a_reload_that_has_just_begun_is_not_reported) {
    BOOST_TEST(!diagnose(symptoms_after(4, reloads.front())).has_value());
}

BOOST_AUTO_TEST_CASE(a_reload_that_succeeded_is_not_reported) {
    const DiagnosisSample good = {.properties =
                                      "ActiveState=active\nSubState=running\n"
                                      "ReloadResult=success\nType=notify-reload\n"};
    BOOST_TEST(!diagnose(symptoms_after(65, good)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
