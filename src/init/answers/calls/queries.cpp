#include "init/answers/calls/queries.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/literal.hpp"
#include "base/util/severity_name.hpp"
#include "init/answers/properties/properties.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/unit/listen.hpp"
#include "init/rules/manager/refusal.hpp"
#include "init/rules/unit_types/timer.hpp"

namespace notifybridge::calls {
namespace {

using util::concat;

namespace json = boost::json;

struct Query {
    control::Call& call;
    manager::Engine& engine;
    properties::Daemon& daemon;
};

/// Returns the unit with this name. Loads the unit if necessary. Returns null if the name is not
/// valid.
manager::Unit* find_or_load(manager::Engine& engine, std::string_view name) {
    manager::Unit* const unit = engine.find(name);
    // If the unit was not found, load it again, because its file may have been added since the last
    // attempt.
    if (unit && unit->loaded().state != unit::LoadState::not_found)
        return unit;
    return manager::refuse_name(name) ? nullptr : &engine.unit(*unit::UnitName::parse(name));
}

/// Returns the unit that the call names. Loads the unit if necessary. Refuses the call and returns
/// null if the name is not valid.
manager::Unit* known(const Query& query) {
    const std::string_view name = query.call.text("unit");
    if (manager::Unit* const unit = find_or_load(query.engine, name))
        return unit;
    query.call.refuse("InvalidArgs", concat("Unit name ", name,
                                            " is neither a valid invocation ID nor unit name."));
    return nullptr;
}

/// Answers with a row for one unit: the members of `row`, and the unit's states.
void answer_row(const Query& query, const manager::Unit& unit, json::object row) {
    row["unit"] = unit.id();
    row["load"] = to_string(unit.loaded().state);
    row["active"] = to_string(unit.active_state());
    row["sub"] = unit.sub_state();
    row["job"] = unit.job ? to_string(unit.job->type) : "";
    query.call.answer(row);
}

void units(const Query& query) {
    for (const manager::Unit* const unit : query.engine.units())
        answer_row(query, *unit, {{"description", properties::description_of(unit->loaded())}});
    query.call.finish();
}

json::array triggered_by(const manager::Unit& unit) {
    json::array names;
    for (const manager::Unit* const other : unit.dependencies.list(manager::Relation::triggers))
        names.emplace_back(other->id());
    return names;
}

void sockets(const Query& query) {
    for (const manager::Unit* const unit : query.engine.units()) {
        if (unit->type() != unit::UnitType::socket)
            continue;
        const json::array activates = triggered_by(*unit);
        for (const unit::Listen& listen : unit->settings().socket->listen)
            answer_row(
                query, *unit,
                {{"listen", unit::address_of(listen)},
                 {"type", directive::choices::listen_type[static_cast<std::size_t>(listen.type)]},
                 {"activates", activates}});
    }
    query.call.finish();
}

void paths(const Query& query) {
    for (const manager::Unit* const unit : query.engine.units()) {
        if (unit->type() != unit::UnitType::path)
            continue;
        const json::array activates = triggered_by(*unit);
        for (const unit::PathRule& rule : unit->settings().path->rules)
            answer_row(
                query, *unit,
                {{"path", rule.path},
                 {"condition", directive::choices::path_kind[static_cast<std::size_t>(rule.kind)]},
                 {"activates", activates}});
    }
    query.call.finish();
}

/// Answers with all timers, or with the requested one. "next" is in microseconds since 1970. It is
/// empty if the timer never elapses, and 0 if the timer is not waiting for a time.
void timers(const Query& query) {
    const std::string_view wanted = query.call.text("unit");
    const system::Moment now = system::now();
    for (const manager::Unit* const unit : query.engine.units()) {
        if (unit->type() != unit::UnitType::timer || (!wanted.empty() && unit->id() != wanted))
            continue;
        const auto& timer = static_cast<const unit_types::Timer&>(*unit);
        const std::uint64_t next = unit_types::first_elapse(timer.next_elapse_monotonic(),
                                                            timer.next_elapse_realtime(), now);
        answer_row(query, *unit,
                   {{"next", next == unit_types::never ? "" : concat(next)},
                    {"last", concat(timer.last_trigger().realtime)},
                    {"activates", triggered_by(*unit)}});
    }
    query.call.finish();
}

/// Answers with the times of all units that have begun to start, in microseconds of
/// CLOCK_MONOTONIC.
void times(const Query& query) {
    for (const manager::Unit* const unit : query.engine.units())
        if (const manager::Unit::Times& times = unit->times; times.inactive_exit.monotonic != 0)
            query.call.answer({{"unit", unit->id()},
                               {"activating", times.inactive_exit.monotonic},
                               {"active", times.active_enter.monotonic},
                               {"deactivating", times.active_exit.monotonic},
                               {"inactive", times.inactive_enter.monotonic}});
    query.call.finish();
}

void jobs(const Query& query) {
    for (const manager::Job* const job : query.engine.jobs())
        query.call.answer({{"job", concat(job->id)},
                           {"unit", job->unit.id()},
                           {"type", to_string(job->type)},
                           {"state", to_string(job->state)}});
    query.call.finish();
}

void state(const Query& query) {
    const manager::Unit* const unit = known(query);
    if (!unit)
        return;
    query.call.answer(
        {{"active", to_string(unit->active_state())}, {"load", to_string(unit->loaded().state)}});
    query.call.finish();
}

/// Answers with the dependencies of the named unit and their active states. "relations" in the call
/// selects the kinds of dependencies. A unit may occur more than once. `show` also lists these
/// units, but takes longer, because it lists all other properties, too.
void dependencies(const Query& query) {
    const manager::Unit* const unit = known(query);
    if (!unit)
        return;
    const std::vector<std::string> wanted = query.call.texts("relations");
    json::array units;
    for (std::size_t at = 0; at < static_cast<std::size_t>(manager::Relation::count); ++at) {
        const auto relation = static_cast<manager::Relation>(at);
        if (!util::contains(wanted, to_string(relation)))
            continue;
        for (const manager::Unit* const other : unit->dependencies.list(relation))
            units.emplace_back(json::array{other->id(), to_string(other->active_state())});
    }
    query.call.answer({{"units", std::move(units)}});
    query.call.finish();
}

void show(const Query& query) {
    json::array properties;
    const auto add = [&](std::string_view name, const std::string& value) {
        properties.emplace_back(json::array{name, value});
    };
    if (query.call.text("unit").empty())
        properties::show_manager(query.engine, query.daemon, add);
    else if (const manager::Unit* const unit = known(query))
        properties::show_unit(*unit, query.daemon, add);
    else
        return;
    query.call.answer({{"properties", std::move(properties)}});
    query.call.finish();
}

void unit_of(const Query& query) {
    const auto pid = static_cast<pid_t>(query.call.number("pid", 0));
    const manager::Unit* const unit = pid > 0 ? query.daemon.running.unit_of(pid) : nullptr;
    if (!unit) {
        query.call.refuse("NoUnitForPID",
                          concat("PID ", pid, " does not belong to any loaded unit."));
        return;
    }
    query.call.answer({{"unit", unit->id()}});
    query.call.finish();
}

void processes(const Query& query) {
    if (const manager::Unit* const unit = query.engine.find(query.call.text("unit")))
        for (const pid_t pid : query.daemon.running.processes_of(*unit))
            query.call.answer({{"pid", concat(pid)}});
    query.call.finish();
}

/// Answers with the conditions and asserts that prevented the unit's start, in the order in which
/// they were tested.
void unmet(const Query& query) {
    const auto answer = [&](std::string_view kind, const unit::UnmetConditions& conditions) {
        for (const unit::Condition* const each : conditions)
            query.call.answer(
                {{"kind", kind},
                 {"is_trigger", each->is_trigger},
                 {"condition", concat(each->type, '=', each->is_trigger ? "|" : "",
                                      each->is_negated ? "!" : "", each->parameter)}});
    };
    if (const manager::Unit* const unit = query.engine.find(query.call.text("unit"))) {
        answer("Condition", unit->unmet_conditions);
        answer("Assert", unit->unmet_asserts);
    }
    query.call.finish();
}

/// Answers with the last log lines of a unit. If "needs_access" is set, refuses the call of a
/// client that may not read the lines. `logs` sets "needs_access", because it prints only these
/// lines.
void log(const Query& query) {
    if (query.call.flag("needs_access") && !query.call.is_privileged())
        return query.call.refuse(
            "AccessDenied",
            "Access denied: only root and the manager's user may read the output of units.");
    answer_log(query.call, query.engine, query.daemon);
    query.call.finish();
}

void environment(const Query& query) {
    const unit::Environment& environment = query.daemon.environment;
    for (const std::string& assignment : environment)
        query.call.answer({{"assignment", assignment}});
    query.call.finish();
}

void planned_end(const Query& query) {
    const properties::PlannedEnd& planned = query.daemon.planned_end();
    query.call.answer(
        {{"verb", planned.verb}, {"dry", planned.is_dry}, {"realtime", planned.realtime}});
    query.call.finish();
}

struct Entry {
    util::Literal name;
    void (*answer)(const Query&);
};

constexpr Entry entries[] = {
    {"units", units},
    {"sockets", sockets},
    {"timers", timers},
    {"paths", paths},
    {"times", times},
    {"jobs", jobs},
    {"state", state},
    {"show", show},
    {"unit-of", unit_of},
    {"unmet", unmet},
    {"log", log},
    {"environment", environment},
    {"processes", processes},
    {"dependencies", dependencies},
    {"planned-end", planned_end},
};

}  // namespace

util::Severity least_severity(const control::Call& call) {
    return util::severity_named(call.text("priority")).value_or(util::Severity::debug);
}

void answer_log(control::Call& call, manager::Engine& engine, const properties::Daemon& daemon) {
    // Show log lines only to privileged users, as systemd's journal does.
    if (!call.is_privileged())
        return;
    // Load the unit if necessary, because a unit that was unloaded may still have lines.
    const manager::Unit* const unit = find_or_load(engine, call.text("unit"));
    const auto lines =
        static_cast<std::size_t>(std::max<std::int64_t>(0, call.number("lines", 10)));
    // `status` shows only the lines of the current or last activation, as systemctl does.
    const std::uint64_t since = unit && call.flag("last_start") ? unit->invocation_began : 0;
    if (unit)
        for (const std::string& line :
             daemon.running.log(*unit, lines, least_severity(call), since))
            call.answer({{"line", line}});
}

bool answer_query(control::Call& call, manager::Engine& engine, properties::Daemon& daemon) {
    const std::string_view name = call.text("call");
    const auto* const found = std::ranges::find(entries, name, &Entry::name);
    if (found == std::end(entries))
        return false;
    found->answer({call, engine, daemon});
    return true;
}

}  // namespace notifybridge::calls
