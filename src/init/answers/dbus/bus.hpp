#pragma once

#include <memory>
#include <string>

#include "base/bus/connection.hpp"
#include "base/event/deadline.hpp"
#include "base/event/path_watch.hpp"
#include "init/answers/dbus/session.hpp"

namespace notifybridge::dbus {

/// The manager's connection to the system bus. As in systemd, the connection exists only while
/// dbus.service is active.
class Bus {
public:
    /// Creates an object that will connect to the socket at `path`.
    Bus(event::Loop& loop, event::Poller& poller, process::FdCloser& closer, std::string path,
        Manager manager);
    ~Bus();

    // The caller must call these functions when the manager reports these events.
    void unit_changed(const manager::Unit& unit);
    void job_ended(const manager::Job& job, manager::JobResult result);
    void unit_loaded(std::string_view unit);
    void unit_forgotten(std::string_view unit);
    void reloading(bool begins);
    /// Sends the signals for the events. Must be called after the events are handled, before the
    /// loop waits.
    void settle();

private:
    struct Link;

    void follow_service();
    void connect();
    void take(const bus::MessageStream::Item& item);
    bool retry();
    void connection_ended();
    Session* session() const;

    event::Poller& poller_;
    process::FdCloser& closer_;
    std::string path_;
    Manager manager_;
    bool service_changed_ = false;
    std::unique_ptr<Link> link_;  ///< Null while dbus.service is not active.
    event::Deadline retry_;
};

}  // namespace notifybridge::dbus
