#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/util/log.hpp"
#include "base/util/time_span.hpp"
#include "init/manager/deadlines.hpp"
#include "init/manager/dependencies.hpp"
#include "init/manager/job.hpp"

namespace notifybridge::manager {

class Engine;
class Unit;

/// The jobs that are installed: runs them in the order of their units, ends them, and fails those
/// that needed what failed.
class JobQueue {
public:
    explicit JobQueue(Engine& engine) : engine_(engine) {}
    ~JobQueue();
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    /// Makes this the job of its unit: as it is, merged into the one that is there, or in its
    /// place.
    Job& install(const Task& task);
    /// Runs the next one that may have its turn. Whether there was any.
    bool run();
    bool has_work() const { return !run_queue_.empty(); }
    bool empty() const { return jobs_.empty(); }

    /// The files were read again, and say another order: jobs may have their turn now, or be in a
    /// circle that no transaction has seen.
    void look_again();

    Job* find(std::uint64_t id) const;
    std::vector<const Job*> list() const;
    std::vector<std::uint64_t> ids() const;

    /// Ends a job, and if `recursive`, the jobs that must end with it. If the operation was done
    /// `already`, no message is logged.
    void finish(Job& job, JobResult result, bool recursive, bool already);
    /// Tells a unit's job of the unit's new state, which may end or contradict it. Whether no job
    /// led to that state.
    bool follow_state(Unit& unit, ActiveState state, bool reload_failed);

    std::uint64_t next_deadline() const { return deadlines_.next(); }
    /// Returns a job whose deadline has passed.
    Job* take_due(std::uint64_t now);

private:
    /// The order of jobs that no dependency orders, as in systemd: targets before sockets before
    /// services, a lower Nice= first, and then by name.
    struct Turn {
        int type;
        int nice;
        std::string unit;
        std::uint64_t job;

        auto operator<=>(const Turn&) const = default;
    };

    Job& add(const Task& task);
    void merge_into(Job& job, const Task& task);
    void remove(Job& job);
    void enqueue(Job& job);
    void enqueue_neighbours(const Unit& unit);
    bool is_runnable(const Job& job) const;
    void run(Job& job);
    Verdict perform(const Job& job);
    void conclude(Job& job, Verdict verdict);
    void announce(const Unit& unit, util::Severity severity, const std::string& text);
    void fail_dependents_of(const Job& over, JobResult result);
    void fail_dependents(const Unit& unit, Effect effect);

    // job_state.cpp
    bool follow_start(Job& job, ActiveState state);
    bool follow_reload(Job& job, ActiveState state, bool reload_failed);
    bool follow_stop(Job& job, ActiveState state);

    void change_type(Job& job, JobType type);
    void break_cycles();
    void break_cycle(Job& job);
    void begin_timeout(Job& job, util::TimeSpan timeout);

    Engine& engine_;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, std::unique_ptr<Job>> jobs_;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> run_queue_;
    std::vector<std::uint64_t> changed_;  ///< Jobs that may be in a circle now.
    Deadlines deadlines_;
};

}  // namespace notifybridge::manager
