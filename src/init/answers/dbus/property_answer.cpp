#include "init/answers/dbus/property_answer.hpp"

#include <algorithm>
#include <map>

#include "base/util/concat.hpp"
#include "init/answers/dbus/condition_text.hpp"
#include "init/answers/dbus/interfaces.hpp"
#include "init/answers/dbus/value.hpp"
#include "init/answers/properties/properties.hpp"

namespace notifybridge::dbus {
namespace {

using Kind = Object::Kind;
using Texts = std::map<std::string, std::string, std::less<>>;
using util::concat;

Texts texts_of_manager(const Question& question) {
    Texts texts;
    properties::show_manager(
        question.engine, question.daemon,
        [&](std::string_view name, const std::string& value) { texts.emplace(name, value); });
    return texts;
}

Texts texts_of_job(const manager::Job& job) {
    return {{"Id", concat(job.id)},
            {"Unit", job.unit.id()},
            {"JobType", std::string(to_string(job.type))},
            {"State", std::string(to_string(job.state))}};
}

/// Returns the texts of a unit's properties. If a property has several values, each of them has its
/// own line.
Texts texts_of_unit(const manager::Unit& unit, properties::Daemon& daemon) {
    Texts texts;
    properties::show_unit(unit, daemon, [&](std::string_view name, const std::string& value) {
        const auto [text, is_first] = texts.emplace(name, value);
        if (!is_first)
            text->second += concat('\n', value);
    });
    const unit::UnitSettings& settings = unit.settings().unit;
    texts["Conditions"] = conditions_text("Condition", settings.conditions,
                                          {unit.conditions_tested, unit.unmet_conditions});
    texts["Asserts"] =
        conditions_text("Assert", settings.asserts, {unit.asserts_tested, unit.unmet_asserts});
    return texts;
}

/// Returns the texts of all properties. Returns nullopt if the object does not exist.
std::optional<Texts> texts_of(const Question& question) {
    if (question.object.kind == Kind::manager)
        return texts_of_manager(question);
    if (question.object.kind == Kind::job) {
        for (const manager::Job* const job : question.engine.jobs())
            if (job->id == question.object.job)
                return texts_of_job(*job);
        return std::nullopt;
    }
    const manager::Unit* const unit = unit_of(question.engine, question.object.unit);
    if (!unit)
        return std::nullopt;
    return texts_of_unit(*unit, question.daemon);
}

std::vector<const Interface*> interfaces_of(const Question& question) {
    const manager::Unit* const unit = question.object.kind == Kind::unit
                                          ? unit_of(question.engine, question.object.unit)
                                          : nullptr;
    return dbus::interfaces_of(question.object, unit ? unit->type() : unit::UnitType::service);
}

std::string_view text_of(const Texts& texts, std::string_view name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string_view() : found->second;
}

void add_entry(bus::Writer& values, const Member& property, const Texts& texts) {
    values.begin_struct();
    values.add_string(property.name);
    add_variant(values, property.type, text_of(texts, property.name));
}

Answer no_object(const Question& question) {
    return failure("UnknownObject", concat("Unknown object '", question.call.path, "'."));
}

Answer no_interface(std::string_view name) {
    return failure("UnknownInterface", concat("Unknown interface ", name, '.'));
}

/// Returns the values of PropertiesChanged for this interface. Includes only properties that
/// `texts` contains.
Answer change_of(const Interface& interface, const Texts& texts) {
    Answer answer{.signature = "sa{sv}as", .values = {}, .error = {}, .text = {}};
    answer.values.add_string(interface.name.view());
    const auto array = answer.values.begin_array(8);
    for_each_property(interface, [&](const Member& property) {
        if (texts.contains(property.name))
            add_entry(answer.values, property, texts);
    });
    answer.values.end_array(array);
    add_texts(answer.values, {});
    return answer;
}

}  // namespace

Answer get_property(const Question& question) {
    bus::Reader reader = reader_of(question.call);
    const std::string wanted = reader.string();
    const std::string name = reader.string();
    for (const Interface* const interface : interfaces_of(question)) {
        if (!wanted.empty() && interface->name != wanted)
            continue;
        const auto property = find_property(*interface, name);
        if (!property)
            continue;
        const auto texts = texts_of(question);
        if (!texts)
            return no_object(question);
        Answer answer{.signature = "v", .values = {}, .error = {}, .text = {}};
        add_variant(answer.values, property->type, text_of(*texts, name));
        return answer;
    }
    return failure("UnknownProperty",
                   concat("Unknown interface ", wanted, " or property ", name, '.'));
}

Answer get_all_properties(const Question& question) {
    const std::string wanted = reader_of(question.call).string();
    const auto texts = texts_of(question);
    if (!texts)
        return no_object(question);
    Answer answer{.signature = "a{sv}", .values = {}, .error = {}, .text = {}};
    const auto array = answer.values.begin_array(8);
    bool is_known = wanted.empty();
    for (const Interface* const interface : interfaces_of(question)) {
        if (!wanted.empty() && interface->name != wanted)
            continue;
        is_known = true;
        for_each_property(*interface, [&](const Member& property) {
            add_entry(answer.values, property, *texts);
        });
    }
    answer.values.end_array(array);
    return is_known ? answer : no_interface(wanted);
}

Answer set_property(const Question&) {
    return failure("PropertyReadOnly",
                   "Properties cannot be set on D-Bus; change the unit file, and run: systemctl "
                   "daemon-reload");
}

std::vector<Answer> changed_properties(const manager::Unit& unit, properties::Daemon& daemon) {
    Texts texts = {{"Job", ""}};
    properties::show_changing(unit, daemon, [&](std::string_view name, const std::string& value) {
        texts[std::string(name)] = value;
    });
    std::vector<Answer> changes;
    changes.push_back(change_of(find_interface(unit_interface), texts));
    if (const Interface* const of_type = interface_of(unit.type()))
        changes.push_back(change_of(*of_type, texts));
    return changes;
}

}  // namespace notifybridge::dbus
