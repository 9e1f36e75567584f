#include "init/rules/unit_types/elapse.hpp"

#include <boost/test/unit_test.hpp>

#include "base/system/random_id.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using unit::ElapseRule;
using unit::TimerBase;

constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t boot_time = 1'700'000'000 * second;  ///< 2023-11-14 22:13:20 UTC.

system::Moment after_boot(std::uint64_t monotonic) {
    return {boot_time + monotonic, monotonic};
}

/// The rules of a timer that was started 100 s after the boot. The current time is 200 s after the
/// boot.
struct Rules {
    explicit Rules(std::vector<ElapseRule> all) : rules(std::move(all)), states(rules.size()) {}

    NextElapse next() { return next_elapse(rules, states, facts, zones); }

    std::vector<ElapseRule> rules;
    std::vector<RuleState> states;
    calendar::Zones zones;
    ElapseFacts facts = {.now = after_boot(200 * second),
                         .boot = 10 * second,
                         .startup = 20 * second,
                         .activation = after_boot(100 * second),
                         .last_trigger = {}};
};

ElapseRule after(TimerBase base, util::TimeSpan span) {
    return {.base = base, .span = span, .event = {}};
}

ElapseRule on(const char* text) {
    return {.base = TimerBase::calendar, .event = calendar::parse(text).value()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elapse)

BOOST_AUTO_TEST_CASE(each_rule_of_a_timer_counts_from_its_base) {
    const auto next_of = [](TimerBase base) {
        Rules rules({after(base, seconds(300))});
        rules.facts.unit_active = 30 * second;
        rules.facts.unit_inactive = 40 * second;
        return rules.next().monotonic.value_or(0) / second;
    };
    BOOST_TEST(next_of(TimerBase::active) == 400u);
    BOOST_TEST(next_of(TimerBase::boot) == 310u);
    BOOST_TEST(next_of(TimerBase::startup) == 320u);
    BOOST_TEST(next_of(TimerBase::unit_active) == 330u);
    BOOST_TEST(next_of(TimerBase::unit_inactive) == 340u);
}

BOOST_AUTO_TEST_CASE(the_rule_of_a_timer_that_elapses_first_counts) {
    Rules rules({after(TimerBase::boot, hours(2)), after(TimerBase::active, hours(1)),
                 on("2023-11-16"), on("2023-11-15")});
    const NextElapse next = rules.next();
    BOOST_TEST(next.monotonic.value() == 100 * second + 3600 * second);
    BOOST_TEST(next.realtime.value() == 1'700'006'400 * second);
    BOOST_TEST(!next.follows_unit);
    BOOST_TEST(rules.states[0].next == 10 * second + 7200 * second);
}

BOOST_AUTO_TEST_CASE(a_time_in_the_past_counts_until_the_timer_has_elapsed) {
    Rules rules({after(TimerBase::active, seconds(1))});
    BOOST_TEST(rules.next().monotonic.value() == 101 * second);
    rules.facts.last_trigger = after_boot(150 * second);
    BOOST_TEST(!rules.next().monotonic);
    BOOST_TEST(rules.states[0].is_spent);
    BOOST_TEST(rules.states[0].next == 101 * second);
}

BOOST_AUTO_TEST_CASE(a_rule_of_a_timer_elapses_again_after_a_clock_change) {
    Rules rules({after(TimerBase::active, seconds(1))});
    rules.facts.last_trigger = after_boot(150 * second);
    rules.facts.clock_has_changed = true;
    BOOST_TEST(rules.next().monotonic.value() == 101 * second);
}

BOOST_AUTO_TEST_CASE(a_rule_based_on_the_unit_waits_for_its_first_start) {
    Rules rules({after(TimerBase::unit_active, seconds(60))});
    BOOST_TEST(!rules.next().monotonic);
    BOOST_TEST(rules.next().follows_unit);
    rules.facts.last_trigger = after_boot(150 * second);
    BOOST_TEST(rules.next().monotonic.value() == 210 * second);
    rules.facts.unit_active = 190 * second;
    BOOST_TEST(rules.next().monotonic.value() == 250 * second);
    BOOST_TEST(!rules.states[0].is_spent);
}

BOOST_AUTO_TEST_CASE(an_on_calendar_rule_counts_from_the_last_trigger) {
    Rules rules({on("*:*:00 UTC")});
    BOOST_TEST(rules.next().realtime.value() == 1'700'000'160 * second);
    rules.facts.last_trigger = after_boot(190 * second);
    BOOST_TEST(rules.next().realtime.value() == 1'700'000'220 * second);
}

BOOST_AUTO_TEST_CASE(a_calendar_time_before_the_start_counts_as_the_start) {
    Rules rules({on("*-*-* 00:00:00 UTC")});
    rules.facts.last_trigger = {boot_time - 86'400 * 30 * second, 0};
    BOOST_TEST(rules.next().realtime.value() == boot_time + 20 * second);
}

BOOST_AUTO_TEST_CASE(a_calendar_day_that_does_not_exist_never_elapses) {
    Rules rules({on("*-02-30")});
    BOOST_TEST(!rules.next().realtime);
    BOOST_TEST(rules.states[0].next == 0u);
}

BOOST_AUTO_TEST_CASE(an_infinite_span_of_a_timer_never_elapses) {
    Rules rules({after(TimerBase::boot, util::infinity)});
    BOOST_TEST(rules.next().monotonic.value() == never);
}

BOOST_AUTO_TEST_CASE(a_random_delay_is_below_its_limit_and_does_not_overflow) {
    BOOST_TEST(delayed(100, util::TimeSpan::zero(), 77) == 100u);
    BOOST_TEST(delayed(100, util::TimeSpan(10), 77) == 107u);
    BOOST_TEST(delayed(never, util::TimeSpan(10), 77) == never);
    BOOST_TEST(delayed(never - 5, util::TimeSpan(10), 77) == never - 1);
}

BOOST_AUTO_TEST_CASE(a_fixed_random_delay_equals_that_of_systemd) {
    // systemd 252 had this delay for a.timer on the machine with this id.
    const auto id = system::parse_random_id("3d1219c7c4c5404aaa1f6d2a48adfda4").value();
    const std::string bytes(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    BOOST_TEST(delayed(0, hours(24), fixed_random(bytes, 0, "a.timer")) == 63'932'673'866u);
    BOOST_TEST(fixed_random(bytes, 0, "b.timer") != fixed_random(bytes, 0, "a.timer"));
}

BOOST_AUTO_TEST_CASE(the_earlier_of_two_elapse_times_is_shown) {
    const system::Moment now = after_boot(200 * second);
    BOOST_TEST(first_elapse(300 * second, never, now) == boot_time + 300 * second);
    BOOST_TEST(first_elapse(300 * second, boot_time + 250 * second, now)
               == boot_time + 250 * second);
    BOOST_TEST(first_elapse(0, boot_time, now) == boot_time);
    BOOST_TEST(first_elapse(never, never, now) == never);
    BOOST_TEST(first_elapse(0, 0, now) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
