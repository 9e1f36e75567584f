#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/deadline.hpp"
#include "init/hands/perform/file_look.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/path_answers.hpp"
#include "init/hands/perform/watch_table.hpp"
#include "init/rules/unit_types/paths.hpp"

namespace notifybridge::perform {

/// The watches on the paths of path units on this system. They use inotify(7), or polling if
/// inotify is not available. Until the first path unit waits, this object has no descriptor and
/// uses little memory.
class HostPaths final : public unit_types::Paths {
public:
    /// The interval of polling, and so the maximum delay of a report.
    static constexpr std::chrono::seconds usual_interval{1};

    HostPaths(event::Loop& loop, HostState& state,
              std::chrono::microseconds interval = usual_interval)
        : loop_(loop), state_(state), interval_(interval) {}

    std::error_code watch(const manager::Unit& path) override;
    void unwatch(const manager::Unit& path) override;
    bool exists(const std::string& path) override;
    std::optional<std::string> find_match(const std::string& pattern) override;
    bool has_files(const std::string& directory) override;
    std::error_code make_directory(const std::string& path, mode_t mode) override;

    /// Removes all data about a path unit.
    void forget(const manager::Unit& path);

private:
    /// A file that a rule watches for changes, and the last known state of the file.
    struct Look {
        std::size_t rule;
        std::string path;
        FileLook file;
    };
    struct Rules {
        std::vector<unit::PathRule> rules;
        std::vector<PathAnswer> answers;
    };
    /// A path unit that waits for an event or a condition.
    struct Waiting {
        std::string key;  ///< The key of the unit.
        bool is_polled = false;
        std::vector<Look> looks;
        /// If only a child may look at the paths: the serial of this wait, or 0 otherwise.
        std::uint64_t child_serial = 0;
        bool wants_look = false;      ///< Whether to look again at the next poll.
        std::optional<Rules> before;  ///< The last answers of a child.
    };
    /// The events to report, by the serials of units. The value is the number of the rule whose
    /// path has changed, or nullopt for any other event.
    using News = std::map<std::uint64_t, std::optional<std::size_t>>;

    /// The state that exists after the first path unit has begun to wait. The members identify
    /// units by their serials.
    struct Watching {
        Watching(event::Loop& loop, event::Poller& poller) : table(poller), poll(loop) {}

        WatchTable table;
        std::map<std::uint64_t, Waiting> waiting;
        event::Deadline poll;
        std::set<std::uint64_t> warned;  ///< Units for which we have logged that they are polled.
        std::uint64_t last_child_serial = 0;
    };

    void open();
    void look(const manager::Unit& path, Waiting& waiting);
    void poll_instead(const manager::Unit& path, int error);
    void take_events(const WatchTable::Events& events);
    bool takes_child(const unit::PathRule& rule);
    void ask_child(std::uint64_t serial, Waiting& waiting);
    void take_answer(std::uint64_t serial, std::uint64_t child_serial, Rules rules,
                     std::string_view answer);
    const PathAnswer* known_answer(const std::string& path, bool (*is_it)(unit::PathKind)) const;
    static std::optional<std::size_t> find_change(const Waiting& waiting, mode_t doubted);
    void poll();
    void tell(const News& news);

    event::Loop& loop_;
    HostState& state_;
    std::chrono::microseconds interval_;
    std::unique_ptr<Watching> watching_;
    const Rules* known_ = nullptr;  ///< The answers of a child, while its unit receives them.
    MadeDirectories made_;          ///< The directories that the next child makes.
};

}  // namespace notifybridge::perform
