#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/lenient_number.hpp"
#include "init/ctl/json_text.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/unit/environment.hpp"

/// Implements the verbs that concern the manager itself.
namespace notifybridge::ctl {

namespace {

/// Quotes a value for a shell (bash(1), QUOTING). "two words" becomes $'two words'.
std::string for_shell(const std::string& value) {
    std::string quoted = util::escape(value);
    if (quoted == value && value.find_first_of(" \"`$*?['()<>|&;!") == value.npos)
        return value;
    for (std::size_t at = 0; (at = quoted.find('\'', at)) != quoted.npos; at += 2)
        quoted.insert(at, 1, '\\');
    return util::concat("$'", quoted, "'");
}

}  // namespace

int reload_manager(const Context& context) {
    context.call({{"call", "daemon-reload"}});
    return 0;
}

int show_environment(const Context& context) {
    std::vector<std::pair<std::string, std::string>> variables;
    context.call({{"call", "environment"}}, [&](const json::object& answer) {
        const std::string assignment = text(answer, "assignment");
        const std::size_t equals = assignment.find('=');
        if (equals != assignment.npos)
            variables.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
    });
    json::object object;
    for (const auto& [name, value] : variables)
        if (context.options.is_json)
            object[name] = value;
        else
            system::out() << name << '=' << for_shell(value) << '\n';
    if (context.options.is_json)
        system::out() << json_text(object, context.options.is_json_pretty);
    return 0;
}

namespace {

int change_environment(const Context& context, std::string_view call,
                       const std::vector<std::string>& assignments) {
    json::array array(assignments.begin(), assignments.end());
    context.call({{"call", call}, {"assignments", std::move(array)}}, {},
                 "Failed to set environment: ");
    return 0;
}

}  // namespace

int set_environment(const Context& context) {
    return change_environment(context, "set-environment", context.operands);
}

int unset_environment(const Context& context) {
    const auto& operands = context.operands;
    if (!std::ranges::all_of(operands, [](const std::string& operand) {
            return unit::is_variable_name(operand) || unit::is_variable_assignment(operand);
        }))
        throw Failure(
            "Failed to set environment: Invalid environment variable names or assignments");
    return change_environment(context, "unset-environment", context.operands);
}

int import_environment(const Context& context) {
    std::vector<std::string> assignments;
    if (context.operands.empty()) {
        system::err()
            << "Calling import-environment without a list of variable names is deprecated.\n";
        for (char** variable = ::environ; *variable; ++variable)
            if (unit::is_variable_assignment(*variable))
                assignments.emplace_back(*variable);
    }
    for (const std::string& name : context.operands) {
        if (!unit::is_variable_name(name))
            throw Failure(util::concat("Not a valid environment variable name: ", name));
        const char* const value = std::getenv(name.c_str());
        if (!value)
            system::err() << "Environment variable $" << name << " not set, ignoring.\n";
        else
            assignments.push_back(util::concat(name, '=', value));
    }
    return assignments.empty() ? 0 : change_environment(context, "set-environment", assignments);
}

int end_manager(const Context& context) {
    unsigned status = 0;
    if (!context.operands.empty()) {
        const auto number = util::parse_lenient_unsigned(context.operands.front());
        if (!number || *number > 255)
            throw Failure("Invalid exit code.");
        status = static_cast<unsigned>(*number);
    }
    context.call({{"call", "exit"}, {"verb", context.verb}, {"status", status}});
    return 0;
}

}  // namespace notifybridge::ctl
