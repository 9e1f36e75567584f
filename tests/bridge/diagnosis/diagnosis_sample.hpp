#pragma once

#include <boost/test/unit_test.hpp>
#include <list>
#include <ostream>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/unit_text.hpp"

/// Samples of units for the tests of causes and remedies.
namespace notifybridge::diagnosis {

/// A unit's properties and log, and parts of the diagnosis that is expected.
struct DiagnosisSample {
    std::string properties;
    std::string exec_start = "/usr/bin/notifybridge run podman run --rm docker.io/library/redis";
    std::string log = {};
    std::string cause = {};
    std::string remedy = {};
    Finding::Verdict verdict = Finding::Verdict::problem;
    Writer writer = Writer::ours;  ///< The writer of the log.
};

/// Returns the lines of this log, all by one writer.
inline std::vector<LogLine> log_by(Writer writer, std::string_view text) {
    return read_log({{std::string(text), writer}});
}

inline std::ostream& operator<<(std::ostream& out, const DiagnosisSample& sample) {
    return out << sample.properties << sample.exec_start << ' ' << sample.log;
}

/// The command that a remedy names if ExecStart= must be changed.
inline const std::string edit = "`systemctl edit --full app.service`";

/// The beginning of the remedy for a message of ours that describes itself what to do.
inline const std::string follow = util::concat("follow this message; to edit the unit: ", edit);

inline constexpr auto ignored_log =
    "[MAIN 12:00:00] warning: ignoring READY=1 of a process that is not the command "
    "(--notify-access=main): pid 3; remove --notify-access=main, start the app [ready-ignored]\n";

/// Returns the command line of a unit that gives these options to `run`.
inline std::string run_with(std::string_view options) {
    return util::concat("/usr/bin/notifybridge run ", options, " podman run --rm redis");
}

/// Returns the properties of a unit whose main process exited with this status.
inline std::string failed(std::string_view result, int status = 0) {
    return util::concat("ActiveState=failed\nSubState=failed\nResult=", result,
                        "\nExecMainCode=1\nExecMainStatus=", status, '\n');
}

/// Returns the properties of a unit whose main process was killed by this signal.
inline std::string killed(std::string_view result, int signal) {
    return util::concat("ActiveState=failed\nSubState=failed\nResult=", result,
                        "\nExecMainCode=2\nExecMainStatus=", signal, '\n');
}

/// Returns the properties of a unit that was not ready in time.
inline std::string timed_out(std::string_view status_text) {
    return util::concat(failed("timeout"), "StatusText=", status_text, '\n');
}

/// Returns `properties` with the time at which the unit became active.
inline std::string was_up(std::string_view properties) {
    return util::concat(properties, "ActiveEnterTimestampMonotonic=2000\n");
}

/// The units of all calls of `symptoms_by`. They are kept until the end of the program, because
/// symptoms do not own their unit.
inline std::list<UnitFacts> kept_units;

/// Returns the unit of the last call of `symptoms_by`.
inline UnitFacts& last_unit() {
    return kept_units.back();
}

inline Symptoms symptoms_by(const DiagnosisSample& sample) {
    constexpr std::string_view common =
        "Id=app.service\nType=notify\nNotifyAccess=main\nKillMode=control-group\nRestart=no\n"
        "TimeoutStartUSec=4s\nTimeoutStopUSec=2s\nWatchdogUSec=3s\nStartLimitBurst=5\n"
        "ExecMainStartTimestampMonotonic=1000\n";
    const std::string answer =
        util::concat(common, sample.properties, "ExecStart={ path=/x ; argv[]=", sample.exec_start,
                     " ; ignore_errors=no }\n");
    const auto units = read_units(answer);
    BOOST_REQUIRE(units.size() == 1u);
    kept_units.push_back(units.front());
    return symptoms_of(last_unit(), log_by(sample.writer, sample.log));
}

/// Checks that the diagnosis has the verdict, the cause and the remedy of the sample.
inline void check_diagnosis(const DiagnosisSample& sample) {
    const auto found = diagnose(symptoms_by(sample));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST_INFO(found->cause);
    BOOST_TEST(found->cause.find(sample.cause) != std::string::npos);
    BOOST_TEST_INFO(found->remedy);
    BOOST_TEST(found->remedy.find(sample.remedy) != std::string::npos);
    BOOST_TEST((found->verdict == sample.verdict));
    BOOST_TEST((found->cause + found->remedy).find_first_of("{}") == std::string::npos);
}

}  // namespace notifybridge::diagnosis
