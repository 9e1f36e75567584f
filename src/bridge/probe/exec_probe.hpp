#pragma once

#include "bridge/probe/probe.hpp"
#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// Holds while a command ends with status 0, in time.
class ExecProbe final : public Probe {
public:
    ExecProbe(event::Loop& loop, process::Supervisor& supervisor, std::string description,
              std::string command, std::chrono::microseconds limit)
        : Probe(std::move(description)),
          script_(loop, supervisor, std::move(command)),
          limit_(limit) {}

    /// What it is run with, from the next check on.
    void set_environment(process::Environment environment) {
        environment_ = std::move(environment);
    }

    event::Awaitable<Finding> check() override;

private:
    Script script_;
    process::Environment environment_ = process::Environment::inherited();
    std::chrono::microseconds limit_;
};

}  // namespace notifybridge::probe
