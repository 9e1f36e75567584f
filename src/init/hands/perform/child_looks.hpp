#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/poller.hpp"
#include "base/system/mounts.hpp"
#include "base/util/function_ref.hpp"
#include "init/hands/perform/unit_processes.hpp"

namespace notifybridge::perform {

/// Looks at files in child processes. This is for files whose file system may hang, and for looks
/// that take long. Only the child waits for them.
class ChildLooks {
public:
    /// The time after which a look counts as late.
    static constexpr std::chrono::seconds usual_patience{5};

    ChildLooks(event::Loop& loop, event::Poller& poller, UnitProcesses& processes,
               std::chrono::microseconds patience = usual_patience)
        : poller_(poller), processes_(processes), patience_(patience), late_(loop) {
        late_.on_expired = [this] { report_late(); };
    }
    ~ChildLooks();
    ChildLooks(const ChildLooks&) = delete;
    ChildLooks& operator=(const ChildLooks&) = delete;

    /// Returns whether a look at this absolute path or pattern may block.
    bool may_hang(std::string_view path) { return mounts_.may_hang(path); }

    bool has_children() const { return !running_.empty(); }

    enum class Start {
        begun,
        /// The last look of this owner has not ended. A child that hangs cannot be killed, so each
        /// owner has at most one child.
        busy,
        failed,  ///< No child could be created.
    };

    /// The result of a look.
    struct Answer {
        Answer() = default;
        Answer(std::string its_text) : text(std::move(its_text)) {}

        std::string text;
        std::vector<system::UniqueFd> fds;  ///< The files that the child has opened for us.
    };

    /// The functions to call after `start`.
    struct Calls {
        /// Called with the result of the look. If the child was killed, the end of the result is
        /// missing.
        std::function<void(Answer& answer)> on_answer;
        /// Called once if the look takes longer than the patience. May be empty.
        std::function<void()> on_late = {};
    };

    /// Runs `look` in a child process, which has no descriptor of ours. `owner` is any text, such
    /// as the name of a unit and the purpose of the look.
    Start start(const std::string& owner, util::FunctionRef<Answer()> look, Calls calls);

private:
    struct Running {
        system::UniqueFd child;  ///< A socket. Its other end is in the child.
        Calls calls;
        std::chrono::microseconds begin;
        Answer read = {};      ///< The beginning of the answer.
        bool is_late = false;  ///< Whether `on_late` was called.
    };

    void read(const std::string& owner);
    void report_late();

    event::Poller& poller_;
    UnitProcesses& processes_;
    std::chrono::microseconds patience_;
    system::Mounts mounts_;
    std::map<std::string, Running> running_;  ///< The looks by their owners.
    event::Deadline late_;
};

}  // namespace notifybridge::perform
