#include "init/hands/perform/host_surroundings.hpp"

#include "base/util/concat.hpp"
#include "init/hands/condition/conditions.hpp"
#include "init/hands/execute/glob.hpp"

namespace notifybridge::perform {

using util::concat;

namespace {

constexpr char is_true = '1';
constexpr char is_false = '0';
constexpr char is_invalid = '?';

}  // namespace

/// Tests the condition, but does not look at many files.
std::optional<bool> HostSurroundings::look(const unit::Condition& condition) const {
    return condition::is_met(
        condition, {state_.settings.facts, state_.settings.environment, execute::most_looks});
}

/// Returns whether only a child may test the condition: the test may block, or looks at many files.
bool HostSurroundings::takes_child(const unit::Condition& condition) {
    return condition::is_about_path(condition)
           && (state_.looks.may_hang(condition.parameter) || !look(condition));
}

std::vector<const unit::Condition*> HostSurroundings::slow_conditions(const manager::Unit& unit) {
    std::vector<const unit::Condition*> slow;
    const unit::UnitSettings& settings = unit.settings().unit;
    for (const auto* const list : {&settings.conditions, &settings.asserts})
        for (const unit::Condition& condition : **list)
            if (takes_child(condition))
                slow.push_back(&condition);
    return slow;
}

bool HostSurroundings::can_test(const manager::Unit& unit) {
    const std::string& key = unit.key();
    const std::uint64_t job = unit.job ? unit.job->id : 0;
    if (const auto found = answers_.find(key); found != answers_.end()) {
        // The answers are for one test only. A later test of the same job looks again.
        if (std::exchange(found->second.job, 0) == job && job != 0)
            return true;
        answers_.erase(found);
    }
    std::vector<unit::Condition> tested;
    for (const unit::Condition* const condition : slow_conditions(unit))
        tested.push_back(*condition);
    if (tested.empty())
        return true;
    const auto look = [&] {
        std::string answer;
        for (const unit::Condition& each : tested) {
            const auto met =
                condition::is_met(each, {state_.settings.facts, state_.settings.environment});
            answer += !met ? is_invalid : *met ? is_true : is_false;
        }
        return answer;
    };
    ChildLooks::Calls calls;
    calls.on_answer = [this, key, job, tested](const ChildLooks::Answer& answer) {
        take(key, job, tested, answer.text);
    };
    calls.on_late = [this, key] {
        state_.tell(key, [](const manager::Unit& late) {
            late.warn(
                "The file system of a path in the conditions does not respond; the start waits.");
        });
    };
    const auto start = state_.looks.start(concat("conditions of ", key), look, std::move(calls));
    if (start != ChildLooks::Start::failed)
        return false;
    unit.warn("Cannot create a process to test the conditions; they count as not met.");
    answers_[key] = {};
    for (const unit::Condition& each : tested)
        answers_[key].met[{each.type, each.parameter}] = std::nullopt;
    return true;
}

void HostSurroundings::take(const std::string& key, std::uint64_t job,
                            const std::vector<unit::Condition>& tested, std::string_view answer) {
    Answers& answers = answers_[key] = {job};
    for (std::size_t at = 0; at < tested.size(); ++at) {
        const char met = at < answer.size() ? answer[at] : is_invalid;
        answers.met[{tested[at].type, tested[at].parameter}] =
            met == is_invalid ? std::nullopt : std::optional(met == is_true);
    }
    state_.tell(key, [](manager::Unit& unit) { unit.conditions_known(); });
}

std::optional<bool> HostSurroundings::is_met(const Answers* answers,
                                             const unit::Condition& condition) {
    if (answers)
        if (const auto found = answers->met.find({condition.type, condition.parameter});
            found != answers->met.end())
            return found->second;
    return look(condition);
}

bool HostSurroundings::holds(const manager::Unit& unit,
                             const std::vector<unit::Condition>& conditions,
                             unit::UnmetConditions& unmet) {
    const auto found = answers_.find(unit.key());
    const Answers* const answers = found == answers_.end() ? nullptr : &found->second;
    return condition::all_hold(
        conditions, [&](const unit::Condition& each) { return is_met(answers, each); }, unmet);
}

bool HostSurroundings::is_mount_point(const std::string& path) {
    if (state_.looks.may_hang(path))
        return system::Mounts::is_mounted(path);
    unit::UnmetConditions unmet;
    return condition::all_hold({unit::Condition{"PathIsMountPoint", path}},
                               {state_.settings.facts, state_.settings.environment}, unmet);
}

bool HostSurroundings::has_processes(const manager::Unit& unit) {
    const auto own = unit.own_processes().value_or(manager::OwnProcesses{});
    return state_.processes.any_runs(unit.key(), [&](pid_t pid) { return !own.has(pid); });
}

void HostSurroundings::end(unit::EmergencyAction action, int status) {
    if (state_.on_end)
        state_.on_end(action, status);
}

void HostSurroundings::say(util::Severity severity, const manager::Unit* unit,
                           std::string_view text) {
    state_.say(severity, unit, text);
}

}  // namespace notifybridge::perform
