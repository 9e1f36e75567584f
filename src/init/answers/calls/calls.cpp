#include "init/answers/calls/calls.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <set>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/named.hpp"
#include "init/answers/calls/queries.hpp"
#include "init/answers/properties/properties.hpp"
#include "init/files/directive/choices.hpp"
#include "init/rules/manager/refusal.hpp"

namespace notifybridge::calls {
namespace {

using control::Call;
using manager::JobType;
using util::concat;

/// Returns the engine's job type for a job type of systemctl(1), such as "reload-or-restart".
std::optional<JobType> parse_job_type(std::string_view name) {
    static const std::map<std::string_view, JobType> types = {
        {"start", JobType::start},
        {"stop", JobType::stop},
        {"reload", JobType::reload},
        {"restart", JobType::restart},
        {"try-restart", JobType::try_restart},
        {"reload-or-restart", JobType::restart},
        {"try-reload-or-restart", JobType::try_restart},
    };
    const auto found = types.find(name);
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

/// Reports to the client which active units could start the stopped unit again.
void warn_of_triggers(control::Call& call, const manager::Unit& unit) {
    for (const manager::Unit* const other : unit.dependencies.list(manager::Relation::triggered_by))
        if (manager::is_up(other->active_state()))
            call.answer({{"unit", unit.id()}, {"triggered_by", other->id()}});
}

/// Reports the jobs of a request to the client: the requested job, and the jobs that it pulled in.
void report_jobs(control::Call& call, const manager::Engine& engine,
                 const manager::Engine::Enqueued& enqueued) {
    std::map<std::uint64_t, const manager::Job*> jobs;
    for (const manager::Job* const job : engine.jobs())
        jobs.emplace(job->id, job);
    const auto tell = [&](std::uint64_t id, std::string_view role) {
        if (const auto found = jobs.find(id); found != jobs.end())
            call.answer({{"unit", found->second->unit.id()},
                         {"job", concat(id)},
                         {"type", to_string(found->second->type)},
                         {"role", role}});
    };
    tell(enqueued.job, "anchor");
    for (const std::uint64_t id : enqueued.others)
        tell(id, "auxiliary");
}

/// Reports the end of a unit to the client. The properties are in the answer, because the manager
/// may forget the unit before the client could request them.
void answer_end(control::Call& call, const manager::Unit& unit, properties::Daemon& daemon) {
    json::array properties;
    properties::show_changing(unit, daemon, [&](std::string_view name, const std::string& value) {
        properties.emplace_back(json::array{name, value});
    });
    call.answer({{"unit", unit.id()},
                 {"ended", to_string(unit.active_state())},
                 {"properties", std::move(properties)}});
}

}  // namespace

/// A call that requests jobs and waits for their end. If --wait is given, the call also waits until
/// the units end.
struct Calls::Pending {
    std::shared_ptr<Call> call;
    std::vector<std::string> names;  ///< The units that the client requests jobs for.
    std::size_t next = 0;
    std::set<std::uint64_t> jobs;
    /// The ids of the units to wait for. These are not pointers, because the manager may forget a
    /// unit that has ended.
    std::set<std::string> units;
    bool waits_for_end = false;

    /// Returns whether all jobs are enqueued. Until then, the call continues even if its first jobs
    /// have ended, for example because a later job of the call cancelled them.
    bool is_complete() const { return next == names.size(); }
};

constinit const Calls::Entry Calls::entries[] = {
    {"system-state", &Calls::system_state, false},
    {"set-environment", &Calls::set_environment},
    {"unset-environment", &Calls::unset_environment},
    {"enqueue", &Calls::enqueue},
    {"cancel", &Calls::cancel},
    {"kill", &Calls::kill},
    {"reset-failed", &Calls::reset_failed},
    {"daemon-reload", &Calls::reload},
    {"exit", &Calls::end},
    {"plan-end", &Calls::plan_end},
    {"follow-log", &Calls::follow_log},
};

Calls::Calls(manager::Engine& engine, properties::Daemon daemon)
    : engine_(engine), daemon_(std::move(daemon)) {}

Calls::~Calls() = default;

void Calls::take(const std::shared_ptr<Call>& call) {
    drop_disconnected_followers();
    const std::string_view name = call->text("call");
    const auto* const found = std::ranges::find(entries, name, &Entry::name);
    if (found == std::end(entries)) {
        if (!answer_query(*call, engine_, daemon_))
            call->refuse("UnknownMethod", concat("unknown call ", name, '.'));
        return;
    }
    if (found->changes_things && !call->is_privileged())
        call->refuse("AccessDenied",
                     "Access denied: only root and the manager's user may do this.");
    else
        (this->*found->answer)(call);
}

void Calls::system_state(const std::shared_ptr<Call>& call) {
    const std::string_view state = daemon_.system_state();
    if (call->flag("waits") && (state == "initializing" || state == "starting")) {
        std::erase_if(awaiting_system_, [](const auto& each) { return each->is_over(); });
        awaiting_system_.push_back(call);
        return;
    }
    call->answer({{"state", state}});
    call->finish();
}

void Calls::system_state_changed() {
    for (const auto& call : std::exchange(awaiting_system_, {}))
        system_state(call);
}

void Calls::set_environment(const std::shared_ptr<Call>& call) {
    const auto assignments = call->texts("assignments");
    const bool are_valid = std::ranges::all_of(
        assignments, [](const auto& each) { return unit::is_variable_assignment(each); });
    if (!are_valid) {
        call->refuse("InvalidArgs", "Invalid environment assignments");
        return;
    }
    daemon_.environment.set(assignments);
    call->finish();
}

void Calls::unset_environment(const std::shared_ptr<Call>& call) {
    daemon_.environment.unset(call->texts("assignments"));
    call->finish();
}

void Calls::enqueue(const std::shared_ptr<Call>& call) {
    if (!parse_job_type(call->text("type"))) {
        call->refuse("InvalidArgs", concat("Job type ", call->text("type"), " invalid"));
        return;
    }
    const auto pending = std::make_shared<Pending>();
    pending->call = call;
    pending->names = call->texts("units");
    pending->waits_for_end = call->flag("waits_for_end");
    drop_disconnected();
    if (pending->is_complete())
        settle(pending);
    else
        unfinished_.push_back(pending);
}

/// Returns whether the call must wait, because a running generator may still write the file of its
/// next unit.
bool Calls::has_to_wait(const Pending& pending) const {
    if (!daemon_.files.are_being_generated())
        return false;
    const manager::Unit* const unit = engine_.find(pending.names[pending.next]);
    return !unit || unit->loaded().state == unit::LoadState::not_found;
}

bool Calls::enqueue_next() {
    const auto found = std::ranges::find_if(unfinished_, [this](const auto& each) {
        return each->call->is_over() || !has_to_wait(*each);
    });
    if (found == unfinished_.end())
        return false;
    const auto pending = std::move(*found);
    unfinished_.erase(found);
    if (pending->call->is_over())
        return true;
    enqueue_one(pending, pending->names[pending->next]);
    ++pending->next;
    if (!pending->is_complete())
        unfinished_.push_back(pending);
    settle(pending);
    return true;
}

/// Drops the calls of clients that have disconnected. Does nothing until the number of waiting
/// calls has doubled since the last run.
void Calls::drop_disconnected() {
    if (by_job_.size() + by_unit_.size() < drop_threshold_)
        return;
    const auto has_left = [](const auto& entry) { return entry.second->call->is_over(); };
    std::erase_if(by_job_, has_left);
    std::erase_if(by_unit_, has_left);
    constexpr std::size_t few = 64;
    drop_threshold_ = 2 * (by_job_.size() + by_unit_.size()) + few;
}

void Calls::enqueue_one(const std::shared_ptr<Pending>& pending, const std::string& name) {
    Call& call = *pending->call;
    const auto refuse = [&](const manager::Refusal& refusal) {
        pending->call->answer({{"unit", name}, {"refused", refusal.error}, {"text", refusal.text}});
    };
    if (const auto refusal = manager::refuse_name(name)) {
        refuse(*refusal);
        return;
    }
    const auto mode = util::named<unit::JobMode>(directive::choices::job_mode, call.text("mode"));
    if (!mode) {
        refuse({concat("Job mode ", call.text("mode"), " invalid"), "InvalidArgs"});
        return;
    }
    manager::Unit& unit = engine_.unit(*unit::UnitName::parse(name));
    JobType type = *parse_job_type(call.text("type"));
    if (call.text("type").find("reload-or-") != std::string_view::npos)
        type = manager::reload_if_possible(type, unit);
    if (const auto refusal = manager::refuse_by_hand(type, unit)) {
        refuse(*refusal);
        return;
    }
    const auto enqueued = engine_.enqueue(type, unit, *mode);
    if (enqueued.job == 0) {
        refuse(enqueued.refusal);
        return;
    }
    const bool waits = call.flag("waits") || pending->waits_for_end;
    if (waits && pending->jobs.insert(enqueued.job).second)
        by_job_.emplace(enqueued.job, pending);
    if (call.flag("tells_jobs"))
        report_jobs(call, engine_, enqueued);
    if (type == JobType::stop && call.flag("waits"))
        warn_of_triggers(call, unit);
    if (daemon_.files.have_changed(unit.loaded()))
        call.answer({{"unit", unit.id()}, {"files", "changed"}});
    if (pending->waits_for_end && pending->units.insert(unit.id()).second)
        by_unit_.emplace(unit.id(), pending);
}

void Calls::job_ended(const manager::Job& job, manager::JobResult result) {
    // With CollectMode=inactive-or-failed, systemd forgets a failed unit at once, so its clients
    // cannot read the unit's result. Report "success" in this case.
    const bool is_kept =
        job.unit.settings().unit.collect_mode != unit::CollectMode::inactive_or_failed;
    const auto [from, to] = by_job_.equal_range(job.id);
    const std::vector waiting(from, to);
    by_job_.erase(from, to);
    for (const auto& [id, pending] : waiting) {
        pending->jobs.erase(id);
        pending->call->answer({{"unit", job.unit.id()},
                               {"outcome", to_string(result)},
                               {"result", is_kept ? job.unit.result() : "success"}});
        settle(pending);
    }
    // The unit may have changed while it still had this job. Then `settle` continued to wait for
    // the unit, so check the unit again.
    unit_changed(job.unit);
}

void Calls::unit_changed(const manager::Unit& unit) {
    const auto [from, to] = by_unit_.equal_range(unit.id());
    for (const auto& [id, pending] : std::vector(from, to))
        settle(pending);
}

/// Finishes the call if it no longer waits for a job or a unit. Tells the client which units have
/// ended.
void Calls::settle(const std::shared_ptr<Pending>& pending) {
    if (!pending->is_complete() || !pending->jobs.empty())
        return;
    std::erase_if(pending->units, [&](const std::string& id) {
        const manager::Unit* const unit = engine_.find(id);
        if (unit && (unit->job || !manager::is_down(unit->active_state())))
            return false;
        if (unit)
            answer_end(*pending->call, *unit, daemon_);
        const auto [from, to] = by_unit_.equal_range(id);
        const auto entry =
            std::find_if(from, to, [&](const auto& each) { return each.second == pending; });
        if (entry != to)
            by_unit_.erase(entry);
        return true;
    });
    if (pending->units.empty())
        pending->call->finish();
}

void Calls::cancel(const std::shared_ptr<Call>& call) {
    const std::string_view text = call->text("job");
    if (text.empty()) {
        // Collect the ids first, because the end of one job may end other jobs.
        std::vector<std::uint64_t> ids;
        for (const manager::Job* const job : engine_.jobs())
            ids.push_back(job->id);
        for (const std::uint64_t id : ids)
            engine_.cancel(id);
        call->finish();
        return;
    }
    const auto id = util::parse_lenient_unsigned(text);
    if (!id || !engine_.cancel(*id))
        call->refuse("NoSuchJob", concat("Job ", text, " does not exist."));
    else
        call->finish();
}

void Calls::kill(const std::shared_ptr<Call>& call) {
    static const std::map<std::string_view, manager::KillWhom> whoms = {
        {"all", manager::KillWhom::all},         {"all-fail", manager::KillWhom::all_or_fail},
        {"main", manager::KillWhom::main},       {"main-fail", manager::KillWhom::main},
        {"control", manager::KillWhom::control}, {"control-fail", manager::KillWhom::control},
    };
    const std::string_view name = call->text("unit");
    manager::Unit* const unit = engine_.find(name);
    const auto whom = whoms.find(call->text("whom"));
    const std::int64_t signal = call->number("signal", 15);
    if (!unit) {
        call->refuse("NoSuchUnit", concat("Unit ", name, " not loaded."));
    } else if (whom == whoms.end()) {
        call->refuse("InvalidArgs", concat("Invalid who argument ", call->text("whom")));
    } else if (signal < 1 || signal > 64) {
        call->refuse("InvalidArgs", "Signal number out of range.");
    } else {
        const std::string failure =
            daemon_.running.kill_by_hand(*unit, whom->second, static_cast<int>(signal));
        if (failure.empty())
            call->finish();
        else
            call->refuse("NoSuchProcess", failure);
    }
}

void Calls::reset_failed(const std::shared_ptr<Call>& call) {
    const std::string_view name = call->text("unit");
    if (name.empty()) {
        for (manager::Unit* const unit : engine_.units())
            engine_.reset_failed(*unit);
        call->finish();
        return;
    }
    if (manager::Unit* const unit = engine_.find(name)) {
        engine_.reset_failed(*unit);
        call->finish();
    } else {
        call->refuse("NoSuchUnit", concat("Unit ", name, " not loaded."));
    }
}

void Calls::reload(const std::shared_ptr<Call>& call) {
    daemon_.reload_files([call] { call->finish(); });
}

void Calls::end(const std::shared_ptr<Call>& call) {
    daemon_.end(static_cast<std::uint8_t>(call->number("status", 0)));
    call->finish();
}

/// Plans the end of the system. Cancels the planned end if the call has no verb.
void Calls::plan_end(const std::shared_ptr<Call>& call) {
    const auto realtime = static_cast<std::uint64_t>(call->number("realtime", 0));
    daemon_.plan_end({std::string(call->text("verb")), call->flag("dry"), realtime});
    call->finish();
}

/// Answers with the last lines of a unit's log, and then with each new line until the client
/// disconnects.
void Calls::follow_log(const std::shared_ptr<Call>& call) {
    const std::string_view name = call->text("unit");
    answer_log(*call, engine_, daemon_);
    const manager::Unit* const unit = engine_.find(name);
    // If the name is not valid, no unit has it, and the client receives no lines.
    followers_.push_back({call, unit ? unit->key() : std::string(name), least_severity(*call)});
    daemon_.running.set_on_line(
        [this](std::string_view key, util::Severity severity, const std::string& line) {
            answer_followers(key, severity, line);
        });
}

/// Removes the followers whose clients have disconnected. If no follower is left, also removes the
/// callback for new lines, so that writing a line to the log costs nothing extra.
void Calls::drop_disconnected_followers() {
    if (followers_.empty())
        return;
    std::erase_if(followers_, [](const Follower& each) { return each.call->is_over(); });
    if (followers_.empty())
        daemon_.running.set_on_line({});
}

void Calls::answer_followers(std::string_view key, util::Severity severity,
                             const std::string& line) {
    for (const Follower& each : followers_)
        if (each.key == key && severity <= each.least && !each.call->is_over())
            each.call->answer({{"line", line}});
}

}  // namespace notifybridge::calls
