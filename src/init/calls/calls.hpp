#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "init/control/call.hpp"
#include "init/manager/engine.hpp"
#include "init/properties/household.hpp"

namespace notifybridge::calls {

namespace json = boost::json;

/// Answers the calls that `ctl` makes: those that change things or wait; the others are queries.
class Calls {
public:
    Calls(manager::Engine& engine, properties::Household household);
    ~Calls();

    void take(const std::shared_ptr<control::Call>& call);

    /// Asks the engine for the next unit of a call that names some. One a turn: other calls are
    /// heard meanwhile, as if each unit had a call of its own. Whether there was any.
    bool go_on();

    // Events that calls may wait for.
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

    void enqueue_one(const std::shared_ptr<Pending>& pending, const std::string& name);
    void settle(const std::shared_ptr<Pending>& pending);
    void drop_who_left();

    manager::Engine& engine_;
    properties::Household household_;
    std::deque<std::shared_ptr<Pending>> unfinished_;  ///< Not all of their units were asked for.
    std::multimap<std::uint64_t, std::shared_ptr<Pending>> by_job_;
    std::multimap<std::string, std::shared_ptr<Pending>> by_unit_;
    std::size_t many_ = 0;  ///< Once so many wait, some of them may have left.
    std::vector<std::shared_ptr<control::Call>> awaiting_system_;
};

}  // namespace notifybridge::calls
