#include "bridge/wait/unit_voice.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "base/notify/message.hpp"

namespace notifybridge::wait {
namespace {

constexpr std::size_t db = 0;
constexpr std::size_t web = 1;

struct Stack {
    UnitVoice voice{{"db", "web"}, 30'000'000};

    /// Returns the unit's message if a member sends this text.
    std::string said(std::size_t member, std::string text) {
        relay::Decision decision;
        decision.text = std::move(text);
        voice.speak(member, decision);
        last = decision;
        return decision.text;
    }
    std::string ended(std::size_t member, std::optional<process::ExitStatus> end) {
        return voice.run_ended(member, end).text;
    }

    static notify::State in(notify::Phase phase) {
        notify::State state;
        state.phase = phase;
        return state;
    }

    relay::Decision last;
};

/// Two members that have started and are ready.
struct ReadyStack : Stack {
    ReadyStack() {
        voice.opening();
        voice.run_began(db);
        voice.run_began(web);
        said(db, "READY=1");
        said(web, "READY=1");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(unit_voice)

BOOST_FIXTURE_TEST_CASE(an_empty_status_takes_back_only_that_of_its_member, ReadyStack) {
    BOOST_TEST(said(db, "STATUS=busy") == "STATUS=db: busy");
    BOOST_TEST(said(web, "STATUS=") == "");
    BOOST_TEST(said(web, "STATUS=12 requests") == "STATUS=web: 12 requests");
    BOOST_TEST(said(web, "STATUS=") == "STATUS=db: busy");
    BOOST_TEST(said(db, "STATUS=") == "STATUS=all members are ready");
}

BOOST_FIXTURE_TEST_CASE(the_unit_is_ready_once_all_its_members_are_ready, Stack) {
    BOOST_TEST(voice.opening().text == "STATUS=waiting for db, web");
    voice.run_began(db);
    voice.run_began(web);
    BOOST_TEST(said(db, "STATUS=Loading") == "STATUS=db: Loading; waiting for db, web");
    BOOST_TEST(said(db, "READY=1\nSTATUS=Ready to accept connections")
               == "STATUS=db: Ready to accept connections; waiting for web");
    BOOST_TEST(!last.ready);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: Ready to accept connections");
    BOOST_TEST(last.ready);
    BOOST_TEST(said(web, "READY=1") == "");
    BOOST_TEST(!last.ready);
}

BOOST_FIXTURE_TEST_CASE(if_no_member_has_a_status_the_unit_reports_readiness, Stack) {
    voice.opening();
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "STATUS=waiting for web");
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=all members are ready");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_ends_before_readiness_is_awaited_again, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    BOOST_TEST(ended(db, process::ExitStatus::exited(3))
               == "STATUS=db: exited with status 3; waiting for db, web");
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "STATUS=db: exited with status 3; waiting for db");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "READY=1\nSTATUS=db: ready");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_ended_successfully_stays_ready, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    ended(db, process::ExitStatus::exited(0));
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: exited with status 0");
}

BOOST_FIXTURE_TEST_CASE(a_restarted_member_does_not_make_the_unit_unready, ReadyStack) {
    BOOST_TEST(ended(db, process::ExitStatus::killed(SIGSEGV))
               == "STATUS=db: was killed by SIGSEGV");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "STATUS=db: ready");
    BOOST_TEST(!last.ready);
    BOOST_TEST(ended(db, std::nullopt) == "STATUS=db: the run broke off");
}

BOOST_FIXTURE_TEST_CASE(the_status_of_a_member_is_prefixed_with_its_name, ReadyStack) {
    BOOST_TEST(said(web, "STATUS=12 requests\nX_LOAD=3") == "X_LOAD=3\nSTATUS=web: 12 requests");
    BOOST_TEST(said(web, "STATUS=a\\\nb") == "STATUS=web: a\\\nb");
    BOOST_TEST(said(web, "STATUS=") == "STATUS=all members are ready");
}

BOOST_FIXTURE_TEST_CASE(a_status_too_long_with_its_prefix_is_cut, ReadyStack) {
    for (const std::size_t filling : {4046, 4047, 4048, 4049}) {
        const std::string text =
            said(web, "STATUS=\u00e4" + std::string(filling, 'x') + "\u00e4\u00e4\u00e4\u00e4"
                          + std::string(30, '\\'));
        BOOST_TEST(text.size() <= notify::longest_datagram);
        BOOST_TEST(text.size() + 12 >= notify::longest_datagram);
        const auto message = notify::parse(text);
        BOOST_TEST_REQUIRE(message.has_value());
        BOOST_TEST(message->value(notify::Key::status)->starts_with("web: \u00e4xxx"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_status_that_is_too_long_is_cut_between_characters, ReadyStack) {
    for (const std::size_t offset : {0, 1, 2, 3}) {
        std::string status(offset, 'x');
        while (status.size() < 4085)
            status += "\U0001F427";
        const std::string text = said(web, "STATUS=" + status);
        BOOST_TEST(text.size() <= notify::longest_datagram);
        BOOST_TEST(text.size() + 4 > notify::longest_datagram);
        BOOST_TEST(text.ends_with("\U0001F427"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_status_that_does_not_fit_is_sent_with_the_next_message, ReadyStack) {
    const std::string line = "X_A=" + std::string(notify::longest_datagram - 16, 'x');
    BOOST_TEST(said(web, "STATUS=busy\n" + line) == line);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b\nSTATUS=web: busy");
}

/// systemd ignores a status that is not UTF-8. It would also ignore the parts from other members.
BOOST_FIXTURE_TEST_CASE(a_status_that_is_not_utf_8_clears_the_status_of_its_member, Stack) {
    BOOST_TEST(voice.opening().text == "STATUS=waiting for db, web");
    voice.run_began(db);
    BOOST_TEST(said(db, "STATUS=Loading") == "STATUS=db: Loading; waiting for db, web");
    BOOST_TEST(said(db, "STATUS=Lo\xff") == "STATUS=waiting for db, web");
}

BOOST_FIXTURE_TEST_CASE(an_empty_message_of_a_member_sends_nothing, ReadyStack) {
    BOOST_TEST(said(db, "") == "");
}

BOOST_FIXTURE_TEST_CASE(a_restarted_member_is_not_ready_before_ready_1, ReadyStack) {
    ended(db, process::ExitStatus::exited(1));
    voice.run_began(db);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
    BOOST_TEST(said(db, "READY=1") == "STATUS=db: ready");
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
}

BOOST_FIXTURE_TEST_CASE(a_reload_does_not_reuse_the_time_of_an_earlier_reload, ReadyStack) {
    said(db, "RELOADING=1\nMONOTONIC_USEC=5");
    said(db, "READY=1");
    BOOST_TEST(said(db, "RELOADING=1") == "RELOADING=1");
}

BOOST_FIXTURE_TEST_CASE(the_unit_reloads_until_the_last_member_has_reloaded, ReadyStack) {
    BOOST_TEST(said(db, "RELOADING=1\nMONOTONIC_USEC=5") == "RELOADING=1\nMONOTONIC_USEC=5");
    BOOST_TEST(last.reloading);
    BOOST_TEST(said(web, "RELOADING=1\nMONOTONIC_USEC=6") == "");
    BOOST_TEST(!last.reloading);
    BOOST_TEST(said(db, "READY=1") == "");
    BOOST_TEST(said(web, "READY=1") == "READY=1");
    BOOST_TEST(last.ready);
    said(db, "RELOADING=1\nMONOTONIC_USEC=7");
    BOOST_TEST(ended(db, process::ExitStatus::exited(1))
               == "READY=1\nSTATUS=db: exited with status 1");
}

BOOST_FIXTURE_TEST_CASE(the_unit_stops_when_all_remaining_members_stop, ReadyStack) {
    BOOST_TEST(said(db, "STOPPING=1") == "");
    BOOST_TEST(!last.stopping);
    ended(db, process::ExitStatus::exited(0));
    BOOST_TEST(said(web, "STOPPING=1\nSTATUS=bye") == "STOPPING=1\nSTATUS=web: bye");
    BOOST_TEST(last.stopping);
    BOOST_TEST(ended(web, process::ExitStatus::exited(0)) == "");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1\nX_A=b") == "X_A=b\nSTATUS=db: ready");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_stops_early_does_not_stop_the_unit, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    BOOST_TEST(said(db, "STOPPING=1") == "STATUS=waiting for db, web");
    BOOST_TEST(!last.stopping);
    ended(db, process::ExitStatus::exited(0));
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: exited with status 0");
}

BOOST_FIXTURE_TEST_CASE(stopping_1_of_the_unit_is_sent_once, ReadyStack) {
    BOOST_TEST(voice.stop_begins().text == "");
    BOOST_TEST(said(web, "STOPPING=1\nSTATUS=bye") == "STOPPING=1\nSTATUS=web: bye");
    BOOST_TEST(said(db, "STOPPING=1") == "");
    BOOST_TEST(ended(web, process::ExitStatus::killed(SIGTERM)) == "");
}

BOOST_FIXTURE_TEST_CASE(stopping_1_of_a_member_is_sent_when_the_unit_stops, ReadyStack) {
    said(web, "STOPPING=1");
    const relay::Decision decision = voice.stop_begins();
    BOOST_TEST(decision.text == "STOPPING=1");
    BOOST_TEST(decision.stopping);
    BOOST_TEST(voice.stop_begins().text == "");
}

BOOST_FIXTURE_TEST_CASE(the_unit_pings_only_if_all_pinging_members_have_pinged, ReadyStack) {
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(db, "WATCHDOG=1") == "");
    // The unit does not wait for a member that has ended.
    ended(web, process::ExitStatus::exited(1));
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(db, "WATCHDOG=trigger") == "WATCHDOG=trigger");
}

BOOST_FIXTURE_TEST_CASE(the_unit_has_the_longest_watchdog_timeout_of_its_members, ReadyStack) {
    BOOST_TEST(said(db, "WATCHDOG_USEC=1000000") == "");
    BOOST_TEST(said(db, "WATCHDOG_USEC=60000000") == "WATCHDOG_USEC=60000000");
    BOOST_TEST(said(web, "WATCHDOG_USEC=50000000") == "");
    BOOST_TEST(said(db, "WATCHDOG_USEC=40000000") == "WATCHDOG_USEC=50000000");
}

BOOST_FIXTURE_TEST_CASE(other_messages_of_a_member_pass_unchanged, ReadyStack) {
    for (const char* const text : {"ERRNO=2", "EXIT_STATUS=3", "BUSERROR=a.b",
                                   "EXTEND_TIMEOUT_USEC=5", "X_\\\\=y", "FDSTORE=1\nFDNAME=a"})
        BOOST_TEST(said(db, text) == text);
}

BOOST_FIXTURE_TEST_CASE(messages_of_an_earlier_wait_are_not_repeated, Stack) {
    notify::State ready;
    ready.phase = notify::Phase::ready;
    ready.last_watchdog.realtime = 1;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
    voice.run_began(web);
    voice.run_resumed(web, ready);
    BOOST_TEST(said(web, "X_A=b") == "X_A=b");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
}

BOOST_FIXTURE_TEST_CASE(a_status_and_a_reload_of_a_resumed_run_continue, Stack) {
    notify::State serving;
    serving.phase = notify::Phase::ready;
    serving.facts[notify::Key::status] = "Serving";
    notify::State reloading;
    reloading.phase = notify::Phase::reloading;
    voice.run_began(db);
    voice.run_resumed(db, serving);
    voice.run_began(web);
    voice.run_resumed(web, reloading);
    BOOST_TEST(said(db, "STATUS=Serving") == "");
    BOOST_TEST(said(web, "READY=1") == "READY=1");
    BOOST_TEST(last.ready);
    BOOST_TEST(said(db, "STATUS=Idle") == "STATUS=db: Idle");
}

BOOST_FIXTURE_TEST_CASE(a_member_may_become_ready_before_other_members_resume, Stack) {
    voice.run_began(db);
    BOOST_TEST(voice.run_resumed(db, {}).text == "");
    BOOST_TEST(said(db, "READY=1\nX_A=b") == "X_A=b\nSTATUS=waiting for web");
    voice.run_began(web);
    const relay::Decision decision = voice.run_resumed(web, in(notify::Phase::ready));
    BOOST_TEST(decision.text == "READY=1");
    BOOST_TEST(decision.ready);
}

BOOST_FIXTURE_TEST_CASE(a_reload_may_end_before_other_members_resume, Stack) {
    voice.run_began(db);
    BOOST_TEST(voice.run_resumed(db, in(notify::Phase::reloading)).text == "");
    BOOST_TEST(said(db, "READY=1\nX_A=b") == "X_A=b");
    voice.run_began(web);
    BOOST_TEST(voice.run_resumed(web, in(notify::Phase::ready)).text == "READY=1");
}

BOOST_FIXTURE_TEST_CASE(a_reload_may_begin_before_other_members_resume, Stack) {
    voice.run_began(db);
    BOOST_TEST(voice.run_resumed(db, in(notify::Phase::ready)).text == "");
    BOOST_TEST(said(db, "RELOADING=1\nX_A=b") == "X_A=b");
    voice.run_began(web);
    BOOST_TEST(voice.run_resumed(web, in(notify::Phase::ready)).text == "RELOADING=1");
    BOOST_TEST(said(db, "READY=1") == "READY=1");
}

BOOST_FIXTURE_TEST_CASE(a_run_that_is_resumed_during_a_stop_does_not_cancel_the_stop, Stack) {
    voice.run_began(web);
    said(web, "READY=1");
    said(web, "STOPPING=1");
    BOOST_TEST(voice.stop_begins().stopping);
    notify::State ready;
    ready.phase = notify::Phase::ready;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    BOOST_TEST(said(db, "READY=1") == "");
    BOOST_TEST(said(db, "STOPPING=1") == "");
}

BOOST_FIXTURE_TEST_CASE(a_resumed_unready_member_makes_the_unit_ready_later, Stack) {
    notify::State ready;
    ready.phase = notify::Phase::ready;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    voice.run_began(web);
    voice.run_resumed(web, {});
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=all members are ready");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
