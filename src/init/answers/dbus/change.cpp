#include "init/answers/dbus/change.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/bus/property.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/literal.hpp"
#include "init/answers/dbus/value.hpp"

namespace notifybridge::dbus {
namespace {

using Kind = Object::Kind;

struct JobMethod {
    util::Literal of_manager;
    util::Literal of_unit;
    util::Literal type;  ///< The job type in the call of `ctl`.
};

constexpr auto job_methods = std::to_array<JobMethod>({
    {"StartUnit", "Start", "start"},
    {"StopUnit", "Stop", "stop"},
    {"ReloadUnit", "Reload", "reload"},
    {"RestartUnit", "Restart", "restart"},
    {"TryRestartUnit", "TryRestart", "try-restart"},
    {"ReloadOrRestartUnit", "ReloadOrRestart", "reload-or-restart"},
    {"ReloadOrTryRestartUnit", "ReloadOrTryRestart", "try-reload-or-restart"},
});

Change enqueue(std::string_view unit, std::string_view type, std::string_view mode,
               Outcome outcome) {
    return {{{"call", "enqueue"},
             {"units", json::array{unit}},
             {"type", type},
             {"mode", mode},
             {"tells_jobs", true}},
            outcome};
}

/// Returns the job type for a call of `ctl`. EnqueueUnitJob has a different name for one of the job
/// types.
std::string_view type_of_job(std::string_view type) {
    return type == "reload-or-try-restart" ? "try-reload-or-restart" : type;
}

Change kill(std::string_view unit, bus::Reader& reader) {
    const std::string whom = reader.string();
    const auto signal = static_cast<std::int32_t>(reader.number());
    return {{{"call", "kill"},
             {"unit", unit},
             {"whom", whom.empty() ? "all" : whom},
             {"signal", static_cast<std::int64_t>(signal)}}};
}

Change cancel(std::uint64_t job) {
    return {{{"call", "cancel"}, {"job", std::to_string(job)}}};
}

Change change_environment(std::string_view call, bus::Reader& reader) {
    json::array assignments;
    for (const std::string& each : read_strings(reader))
        assignments.emplace_back(each);
    return {{{"call", call}, {"assignments", std::move(assignments)}}};
}

std::optional<Change> parse_units_change(const bus::Message& call, const std::string& unit) {
    bus::Reader reader = reader_of(call);
    const auto* const job =
        std::ranges::find(job_methods, std::string_view(call.member), &JobMethod::of_unit);
    if (job != job_methods.end())
        return enqueue(unit, job->type, reader.string(), Outcome::job);
    if (call.member == "Kill")
        return kill(unit, reader);
    if (call.member == "ResetFailed")
        return Change{{{"call", "reset-failed"}, {"unit", unit}}};
    return std::nullopt;
}

std::optional<Change> parse_managers_change(const bus::Message& call) {
    const std::string_view member = call.member;
    bus::Reader reader = reader_of(call);
    const auto* const job = std::ranges::find(job_methods, member, &JobMethod::of_manager);
    if (job != job_methods.end()) {
        const std::string unit = reader.string();
        return enqueue(unit, job->type, reader.string(), Outcome::job);
    }
    if (member == "EnqueueUnitJob") {
        const std::string unit = reader.string();
        const std::string type = reader.string();
        return enqueue(unit, type_of_job(type), reader.string(), Outcome::jobs);
    }
    if (member == "KillUnit") {
        const std::string unit = reader.string();
        return kill(unit, reader);
    }
    if (member == "ResetFailedUnit")
        return Change{{{"call", "reset-failed"}, {"unit", reader.string()}}};
    if (member == "ResetFailed")
        return Change{{{"call", "reset-failed"}}};
    if (member == "CancelJob")
        return cancel(reader.number());
    if (member == "ClearJobs")
        return Change{{{"call", "cancel"}}};
    if (member == "Reload" || member == "Reexecute")
        return Change{{{"call", "daemon-reload"}}};
    if (member == "Exit" || member == "Reboot" || member == "PowerOff" || member == "Halt")
        return Change{{{"call", "exit"}}};
    if (member == "SetEnvironment")
        return change_environment("set-environment", reader);
    if (member == "UnsetEnvironment")
        return change_environment("unset-environment", reader);
    return std::nullopt;
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    const json::string* const text = value ? value->if_string() : nullptr;
    return text ? std::string(*text) : std::string();
}

}  // namespace

Change start_unit(std::string_view unit) {
    return enqueue(unit, "start", "replace", Outcome::job);
}

std::optional<Change> parse_change(const bus::Message& call, const Object& object) {
    switch (object.kind) {
        case Kind::manager:
            return parse_managers_change(call);
        case Kind::unit:
            return parse_units_change(call, object.unit);
        case Kind::job:
            return call.member == "Cancel" ? std::optional(cancel(object.job)) : std::nullopt;
        default:
            return std::nullopt;
    }
}

ChangeCall::ChangeCall(Change change, bool is_privileged, std::weak_ptr<void> caller,
                       std::function<void(Answer, std::uint64_t)> answer)
    : Call(std::move(change.request), is_privileged),
      outcome_(change.outcome),
      caller_(std::move(caller)),
      answer_(std::move(answer)) {}

void ChangeCall::answer(const json::object& object) {
    if (const std::string error = text_of(object, "refused"); !error.empty()) {
        refusal_ = failure(error, text_of(object, "text"));
        return;
    }
    const std::string role = text_of(object, "role");
    if (role.empty())
        return;
    Job job{util::parse_lenient_unsigned(text_of(object, "job")).value_or(0),
            text_of(object, "unit"), text_of(object, "type")};
    if (role == "anchor")
        anchor_ = std::move(job);
    else
        others_.push_back(std::move(job));
}

void ChangeCall::answer_last(const json::object& object) {
    if (is_over())
        return;
    const std::string error = text_of(object, "error");
    if (!error.empty())
        answer_(failure(error, text_of(object, "text")), 0);
    else if (refusal_)
        answer_(std::move(*refusal_), 0);
    else
        answer_(success(), anchor_.id);
}

Answer ChangeCall::success() const {
    if (outcome_ == Outcome::job)
        return path_answer(job_path(anchor_.id));
    Answer answer{.signature = {}, .values = {}, .error = {}, .text = {}};
    if (outcome_ == Outcome::nothing)
        return answer;
    answer.signature = "uososa(uosos)";
    const auto add = [&](const Job& job) {
        answer.values.add_number(static_cast<std::uint32_t>(job.id));
        answer.values.add_string(job_path(job.id));
        add_text(answer.values, job.unit);
        answer.values.add_string(bus::unit_path(job.unit));
        add_text(answer.values, job.type);
    };
    add(anchor_);
    const auto array = answer.values.begin_array(8);
    for (const Job& other : others_) {
        answer.values.begin_struct();
        add(other);
    }
    answer.values.end_array(array);
    return answer;
}

}  // namespace notifybridge::dbus
