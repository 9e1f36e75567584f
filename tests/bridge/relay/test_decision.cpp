#include "bridge/relay/decision.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::relay {
namespace {

using Fate = Reasons::Fate;

// The message arrives an hour after boot. The decision is made 20 ms later.
constexpr system::Moment received{1'700'000'000'000'000, 3'600'000'000};
constexpr system::Moment now{received.realtime + 20'000, received.monotonic + 20'000};
// The time of arrival by the clock of a virtual machine that started a minute earlier.
constexpr system::Moment received_elsewhere{received.realtime, 60'000'000};

struct Recorded : Reasons {
    struct Entry {
        Fate fate;
        std::string what;
        std::string why;
    };

    std::vector<Entry> entries;

    void add(Fate fate, std::string_view what, std::string_view why) override {
        entries.push_back({fate, std::string(what), std::string(why)});
    }

    /// Returns whether there is a reason with this fate and object whose text contains `words`.
    bool has(Fate fate, std::string_view what, std::string_view words) const {
        for (const Entry& entry : entries)
            if (entry.fate == fate && entry.what == what
                && entry.why.find(words) != std::string::npos)
                return true;
        return false;
    }
};

struct Decided {
    Policy policy;
    Facts facts;
    Recorded reasons;

    Decided() {
        facts.received = received;
        facts.now = now;
    }

    void translate(std::optional<MainPid> process) {
        policy.allow("MAINPID");
        facts.translates_main_pid = true;
        facts.main_process = process;
    }

    Decision decided(std::string_view datagram) {
        return decide(datagram, *notify::parse(datagram), policy, facts, &reasons);
    }

    std::string sent(std::string_view datagram) { return decided(datagram).text; }
};

std::optional<pid_t> main_pid_in(std::string_view datagram) {
    return main_pid(*notify::parse(datagram));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(decision, Decided)

BOOST_AUTO_TEST_CASE(denied_assignments_have_no_effect) {
    const Decision all =
        decided("READY=1\nSTOPPING=1\nRELOADING=1\nMONOTONIC_USEC=1\nEXTEND_TIMEOUT_USEC=5");
    BOOST_TEST((all.ready && all.stopping && all.reloading));
    BOOST_TEST((all.extend_timeout == std::chrono::microseconds(5)));
    BOOST_TEST((!all.concerns_fds && !all.names_main_process && !all.is_untranslated));
    for (const char* const key : {"READY", "STOPPING", "RELOADING", "EXTEND_TIMEOUT_USEC"})
        policy.deny(key);
    const Decision none = decided("READY=1\nSTOPPING=1\nRELOADING=1\nEXTEND_TIMEOUT_USEC=5");
    BOOST_TEST((!none.ready && !none.stopping && !none.reloading && !none.extend_timeout));
    BOOST_TEST(none.text.empty());
}

BOOST_AUTO_TEST_CASE(a_flag_is_set_only_by_an_exact_assignment) {
    const Decision zero = decided("READY=0\nSTOPPING=10\nRELOADING=");
    BOOST_TEST((!zero.ready && !zero.stopping && !zero.reloading));
    const Decision later = decided("READY=1\nREADY=0\nSTOPPING=0\nSTO\\PPING=1");
    BOOST_TEST((later.ready && later.stopping));
}

BOOST_AUTO_TEST_CASE(the_first_extend_timeout_counts_even_if_invalid) {
    BOOST_TEST((decided("EXTEND_TIMEOUT_USEC=5\nEXTEND_TIMEOUT_USEC=6").extend_timeout
                == std::chrono::microseconds(5)));
    BOOST_TEST(
        !decided("EXTEND_TIMEOUT_USEC=soon\nEXTEND_TIMEOUT_USEC=6").extend_timeout.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(main_process, Decided)

BOOST_AUTO_TEST_CASE(the_first_main_pid_in_a_message_counts) {
    BOOST_TEST((main_pid_in("READY=1\nMAINPID=7\nMAINPID=8") == 7));
    BOOST_TEST((main_pid_in("STATUS=x\rMA\\INPID=12") == 12));
}

BOOST_AUTO_TEST_CASE(a_main_pid_is_parsed_as_by_systemd) {
    BOOST_TEST((main_pid_in("MAINPID=010") == 8));
    BOOST_TEST((main_pid_in("MAINPID= +0x10") == 16));
}

BOOST_AUTO_TEST_CASE(an_invalid_main_pid_is_ignored) {
    for (const char* const text : {"READY=1", "MAINPID=", "MAINPID=0", "MAINPID=-1", "MAINPID=1x",
                                   "MAINPID=1 ", "MAINPID=99999999999", "XMAINPID=1"})
        BOOST_TEST(!main_pid_in(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_translated_main_pid_keeps_other_lines_unchanged) {
    translate(MainPid{4711, std::nullopt});
    BOOST_TEST(sent("MAINPID=7") == "MAINPID=4711");
    BOOST_TEST(sent("READY=1\nMAINPID=7\nSTATUS=a\\\nb") == "READY=1\nSTATUS=a\\\nb\nMAINPID=4711");
    policy.allow("MAINPIDFD");
    policy.allow("MAINPIDFDID");
    const Decision all = decided("MAINPID=7\nMA\\INPID=8\nMAINPIDFDID=5\nMAINPIDFD=1");
    BOOST_TEST(all.text == "MAINPID=4711");
    BOOST_TEST(all.names_main_process);
    BOOST_TEST(all.refused.empty());
}

BOOST_AUTO_TEST_CASE(the_pidfd_id_is_replaced_together_with_the_pid) {
    translate(MainPid{4711, 42});
    const Decision decision = decided("MAINPID=7\nMAINPIDFDID=5");
    BOOST_TEST(decision.text == "MAINPID=4711\nMAINPIDFDID=42");
    BOOST_TEST(decision.refused == std::vector<std::string>{"MAINPIDFDID"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_main_pid_without_a_process_is_removed) {
    translate(std::nullopt);
    policy.allow("MAINPIDFDID");
    const Decision decision = decided("READY=1\nMAINPID=7\nMAINPIDFDID=5");
    BOOST_TEST(decision.text == "READY=1");
    BOOST_TEST((decision.is_untranslated && !decision.names_main_process && decision.ready));
    BOOST_TEST(reasons.has(Fate::dropped, "READY=1\nMAINPID=7\nMAINPIDFDID=5", "has a MAINPID"));
    BOOST_TEST(sent("MAINPID=7").empty());
}

BOOST_AUTO_TEST_CASE(a_too_long_main_pid_is_removed) {
    translate(MainPid{4711, 42});
    const auto status_of = [](std::size_t size) { return "STATUS=" + std::string(size - 7, 'x'); };
    const std::string line = "MAINPID=4711\nMAINPIDFDID=42";
    const std::string most = status_of(notify::longest_datagram - line.size() - 1);
    BOOST_TEST(sent(most + "\nMAINPID=7") == most + '\n' + line);
    const Decision decision = decided(most + "x\nMAINPID=7");
    BOOST_TEST(decision.text == most + 'x');
    BOOST_TEST((decision.is_untranslated && !decision.names_main_process));
}

BOOST_AUTO_TEST_CASE(a_refused_main_pid_is_not_translated) {
    translate(MainPid{4711, 42});
    const Decision without = decided("READY=1");
    BOOST_TEST(without.text == "READY=1");
    policy.deny("MAINPID");
    policy.allow("MAINPIDFDID");
    const Decision denied = decided("MAINPID=7\nMAINPIDFDID=5");
    BOOST_TEST(denied.text == "MAINPIDFDID=5");
    for (const Decision& decision : {without, denied})
        BOOST_TEST((!decision.names_main_process && !decision.is_untranslated));
}

BOOST_AUTO_TEST_CASE(an_allowed_main_pid_passes_unchanged) {
    policy.allow("MAINPID");
    const Decision decision = decided("MAINPID=7\nREADY=1");
    BOOST_TEST(decision.text == "MAINPID=7\nREADY=1");
    BOOST_TEST(!decision.names_main_process);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(reload, Decided)

BOOST_AUTO_TEST_CASE(a_reload_without_a_time_gets_the_arrival_time) {
    BOOST_TEST(sent("RELOADING=1\nSTATUS=again")
               == "RELOADING=1\nSTATUS=again\nMONOTONIC_USEC=3600000000");
}

BOOST_AUTO_TEST_CASE(a_valid_reload_time_passes_unchanged) {
    const std::string datagram = "\nRELOADING=1\rMONOTONIC_USEC=7\n";
    BOOST_TEST(sent(datagram) == datagram);
}

BOOST_AUTO_TEST_CASE(an_invalid_or_denied_time_of_a_reload_is_replaced) {
    BOOST_TEST(sent("RELOADING=1\nMONOTONIC_USEC=now\nMONOTONIC_USEC=7")
               == "RELOADING=1\nMONOTONIC_USEC=3600000000");
    policy.deny("MONOTONIC_USEC");
    BOOST_TEST(sent("MONOTONIC_USEC=7\nRELOADING=1") == "RELOADING=1\nMONOTONIC_USEC=3600000000");
}

BOOST_AUTO_TEST_CASE(a_time_of_another_clock_is_replaced_by_our_time) {
    facts.received = received_elsewhere;
    BOOST_TEST(sent("MONOTONIC_USEC=60000000\nRELOADING=1")
               == "RELOADING=1\nMONOTONIC_USEC=3600020000");
    facts.received.monotonic = 2 * received.monotonic;
    BOOST_TEST(sent("RELOADING=1") == "RELOADING=1\nMONOTONIC_USEC=3600020000");
}

BOOST_AUTO_TEST_CASE(messages_that_are_not_reloads_keep_their_time) {
    facts.received = received_elsewhere;
    for (const std::string datagram :
         {"READY=1", "RELOADING=0", "STATUS=RELOADING=1", "MONOTONIC_USEC=now"})
        BOOST_TEST(sent(datagram) == datagram);
    policy.deny("RELOADING");
    BOOST_TEST(sent("RELOADING=1\nREADY=1") == "READY=1");
}

BOOST_AUTO_TEST_CASE(status_makes_room_for_the_time_of_a_reload) {
    const std::string time = "\nMONOTONIC_USEC=3600000000";
    const std::string start = "RELOADING=1\nSTATUS=";
    const std::string most =
        start + std::string(notify::longest_datagram - start.size() - time.size(), 'x');
    BOOST_TEST(sent(most) == most + time);
    BOOST_TEST(sent(most + "x") == most + time);
    BOOST_TEST(sent(most + "xxxx\nX_LINE=1")
               == most.substr(0, most.size() - 9) + "\nX_LINE=1" + time);
    // Removing the invalid time makes room.
    const std::string with_time = "MONOTONIC_USEC=x\n" + most;
    BOOST_TEST(sent(with_time) == most + time);
    BOOST_TEST(sent(with_time + "x") == most + time);
}

BOOST_AUTO_TEST_CASE(a_shortened_status_escapes_no_other_line) {
    for (const std::string_view start : {"STATUS=", "STATUS=x"}) {
        const std::string end = "\nX_A=1\nRELOADING=1";
        std::string status(start);
        while (status.size() + end.size() + 2 <= notify::longest_datagram)
            status += "\\\\";
        const std::string text = sent(status + end);
        const auto message = notify::parse(text);
        BOOST_TEST_REQUIRE(message.has_value());
        BOOST_TEST(message->has("X_A=1"));
        BOOST_TEST(message->has("RELOADING=1"));
        BOOST_TEST(message->value(notify::Key::monotonic_usec).value_or("") == "3600000000");
    }
}

BOOST_AUTO_TEST_CASE(a_status_that_systemd_ignores_is_not_shortened) {
    const std::string line = "RELOADING=1\nSTATUS=red\xf4\x90\x80\x80 and more than enough\nX_PAD=";
    const std::string most = line + std::string(notify::longest_datagram - line.size(), 'x');
    BOOST_TEST(sent(most) == most);
}

BOOST_AUTO_TEST_CASE(a_reload_without_room_for_a_time_is_unchanged) {
    const std::string line = "RELOADING=1\nSTATUS=x\nX_LINE=";
    const std::string most = line + std::string(notify::longest_datagram - line.size(), 'x');
    BOOST_TEST(sent(most) == most);
}

BOOST_AUTO_TEST_CASE(a_reload_and_a_main_pid_are_both_replaced) {
    translate(MainPid{4711, 42});
    BOOST_TEST(sent("MAINPID=7\nRELOADING=1\nRESTART_RESET=1\nMONOTONIC_USEC=x")
               == "RELOADING=1\nMAINPID=4711\nMAINPIDFDID=42\nMONOTONIC_USEC=3600000000");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(reasons_for_decisions, Decided)

BOOST_AUTO_TEST_CASE(each_assignment_is_explained_by_its_rule) {
    policy.allow("NOTIFYACCESS");
    policy.deny("STATUS");
    decided("READY=1\nSTATUS=x\nNOTIFYACCESS=all\nMA\\INPID=7\nRESTART_RESET=1\nFOO=1\nplain");
    BOOST_TEST(reasons.has(Fate::forwarded, "READY=1", "the default for its key"));
    BOOST_TEST(reasons.has(Fate::dropped, "STATUS=x", "--deny"));
    BOOST_TEST(reasons.has(Fate::forwarded, "NOTIFYACCESS=all", "allowed"));
    BOOST_TEST(reasons.has(Fate::dropped, "MA\\INPID=7", "another process"));
    BOOST_TEST(reasons.has(Fate::dropped, "RESTART_RESET=1", "--allow"));
    BOOST_TEST(reasons.has(Fate::dropped, "FOO=1", "not in sd_notify"));
    BOOST_TEST(reasons.has(Fate::dropped, "plain", "no key"));
    BOOST_TEST(reasons.entries.back().why == "sent as READY=1\nNOTIFYACCESS=all");
    BOOST_TEST(reasons.entries.size() == 8u);
}

BOOST_AUTO_TEST_CASE(descriptor_keys_pass_only_if_descriptors_can_pass) {
    BOOST_TEST(decided("FDSTORE=1").text.empty());
    BOOST_TEST(reasons.has(Fate::dropped, "FDSTORE=1", "passed on"));
    facts.fds_cross = true;
    BOOST_TEST(decided("FDSTORE=1").concerns_fds);
    BOOST_TEST(reasons.has(Fate::forwarded, "FDSTORE=1", "the default for its key"));
    BOOST_TEST(reasons.entries.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_barrier_with_other_assignments_is_dropped) {
    decided("READY=1\nBARRIER=1");
    BOOST_TEST(reasons.has(Fate::dropped, "BARRIER=1", "alone"));
}

BOOST_AUTO_TEST_CASE(the_change_of_a_message_is_explained) {
    decided("READY=1");
    BOOST_TEST(reasons.entries.size() == 1u);
    decided("RELOADING=1");
    BOOST_TEST(
        reasons.has(Fate::changed, "RELOADING=1", "sent as RELOADING=1\nMONOTONIC_USEC=360"));
}

BOOST_AUTO_TEST_CASE(each_dropped_message_has_a_reason) {
    explain_drop(&reasons, "x\\", notify::DropReason::trailing_backslash);
    BOOST_TEST(reasons.has(Fate::dropped, "x\\", "backslash"));
}

BOOST_AUTO_TEST_CASE(one_assignment_with_the_value_1_sets_a_flag) {
    for (const char* const text : {"READY=0\nRELOADING=0\nSTOPPING=0", "READY=\nSTOPPING=11"}) {
        const Decision nothing = decided(text);
        BOOST_TEST(nothing.text == text);
        BOOST_TEST(!nothing.ready);
        BOOST_TEST(!nothing.reloading);
        BOOST_TEST(!nothing.stopping);
    }
    const Decision all =
        decided("READY=1\nREADY=0\nRELOADING=1\nRELOADING=0\nSTOPPING=1\nSTOPPING=0");
    BOOST_TEST(all.ready);
    BOOST_TEST(all.reloading);
    BOOST_TEST(all.stopping);
}

BOOST_AUTO_TEST_CASE(a_decision_needs_no_receiver_of_reasons) {
    BOOST_TEST(decide("READY=1", *notify::parse("READY=1"), policy, facts).text == "READY=1");
    explain_drop(nullptr, "x", notify::DropReason::empty);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
