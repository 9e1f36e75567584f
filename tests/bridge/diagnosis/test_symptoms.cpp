#include "bridge/diagnosis/symptoms.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "base/process/print.hpp"
#include "base/util/concat.hpp"
#include "support/words.hpp"

namespace notifybridge::diagnosis::test_symptoms {
namespace {

using util::concat;

UnitFacts unit_with(std::string_view command) {
    UnitFacts unit;
    unit.name = "app.service";
    unit.exec_start = {test::words_of(command)};
    return unit;
}

const UnitFacts app = unit_with("/bin/app");

Symptoms symptoms_with_log(std::string_view log, Writer writer = Writer::ours) {
    return symptoms_of(app, read_log({{std::string(log), writer}}));
}

/// Returns the stop timeout that a log shows. Returns an empty text if there is none.
std::string span_in_log(std::string_view log) {
    const Symptoms symptoms = symptoms_with_log(log);
    return span_before_kill(symptoms);
}

std::string manager_in(std::string_view command) {
    const UnitFacts unit = unit_with(command);
    const Symptoms symptoms = symptoms_of(unit, {});
    return std::string(manager_name(symptoms));
}

struct StarterRow {
    const char* command;
    Starter starter;

    friend std::ostream& operator<<(std::ostream& out, const StarterRow& row) {
        return out << row.command;
    }
};

constexpr StarterRow starter_rows[] = {
    {"/usr/bin/notifybridge run podman run redis", Starter::run},
    {"/usr/bin/notifybridge wait -- podman run redis", Starter::wait},
    {"/usr/bin/host-notify-waiter podman run redis", Starter::wait},
    {"/usr/bin/notifybridge wrap app", Starter::wrap},
    {"/usr/bin/container-notify-wrapper app", Starter::wrap},
    {"/usr/bin/notifybridge send READY=1", Starter::other},
    {"/usr/bin/notifybridge", Starter::other},
    {"/usr/local/bin/start run", Starter::other},
    {"/usr/bin/podman run redis", Starter::other},
    {"/usr/bin/notifybridge run podman run image notifybridge init", Starter::init},
    {"/usr/bin/notifybridge run podman run image /run/nb init", Starter::init},
    {"/usr/bin/podman init app", Starter::other},
};

UnitFacts unit_ended_by(int code, int status) {
    UnitFacts unit;
    unit.main_code = code;
    unit.main_status = status;
    return unit;
}

UnitFacts unit_active_at(std::uint64_t active, std::uint64_t started) {
    UnitFacts unit;
    unit.active_usec = active;
    unit.main_started_usec = started;
    return unit;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(symptoms_of_a_unit)

BOOST_DATA_TEST_CASE(the_command_line_shows_the_starter_of_a_unit, starter_rows, row) {
    BOOST_TEST((symptoms_of(unit_with(row.command), {}).starter == row.starter));
}

BOOST_AUTO_TEST_CASE(the_source_path_shows_a_unit_of_quadlet) {
    UnitFacts unit = unit_with("/usr/bin/podman run redis");
    unit.source_path = "/etc/containers/systemd/app.container";
    BOOST_TEST((symptoms_of(unit, {}).starter == Starter::quadlet));
    unit.source_path = "/etc/containers/systemd/app.pod";
    BOOST_TEST((symptoms_of(unit, {}).starter == Starter::other));
}

BOOST_AUTO_TEST_CASE(the_option_listen_shows_a_virtual_machine) {
    BOOST_TEST(!symptoms_of(unit_with("/usr/bin/notifybridge wait podman"), {}).machine);
    const auto machine =
        symptoms_of(unit_with("/usr/bin/notifybridge wait --listen=vsock:1 qemu"), {}).machine;
    BOOST_TEST(machine.has_value());
}

BOOST_AUTO_TEST_CASE(exec_main_code_shows_how_a_unit_ended) {
    BOOST_TEST(!end_of(unit_ended_by(0, 0)).has_value());
    BOOST_TEST(*end_of(unit_ended_by(CLD_EXITED, 3)) == process::ExitStatus::exited(3));
    BOOST_TEST(*end_of(unit_ended_by(CLD_KILLED, SIGTERM)) == process::ExitStatus::killed(SIGTERM));
    BOOST_TEST(*end_of(unit_ended_by(CLD_DUMPED, SIGABRT)) == process::ExitStatus::killed(SIGABRT));
}

BOOST_AUTO_TEST_CASE(a_unit_counts_as_active_only_since_its_last_start) {
    BOOST_TEST(!was_active(unit_active_at(0, 0)));
    BOOST_TEST(!was_active(unit_active_at(0, 10)));
    BOOST_TEST(!was_active(unit_active_at(9, 10)));
    BOOST_TEST(was_active(unit_active_at(10, 10)));
    BOOST_TEST(was_active(unit_active_at(11, 10)));
}

BOOST_AUTO_TEST_CASE(podman_is_named_unless_the_command_names_a_manager) {
    BOOST_TEST(manager_in("/bin/app") == "podman");
    BOOST_TEST(manager_in("notifybridge run /opt/docker run x") == "docker");
}

BOOST_AUTO_TEST_CASE(the_stop_timeout_is_read_from_the_message_of_wait_only) {
    const std::string text = "sending SIGKILL after 1min 30s [stop-timeout]\n";
    BOOST_TEST(span_in_log(concat("[MAIN] warning: ", text)) == "1min 30s");
    for (const std::string& log :
         {text, std::string("[MAIN] warning: sending SIGKILL after 5s (--stop-timeout)\n"),
          std::string("[MAIN] warning: sending SIGKILL after 5s [timeout]\n")})
        BOOST_TEST(span_in_log(log).empty(), log);
    const Symptoms forged = symptoms_with_log(concat("[MAIN] warning: ", text), Writer::other);
    BOOST_TEST(span_before_kill(forged).empty());
}

BOOST_AUTO_TEST_CASE(the_first_time_span_of_a_message_is_found) {
    const std::string all = "1w 2d 3h 4min 5s 6ms 7us";
    BOOST_TEST(time_span_in(concat("sent ", all, " before")) == all);
    BOOST_TEST(time_span_in("not ready within 5s (--ready-timeout): 6 s") == "5s");
    BOOST_TEST(time_span_in("sent 3.0 s before; the last status was \"1 s\"") == "3.0 s");
    BOOST_TEST(time_span_in("within infinity") == "infinity");
    // Quoted words are those of the app.
    BOOST_TEST(time_span_in("the last status was \"loading 5 s\"") == "");
    BOOST_TEST(time_span_in("db1: 127.0.0.1:80: x") == "");
    BOOST_TEST(time_span_in("") == "");
    std::string long_line;
    for (int word = 0; word < 20'000; ++word)
        long_line += "1s ";
    BOOST_TEST(time_span_in(long_line) == "1s 1s 1s 1s 1s 1s 1s");
}

BOOST_AUTO_TEST_CASE(lines_of_ours_are_preferred_and_others_are_quoted) {
    std::vector<LogLine> log = read_log(
        {{"[MAIN] error: ours\n", Writer::ours}, {"[MAIN] error: \"forged\"\n", Writer::other}});
    const Symptoms symptoms = symptoms_of(app, std::move(log));
    const auto is_error = [](const LogLine& line) { return line.kind == LogLine::Kind::error; };
    const LogLine* const line = find_line(symptoms, is_error);
    BOOST_TEST_REQUIRE(line != nullptr);
    BOOST_TEST(said(*line, line->text) == "ours");
    const Symptoms forged = symptoms_with_log("[MAIN] error: a \"b\"\n", Writer::other);
    BOOST_TEST(!find_own_line(forged, is_error));
    BOOST_TEST(said(*find_line(forged, is_error), "a \"b\"") == "its output says \"a \\\"b\\\"\"");
}

BOOST_AUTO_TEST_CASE(the_last_line_of_another_program_in_the_log_is_quoted) {
    BOOST_TEST(last_words(symptoms_with_log("")).empty());
    BOOST_TEST(last_words(symptoms_with_log("[MAIN] warning: x\n")).empty());
    BOOST_TEST(
        last_words(symptoms_with_log("first\nlast\n[MAIN] the command exited [command-ended]\n"))
        == "; its last line is \"last\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::diagnosis::test_symptoms
