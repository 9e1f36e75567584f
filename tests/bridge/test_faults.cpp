#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/fault_life.hpp"

/// Repeats each life of a bridge (`Life`) for each of its system calls and for each error of the
/// call. The call fails once, or calls fail for a while. A fault must not lose, repeat or reorder
/// messages. A barrier must not be released too early, but must be released. A running side must
/// not end. If a side cannot start, it must give the reason.
namespace notifybridge::bridge {
namespace {

using util::concat;

constexpr std::chrono::milliseconds for_a_while(500);

/// Returns a description of the fault.
std::string name_of(const Fault& fault, Call call) {
    return concat("call ", fault.nth, " (", test::name_of(call), "), ", test::name_of(fault.error),
                  fault.lasts.count() == 0 ? ", once:" : ", for a while:");
}

std::size_t open_descriptors() {
    return test::open_descriptors() - test::kept_inotify_instances();
}

template <typename Kind>
void check(const Fault& fault, Call call) {
    const std::size_t before = open_descriptors();
    std::string problem;
    {
        Kind life(fault);
        life.live();
        problem = life.problem();
    }
    if (open_descriptors() != before)
        problem += " descriptors were left open;";
    BOOST_TEST(problem.empty(), name_of(fault, call) << problem);
}

bool there_is_time() {
    return std::getenv("NOTIFYBRIDGE_LONG") != nullptr;
}

/// Returns the numbers of the calls that will fail. If there is time, these are all calls.
/// Otherwise they are the first and the last few calls of each kind.
std::vector<std::size_t> chosen(const Life& life, bool repeats) {
    constexpr std::size_t most_of_a_kind = 4;
    std::map<Call, std::vector<std::size_t>> of_kind;
    for (std::size_t nth = life.first_call(); nth <= life.last_call(); ++nth)
        of_kind[life.calls()[nth - 1]].push_back(nth);
    std::vector<std::size_t> all;
    for (auto& [call, numbers] : of_kind) {
        if (repeats && numbers.size() > most_of_a_kind && !there_is_time())
            numbers.erase(numbers.begin() + most_of_a_kind / 2, numbers.end() - most_of_a_kind / 2);
        all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
}

/// Runs the life without a fault first, and then with each fault.
template <typename Kind>
void check_every_call(std::chrono::microseconds lasts) {
    std::vector<Call> calls;
    std::vector<std::size_t> numbers;
    {
        Kind life(Fault{});
        life.live();
        BOOST_TEST_REQUIRE(life.problem() == "");
        calls = life.calls();
        numbers = chosen(life, Kind::repeats_itself);
    }
    // Each call fails with every second error, and the next call fails with the other errors. If
    // there is time, each call fails with all errors.
    for (const std::size_t nth : numbers) {
        const auto errors = test::errors_of(calls[nth - 1]);
        const std::size_t step = errors.size() == 1 || there_is_time() ? 1 : 2;
        for (std::size_t at = nth % step; at < errors.size(); at += step)
            check<Kind>({nth, errors[at], lasts}, calls[nth - 1]);
    }
}

/// Lets each memory allocation fail. Checks that this either has no effect, or ends a side with a
/// report. No descriptor may stay open.
template <typename Kind>
void check_every_allocation() {
    std::size_t count = 0;
    {
        Kind life(Fault{});
        life.live();
        BOOST_TEST_REQUIRE(life.problem() == "");
        count = life.allocations();
    }
    for (std::size_t nth = 1; nth <= count; ++nth) {
        const std::size_t before = open_descriptors();
        {
            Kind life(Fault{0, 0, 0us, nth});
            life.live();
            BOOST_TEST((life.last_words() == "std::bad_alloc" || life.problem() == ""),
                       "allocation " << nth << ':' << life.problem() << life.last_words());
        }
        BOOST_TEST(open_descriptors() == before, "allocation " << nth);
    }
}

/// A life that uses every feature once.
struct ShortLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("STATUS=starting");
        until_all_is_received();
        say("READY=1\nSTATUS=up");
        say("X_A=1");
        say_barrier();
        say("STATUS=1");
        until_all_is_received();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which the app sends a file descriptor.
struct DescriptorLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        make_calls_count_from_here();
        const std::array<system::Fd, 1> fds{system::Fd(STDERR_FILENO)};
        say(with_descriptor, with_descriptor, fds);
        say("STATUS=1");
        until_all_is_received();
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which the manager does not read for a while.
struct BusyLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        manager_reads_ = false;
        make_calls_count_from_here();
        const std::string filling(4000, 'x');
        for (int number = 0; number < 60; ++number)
            say(concat("X_N=", number, "\nX_FILL=", filling));
        settle();
        manager_reads_ = true;
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which the journal is rotated.
struct LongLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        // A journal that is long enough for a rotation holds 227 of these messages. The rotation
        // comes after the burst.
        const std::string filling(4000, 'x');
        for (int number = 0; number < 230; ++number) {
            say(concat("X_N=", number, "\nX_FILL=", filling));
            if (number % 40 == 0 || number == 220)
                until_all_is_received();
            if (number == 220)
                make_calls_count_from_here();
        }
        until_all_is_received();
        for (int spans = 0; spans < 3; ++spans) {
            Faults::advance(event::BurstWatch::span);
            settle();
        }
        say("X_N=230");
        until_all_is_received();
        make_calls_count_to_here();
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which `wait` leaves and returns.
struct ResumedLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        settle();
        make_calls_count_from_here();
        wait_.end();
        say("X_A=1");
        say("X_B=1");
        if (is_over() || !start_wait())
            return;
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which `wait` starts late and gets the state.
struct LateLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wrap())
            return;
        say("STATUS=starting", "READY=1\nSTATUS=up");
        say("READY=1\nSTATUS=up");
        expected_.pop_back();
        settle();
        make_calls_count_from_here();
        if (is_over() || !start_wait("two", true))
            return;
        until_all_is_received();
        say("X_A=1");
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// A life in which the run is replaced as soon as a late `wait` follows it. At this time, no
/// message of the run was read yet.
struct LateReplacedLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wrap())
            return;
        say("READY=1\nSTATUS=up");
        settle();
        make_calls_count_from_here();
        if (is_over() || !start_wait("two", true))
            return;
        bool is_followed = false;
        wait_.side->courier.on_event = [&](const wait::Event& event) {
            is_followed = is_followed || std::holds_alternative<wait::RunBegan>(event);
        };
        while (!is_followed && wait_.turn()) {
        }
        wait_.side->courier.on_event = nullptr;
        // If `wait` does not follow the run yet, the run may be skipped.
        if (!is_followed)
            expected_.clear();
        wrap_.end();
        if (!start_wrap())
            return;
        say("X_NEW=1");
        until_all_is_received();
        say_barrier();
        end_run();
    }
};

/// A life in which `wait` starts after the run has ended, and ignores the run.
struct EndedLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wrap())
            return;
        say("READY=1");
        end_app(wrap_);
        expected_.clear();
        make_calls_count_from_here();
        if (is_over() || !start_wait("two", true))
            return;
        for (int times = 0; times < 200; ++times) {
            settle();
            Faults::advance(10ms);
        }
        make_calls_count_to_here();
    }
};

/// A life in which messages go directly to the manager, which does not read for a while.
struct StraightLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_straight())
            return;
        say("READY=1");
        until_all_is_received();
        manager_reads_ = false;
        const std::string filling(4000, 'x');
        for (int number = 0; number < 60; ++number)
            say(concat("X_N=", number, "\nX_FILL=", filling));
        settle();
        manager_reads_ = true;
        say_barrier();
        say("STOPPING=1");
        end_app(straight_);
        until_all_is_received();
    }
};

/// Changes the time of day by `by` whenever a message is on its way.
struct ClockLife : Life {
    explicit ClockLife(std::chrono::microseconds by) : Life(Fault{}), by_(by) {}

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        jump();
        say("READY=1");
        until_all_is_received();
        jump();
        say_barrier();
        // The message is in the journal with the old time, and is sent with the new time.
        say("X_A=1");
        while (wrap_.turn()) {
        }
        jump();
        say("X_B=1");
        until_all_is_received();
        check_reload("RELOADING=1");
        check_reload(concat("RELOADING=1\nMONOTONIC_USEC=", system::now().monotonic));
        say_barrier();
        end_run();
    }

private:
    void jump() {
        Faults::advance(10ms);
        Faults::set_time_of_day(by_);
    }

    /// Checks the time of a reload. systemd accepts neither a time before the reload request nor
    /// one in the future.
    void check_reload(const std::string& text) {
        const std::uint64_t asked = system::now().monotonic;
        say(text);
        while (wrap_.turn()) {
        }
        jump();
        until_all_is_received();
        const auto sent = notify::parse(received_.back());
        BOOST_TEST_REQUIRE(sent.has_value());
        const auto stamp = sent->value(notify::Key::monotonic_usec);
        BOOST_TEST_REQUIRE(stamp.has_value());
        const auto usec = util::parse_number<std::uint64_t>(*stamp).value_or(0);
        BOOST_TEST(usec >= asked);
        BOOST_TEST(usec <= system::now().monotonic);
        expected_.back() = received_.back();
    }

    std::chrono::microseconds by_;
};

constexpr std::chrono::microseconds jumps[] = {
    -std::chrono::hours(24 * 365), -1h, -1s, -1ms, 1ms, 999ms, 1s, 1h, std::chrono::hours(24 * 365),
};

constexpr std::chrono::microseconds spans[] = {0us, for_a_while};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_DATA_TEST_CASE(a_failed_call_in_a_short_run_loses_no_message, spans, lasts) {
    check_every_call<ShortLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_loses_no_descriptor_without_a_report, spans, lasts) {
    check_every_call<DescriptorLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_while_the_manager_is_busy_loses_no_message, spans, lasts) {
    check_every_call<BusyLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_during_a_rotation_loses_no_message, spans, lasts) {
    check_every_call<LongLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_when_wait_starts_again_loses_no_message, spans, lasts) {
    check_every_call<ResumedLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_when_wait_starts_late_loses_no_message, spans, lasts) {
    check_every_call<LateLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_when_a_run_is_replaced_loses_no_message, spans, lasts) {
    check_every_call<LateReplacedLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_does_not_make_wait_read_an_ended_run, spans, lasts) {
    check_every_call<EndedLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_failed_call_without_a_directory_loses_no_message, spans, lasts) {
    check_every_call<StraightLife>(lasts);
}

BOOST_DATA_TEST_CASE(a_change_of_the_time_of_day_loses_no_message, jumps, by) {
    ClockLife life(by);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_has_no_effect_or_is_reported) {
    check_every_allocation<ShortLife>();
    check_every_allocation<DescriptorLife>();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge
