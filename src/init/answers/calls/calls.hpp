#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/util/log.hpp"
#include "init/answers/control/call.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::calls {

namespace json = boost::json;

/// The handler of the calls of `ctl` that change something or wait. All other calls are queries.
class Calls {
public:
    Calls(manager::Engine& engine, properties::Daemon daemon);
    ~Calls();

    void take(const std::shared_ptr<control::Call>& call);

    /// Enqueues the job for the next unit of a call that names several units. Each turn of the loop
    /// enqueues one job, so that other calls are handled between two jobs. Skips a unit while a
    /// running generator may still write its file. Returns false if there was no unit to handle.
    bool enqueue_next();

    // Handle events that calls may wait for.
    void job_ended(const manager::Job& job, manager::JobResult result);
    void unit_changed(const manager::Unit& unit);
    void system_state_changed();

private:
    struct Pending;
    using Answer = void (Calls::*)(const std::shared_ptr<control::Call>&);
    struct Entry {
        std::string_view name;
        Answer answer;
        bool changes_things = true;
    };
    static const Entry entries[];

    void system_state(const std::shared_ptr<control::Call>& call);
    void set_environment(const std::shared_ptr<control::Call>& call);
    void unset_environment(const std::shared_ptr<control::Call>& call);
    void enqueue(const std::shared_ptr<control::Call>& call);
    void cancel(const std::shared_ptr<control::Call>& call);
    void kill(const std::shared_ptr<control::Call>& call);
    void reset_failed(const std::shared_ptr<control::Call>& call);
    void reload(const std::shared_ptr<control::Call>& call);
    void end(const std::shared_ptr<control::Call>& call);
    void plan_end(const std::shared_ptr<control::Call>& call);
    void follow_log(const std::shared_ptr<control::Call>& call);
    void drop_disconnected_followers();
    void answer_followers(std::string_view key, util::Severity severity, const std::string& line);

    bool has_to_wait(const Pending& pending) const;
    void enqueue_one(const std::shared_ptr<Pending>& pending, const std::string& name);
    void settle(const std::shared_ptr<Pending>& pending);
    void drop_disconnected();

    manager::Engine& engine_;
    properties::Daemon daemon_;
    std::deque<std::shared_ptr<Pending>> unfinished_;  ///< Calls that still have jobs to enqueue.
    std::multimap<std::uint64_t, std::shared_ptr<Pending>> by_job_;
    std::multimap<std::string, std::shared_ptr<Pending>> by_unit_;
    std::size_t drop_threshold_ =
        0;  ///< The number of waiting calls from which `drop_disconnected` acts.
    std::vector<std::shared_ptr<control::Call>> awaiting_system_;

    /// A call that gets an answer for each new line of a log.
    struct Follower {
        std::shared_ptr<control::Call> call;
        std::string key;  ///< The unit's key.
        util::Severity least;
    };
    std::vector<Follower> followers_;
};

}  // namespace notifybridge::calls
