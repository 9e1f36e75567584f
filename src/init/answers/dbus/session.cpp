#include "init/answers/dbus/session.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/bus/property.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "init/answers/dbus/change.hpp"
#include "init/answers/dbus/interfaces.hpp"
#include "init/answers/dbus/property_answer.hpp"
#include "init/answers/dbus/queries.hpp"
#include "init/answers/dbus/value.hpp"

namespace notifybridge::dbus {
namespace {

using Kind = Object::Kind;
using Type = bus::Message::Type;
using util::concat;
using util::Severity;
using util::Topic;

constexpr std::string_view our_name = "org.freedesktop.systemd1";
constexpr const char* name_is_owned = "another process owns the name org.freedesktop.systemd1";
constexpr std::string_view activator_interface = "org.freedesktop.systemd1.Activator";
constexpr std::uint32_t do_not_queue = 4;
constexpr std::uint32_t primary_owner = 1;
/// These limits prevent clients of the bus from using much of our memory.
constexpr std::size_t most_unknown_callers = 256;
constexpr std::size_t most_subscribers = 1024;

bus::Message request_name() {
    bus::Writer values;
    values.add_string(our_name);
    values.add_number(do_not_queue);
    bus::Message message;
    message.path = "/org/freedesktop/DBus";
    message.destination = bus::bus_name;
    message.interface = bus::bus_name;
    message.member = "RequestName";
    message.signature = "su";
    message.body = std::move(values.bytes);
    return message;
}

std::string rule_for(const std::string& client) {
    return concat("type='signal',sender='", bus::bus_name, "',interface='", bus::bus_name,
                  "',member='NameOwnerChanged',arg0='", client, "'");
}

bool is_well_formed(const bus::Message& message) {
    bus::Reader reader = reader_of(message);
    std::string_view types = message.signature;
    while (!types.empty() && reader.is_good())
        bus::read_text(reader, types);
    return reader.is_good() && reader.is_at_end();
}

Answer values(std::string_view signature) {
    return {.signature = std::string(signature), .values = {}, .error = {}, .text = {}};
}

/// Returns whether the call is that of systemd-logind(8) for the scope of a session.
bool is_session_scope(const bus::Message& call) {
    if (call.path != manager_path || call.member != "StartTransientUnit"
        || call.signature != "ssa(sv)a(sa(sv))")
        return false;
    const std::string name = reader_of(call).string();
    return name.starts_with("session-") && name.ends_with(".scope")
           && unit::UnitName::parse(name).has_value();
}

Answer text_variant(std::string_view text) {
    Answer answer = values("v");
    answer.values.add_signature("s");
    add_text(answer.values, text);
    return answer;
}

bool is_subscription(std::string_view member) {
    return member == "Subscribe" || member == "Unsubscribe";
}

}  // namespace

Session::Session(Manager& manager, Bus bus) : manager_(manager), bus_(std::move(bus)) {
    name_request_ = bus_.send(request_name());
}

void Session::take(const bus::MessageStream::Item& item) {
    if (!item.message)
        return;
    const bus::Message& message = *item.message;
    if (message.type == Type::call && item.is_too_long)
        reply(message, failure("LimitsExceeded", "The message is longer than 64 KiB."));
    else if (message.type == Type::call)
        take_call(message);
    else if (message.sender == bus::bus_name && !item.is_too_long)
        take_from_bus(message);
}

/// Handles a message from the bus itself. No client can forge such a message, because the bus
/// writes the sender into each message.
void Session::take_from_bus(const bus::Message& message) {
    if (message.type != Type::signal) {
        take_answer(message);
    } else if (message.interface == activator_interface) {
        if (message.member == "ActivationRequest" && message.strings.size() == 1)
            activate(message.strings.front());
    } else if (message.member == "NameOwnerChanged" && message.strings.size() == 3) {
        if (message.strings[2].empty())
            unsubscribe(message.strings[0]);
    } else if (message.member == "NameLost" && message.strings.size() == 1
               && message.strings.front() == our_name) {
        has_name_ = false;
        refusal_ = name_is_owned;
    }
}

void Session::take_answer(const bus::Message& answer) {
    if (answer.reply_serial == name_request_ && name_request_ != 0) {
        name_request_ = 0;
        has_name_ = answer.signature == "u" && reader_of(answer).number() == primary_owner;
        if (has_name_)
            util::log(Severity::info, Topic::process, "answering calls on D-Bus as ", our_name);
        else
            refusal_ = answer.type == Type::error && !answer.strings.empty()
                           ? answer.strings.front()
                           : name_is_owned;
        return;
    }
    const auto caller = unknown_callers_.extract(answer.reply_serial);
    if (!caller)
        return;
    const bool is_known = answer.type == Type::answer && answer.signature == "u";
    const std::uint32_t uid = is_known ? reader_of(answer).number() : 0;
    change(caller.mapped(), is_known && (uid == 0 || uid == ::geteuid()));
}

void Session::take_call(const bus::Message& call) {
    if (auto answer = answer_at_once(call)) {
        reply(call, std::move(*answer));
        return;
    }
    if (unknown_callers_.size() >= most_unknown_callers) {
        reply(call, failure("LimitsExceeded", "Too many calls are waiting; try again later."));
        return;
    }
    unknown_callers_[bus_.call("GetConnectionUnixUser", {call.sender})] = call;
}

/// Returns the answer to a call that changes nothing or cannot succeed. Returns nullopt for other
/// calls.
std::optional<Answer> Session::answer_at_once(const bus::Message& call) {
    const Object object = parse_path(call.path);
    if (object.kind == Kind::unit && scopes_.contains(object.unit)) {
        if (call.member == "Abandon")
            return std::nullopt;
        if (call.member == "Get" && call.strings.size() == 2 && call.strings[1] == "ActiveState")
            return text_variant("active");
    }
    const manager::Unit* const unit =
        object.kind == Kind::unit ? unit_of(manager_.engine, object.unit) : nullptr;
    if (object.kind == Kind::none || (object.kind == Kind::unit && !unit))
        return failure("UnknownObject", concat("Unknown object '", call.path, "'."));
    for (const Interface* const interface :
         interfaces_of(object, unit ? unit->type() : unit::UnitType::service)) {
        if (!call.interface.empty() && interface->name != call.interface)
            continue;
        const auto method = find_member(interface->methods, call.member);
        if (!method)
            continue;
        if (call.signature != method->type || !is_well_formed(call))
            return failure(
                "InvalidArgs",
                concat("Invalid arguments '", call.signature, "' to call ", interface->name.view(),
                       '.', call.member, "(), expecting '", method->type, "'."));
        if (is_subscription(call.member)) {
            if (call.member == "Subscribe")
                subscribe(call.sender);
            else if (!unsubscribe(call.sender))
                return failure("NotSubscribed", "Client is not subscribed.");
            return values("");
        }
        return answer_query({call, object, manager_.engine, manager_.daemon});
    }
    return refuse(call, object);
}

/// Refuses a method that we do not support. The error for StartTransientUnit names the reason.
/// Returns nullopt for the scope of a session, because the caller's user decides about it.
std::optional<Answer> Session::refuse(const bus::Message& call, const Object& object) const {
    if (is_session_scope(call))
        return std::nullopt;
    if (object.kind == Kind::manager && call.member == "StartTransientUnit")
        return failure("NotSupported",
                       "This service manager does not support transient units (systemd-run); write "
                       "a unit file.");
    return failure("UnknownMethod",
                   concat("Unknown method ", call.member, " or interface ", call.interface, '.'));
}

void Session::subscribe(const std::string& client) {
    if (client.empty() || subscribers_.size() >= most_subscribers)
        return;
    if (subscribers_.insert(client).second)
        bus_.call("AddMatch", {rule_for(client)});
}

bool Session::unsubscribe(const std::string& client) {
    if (subscribers_.erase(client) == 0)
        return false;
    bus_.call("RemoveMatch", {rule_for(client)});
    return true;
}

/// Answers the calls of systemd-logind(8) about the scope of a session. logind begins a session
/// only when its scope has been started, and ends a session whose scope is not active. `init` has
/// no scopes, so the processes of the session stay in the unit of the program that began the
/// session. Returns false for other calls.
bool Session::change_scope(const bus::Message& call) {
    if (is_session_scope(call)) {
        start_scope(call);
        return true;
    }
    if (call.member == "StopUnit" && call.path == manager_path)
        scopes_.erase(reader_of(call).string());
    const Object object = parse_path(call.path);
    if (call.member != "Abandon" || object.kind != Kind::unit || scopes_.erase(object.unit) == 0)
        return false;
    reply(call, values(""));
    signal_unit("UnitRemoved", object.unit);
    return true;
}

void Session::start_scope(const bus::Message& call) {
    // The ids of the engine's jobs stay far below these.
    constexpr std::uint32_t first_scope_job = 0x8000'0000;
    const std::uint32_t id = first_scope_job | ++scope_jobs_;
    const std::string name = reader_of(call).string();
    scopes_.insert(name);
    reply(call, path_answer(job_path(id)));
    Answer removed = values("uoss");
    removed.values.add_number(id);
    removed.values.add_string(job_path(id));
    add_text(removed.values, name);
    add_text(removed.values, "done");
    send_signal(manager_path, manager_interface, "JobRemoved", std::move(removed));
}

void Session::change(const bus::Message& call, bool is_privileged) {
    if (is_privileged && change_scope(call))
        return;
    if (is_session_scope(call)) {
        reply(call, failure("AccessDenied", "Access denied: only root may do this."));
        return;
    }
    auto change = parse_change(call, parse_path(call.path));
    if (!change) {
        reply(call, failure("UnknownMethod", concat("Unknown method ", call.member, '.')));
        return;
    }
    const auto answer = [this, call](Answer given, std::uint64_t job) {
        if (job != 0)
            jobs_.insert(job);
        reply(call, std::move(given));
    };
    manager_.calls.take(
        std::make_shared<ChangeCall>(std::move(*change), is_privileged, life_, answer));
    manager_.on_work();
}

/// Starts a unit at the request of the bus, which holds a message for the unit's service
/// (dbus-daemon's --systemd-activation). If the start fails, the bus needs an answer, because the
/// sender of the message would otherwise wait for 25 s.
void Session::activate(const std::string& unit) {
    const auto answer = [this, unit](const Answer& given, std::uint64_t job) {
        if (given.is_error())
            activation_failed(unit, given);
        else if (job != 0)
            activations_[job] = unit;
    };
    manager_.calls.take(std::make_shared<ChangeCall>(start_unit(unit), true, life_, answer));
    manager_.on_work();
}

void Session::activation_failed(std::string_view unit, const Answer& failure) {
    bus::Writer body;
    add_text(body, unit);
    add_text(body, failure.error);
    add_text(body, failure.text);
    bus::Message message;
    message.type = Type::signal;
    message.expects_answer = false;
    message.path = manager_path;
    message.interface = activator_interface;
    message.member = "ActivationFailure";
    message.destination = bus::bus_name;
    message.signature = "sss";
    message.body = std::move(body.bytes);
    bus_.send(message);
}

void Session::reply(const bus::Message& call, Answer answer) {
    if (call.expects_answer)
        bus_.send(to_message(call, std::move(answer)));
}

void Session::send_signal(std::string_view path, std::string_view interface,
                          std::string_view member, Answer values) {
    bus::Message message;
    message.type = Type::signal;
    message.expects_answer = false;
    message.path = path;
    message.interface = interface;
    message.member = member;
    message.signature = std::move(values.signature);
    message.body = std::move(values.values.bytes);
    bus_.send(message);
}

/// Signals the end of a job. A client that requested the job receives the signal even if it has not
/// subscribed.
void Session::job_ended(const manager::Job& job, manager::JobResult result) {
    if (const auto activation = activations_.extract(job.id);
        activation && result != manager::JobResult::done)
        activation_failed(
            activation.mapped(),
            failure("Failed", concat("Unit ", job.unit.id(), " could not be started (job result: ",
                                     to_string(result), ").")));
    const bool is_requested = jobs_.erase(job.id) > 0;
    if (!is_requested && subscribers_.empty())
        return;
    Answer removed = values("uoss");
    removed.values.add_number(static_cast<std::uint32_t>(job.id));
    removed.values.add_string(job_path(job.id));
    add_text(removed.values, job.unit.id());
    add_text(removed.values, to_string(result));
    // As in systemd, the signal about the unit's new state comes first.
    signal_changes();
    send_signal(manager_path, manager_interface, "JobRemoved", std::move(removed));
    unit_changed(job.unit);
}

void Session::unit_changed(const manager::Unit& unit) {
    if (!subscribers_.empty())
        changed_.insert(unit.id());
}

void Session::signal_changes() {
    for (const std::string& name : std::exchange(changed_, {})) {
        const manager::Unit* const unit = manager_.engine.find(name);
        if (!unit)
            continue;
        for (Answer& change : changed_properties(*unit, manager_.daemon))
            send_signal(bus::unit_path(unit->id()), properties_interface, "PropertiesChanged",
                        std::move(change));
    }
}

void Session::signal_unit(std::string_view member, std::string_view unit) {
    if (subscribers_.empty())
        return;
    Answer names = values("so");
    add_text(names.values, unit);
    names.values.add_string(bus::unit_path(unit));
    send_signal(manager_path, manager_interface, member, std::move(names));
}

void Session::unit_loaded(std::string_view unit) {
    signal_unit("UnitNew", unit);
}

void Session::unit_forgotten(std::string_view unit) {
    signal_unit("UnitRemoved", unit);
}

void Session::reloading(bool begins) {
    if (subscribers_.empty())
        return;
    Answer active = values("b");
    active.values.add_bool(begins);
    send_signal(manager_path, manager_interface, "Reloading", std::move(active));
}

}  // namespace notifybridge::dbus
