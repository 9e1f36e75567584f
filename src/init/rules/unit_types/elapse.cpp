#include "init/rules/unit_types/elapse.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/util/siphash.hpp"
#include "init/files/calendar/next_time.hpp"

namespace notifybridge::unit_types {
namespace {

using unit::TimerBase;

bool elapses_once(TimerBase base) {
    return base == TimerBase::active || base == TimerBase::boot || base == TimerBase::startup;
}

bool follows_the_unit(TimerBase base) {
    return base == TimerBase::unit_active || base == TimerBase::unit_inactive;
}

std::uint64_t sum(std::uint64_t base, util::TimeSpan span) {
    return span == util::infinity ? never : base + static_cast<std::uint64_t>(span.count());
}

bool was_triggered(const ElapseFacts& facts) {
    return facts.last_trigger.realtime != 0 || facts.last_trigger.monotonic != 0;
}

/// Returns the time from which the rule counts. Returns nullopt if the rule's event has not
/// happened yet.
std::optional<std::uint64_t> base_of(TimerBase base, const ElapseFacts& facts) {
    const auto if_any = [](std::uint64_t moment) {
        return moment == 0 ? std::nullopt : std::optional(moment);
    };
    switch (base) {
        case TimerBase::active:
            return facts.activation.monotonic;
        case TimerBase::boot:
            return facts.boot;
        case TimerBase::unit_active:
            return if_any(std::max(facts.unit_active, facts.last_trigger.monotonic));
        case TimerBase::unit_inactive:
            return if_any(std::max(facts.unit_inactive, facts.last_trigger.monotonic));
        default:
            return facts.startup;
    }
}

/// Returns the rule's next time. If that time was before this manager started, returns the start of
/// the manager, so that RandomizedDelaySec= also delays a missed time.
std::optional<std::uint64_t> next_of_calendar(const unit::ElapseRule& rule,
                                              const ElapseFacts& facts, calendar::Zones& zones) {
    const std::uint64_t from =
        facts.last_trigger.realtime != 0 ? facts.last_trigger.realtime : facts.activation.realtime;
    const auto time = calendar::next_time(
        rule.event, util::TimeSpan(static_cast<std::int64_t>(from)), zones.find(rule.event.zone));
    if (!time)
        return std::nullopt;
    const std::uint64_t startup = facts.now.realtime - facts.now.monotonic + facts.startup;
    return std::max(static_cast<std::uint64_t>(time->count()), startup);
}

std::optional<std::uint64_t> next_of_span(const unit::ElapseRule& rule, RuleState& state,
                                          const ElapseFacts& facts) {
    const auto base = base_of(rule.base, facts);
    if (!base)
        return std::nullopt;
    state.next = sum(*base, rule.span);
    if (elapses_once(rule.base) && was_triggered(facts) && !facts.clock_has_changed
        && state.next < facts.now.monotonic) {
        state.is_spent = true;
        return std::nullopt;
    }
    return state.next;
}

void take_earlier(std::optional<std::uint64_t>& moment, std::uint64_t other) {
    moment = std::min(moment.value_or(other), other);
}

}  // namespace

NextElapse next_elapse(const std::vector<unit::ElapseRule>& rules, std::vector<RuleState>& states,
                       const ElapseFacts& facts, calendar::Zones& zones) {
    NextElapse next;
    for (std::size_t at = 0; at < rules.size(); ++at) {
        const unit::ElapseRule& rule = rules[at];
        RuleState& state = states[at];
        if (state.is_spent)
            continue;
        if (rule.base == TimerBase::calendar) {
            if (const auto moment = next_of_calendar(rule, facts, zones)) {
                state.next = *moment;
                take_earlier(next.realtime, *moment);
            }
            continue;
        }
        next.follows_unit = next.follows_unit || follows_the_unit(rule.base);
        if (const auto moment = next_of_span(rule, state, facts))
            take_earlier(next.monotonic, *moment);
    }
    return next;
}

std::uint64_t delayed(std::uint64_t moment, util::TimeSpan most, std::uint64_t random) {
    if (most <= util::TimeSpan::zero() || moment == never)
        return moment;
    const std::uint64_t delay = random % static_cast<std::uint64_t>(most.count());
    return delay < never - moment ? moment + delay : never - 1;
}

std::uint64_t fixed_random(std::string_view machine_id, std::uint32_t uid, std::string_view unit) {
    // The number is a hash of the machine, the manager and the unit (systemd.timer(5),
    // FixedRandomDelay=).
    constexpr util::SipKey key{0xc2425129'76db0a51, 0xbd373a8e'e6ea3580};
    constexpr char is_system_manager = 1;
    std::string bytes(machine_id);
    bytes += is_system_manager;
    bytes.append(reinterpret_cast<const char*>(&uid), sizeof uid);
    bytes += unit;
    return util::siphash(bytes, key);
}

std::uint64_t first_elapse(std::uint64_t monotonic, std::uint64_t realtime, system::Moment now) {
    const auto is_set = [](std::uint64_t moment) { return moment != 0 && moment != never; };
    if (!is_set(monotonic))
        return realtime;
    const std::uint64_t converted = now.realtime - now.monotonic + monotonic;
    return is_set(realtime) ? std::min(converted, realtime) : converted;
}

}  // namespace notifybridge::unit_types
