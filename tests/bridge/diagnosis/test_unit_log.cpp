#include "bridge/diagnosis/unit_log.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "base/util/contains.hpp"
#include "bridge/diagnosis/last_run.hpp"
#include "bridge/diagnosis/unit_text.hpp"

namespace notifybridge::diagnosis {
namespace {

using Kind = LogLine::Kind;

LogLine only_line(std::string_view text) {
    const auto lines = read_log({{std::string(text)}});
    BOOST_REQUIRE(lines.size() == 1u);
    return lines.front();
}

BOOST_AUTO_TEST_SUITE(unit_log)

BOOST_AUTO_TEST_CASE(our_own_lines_in_the_log_are_recognized) {
    BOOST_TEST((only_line("notifybridge run: no command is given\n")
                == LogLine{Kind::refusal, "no command is given"}));
    BOOST_TEST((only_line("host-notify-waiter: in use\n") == LogLine{Kind::refusal, "in use"}));
    BOOST_TEST((only_line("[MAIN 12:00:00] error: a\n") == LogLine{Kind::error, "a"}));
    BOOST_TEST((only_line("<3>[MAIN] error: a\n") == LogLine{Kind::error, "a"}));
    BOOST_TEST((only_line("[PROXY] warning: b\n") == LogLine{Kind::warning, "b"}));
    BOOST_TEST(
        (only_line("[MAIN] The command ended\n") == LogLine{Kind::notice, "The command ended"}));
    BOOST_TEST((only_line("notifybridged: c\n") == LogLine{Kind::other, "notifybridged: c"}));
    BOOST_TEST((only_line("[MAINFRAME] error: d\n").kind == Kind::other));
}

BOOST_AUTO_TEST_CASE(tags_are_read_from_the_end_of_our_lines_only) {
    const auto line_with = [](std::string text, std::vector<std::string> tags) {
        return LogLine{Kind::error, std::move(text), std::move(tags)};
    };
    for (const auto& [line, expected] : {
             std::pair("a [timeout]", line_with("a", {"[timeout]"})),
             std::pair("a [of-a-newer-wrap]", line_with("a", {"[of-a-newer-wrap]"})),
             std::pair("a; b [no-wrap] [timeout]", line_with("a; b", {"[timeout]", "[no-wrap]"})),
             // The end of the text before these tags may be that of the app.
             std::pair("unhealthy: b [no-wrap] [unhealthy]",
                       line_with("unhealthy: b [no-wrap]", {"[unhealthy]"})),
             std::pair("a [unhealthy] [timeout]", line_with("a [unhealthy]", {"[timeout]"})),
             std::pair("a [timeout] b", line_with("a [timeout] b", {})),
             std::pair("a [::1]", line_with("a [::1]", {})),
             std::pair("a[timeout]", line_with("a[timeout]", {})),
             std::pair("]", line_with("]", {})),
         })
        BOOST_TEST((only_line(concat("[MAIN] error: ", line, '\n')) == expected), line);
    BOOST_TEST(only_line("a [timeout]\n").tags.empty());
    BOOST_TEST(only_line("notifybridge run: a [timeout]\n").tags.empty());
}

BOOST_AUTO_TEST_CASE(lines_of_a_container_manager_are_left_out) {
    BOOST_TEST(
        read_log({{"\n  \n"
                   "3b1e6f0c54a7f1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493827160504\n"
                   "2026-11-25 12:00:00.1 +0000 UTC m=+0.027 container start 85d8 (image=x)\n"
                   "conmon 3b1e6f0c54a7f1d2c3b4 <nwarn>: Failed to open cgroups file: x\n"
                   "[conmon:w]: Failed to open cgroups file: x\n"}})
            .empty());
    BOOST_TEST((only_line("conmon 3b1e6f0c54a7f1d2c3b4 <error>: Runtime path is missing\n").kind
                == Kind::other));
    BOOST_TEST((only_line("conmon: not found\n").kind == Kind::other));
}

BOOST_AUTO_TEST_CASE(a_repeated_line_of_the_log_is_shown_once) {
    const auto lines = read_log({{"a\nb\na\r\nb\nc\n"}});
    BOOST_REQUIRE(lines.size() == 3u);
    BOOST_TEST(lines.back().text == "c");
}

BOOST_AUTO_TEST_CASE(journalctl_is_queried_for_one_unit_since_its_start) {
    UnitFacts unit;
    unit.name = "app.service";
    unit.last_main_pid = 7;
    auto words = journal_command(unit, 12'000'034);
    BOOST_TEST(util::contains(words, "--since=@12.000034"));
    BOOST_TEST(words.back() == "_SYSTEMD_UNIT=app.service");
    BOOST_TEST(util::contains(words, "UNIT=app.service"));
    BOOST_TEST(util::contains(words, "_PID=7"));
    unit.user = 1000;
    words = journal_command(unit, 12'000'034);
    BOOST_TEST(util::contains(words, "_SYSTEMD_USER_UNIT=app.service"));
    BOOST_TEST(util::contains(words, "_UID=1000"));
    BOOST_TEST(util::contains(words, "_PID=7"));
    for (const char* const name : {"", "app", "--user.service", "a b.service", "x=y.service"}) {
        unit.name = name;
        BOOST_TEST(journal_command(unit, 1).empty());
    }
}

/// Returns the messages, each with a newline.
std::string text_of(std::string_view entries, const UnitFacts& unit, Start start = Start::last) {
    std::string text;
    for (const LogMessage& message : read_messages(entries, unit, start, 0))
        text += message.text + '\n';
    return text;
}

BOOST_AUTO_TEST_CASE(the_log_of_systemd_shows_how_the_last_run_ended) {
    UnitFacts unit;
    unit.name = "a.service";
    unit.invocation_id = "a2";
    unit.active_usec = 5;
    unit.main_started_usec = 9;
    unit.status_text = "of this run";
    const UnitFacts late = read_last_run(
        "INVOCATION_ID=a2\nCOMMAND=ExecStart\nEXIT_CODE=exited\nEXIT_STATUS=9\n\n"
        "INVOCATION_ID=a1\nJOB_RESULT=failed\n\n"
        "INVOCATION_ID=a1\nUNIT_RESULT=timeout\n\n"
        "INVOCATION_ID=a0\nCOMMAND=ExecStart\nEXIT_CODE=killed\nEXIT_STATUS=9\n\n",
        unit);
    BOOST_TEST(late.result == "timeout");
    BOOST_TEST(late.status_text == "");
    BOOST_TEST(late.main_code == 0);
    BOOST_TEST(late.active_usec == 0u);
    const UnitFacts killed = read_last_run(
        "USER_INVOCATION_ID=a1\nUNIT_RESULT=signal\n\n"
        "USER_INVOCATION_ID=a1\nCOMMAND=ExecStart\nEXIT_CODE=killed\n"
        "EXIT_STATUS=9\n__MONOTONIC_TIMESTAMP=7\n\n"
        "USER_INVOCATION_ID=a1\nUNIT_RESULT=cut off",
        unit);
    BOOST_TEST(killed.result == "signal");
    BOOST_TEST(killed.main_code == CLD_KILLED);
    BOOST_TEST(killed.main_status == 9);
    BOOST_TEST(killed.main_ended_usec == 7u);
    BOOST_TEST(killed.active_usec >= killed.main_started_usec);
    const UnitFacts command = read_last_run(
        "INVOCATION_ID=a1\nCOMMAND=ExecStartPre\nEXIT_CODE=exited\nEXIT_STATUS=1\n\n", unit);
    BOOST_TEST(command.failed_command == "ExecStartPre=");
    BOOST_TEST(command.failed_command_end == "exited with status 1");
    BOOST_TEST(read_last_run("", unit).result == "");
    const UnitFacts sent_before = read_last_run(
        "INVOCATION_ID=a1\nCOMMAND=ExecStart\nEXIT_CODE=exited\nEXIT_STATUS=1\n"
        "__REALTIME_TIMESTAMP=99040\n__MONOTONIC_TIMESTAMP=5040\n"
        "_SOURCE_REALTIME_TIMESTAMP=99000\n\n",
        unit);
    BOOST_TEST(sent_before.main_ended_usec == 5000u);
}

BOOST_AUTO_TEST_CASE(the_log_of_systemd_shows_a_requested_stop) {
    UnitFacts unit;
    unit.invocation_id = "a1";
    unit.restart = "always";
    unit.main_ended_usec = 7;
    const std::string stop = "INVOCATION_ID=a1\nJOB_TYPE=stop\nMESSAGE_ID=";
    const std::string stopping = stop + "de5b426a63be47a7b6ac3eaac82e2f6f\n__MONOTONIC_TIMESTAMP=";
    const std::string stopped = stop + "9d1aaa27d60140bd96365438aad20286\n\n";
    BOOST_TEST(shows_stop_request(stopping + "6\n\n", unit));
    BOOST_TEST(!shows_stop_request(stopping + "8\n\n", unit));
    // The stop may have ended the wait for a restart.
    BOOST_TEST(!shows_stop_request(stopped, unit));
    unit.restart = "no";
    BOOST_TEST(shows_stop_request(stopped, unit));
    unit.invocation_id = "a2";
    BOOST_TEST(!shows_stop_request(stopped, unit));
}

BOOST_AUTO_TEST_CASE(only_the_manager_of_a_unit_shows_how_the_last_run_ended) {
    UnitFacts unit;
    unit.name = "a.service";
    const auto of_system = last_run_command(unit);
    for (const std::string_view word : {"UNIT=a.service", "_UID=0", "_PID=1"})
        BOOST_TEST(util::contains(of_system, word), word);
    unit.user = 7;
    const auto of_user = last_run_command(unit);
    for (const std::string_view word :
         {"USER_UNIT=a.service", "_UID=7", "_SYSTEMD_UNIT=user@7.service",
          "_SYSTEMD_USER_UNIT=init.scope"})
        BOOST_TEST(util::contains(of_user, word), word);
}

BOOST_AUTO_TEST_CASE(messages_of_other_invocations_are_left_out) {
    using namespace std::string_view_literals;
    UnitFacts unit;
    unit.name = "a.service";
    unit.invocation_id = "a1";
    constexpr std::string_view entries =
        "MESSAGE=last\n_SYSTEMD_UNIT=a.service\n\n"
        "MESSAGE\n\x05\0\0\0\0\0\0\0a\n\nb=\n_SYSTEMD_INVOCATION_ID=a1\n\n"
        "_SYSTEMD_INVOCATION_ID=a1\nMESSAGE=A=b\n_SYSTEMD_UNIT=a.service\n\n"
        "__CURSOR=s=1\nMESSAGE=before\n_SYSTEMD_UNIT=a.service\n_SYSTEMD_INVOCATION_ID=a0\n\n"sv;
    BOOST_TEST(text_of(entries, unit) == "A=b\na\n\nb=\nlast\n");
    BOOST_TEST(text_of("", unit).empty());
    unit.user = 7;
    BOOST_TEST(text_of("MESSAGE=before\n_SYSTEMD_USER_UNIT=a.service\n"
                       "_SYSTEMD_INVOCATION_ID=a0\n\n"
                       "MESSAGE=quick\n_SYSTEMD_UNIT=user@7.service\n"
                       "_SYSTEMD_INVOCATION_ID=b2\n\n",
                       unit)
               == "quick\n");
}

BOOST_AUTO_TEST_CASE(the_oldest_message_is_dropped_if_it_was_cut_off) {
    UnitFacts unit;
    unit.name = "a.service";
    const std::string newest = "MESSAGE=newest\n_SYSTEMD_UNIT=a.service\n\n";
    const std::string oldest = "MESSAGE=oldest\n_SYSTEMD_UNIT=a.service\n";
    for (std::size_t size = 0; size <= oldest.size(); ++size)
        BOOST_TEST(text_of(newest + oldest.substr(0, size), unit) == "newest\n");
    BOOST_TEST(text_of(newest + oldest + '\n', unit) == "oldest\nnewest\n");
    BOOST_TEST(util::contains(journal_command(unit, 1), "--reverse"));
}

BOOST_AUTO_TEST_CASE(messages_of_the_previous_start_can_be_read) {
    UnitFacts unit;
    unit.name = "a.service";
    unit.invocation_id = "a2";
    constexpr std::string_view oldest =
        "MESSAGE=old\n_SYSTEMD_UNIT=a.service\n_SYSTEMD_INVOCATION_ID=a0\n\n";
    const std::string entries =
        "MESSAGE=now\n_SYSTEMD_UNIT=a.service\n_SYSTEMD_INVOCATION_ID=a2\n\n"
        "MESSAGE=last\n_SYSTEMD_UNIT=a.service\n_SYSTEMD_INVOCATION_ID=a1\n\n"
        "MESSAGE=quick\n\n"
        "MESSAGE=first\n_SYSTEMD_UNIT=a.service\n_SYSTEMD_INVOCATION_ID=a1\n\n"
        + std::string(oldest);
    BOOST_TEST(text_of(entries, unit, Start::previous) == "first\nlast\n");
    BOOST_TEST(text_of(entries, unit) == "quick\nnow\n");
    unit.invocation_id = "a0";
    BOOST_TEST(text_of(oldest, unit, Start::previous) == "");
}

BOOST_AUTO_TEST_CASE(output_of_stop_commands_comes_before_that_of_the_app) {
    constexpr std::string_view properties =
        "Id=a.service\nExecMainCode=1\nExecMainStatus=3\nExecMainExitTimestampMonotonic=5000000\n";
    constexpr std::string_view entries =
        "__MONOTONIC_TIMESTAMP=5040000\nMESSAGE=lc\n_SYSTEMD_UNIT=a.service\n\n"
        "__MONOTONIC_TIMESTAMP=5000900\nMESSAGE=last\n_SYSTEMD_UNIT=a.service\n\n"
        "__MONOTONIC_TIMESTAMP=4990000\nMESSAGE=first\n_SYSTEMD_UNIT=a.service\n\n";
    const auto messages_with = [&](std::string_view command) {
        const auto units = read_units(std::string(properties) + std::string(command));
        return text_of(entries, units.front());
    };
    for (const char* const command : {"ExecStop", "ExecStopPost"})
        BOOST_TEST(
            messages_with(std::string(command)
                          + "={ path=/x ; argv[]=/x rm lc ; ignore_errors=yes ; status=0/0 }\n")
            == "lc\nfirst\nlast\n");
    constexpr std::string_view read_late =
        "__MONOTONIC_TIMESTAMP=5090000\nMESSAGE=rm\n_SYSTEMD_UNIT=a.service\n_STREAM_ID=c2\n\n"
        "__MONOTONIC_TIMESTAMP=5080000\nMESSAGE=last\n_SYSTEMD_UNIT=a.service\n_STREAM_ID=c1\n\n"
        "__MONOTONIC_TIMESTAMP=4990000\nMESSAGE=first\n_SYSTEMD_UNIT=a.service\n_STREAM_ID=c1\n\n";
    const auto units = read_units(concat(properties, "ExecStopPost={ path=/x ; argv[]=/x rm }\n"));
    BOOST_TEST(text_of(read_late, units.front()) == "rm\nfirst\nlast\n");
    BOOST_TEST(messages_with("ExecStop=\n") == "first\nlast\nlc\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
