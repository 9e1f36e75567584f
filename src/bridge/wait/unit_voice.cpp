#include "bridge/wait/unit_voice.hpp"

#include <algorithm>
#include <utility>

#include "base/notify/message.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::wait {
namespace {

using notify::Key;
using notify::Phase;
using util::concat;

/// The least room for a status, in bytes. If a message has less room, the status is sent with the
/// next message.
constexpr std::size_t least_room = 64;

/// Returns whether `UnitVoice` creates this line for the unit, so that the member's line is left
/// out.
bool is_of_unit(const notify::Tag& tag) {
    switch (tag.key) {
        case Key::ready:
        case Key::reloading:
        case Key::stopping:
        case Key::monotonic_usec:
        case Key::status:
        case Key::watchdog_usec:
            return true;
        case Key::watchdog:
            return tag.value() == "1";
        default:
            return false;
    }
}

/// Returns STATUS= in at most `room` bytes. If the text with the member's name is too long, cuts
/// off its end.
std::string status_line(std::string_view status, std::size_t room) {
    std::string line = notify::escape_assignment(concat("STATUS=", status));
    while (line.size() > room) {
        status.remove_suffix(std::min(status.size(), line.size() - room));
        while (!util::is_utf8(status))
            status.remove_suffix(1);
        line = notify::escape_assignment(concat("STATUS=", status));
    }
    return line;
}

void add_line(std::string& text, std::string_view line) {
    if (!text.empty())
        text += '\n';
    text += line;
}

/// Returns the current value of a fact. Returns an empty view if there is no value.
std::string_view fact(const notify::State& said, Key key) {
    const auto found = said.facts.find(key);
    return found == said.facts.end() ? std::string_view() : found->second;
}

std::uint64_t asked_watchdog(const notify::State& said) {
    return util::parse_number<std::uint64_t>(fact(said, Key::watchdog_usec)).value_or(0);
}

}  // namespace

UnitVoice::UnitVoice(const std::vector<std::string>& names, std::uint64_t watchdog)
    : unit_watchdog_(watchdog), watchdog_(watchdog) {
    for (const std::string& name : names)
        members_.push_back({name});
}

/// Returns whether the member is ready. A member that ended successfully stays ready.
bool UnitVoice::is_ready(const Member& member) {
    if (!member.lives)
        return member.was_ready && !member.has_failed;
    return member.said.phase == Phase::ready || member.said.phase == Phase::reloading;
}

bool UnitVoice::any_lives_in(Phase phase) const {
    return std::ranges::any_of(
        members_, [&](const Member& member) { return member.lives && member.said.phase == phase; });
}

/// Returns whether the whole unit is stopping. If the unit was asked to stop, one stopping member
/// is enough. Otherwise, all live members must be stopping, because a single member may be started
/// again. The other members must have had a run, because a member without a run may still start.
bool UnitVoice::all_stop() const {
    const bool all = std::ranges::all_of(members_, [](const Member& member) {
        return member.lives ? member.said.phase == Phase::stopping : member.had_run;
    });
    return any_lives_in(Phase::stopping) && (all || is_asked_to_stop_);
}

/// Returns the member's status with its name. Returns an empty text if the member has no status.
std::string UnitVoice::status_of(const Member& member) {
    const std::string_view status = fact(member.said, Key::status);
    return status.empty() ? "" : concat(member.name, ": ", status);
}

std::string UnitVoice::missing() const {
    std::string names;
    for (const Member& member : members_)
        if (!is_ready(member))
            names += concat(names.empty() ? "" : ", ", member.name);
    return names;
}

std::string UnitVoice::status() const {
    if (phase_ == Phase::starting)
        return concat(last_status_, last_status_.empty() ? "" : "; ", "waiting for ", missing());
    return last_status_;
}

/// Takes the new STATUS of a member. If it is empty, only this member's own status is taken back,
/// and the unit has the status of another member.
void UnitVoice::take_status(const Member& member) {
    std::string status = status_of(member);
    const bool is_shown = last_status_.starts_with(concat(member.name, ": "));
    if (status.empty() && !is_shown && !last_status_.empty())
        return;
    for (const Member& other : members_)
        if (status.empty() && other.lives)
            status = status_of(other);
    last_status_ = std::move(status);
    if (phase_ != Phase::starting)
        complete_status();
}

/// Gives the unit a status if no member has one.
void UnitVoice::complete_status() {
    if (last_status_.empty() && missing().empty())
        last_status_ = "all members are ready";
}

void UnitVoice::become_ready() {
    if (std::exchange(phase_, Phase::ready) == Phase::starting)
        complete_status();
}

/// Moves the unit to its next phase if all conditions for that phase are met. `member` is the
/// member whose messages are considered, or nullptr if no member has sent one.
void UnitVoice::turn(relay::Decision& decision, const Member* member) {
    decision.ready = decision.reloading = decision.stopping = false;
    if (phase_ == Phase::stopping)
        return;
    if (all_stop()) {
        phase_ = Phase::stopping;
        decision.stopping = true;
        add_line(decision.text, "STOPPING=1");
    } else if (phase_ == Phase::starting
                   ? missing().empty()
                   : phase_ == Phase::reloading && !any_lives_in(Phase::reloading)) {
        become_ready();
        decision.ready = true;
        add_line(decision.text, "READY=1");
    } else if (phase_ == Phase::ready && member && member->said.phase == Phase::reloading) {
        phase_ = Phase::reloading;
        decision.reloading = true;
        add_line(decision.text, "RELOADING=1");
        const std::string_view time = fact(member->said, Key::monotonic_usec);
        if (!time.empty())
            add_line(decision.text, concat("MONOTONIC_USEC=", time));
    }
}

/// Records a ping of this member. Returns whether the unit pings now. The unit pings only as often
/// as its slowest member.
bool UnitVoice::passes_ping(Member& member) {
    member.has_watchdog = member.has_pinged = true;
    const bool one_is_silent = std::ranges::any_of(
        members_, [](const Member& other) { return other.has_watchdog && !other.has_pinged; });
    for (Member& other : members_)
        other.has_pinged = other.has_pinged && one_is_silent;
    return !one_is_silent;
}

/// Requests the longest of all watchdog times of the unit and its members.
void UnitVoice::ask_for_watchdog(std::string& text) {
    std::uint64_t longest = unit_watchdog_;
    for (const Member& member : members_)
        if (member.lives)
            longest = std::max(longest, asked_watchdog(member.said));
    if (std::exchange(watchdog_, longest) != longest)
        add_line(text, concat("WATCHDOG_USEC=", longest));
}

/// Adds the unit's status if it has changed.
void UnitVoice::add_status(std::string& text) {
    std::string status = this->status();
    const std::size_t used = text.empty() ? 0 : text.size() + 1;
    if (status == said_status_ || used + least_room > notify::longest_datagram)
        return;
    said_status_ = std::move(status);
    add_line(text, status_line(said_status_, notify::longest_datagram - used));
}

relay::Decision UnitVoice::opening() {
    relay::Decision decision;
    add_status(decision.text);
    return decision;
}

void UnitVoice::speak(std::size_t index, relay::Decision& decision) {
    const std::string text = std::exchange(decision.text, {});
    const auto message = notify::parse(text);
    if (!message)
        return;
    Member& member = members_[index];
    const bool was_missing = !is_ready(member);
    notify::fold(member.said, *message, {});
    member.was_ready = member.was_ready || is_ready(member);
    turn(decision, &member);
    for (const notify::Tag& tag : message->tags())
        if (!is_of_unit(tag))
            add_line(decision.text, tag.raw);
    if (message->has("WATCHDOG=1") && passes_ping(member))
        add_line(decision.text, "WATCHDOG=1");
    ask_for_watchdog(decision.text);
    if (message->value(Key::status))
        take_status(member);
    else if (member.had_run && was_missing && is_ready(member))
        last_status_ = concat(member.name, ": ready");
    add_status(decision.text);
}

void UnitVoice::run_began(std::size_t index) {
    Member& member = members_[index];
    member = {.name = std::move(member.name), .lives = true, .had_run = member.had_run};
}

relay::Decision UnitVoice::run_resumed(std::size_t index, const notify::State& said) {
    Member& member = members_[index];
    member.said = said;
    member.resumed_in = said.phase;
    member.was_ready = is_ready(member);
    member.has_watchdog = said.last_watchdog.realtime != 0;
    if (std::string status = status_of(member); !status.empty())
        last_status_ = std::move(status);
    const auto was_ready = [](const Member& each) {
        return each.resumed_in == Phase::ready || each.resumed_in == Phase::reloading;
    };
    relay::Decision decision;
    if (phase_ == Phase::starting && std::ranges::all_of(members_, was_ready)) {
        become_ready();
        if (std::ranges::find(members_, Phase::reloading, &Member::resumed_in) != members_.end())
            phase_ = Phase::reloading;
    }
    // Members that were resumed earlier may already have sent messages.
    for (const Member& each : members_)
        if (each.lives && decision.text.empty())
            turn(decision, &each);
    // The service manager already has this status.
    said_status_ = status();
    return decision;
}

relay::Decision UnitVoice::run_ended(std::size_t index, std::optional<process::ExitStatus> end) {
    Member& member = members_[index];
    member.lives = member.has_watchdog = member.has_pinged = false;
    member.had_run = true;
    member.has_failed = !end || !end->success();
    if (!is_asked_to_stop_ && phase_ != Phase::stopping)
        last_status_ =
            concat(member.name, ": ", end ? process::describe(*end) : "the run broke off");
    relay::Decision decision;
    turn(decision, nullptr);
    add_status(decision.text);
    return decision;
}

relay::Decision UnitVoice::stop_begins() {
    is_asked_to_stop_ = true;
    relay::Decision decision;
    turn(decision, nullptr);
    add_status(decision.text);
    return decision;
}

}  // namespace notifybridge::wait
