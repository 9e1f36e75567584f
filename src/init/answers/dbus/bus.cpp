#include "init/answers/dbus/bus.hpp"

#include <utility>

#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge::dbus {
namespace {

using util::Severity;
using util::Topic;

constexpr std::string_view bus_service = "dbus.service";
/// The size of the longest call that is read in full. Calls of systemd's clients have a few hundred
/// bytes.
constexpr std::size_t longest_message = 64 * 1024;
/// A socket may exist before its bus listens, and a bus may close the connection. The first retry
/// happens after `first_retry`. Each later delay is twice the delay before it.
///
/// After `most_retries` retries, we wait until the socket changes or dbus.service is restarted. A
/// connection that lasted for `lasting` resets the number of retries.
constexpr std::chrono::milliseconds first_retry(100);
constexpr unsigned most_retries = 8;
constexpr std::chrono::minutes lasting(1);

}  // namespace

/// The objects that exist while dbus.service is active.
struct Bus::Link {
    Link(event::Poller& poller, process::FdCloser& closer)
        : connection(poller, closer, longest_message), paths(poller) {}

    bus::Connection connection;
    std::unique_ptr<Session> session;
    event::PathWatch paths;  ///< Reports when the socket of the bus appears.
    unsigned retries = 0;
    std::chrono::microseconds since{0};  ///< The time at which the connection was opened.
};

Bus::Bus(event::Loop& loop, event::Poller& poller, process::FdCloser& closer, std::string path,
         Manager manager)
    : poller_(poller),
      closer_(closer),
      path_(std::move(path)),
      manager_(std::move(manager)),
      retry_(loop) {
    retry_.on_expired = [this] { connect(); };
}

Bus::~Bus() = default;

Session* Bus::session() const {
    return link_ ? link_->session.get() : nullptr;
}

void Bus::unit_changed(const manager::Unit& unit) {
    if (Session* const session = this->session())
        session->unit_changed(unit);
    if (unit.type() == unit::UnitType::service && manager_.engine.find(bus_service) == &unit)
        service_changed_ = true;
}

void Bus::job_ended(const manager::Job& job, manager::JobResult result) {
    if (Session* const session = this->session())
        session->job_ended(job, result);
}

void Bus::unit_loaded(std::string_view unit) {
    if (Session* const session = this->session())
        session->unit_loaded(unit);
}

void Bus::unit_forgotten(std::string_view unit) {
    if (Session* const session = this->session())
        session->unit_forgotten(unit);
}

void Bus::reloading(bool begins) {
    if (Session* const session = this->session())
        session->reloading(begins);
}

void Bus::settle() {
    if (std::exchange(service_changed_, false))
        follow_service();
    if (Session* const session = this->session())
        session->signal_changes();
}

/// Connects when dbus.service is active, and disconnects when it is down. Does not connect earlier,
/// because a connection would start the service if the socket belongs to a socket unit.
void Bus::follow_service() {
    const manager::Unit* const unit = manager_.engine.find(bus_service);
    if (!unit || !manager::is_up(unit->active_state())) {
        retry_.cancel();
        link_.reset();
    } else if (!link_) {
        link_ = std::make_unique<Link>(poller_, closer_);
        link_->connection.on_message = [this](const auto& item) { take(item); };
        link_->connection.on_end = [this] { connection_ended(); };
        connect();
    }
}

void Bus::connect() {
    if (!link_ || link_->connection.is_open())
        return;
    if (!link_->connection.open(path_)) {
        link_->paths.watch("bus", path_, [this] {
            link_->retries = 0;
            connect();
        });
        retry();
        return;
    }
    link_->paths.unwatch("bus");
    // If the file watch called us, a retry is still scheduled. The bus may refuse us before that.
    retry_.cancel();
    link_->since = event::Deadline::now();
    bus::Connection& connection = link_->connection;
    link_->session = std::make_unique<Session>(
        manager_, Session::Bus{[&connection](const bus::Message& message) {
                                   return connection.send(message);
                               },
                               [&connection](std::string_view member, const auto& arguments) {
                                   return connection.call_bus(member, arguments);
                               }});
}

void Bus::take(const bus::MessageStream::Item& item) {
    link_->session->take(item);
    const std::string refusal = link_->session->refusal();
    if (refusal.empty())
        return;
    util::log(Severity::warning, Topic::process, "cannot answer on D-Bus: ", util::escape(refusal),
              "; continuing without D-Bus until ", bus_service, " is restarted");
    link_->connection.close();
    link_->session.reset();
}

/// Schedules a retry. Returns false if `most_retries` retries have been made already.
bool Bus::retry() {
    if (link_->retries >= most_retries)
        return false;
    retry_.start(first_retry * (1U << link_->retries++));
    return true;
}

void Bus::connection_ended() {
    link_->session.reset();
    if (event::Deadline::now() - link_->since >= lasting)
        link_->retries = 0;
    if (!retry())
        util::log(Severity::warning, Topic::process,
                  "the system bus closes each connection; continuing without D-Bus until ",
                  bus_service, " is restarted");
}

}  // namespace notifybridge::dbus
