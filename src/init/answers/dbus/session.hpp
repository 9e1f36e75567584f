#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/bus/message_stream.hpp"
#include "init/answers/calls/calls.hpp"
#include "init/answers/dbus/answer.hpp"
#include "init/answers/dbus/object.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::dbus {

/// The parts of the manager that the bus needs.
struct Manager {
    manager::Engine& engine;
    calls::Calls& calls;
    properties::Daemon daemon;
    std::function<void()> on_work;  ///< The function to call when the engine has to run.
};

/// The manager as a client of a bus, during one connection. The session takes systemd's bus name,
/// answers calls, and signals changes to subscribers. It also starts the units of services that the
/// bus activates. It sends messages only through the functions in Bus.
class Session {
public:
    struct Bus {
        /// Sends a message and returns its serial.
        std::function<std::uint32_t(const bus::Message&)> send;
        /// Calls a method of the bus with strings as arguments, and returns the serial.
        std::function<std::uint32_t(std::string_view member, const std::vector<std::string>&)> call;
    };

    /// Creates a session, and requests the name org.freedesktop.systemd1 from the bus.
    Session(Manager& manager, Bus bus);

    void take(const bus::MessageStream::Item& item);

    /// Returns the reason why the bus refused the name. Returns an empty text if the bus gave us
    /// the name, or has not answered yet.
    const std::string& refusal() const { return refusal_; }
    bool has_name() const { return has_name_; }

    // The caller must call these functions when the manager reports these events.
    void job_ended(const manager::Job& job, manager::JobResult result);
    void unit_changed(const manager::Unit& unit);
    void unit_loaded(std::string_view unit);
    void unit_forgotten(std::string_view unit);
    void reloading(bool begins);
    /// Sends signals about all changes since the last call.
    void signal_changes();

private:
    void take_from_bus(const bus::Message& message);
    void take_answer(const bus::Message& answer);
    void take_call(const bus::Message& call);
    std::optional<Answer> refuse(const bus::Message& call, const Object& object) const;
    bool change_scope(const bus::Message& call);
    void start_scope(const bus::Message& call);
    std::optional<Answer> answer_at_once(const bus::Message& call);
    void subscribe(const std::string& client);
    bool unsubscribe(const std::string& client);
    void change(const bus::Message& call, bool is_privileged);
    void activate(const std::string& unit);
    void activation_failed(std::string_view unit, const Answer& failure);
    void reply(const bus::Message& call, Answer answer);
    void send_signal(std::string_view path, std::string_view interface, std::string_view member,
                     Answer values);
    void signal_unit(std::string_view member, std::string_view unit);

    Manager& manager_;
    Bus bus_;
    std::uint32_t name_request_ = 0;
    bool has_name_ = false;
    std::string refusal_;
    /// A pointer that expires with the session. Answers that arrive later are dropped.
    std::shared_ptr<void> life_ = std::make_shared<int>();
    /// Calls from senders whose user is not known yet. The keys are the serials of our questions to
    /// the bus.
    std::map<std::uint32_t, bus::Message> unknown_callers_;
    std::set<std::string> subscribers_;
    std::set<std::uint64_t> jobs_;  ///< The ids of the jobs that clients of the bus requested.
    /// The units that the bus activates, by the ids of their jobs.
    std::map<std::uint64_t, std::string> activations_;
    std::uint32_t scope_jobs_ = 0;  ///< The number of scopes that were requested.
    std::set<std::string> scopes_;  ///< The scopes of sessions that have not ended.
    /// The names of units whose changes have not been signalled yet.
    std::set<std::string> changed_;
};

}  // namespace notifybridge::dbus
