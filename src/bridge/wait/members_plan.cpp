#include "bridge/wait/members_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace notifybridge::wait {
namespace {

/// Returns how serious an end is for the unit. A success is 0, an end by a stop signal is 1, and a
/// failure is 2.
int gravity(std::optional<process::ExitStatus> end) {
    if (!end)
        return 2;
    if (end->success())
        return 0;
    const int status = end->shell_status();
    return status == 128 + SIGTERM || status == 128 + SIGINT || status == 128 + SIGQUIT ? 1 : 2;
}

}  // namespace

MembersPlan::MembersPlan(const std::vector<std::string>& names, std::uint64_t watchdog)
    : members_(names.size()),
      are_several_(names.size() > 1 || !names.front().empty()),
      voice_(names, watchdog) {}

relay::Decision MembersPlan::opening() {
    return are_several_ ? voice_.opening() : relay::Decision();
}

void MembersPlan::run_began(std::size_t member) {
    is_under_way_ = true;
    members_[member].phase = RunPhase::live;
    members_[member].was_killed_before_stop = false;
    voice_.run_began(member);
}

notify::Phase MembersPlan::run_resumed(std::size_t member, const notify::State& said,
                                       relay::Decision& message) {
    if (!are_several_)
        return said.phase;
    message = voice_.run_resumed(member, said);
    return voice_.phase();
}

relay::Decision MembersPlan::run_ended(std::size_t member, std::optional<process::ExitStatus> end) {
    members_[member].phase = RunPhase::ended;
    members_[member].end = end;
    return are_several_ ? voice_.run_ended(member, end) : relay::Decision();
}

relay::Decision MembersPlan::stop_begins() {
    if (!are_several_)
        return {};
    if (!std::exchange(is_asked_, true))
        for (Member& each : members_)
            each.was_killed_before_stop = each.phase == RunPhase::ended && !each.end;
    return voice_.stop_begins();
}

bool MembersPlan::caught_up(std::size_t member) {
    members_[member].has_caught_up = true;
    return std::ranges::all_of(members_, &Member::has_caught_up);
}

bool MembersPlan::is_over() const {
    const auto has_ended = [](const Member& each) { return each.phase == RunPhase::ended; };
    const auto lives = [](const Member& each) { return each.phase == RunPhase::live; };
    return std::ranges::none_of(members_, lives)
           && (is_last_ || std::ranges::all_of(members_, has_ended));
}

bool MembersPlan::becomes_over() {
    if (!is_under_way_ || !is_over())
        return false;
    is_under_way_ = false;
    return true;
}

std::optional<process::ExitStatus> MembersPlan::end() const {
    std::optional<process::ExitStatus> worst = process::ExitStatus();
    for (const Member& each : members_)
        if (each.phase == RunPhase::ended && !each.was_killed_before_stop
            && gravity(each.end) > gravity(worst))
            worst = each.end;
    return worst;
}

std::vector<std::size_t> MembersPlan::signalled(int signal, const std::vector<bool>& lives) {
    if (!are_several_)
        return {0};
    if (process::asks_for_end(signal)) {
        stop_signal_ = signal;
        const auto next = next_to_stop(lives);
        return next ? std::vector{*next} : std::vector<std::size_t>();
    }
    std::vector<std::size_t> all;
    for (std::size_t member = 0; member < lives.size(); ++member)
        if (lives[member])
            all.push_back(member);
    return all;
}

std::optional<std::size_t> MembersPlan::next_to_stop(const std::vector<bool>& lives) {
    for (std::size_t member = lives.size(); member-- > 0;)
        if (lives[member])
            return member;
    return std::nullopt;
}

}  // namespace notifybridge::wait
