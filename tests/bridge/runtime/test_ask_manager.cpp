#include "bridge/runtime/ask_manager.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <system_error>

#include "base/process/print.hpp"

namespace notifybridge::runtime::test_ask_manager {
namespace {

using process::ExitStatus;

ManagerAnswer ask_shell(const std::string& script) {
    return ask_manager({"/bin/sh", "-c", script});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ask_manager_suite)

BOOST_AUTO_TEST_CASE(an_answer_has_the_output_and_the_exit_status) {
    const ManagerAnswer answer = ask_shell("echo one; echo two; exit 3");
    BOOST_TEST(answer.output == "one\ntwo\n");
    BOOST_TEST_REQUIRE(answer.status.has_value());
    BOOST_TEST(*answer.status == ExitStatus::exited(3));
    BOOST_TEST(*ask_shell("kill -9 $$").status == ExitStatus::killed(SIGKILL));
}

BOOST_AUTO_TEST_CASE(an_answer_contains_no_standard_error) {
    BOOST_TEST(ask_shell("echo out; echo error >&2").output == "out\n");
}

BOOST_AUTO_TEST_CASE(a_manager_does_not_read_our_standard_input) {
    const ManagerAnswer answer = ask_shell("cat; echo end");
    BOOST_TEST(answer.output == "end\n");
    BOOST_TEST(answer.status->success());
}

BOOST_AUTO_TEST_CASE(an_answer_of_a_mebibyte_is_whole) {
    const ManagerAnswer answer = ask_shell("head -c 1048576 /dev/zero");
    BOOST_TEST(answer.output.size() == 1024u * 1024u);
    BOOST_TEST_REQUIRE(answer.status.has_value());
    BOOST_TEST(answer.status->success());
}

// This command never ends by itself. It must be killed as soon as its answer is too long.
BOOST_AUTO_TEST_CASE(a_manager_that_prints_without_end_is_killed) {
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(!ask_shell("exec cat /dev/zero").status.has_value());
    BOOST_TEST((std::chrono::steady_clock::now() - start < longest_answer));
}

BOOST_AUTO_TEST_CASE(a_manager_that_cannot_be_started_throws_an_error) {
    BOOST_CHECK_THROW(ask_manager({"/nonexistent/podman"}), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_ask_manager
