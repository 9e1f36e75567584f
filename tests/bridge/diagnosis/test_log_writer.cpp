#include "bridge/diagnosis/log_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/unit_log.hpp"
#include "support/words.hpp"

namespace notifybridge::diagnosis {

static std::ostream& operator<<(std::ostream& out, Writer writer) {
    return out << static_cast<int>(writer);
}

namespace test_log_writer {
namespace {

using util::concat;

constexpr uid_t root = 0;

UnitFacts unit_of(std::string_view command = "/usr/bin/notifybridge run podman run --rm app") {
    UnitFacts unit;
    unit.name = "app.service";
    unit.type = "notify";
    unit.notify_access = "main";
    unit.last_main_pid = 7;
    unit.main_ended_usec = 5'000'000;
    unit.invocation_id = "a1";
    unit.exec_start = {test::words_of(command)};
    return unit;
}

constexpr LogOrigin by_main = {.pid = 7, .transport = "stdout", .time_usec = 4'000'000};

Writer writer(const UnitFacts& unit, LogOrigin origin = by_main, uid_t viewer = root) {
    return writer_of(origin, "[MAIN] error: x", unit, viewer);
}

BOOST_AUTO_TEST_SUITE(log_writer)

BOOST_AUTO_TEST_CASE(only_the_main_process_writes_our_lines) {
    BOOST_TEST(writer(unit_of()) == Writer::ours);
    BOOST_TEST(writer(unit_of("/usr/bin/host-notify-waiter podman run app")) == Writer::ours);
    BOOST_TEST(writer(unit_of("/usr/bin/notifybridge wrap app")) == Writer::ours);
    for (const pid_t pid : {0, 1, 8}) {
        LogOrigin origin = by_main;
        origin.pid = pid;
        BOOST_TEST(writer(unit_of(), origin) == Writer::other);
    }
    UnitFacts unstarted = unit_of();
    unstarted.last_main_pid = 0;
    BOOST_TEST(writer(unstarted, {.pid = 0, .transport = "stdout"}) == Writer::other);
}

BOOST_AUTO_TEST_CASE(another_program_as_the_main_process_writes_none) {
    for (const char* const command :
         {"/usr/bin/podman run app", "/usr/local/bin/start notifybridge run", "/bin/sh -c run",
          "/usr/bin/notifybridge init", "/usr/bin/notifybridge send READY=1",
          "/usr/bin/notifybridge wrap --ready-when=log:started app"})
        BOOST_TEST(writer(unit_of(command)) == Writer::other, command);
    UnitFacts two = unit_of("/usr/bin/podman run app");
    two.type = "oneshot";
    two.exec_start.push_back(unit_of().exec_start.front());
    BOOST_TEST(writer(two) == Writer::other);
}

BOOST_AUTO_TEST_CASE(a_main_process_that_others_may_name_is_not_trusted) {
    std::vector<UnitFacts> units(5, unit_of());
    units[0].notify_access = "all";
    units[1].type = "forking";
    units[2].pid_file = "/run/app.pid";
    units[3] = unit_of("/usr/bin/notifybridge run --main-pid=translate podman run app");
    units[4] = unit_of("/usr/bin/notifybridge run --allow=MAINPID podman run app");
    for (const UnitFacts& unit : units)
        BOOST_TEST(writer(unit) == Writer::other);
}

BOOST_AUTO_TEST_CASE(the_service_manager_of_another_user_is_not_trusted) {
    UnitFacts unit = unit_of();
    unit.user = 1000;
    BOOST_TEST(writer(unit, by_main, 1000) == Writer::ours);
    BOOST_TEST(writer(unit, by_main, root) == Writer::other);
}

BOOST_AUTO_TEST_CASE(a_pid_that_may_be_used_again_is_not_trusted) {
    LogOrigin origin = by_main;
    origin.time_usec = 5'500'000;
    BOOST_TEST(writer(unit_of(), origin) == Writer::ours);
    origin.time_usec = 6'500'000;
    BOOST_TEST(writer(unit_of(), origin) == Writer::other);
    UnitFacts running = unit_of();
    running.main_ended_usec = 0;
    BOOST_TEST(writer(running, origin) == Writer::ours);
}

BOOST_AUTO_TEST_CASE(parts_of_lines_and_joined_lines_are_not_ours) {
    LogOrigin origin = by_main;
    origin.is_part = true;
    BOOST_TEST(writer(unit_of(), origin) == Writer::other);
    const auto by_text = [](std::string_view text) {
        return writer_of(by_main, text, unit_of(), root);
    };
    BOOST_TEST(by_text("[MAIN] error: evil <3>[MAIN] error: x") == Writer::other);
    BOOST_TEST(by_text("notifybridge run: evil<3>notifybridge run: x") == Writer::other);
    BOOST_TEST(by_text("[MAIN] error: a < 3 > b <x> <") == Writer::ours);
}

BOOST_AUTO_TEST_CASE(systemd_writes_as_the_main_process_by_another_protocol) {
    LogOrigin origin = by_main;
    origin.transport = "journal";
    BOOST_TEST(writer(unit_of("/bin/app"), origin) == Writer::systemd);
    origin.transport = "syslog";
    BOOST_TEST(writer(unit_of(), origin) == Writer::other);
    origin = {.pid = 8, .transport = "journal", .time_usec = 4'000'000};
    BOOST_TEST(writer(unit_of(), origin) == Writer::other);
}

BOOST_AUTO_TEST_CASE(fields_of_a_container_do_not_change_the_writer) {
    // An app can only choose the text of a line, and journald ignores its fields with "_".
    constexpr std::string_view entry =
        "__MONOTONIC_TIMESTAMP=4000000\n_TRANSPORT=stdout\n_PID=8\nPID=7\nSYSLOG_PID=7\n"
        "SYSLOG_IDENTIFIER=notifybridge\nMESSAGE=_PID=7\n_SYSTEMD_UNIT=app.service\n"
        "_SYSTEMD_INVOCATION_ID=a1\n\n";
    const auto messages = read_messages(entry, unit_of(), Start::last, root);
    BOOST_TEST_REQUIRE(messages.size() == 1u);
    BOOST_TEST(messages.front().writer == Writer::other);
}

BOOST_AUTO_TEST_CASE(no_line_of_the_previous_start_is_ours) {
    constexpr std::string_view entry =
        "__MONOTONIC_TIMESTAMP=4000000\n_TRANSPORT=stdout\n_PID=7\nMESSAGE=x\n"
        "_SYSTEMD_UNIT=app.service\n_SYSTEMD_INVOCATION_ID=a1\n\n";
    UnitFacts unit = unit_of();
    BOOST_TEST(read_messages(entry, unit, Start::last, root).front().writer == Writer::ours);
    unit.invocation_id = "a2";
    BOOST_TEST(read_messages(entry, unit, Start::previous, root).front().writer == Writer::other);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace test_log_writer
}  // namespace notifybridge::diagnosis
