#include "init/answers/dbus/queries.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>

#include "base/bus/property.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/answers/dbus/interfaces.hpp"
#include "init/answers/dbus/property_answer.hpp"
#include "init/answers/dbus/value.hpp"
#include "init/answers/properties/settings_properties.hpp"
#include "init/rules/manager/refusal.hpp"

namespace notifybridge::dbus {
namespace {

using util::concat;

Answer empty_answer(std::string_view signature) {
    return {.signature = std::string(signature), .values = {}, .error = {}, .text = {}};
}

std::string first_string(const bus::Message& call) {
    return reader_of(call).string();
}

Answer not_loaded(std::string_view name) {
    return failure("NoSuchUnit", concat("Unit ", name, " not loaded."));
}

Answer get_unit(const Question& question) {
    const std::string name = first_string(question.call);
    const manager::Unit* const unit = question.engine.find(name);
    if (!unit || unit->loaded().state == unit::LoadState::not_found)
        return not_loaded(name);
    return path_answer(bus::unit_path(unit->id()));
}

Answer get_unit_by_pid(const Question& question) {
    const std::uint32_t pid = reader_of(question.call).number();
    const manager::Unit* const unit =
        pid > 0 ? question.daemon.running.unit_of(static_cast<pid_t>(pid)) : nullptr;
    if (!unit)
        return failure("NoUnitForPID", concat("PID ", pid, " does not belong to any loaded unit."));
    return path_answer(bus::unit_path(unit->id()));
}

Answer load_unit(const Question& question) {
    const std::string name = first_string(question.call);
    if (const auto refusal = manager::refuse_name(name))
        return failure(refusal->error, refusal->text);
    return path_answer(bus::unit_path(unit_of(question.engine, name)->id()));
}

Answer get_job(const Question& question) {
    const std::uint32_t id = reader_of(question.call).number();
    if (!std::ranges::any_of(question.engine.jobs(),
                             [&](const auto* job) { return job->id == id; }))
        return failure("NoSuchJob", concat("Job ", id, " does not exist."));
    return path_answer(job_path(id));
}

/// Adds a row of ListUnits.
void add_unit(bus::Writer& values, const manager::Unit& unit) {
    values.begin_struct();
    add_text(values, unit.id());
    add_text(values, properties::description_of(unit.loaded()));
    add_text(values, to_string(unit.loaded().state));
    add_text(values, to_string(unit.active_state()));
    add_text(values, unit.sub_state());
    // The name of the unit in Following. It is empty, because only device units follow another
    // unit.
    add_text(values, "");
    values.add_string(bus::unit_path(unit.id()));
    values.add_number(unit.job ? static_cast<std::uint32_t>(unit.job->id) : 0);
    add_text(values, unit.job ? to_string(unit.job->type) : "");
    values.add_string(unit.job ? job_path(unit.job->id) : "/");
}

constexpr std::string_view units_signature = "a(ssssssouso)";

bool is_in_state(const manager::Unit& unit, const std::vector<std::string>& states) {
    return states.empty() || util::contains(states, to_string(unit.loaded().state))
           || util::contains(states, to_string(unit.active_state()))
           || util::contains(states, unit.sub_state());
}

bool matches(const std::string& name, const std::vector<std::string>& patterns) {
    return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
               return ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
           });
}

Answer list_units(const Question& question, const std::vector<std::string>& states,
                  const std::vector<std::string>& patterns) {
    Answer answer = empty_answer(units_signature);
    const auto array = answer.values.begin_array(8);
    for (const manager::Unit* const unit : question.engine.units())
        if (is_in_state(*unit, states) && matches(unit->id(), patterns))
            add_unit(answer.values, *unit);
    answer.values.end_array(array);
    return answer;
}

Answer list_all_units(const Question& question) {
    return list_units(question, {}, {});
}

Answer list_units_filtered(const Question& question) {
    bus::Reader reader = reader_of(question.call);
    return list_units(question, read_strings(reader), {});
}

Answer list_units_by_patterns(const Question& question) {
    bus::Reader reader = reader_of(question.call);
    const auto states = read_strings(reader);
    return list_units(question, states, read_strings(reader));
}

Answer list_units_by_names(const Question& question) {
    bus::Reader reader = reader_of(question.call);
    Answer answer = empty_answer(units_signature);
    const auto array = answer.values.begin_array(8);
    for (const std::string& name : read_strings(reader))
        if (const manager::Unit* const unit = unit_of(question.engine, name))
            add_unit(answer.values, *unit);
    answer.values.end_array(array);
    return answer;
}

Answer list_jobs(const Question& question) {
    Answer answer = empty_answer("a(usssoo)");
    const auto array = answer.values.begin_array(8);
    for (const manager::Job* const job : question.engine.jobs()) {
        answer.values.begin_struct();
        answer.values.add_number(static_cast<std::uint32_t>(job->id));
        add_text(answer.values, job->unit.id());
        add_text(answer.values, to_string(job->type));
        add_text(answer.values, to_string(job->state));
        answer.values.add_string(job_path(job->id));
        answer.values.add_string(bus::unit_path(job->unit.id()));
    }
    answer.values.end_array(array);
    return answer;
}

Answer get_unit_file_state(const Question& question) {
    const std::string name = first_string(question.call);
    if (const auto refusal = manager::refuse_name(name); refusal && !unit::UnitName::parse(name))
        return failure(refusal->error, refusal->text);
    const std::string state = question.daemon.files.state_of(name);
    if (state.empty() || state == "bad")
        return failure("FileNotFound", "No such file or directory");
    return text_answer(state);
}

Answer list_unit_files(const Question& question, const std::vector<std::string>& states,
                       const std::vector<std::string>& patterns) {
    Answer answer = empty_answer("a(ss)");
    const auto array = answer.values.begin_array(8);
    const auto is_wanted = [&](const std::string& name) { return matches(name, patterns); };
    for (const auto& [name, file] : question.daemon.files.list(is_wanted)) {
        const std::string_view state = to_string(file.state);
        if (!states.empty() && !util::contains(states, state))
            continue;
        answer.values.begin_struct();
        add_text(answer.values, file.path);
        add_text(answer.values, state);
    }
    answer.values.end_array(array);
    return answer;
}

Answer list_all_unit_files(const Question& question) {
    return list_unit_files(question, {}, {});
}

Answer list_unit_files_by_patterns(const Question& question) {
    bus::Reader reader = reader_of(question.call);
    const auto states = read_strings(reader);
    return list_unit_files(question, states, read_strings(reader));
}

Answer get_default_target(const Question& question) {
    return text_answer(unit_of(question.engine, "default.target")->id());
}

Answer ping(const Question&) {
    return empty_answer("");
}

Answer get_machine_id(const Question& question) {
    const auto& id = question.daemon.files.facts().machine_id;
    return id ? text_answer(*id)
              : failure("FileNotFound", "/etc/machine-id does not contain a machine id");
}

/// Returns the names of the objects directly below a path.
std::vector<std::string> children_of(const Question& question) {
    const std::string prefix = question.call.path == "/" ? "/" : concat(question.call.path, '/');
    std::vector<std::string> children;
    const auto add = [&](std::string_view path) {
        if (path.starts_with(prefix)) {
            path.remove_prefix(prefix.size());
            util::add_once(children, std::string(path.substr(0, path.find('/'))));
        }
    };
    if (question.object.kind != Object::Kind::parent
        && question.object.kind != Object::Kind::manager)
        return children;
    constexpr std::string_view units = "/org/freedesktop/systemd1/unit/";
    if (prefix == units)
        for (const manager::Unit* const unit : question.engine.units())
            children.push_back(bus::unit_path(unit->id()).substr(units.size()));
    else
        add(concat(units, "_"));
    for (const manager::Job* const job : question.engine.jobs())
        add(job_path(job->id));
    return children;
}

Answer introspect_object(const Question& question) {
    const manager::Unit* const unit = question.object.kind == Object::Kind::unit
                                          ? unit_of(question.engine, question.object.unit)
                                          : nullptr;
    return text_answer(
        introspect(interfaces_of(question.object, unit ? unit->type() : unit::UnitType::service),
                   children_of(question)));
}

struct Row {
    util::Literal member;
    Answer (*answer)(const Question&);
};

}  // namespace

manager::Unit* unit_of(manager::Engine& engine, std::string_view name) {
    manager::Unit* const unit = engine.find(name);
    // If the unit was not found, load it again, because its file may have been added since the last
    // attempt.
    if (unit && unit->loaded().state != unit::LoadState::not_found)
        return unit;
    if (manager::refuse_name(name))
        return nullptr;
    return &engine.unit(*unit::UnitName::parse(name));
}

std::optional<Answer> answer_query(const Question& question) {
    static constexpr auto rows = std::to_array<Row>({
        {"GetUnit", get_unit},
        {"GetUnitByPID", get_unit_by_pid},
        {"LoadUnit", load_unit},
        {"GetJob", get_job},
        {"ListUnits", list_all_units},
        {"ListUnitsFiltered", list_units_filtered},
        {"ListUnitsByPatterns", list_units_by_patterns},
        {"ListUnitsByNames", list_units_by_names},
        {"ListJobs", list_jobs},
        {"GetUnitFileState", get_unit_file_state},
        {"ListUnitFiles", list_all_unit_files},
        {"ListUnitFilesByPatterns", list_unit_files_by_patterns},
        {"GetDefaultTarget", get_default_target},
        {"Ping", ping},
        {"GetMachineId", get_machine_id},
        {"Introspect", introspect_object},
        {"Get", get_property},
        {"GetAll", get_all_properties},
        {"Set", set_property},
    });
    const auto* const found =
        std::ranges::find(rows, std::string_view(question.call.member), &Row::member);
    return found == rows.end() ? std::nullopt : std::optional(found->answer(question));
}

}  // namespace notifybridge::dbus
