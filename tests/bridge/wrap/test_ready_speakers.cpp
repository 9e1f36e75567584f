#include "bridge/wrap/ready_speakers.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <deque>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "support/child.hpp"
#include "support/log_records.hpp"
#include "support/still_loop.hpp"
#include "whole.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

struct Speaking {
    test::LogRecords log{util::Severity::warning};
    test::StillLoop loop;
    Whole whole;
    ReadySpeakers speakers{loop, whole.plan};
    test::Child server;

    /// Ends a process, and then advances the time until its last message has been read.
    void end(test::Child& child) {
        loop.settle();
        child.end();
        loop.pass(2s);
    }

    std::size_t warnings() const { return log.texts().size(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ready_speakers, Speaking)

BOOST_AUTO_TEST_CASE(a_server_process_that_ends_before_the_command_is_reported) {
    speakers.said_ready(server.pid());
    loop.pass(300ms);
    BOOST_TEST(warnings() == 0u);
    end(server);
    BOOST_TEST(log.has("sent READY=1 and has ended, but the command is still running"));
}

BOOST_AUTO_TEST_CASE(a_script_that_ends_soon_after_its_server_is_not_reported) {
    speakers.said_ready(server.pid());
    loop.pass(300ms);
    server.end();
    loop.pass(900ms);
    whole.ask_to_end();
    loop.pass(1s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(a_process_that_sent_only_ready_1_is_not_reported) {
    speakers.said_ready(server.pid());
    loop.pass(100ms);
    end(server);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(a_program_that_scripts_send_messages_with_is_not_reported) {
    test::Child socat([] { ::prctl(PR_SET_NAME, "socat"); });
    const std::string comm = util::concat("/proc/", socat.pid(), "/comm");
    while (system::text_of(comm) != "socat\n")
        ::usleep(1000);
    speakers.said_ready(socat.pid());
    loop.pass(500ms);
    end(socat);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(a_short_server_process_that_sent_stopping_1_is_reported) {
    speakers.said_ready(server.pid());
    speakers.said_stopping(server.pid());
    end(server);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(stopping_1_counts_even_if_it_is_read_late) {
    speakers.said_ready(server.pid());
    loop.pass(300ms);
    server.end();
    loop.settle();
    speakers.said_stopping(server.pid());
    loop.pass(2s);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(a_process_that_sent_only_stopping_1_is_not_reported) {
    speakers.said_stopping(server.pid());
    end(server);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(only_one_server_process_is_reported) {
    test::Child other;
    speakers.said_ready(server.pid());
    speakers.said_ready(other.pid());
    loop.pass(300ms);
    end(server);
    end(other);
    test::Child late;
    speakers.said_ready(late.pid());
    loop.pass(300ms);
    end(late);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(a_process_that_has_already_ended_is_ignored) {
    server.end();
    server.reap();
    speakers.said_ready(server.pid());
    loop.pass(2s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(at_most_sixteen_processes_that_sent_ready_1_are_watched) {
    std::deque<test::Child> children(17);
    for (test::Child& child : children)
        speakers.said_ready(child.pid());
    loop.pass(300ms);
    end(children.back());
    BOOST_TEST(warnings() == 0u);
    end(children.front());
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
