#include "init/rules/unit_types/path.hpp"

#include <algorithm>
#include <utility>

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::unit_types {

using unit::PathKind;
using util::concat;

Path::Path(manager::Engine& engine, Paths& paths, load::LoadedUnit loaded)
    : Trigger(engine, std::move(loaded)),
      paths_(paths),
      existed_(path().rules.size()),
      limit_(util::TimeSpan::zero(), 0) {}

void Path::set_state(State state) {
    if (state != State::waiting)
        paths_.unwatch(*this);
    look_at_ = 0;
    // If a failed unit fails again, call `changed` nevertheless, because this call ends the start
    // job.
    if (state == state_ && state != State::failed)
        return;
    const manager::ActiveState before = active_state();
    state_ = state;
    changed(before);
}

void Path::set_down(bool has_failed) {
    set_state(has_failed ? State::failed : State::dead);
}

manager::Verdict Path::start() {
    if (!can_start_its_unit())
        return manager::Verdict::failed;
    if (path().make_directory)
        make_directories();
    result_ = Result::success;
    enter_waiting(After::start);
    return manager::Verdict::begun;
}

/// Applies MakeDirectory=. Skips the paths of PathExists= and PathExistsGlob=, because the new
/// directory would start the unit.
void Path::make_directories() {
    for (const unit::PathRule& rule : path().rules) {
        if (rule.kind == PathKind::exists || rule.kind == PathKind::exists_glob)
            continue;
        if (const auto error = paths_.make_directory(rule.path, path().directory_mode))
            warn(concat("cannot create the directory ", rule.path, ": ", error.message(), '.'));
    }
}

/// Returns whether a rule holds, and sets `trigger` to the path that fulfils the rule.
bool Path::holds(std::size_t rule, After after, std::string& trigger) {
    const auto& [kind, path] = this->path().rules[rule];
    trigger = path;
    switch (kind) {
        case PathKind::exists:
            return paths_.exists(path);
        case PathKind::exists_glob: {
            auto match = paths_.find_match(path);
            if (match)
                trigger = *std::move(match);
            return match.has_value();
        }
        case PathKind::directory_not_empty:
            return paths_.has_files(path);
        case PathKind::changed:
        case PathKind::modified:
            break;
    }
    // Like systemd, count a created or removed file only if this check follows an event. A change
    // while the triggered unit was running does not count.
    const bool exists = paths_.exists(path);
    const bool has_changed = exists != existed_[rule];
    existed_[rule] = exists;
    return has_changed && after == After::event;
}

std::optional<std::string> Path::find_trigger(After after) {
    std::string trigger;
    for (std::size_t rule = 0; rule < path().rules.size(); ++rule)
        if (holds(rule, after, trigger))
            return trigger;
    return std::nullopt;
}

void Path::enter_waiting(After after) {
    const manager::Unit* const unit = its_unit();
    if (unit && !manager::is_down(unit->active_state())) {
        if (state_ != State::running)
            trigger_.clear();
        set_state(State::running);
        return;
    }
    auto trigger = find_trigger(after);
    if (!trigger) {
        if (const auto error = paths_.watch(*this)) {
            warn(concat("cannot watch its paths: ", error.message(), '.'));
            enter_dead(Result::resources);
            return;
        }
        // Check the paths once more, because the event may have happened before the watch began.
        trigger = find_trigger(after == After::start ? After::event : after);
    }
    if (trigger)
        enter_running(*std::move(trigger));
    else
        set_state(State::waiting);
}

void Path::enter_running(std::string trigger) {
    // The path unit will stop soon, so it must not start the triggered unit.
    if (has_job(manager::JobType::stop))
        return;
    limit_.set(path().trigger_limit_interval.value_or(util::TimeSpan::zero()),
               path().trigger_limit_burst.value_or(0));
    if (!limit_.allows(now().monotonic)) {
        warn(concat("not starting ", unit_name(), " for ", trigger,
                    ": it was started too often (TriggerLimitBurst=)."));
        enter_dead(Result::trigger_limit_hit);
        return;
    }
    if (!start_its_unit())
        return;
    trigger_ = std::move(trigger);
    set_state(State::running);
}

void Path::settings_replaced(const unit::Settings& before) {
    const auto& old = before.path->rules;
    std::vector<bool> existed;
    for (const unit::PathRule& rule : path().rules) {
        const auto same = std::ranges::find(old, rule);
        existed.push_back(same != old.end()
                          && existed_[static_cast<std::size_t>(same - old.begin())]);
    }
    existed_ = std::move(existed);
}

/// Resets the count for TriggerLimitBurst=, and checks all paths. systemd does the same when the
/// unit files are reloaded.
void Path::settings_changed() {
    limit_.reset();
    if (state_ == State::waiting || state_ == State::running)
        enter_waiting(After::start);
}

/// Returns whether the triggered unit has ended or was started. In both cases, the path unit must
/// change its state.
bool Path::follows(const manager::Unit& triggered) const {
    const bool is_down = manager::is_down(triggered.active_state());
    return !triggered.job
           && ((state_ == State::running && is_down) || (state_ == State::waiting && !is_down));
}

void Path::trigger_changed(manager::Unit& triggered) {
    if (state_ != State::waiting && state_ != State::running)
        return;
    if (triggered.start_limit_hit) {
        enter_dead(Result::unit_start_limit_hit);
    } else if (follows(triggered)) {
        look_at_ = now().monotonic;
        deadline_changed();
    }
}

void Path::deadline_passed() {
    look_at_ = 0;
    if (const manager::Unit* const unit = its_unit(); unit && follows(*unit))
        enter_waiting(After::end_of_unit);
}

/// Returns TRIGGER_UNIT and TRIGGER_PATH (systemd.exec(5)).
std::vector<std::string> Path::trigger_environment() const {
    if (state_ != State::running || trigger_.empty())
        return {};
    return {concat("TRIGGER_UNIT=", id()), concat("TRIGGER_PATH=", trigger_)};
}

void Path::rule_changed(std::size_t rule) {
    if (state_ == State::waiting && rule < path().rules.size())
        enter_running(path().rules[rule].path);
}

/// Checks the paths as at the start: a file that is seen for the first time has not changed.
void Path::first_answered() {
    if (state_ == State::waiting)
        enter_waiting(After::start);
}

void Path::look_again() {
    if (state_ == State::waiting)
        enter_waiting(After::event);
}

}  // namespace notifybridge::unit_types
