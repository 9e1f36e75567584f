#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/call.hpp"
#include "init/household.hpp"
#include "manager/engine.hpp"

namespace notifybridge::init {

namespace json = boost::json;

/// Answers the calls that `ctl` makes: those that change things or wait; the others are queries.
class Calls {
public:
    Calls(manager::Engine& engine, Household& household);
    ~Calls();

    void take(const std::shared_ptr<control::Call>& call);

    // What calls may wait for.
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

    manager::Engine& engine_;
    Household& household_;
    std::vector<std::shared_ptr<Pending>> pending_;
    std::vector<std::shared_ptr<control::Call>> awaiting_system_;
};

}  // namespace notifybridge::init
