#include "bridge/diagnosis/remedy.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"

namespace notifybridge::diagnosis {

using util::concat;

std::string systemctl_command(const UnitFacts& unit, std::string_view verb) {
    return concat('`', systemctl_for(unit), ' ', verb, ' ', util::shell_word(unit.name), '`');
}

std::string journalctl_command(const UnitFacts& unit, std::string_view name) {
    return concat("`journalctl ", unit.user ? "--user " : "", "-u ",
                  util::shell_word(name.empty() ? unit.name : name), '`');
}

std::string how_to_edit(const Symptoms& symptoms) {
    if (symptoms.starter == Starter::quadlet)
        return concat("edit ", util::escape(symptoms.unit.source_path), ", then `",
                      systemctl_for(symptoms.unit), " daemon-reload`");
    return systemctl_command(symptoms.unit, "edit --full");
}

std::string socket_of(const UnitFacts& unit) {
    const std::vector<std::string> sockets = triggers_of(unit, ".socket");
    return sockets.empty()
               ? concat(std::string_view(unit.name).substr(0, unit.name.rfind('.')), ".socket")
               : sockets.front();
}

std::string trigger_command(const UnitFacts& unit, std::string_view verb,
                            const std::vector<std::string>& sockets) {
    std::string command = concat('`', systemctl_for(unit), ' ', verb);
    for (const std::string& socket : sockets)
        command += concat(' ', util::shell_word(socket));
    return command + '`';
}

std::string how_to_edit_socket(const UnitFacts& unit) {
    return concat('`', systemctl_for(unit), " edit --full --force ",
                  util::shell_word(socket_of(unit)), '`');
}

namespace {

/// Returns the setting or the command that has our options.
std::string place_of_options(const Symptoms& symptoms) {
    switch (symptoms.starter) {
        case Starter::quadlet:
            return concat("Environment=NOTIFYBRIDGE_OPTIONS=… in ",
                          util::escape(symptoms.unit.source_path));
        case Starter::init:
        case Starter::other:
            return "the command that starts notifybridge";
        case Starter::run:
        case Starter::wait:
        case Starter::wrap:
            break;
    }
    return concat("ExecStart= (", how_to_edit(symptoms), ')');
}

}  // namespace

std::string give_option(const Symptoms& symptoms, std::string_view option) {
    return concat("add ", option, " to ", place_of_options(symptoms));
}

std::string change_option(const Symptoms& symptoms, std::string_view option) {
    return concat("change the option to ", option, " in ", place_of_options(symptoms));
}

std::string set_setting(const Symptoms& symptoms, std::string_view setting) {
    if (symptoms.starter == Starter::quadlet)
        return concat("set ", setting, " in [Service] of ",
                      util::escape(symptoms.unit.source_path));
    return concat("set ", setting, " (", systemctl_command(symptoms.unit, "edit"), ')');
}

}  // namespace notifybridge::diagnosis
