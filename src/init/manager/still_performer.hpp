#pragma once

#include "init/manager/performer.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::manager {

/// A world where nothing happens: enough to find out which jobs a request would come to, as long as
/// none of them is run.
class StillPerformer : public Performer {
public:
    system::Moment now() const override { return {}; }
    bool holds(const Unit&, const std::vector<unit::Condition>&, unit::UnmetConditions&) override {
        return true;
    }
    StartedProcess start_process(const ProcessRequest&) override { return {}; }
    bool kill(const Unit&, const KillRequest&) override { return false; }
    bool has_processes(const Unit&) override { return false; }
    PidFile read_pid_file(const Unit&, const std::string&) override { return {}; }
    void watch_pid_file(const Unit&, const std::string&, bool) override {}
    pid_t guess_main_pid(const Unit&) override { return 0; }
    bool owns(const Unit&, pid_t) override { return false; }
    bool watch_process(const Unit&, pid_t) override { return false; }
    void watch_bus_name(const Unit&) override {}
    void clean_up(const Unit&, bool) override {}
    void store_fds(const Unit&, std::string_view, bool) override {}
    void remove_fds(const Unit&, std::string_view) override {}
    void release_fds(const Unit&) override {}
    void open_sockets(const Unit&) override {}
    void watch_sockets(const Unit&, bool) override {}
    void close_sockets(const Unit&) override {}
    void flush_sockets(const Unit&) override {}
    std::optional<Connection> accept(const Unit&, std::size_t) override { return std::nullopt; }
    void hand_over(const Unit&, const Unit&) override {}
    void refuse(const Unit&) override {}
    void close_connection(const Unit&) override {}
    void end(unit::EmergencyAction, int) override {}
    void say(util::Severity, const Unit*, std::string_view) override {}
};

}  // namespace notifybridge::manager
