#include "init/hands/perform/host_paths.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system/file.hpp"
#include "base/system/umask.hpp"
#include "base/util/concat.hpp"
#include "init/hands/condition/condition_tests.hpp"
#include "init/hands/condition/conditions.hpp"
#include "init/hands/execute/glob.hpp"
#include "init/hands/perform/path_watches.hpp"
#include "init/rules/unit_types/path.hpp"

namespace notifybridge::perform {
namespace {

using unit_types::Path;
using util::concat;

std::string_view advice(int error) {
    switch (error) {
        case EMFILE:
            return " Raise the limit: sysctl fs.inotify.max_user_instances=NUMBER";
        case ENOSPC:
            return " Raise the limit: sysctl fs.inotify.max_user_watches=NUMBER";
        default:
            return "";
    }
}

/// Returns the matches of a pattern. Returns nullopt if there are many files to look at.
std::optional<std::vector<std::string>> look_for_matches(const std::string& pattern) {
    return execute::glob_within(execute::most_looks, pattern, execute::Braces::expanded);
}

}  // namespace

void HostPaths::open() {
    if (watching_)
        return;
    watching_ = std::make_unique<Watching>(loop_, state_.poller);
    watching_->table.on_events = [this](const WatchTable::Events& events) { take_events(events); };
    watching_->poll.on_expired = [this] { poll(); };
}

std::error_code HostPaths::watch(const manager::Unit& path) {
    open();
    const auto& rules = path.settings().path->rules;
    const bool may_hang = std::ranges::any_of(
        rules, [this](const unit::PathRule& rule) { return state_.looks.may_hang(rule.path); });
    int error = may_hang ? EREMOTE : 0;
    watching_->table.replace(path.serial(), [&] {
        if (!may_hang)
            error = watch_rules(watching_->table, path.serial(), rules,
                                [this](const std::string& file) { return exists(file); });
    });
    if (error != 0 && !may_poll(error)) {
        unwatch(path);
        return {error, std::generic_category()};
    }
    Waiting& waiting = watching_->waiting[path.serial()];
    waiting.key = path.key();
    const bool takes_child = std::ranges::any_of(
        rules, [this](const unit::PathRule& rule) { return this->takes_child(rule); });
    if (!takes_child) {
        waiting.child_serial = 0;
        look(path, waiting);
    } else if (waiting.child_serial == 0) {
        waiting.child_serial = ++watching_->last_child_serial;
        waiting.looks.clear();
    }
    waiting.is_polled = error != 0;
    if (waiting.is_polled)
        poll_instead(path, error);
    if (takes_child && (!waiting.before || waiting.before->rules != rules)) {
        waiting.before = std::nullopt;
        ask_child(path.serial(), waiting);
    }
    return {};
}

/// Records the state of the files of PathChanged= and PathModified=. If the unit is polled, keeps
/// the first recorded state of a file, so that no change is missed.
void HostPaths::look(const manager::Unit& path, Waiting& waiting) {
    const auto before = std::exchange(waiting.looks, {});
    const auto& rules = path.settings().path->rules;
    for (std::size_t number = 0; number < rules.size(); ++number) {
        const std::string& name = rules[number].path;
        if (!rules[number].counts_changes())
            continue;
        const auto old = std::ranges::find(before, name, &Look::path);
        const bool is_kept = waiting.is_polled && old != before.end();
        waiting.looks.push_back({number, name, is_kept ? old->file : look_at(name)});
    }
}

void HostPaths::poll_instead(const manager::Unit& path, int error) {
    if (watching_->warned.insert(path.serial()).second)
        state_.say(
            error == EREMOTE ? util::Severity::info : util::Severity::warning, &path,
            error == EREMOTE
                ? "checking the paths every second: the file system does not report all changes."
                : concat("cannot watch the paths: ", system::describe(error),
                         "; checking them every second instead.", advice(error)));
    if (!watching_->poll.is_running())
        watching_->poll.start(interval_);
}

void HostPaths::unwatch(const manager::Unit& path) {
    if (!watching_)
        return;
    watching_->table.remove(path.serial());
    watching_->waiting.erase(path.serial());
}

void HostPaths::forget(const manager::Unit& path) {
    unwatch(path);
    if (watching_)
        watching_->warned.erase(path.serial());
}

void HostPaths::take_events(const WatchTable::Events& events) {
    News news;
    if (events.has_lost) {
        state_.say(util::Severity::warning, nullptr,
                   "lost events of path units (fs.inotify.max_queued_events); checking all paths.");
        for (auto& [owner, waiting] : watching_->waiting)
            if (waiting.child_serial != 0)
                ask_child(owner, waiting);
            else
                news[owner] = find_change(waiting, S_IFDIR);
    }
    for (const WatchTable::Event& event : events.all) {
        const auto waiting = watching_->waiting.find(event.owner);
        if (waiting != watching_->waiting.end() && waiting->second.child_serial != 0
            && !event.is_content) {
            ask_child(event.owner, waiting->second);
            continue;
        }
        std::optional<std::size_t>& rule = news[event.owner];
        if (event.is_content && !rule)
            rule = event.rule;
    }
    tell(news);
}

/// Returns the first rule whose file differs from its last known state. Returns nullopt if there is
/// none. Files of the type `doubted` always count as changed. For example, the state of a directory
/// does not show all changes of its files.
std::optional<std::size_t> HostPaths::find_change(const Waiting& waiting, mode_t doubted) {
    for (const auto& [rule, path, before] : waiting.looks) {
        const FileLook now = look_at(path);
        if (now != before || (doubted != 0 && (now.mode & S_IFMT) == doubted))
            return rule;
    }
    return std::nullopt;
}

void HostPaths::poll() {
    News news;
    for (auto& [owner, waiting] : watching_->waiting)
        if (waiting.child_serial != 0 && (waiting.is_polled || waiting.wants_look))
            ask_child(owner, waiting);
        else if (std::exchange(waiting.wants_look, false))
            // Meanwhile, this process itself can look. The last answer of the child may be too old.
            news[owner] = find_change(waiting, S_IFDIR);
        else if (waiting.is_polled)
            news[owner] = find_change(waiting, 0);
    tell(news);
    const bool is_any = std::ranges::any_of(watching_->waiting, [](const auto& entry) {
        return entry.second.is_polled || entry.second.wants_look;
    });
    if (is_any && !watching_->poll.is_running())
        watching_->poll.start(interval_);
    if (state_.on_events)
        state_.on_events();
}

void HostPaths::tell(const News& news) {
    // Collect the calls first, because a call to a unit may change the list.
    std::vector<std::pair<std::string, std::optional<std::size_t>>> calls;
    for (const auto& [owner, rule] : news)
        if (const auto found = watching_->waiting.find(owner); found != watching_->waiting.end())
            calls.emplace_back(found->second.key, rule);
    for (const auto& [key, rule] : calls)
        state_.tell(key, [&rule](manager::Unit& unit) {
            // This cast is safe, because only path units are in this list.
            auto& path = static_cast<Path&>(unit);
            if (rule)
                path.rule_changed(*rule);
            else
                path.look_again();
        });
}

/// Returns whether only a child may look at the path of a rule: the look may block, or it looks at
/// many files.
bool HostPaths::takes_child(const unit::PathRule& rule) {
    if (state_.looks.may_hang(rule.path))
        return true;
    if (rule.kind == unit::PathKind::directory_not_empty)
        return !condition::has_files(rule.path, execute::most_looks);
    return rule.kind == unit::PathKind::exists_glob && !look_for_matches(rule.path);
}

/// Looks at the paths of a unit in a child. While a child of this unit runs, only records that
/// another look is needed. A directory that changes all the time is read once in each interval.
void HostPaths::ask_child(std::uint64_t serial, Waiting& waiting) {
    manager::Unit* const unit = state_.find_unit ? state_.find_unit(waiting.key) : nullptr;
    if (!unit)
        return;
    Rules rules{unit->settings().path->rules, {}};
    const auto look = [&] { return answer_rules(rules.rules, made_); };
    ChildLooks::Calls calls;
    calls.on_answer = [this, serial, child_serial = waiting.child_serial,
                       rules](const ChildLooks::Answer& answer) {
        take_answer(serial, child_serial, rules, answer.text);
    };
    calls.on_late = [this, key = waiting.key] {
        state_.tell(key, [](const manager::Unit& late) {
            late.warn("The file system of a path does not respond; only this unit waits for it.");
        });
    };
    const auto start = state_.looks.start(concat("paths of ", waiting.key), look, std::move(calls));
    waiting.wants_look = start != ChildLooks::Start::begun;
    if (!waiting.wants_look)
        made_.clear();
    else if (!watching_->poll.is_running())
        watching_->poll.start(interval_);
}

/// Reports the answers of a child to the unit. Ignores the answers if the unit has triggered its
/// unit meanwhile, because files may have changed since.
void HostPaths::take_answer(std::uint64_t serial, std::uint64_t child_serial, Rules rules,
                            std::string_view answer) {
    const auto found = watching_->waiting.find(serial);
    if (found == watching_->waiting.end())
        return;
    Waiting& waiting = found->second;
    auto answers = read_answers(answer, rules.rules.size());
    if (!answers) {
        // The child was killed.
        waiting.wants_look = true;
        return watching_->poll.start(interval_);
    }
    rules.answers = std::move(*answers);
    if (waiting.child_serial != child_serial)
        return ask_child(serial, waiting);
    const std::string key = waiting.key;
    std::optional<std::size_t> changed;
    const bool is_first = !waiting.before;
    for (std::size_t at = 0; !is_first && at < rules.answers.size() && !changed; ++at)
        if (rules.answers[at].file != waiting.before->answers[at].file)
            changed = at;
    waiting.before = rules;
    known_ = &rules;
    state_.tell(key, [&](manager::Unit& unit) {
        auto& path = static_cast<Path&>(unit);
        if (is_first)
            path.first_answered();
        else if (changed)
            path.rule_changed(*changed);
        else
            path.look_again();
    });
    known_ = nullptr;
}

const PathAnswer* HostPaths::known_answer(const std::string& path,
                                          bool (*is_it)(unit::PathKind)) const {
    if (known_)
        for (std::size_t at = 0; at < known_->answers.size(); ++at)
            if (known_->rules[at].path == path && is_it(known_->rules[at].kind))
                return &known_->answers[at];
    return nullptr;
}

bool HostPaths::exists(const std::string& path) {
    const auto asks_for_existence = [](unit::PathKind kind) {
        return kind != unit::PathKind::exists_glob && kind != unit::PathKind::directory_not_empty;
    };
    if (const PathAnswer* const known = known_answer(path, asks_for_existence))
        return known->holds;
    return !state_.looks.may_hang(path) && ::access(path.c_str(), F_OK) == 0;
}

std::optional<std::string> HostPaths::find_match(const std::string& pattern) {
    const auto asks_for_match = [](unit::PathKind kind) {
        return kind == unit::PathKind::exists_glob;
    };
    if (const PathAnswer* const known = known_answer(pattern, asks_for_match))
        return known->holds ? std::optional(known->match) : std::nullopt;
    if (state_.looks.may_hang(pattern))
        return std::nullopt;
    auto matches = look_for_matches(pattern);
    return !matches || matches->empty() ? std::nullopt : std::optional(std::move(matches->front()));
}

bool HostPaths::has_files(const std::string& directory) {
    const auto asks_for_files = [](unit::PathKind kind) {
        return kind == unit::PathKind::directory_not_empty;
    };
    if (const PathAnswer* const known = known_answer(directory, asks_for_files))
        return known->holds;
    // Check `exists` too, so that the directory counts as empty if its file server is gone.
    return exists(directory)
           && condition::has_files(directory, execute::most_looks).value_or(false);
}

std::error_code HostPaths::make_directory(const std::string& path, mode_t mode) {
    if (state_.looks.may_hang(path)) {
        made_.emplace_back(path, mode);
        return {};
    }
    const system::Umask none(0);
    return {system::make_directories(path, mode), std::generic_category()};
}

}  // namespace notifybridge::perform
