#include "init/answers/properties/settings_properties.hpp"

#include "init/answers/properties/process_properties.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/type_row.hpp"

namespace notifybridge::properties {

using directive::Row;
using directive::to_property;

namespace {

/// Calls `use` with each row of a table and with the name of each property in the row.
template <typename Use>
void for_each_property(std::span<const Row> table, const Use& use) {
    for (const Row& row : table)
        directive::for_each_name(
            row, [&](std::string_view name) { use(row, directive::property_name(name)); });
}

}  // namespace

void show_settings(const load::LoadedUnit& unit, AddProperty add, RunOf run_of, States states) {
    const auto set = [&states](std::string_view name, std::string value) {
        states.erase(std::string(name));
        states.emplace(name, std::move(value));
    };
    set("Id", unit.id.text());
    set("Names", to_property(unit.names()));
    set("Description", description_of(unit));
    set("LoadState", std::string(to_string(unit.state)));
    set("FragmentPath", unit.fragment_path);
    set("DropInPaths", to_property(unit.drop_in_paths));
    const auto show = [&](const Row& row, const std::string& name) {
        if (row.field.print)
            row.field.print({name, unit.settings, add, run_of});
        else
            while (const auto state = states.extract(name))
                add(name, state.mapped());
    };
    const load::TypeRow& type = load::type_row(unit.id.type());
    for_each_property(type.shown, show);
    if (type.runs_processes)
        show_process_settings(unit, add, run_of, states);
    for_each_property(directive::unit_directives(), show);
    for (const auto& [name, value] : states)
        add(name, value);
}

void complete(States& states) {
    for_each_property(directive::unit_directives(), [&](const Row& row, const std::string& name) {
        if (!row.field.print && !states.contains(name))
            states.emplace(name, "");
    });
}

const std::string& description_of(const load::LoadedUnit& unit) {
    const std::string& description = unit.settings.unit.description;
    return description.empty() ? unit.id.text() : description;
}

}  // namespace notifybridge::properties
