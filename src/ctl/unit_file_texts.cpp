#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "ctl/installing.hpp"
#include "ctl/names.hpp"
#include "ctl/verbs.hpp"
#include "init/facts.hpp"
#include "system/error.hpp"
#include "unit/load.hpp"
#include "unit/path.hpp"
#include "util/concat.hpp"

/// The verbs that show and check what unit files say.
namespace notifybridge::ctl {
namespace {

using unit::LoadState;
using unit::UnitName;
using util::concat;

/// Prints "# PATH" and the file, with a line feed at its end.
void print_file(const install::Installer& installer, const std::string& path) {
    const bool is_built_in = unit::directory_name(path) == unit::built_in_directory;
    const std::string shown = is_built_in ? path : installer.files().shown(path);
    std::cout << "# " << shown << '\n';
    const auto text = installer.source().read(path);
    if (!text) {
        std::cerr << "Failed to cat " << shown << ": " << system::describe(text.error().value())
                  << '\n';
        return;
    }
    std::cout << *text << (text->empty() || text->ends_with('\n') ? "" : "\n");
}

/// The names that a pattern stands for, of all that the manager has in memory, and where there is
/// none, of all that have files; or the one name that it is.
std::vector<std::string> names_of(const Context& context, const unit::UnitIndex& index) {
    if (context.options.root.empty() && manager_is_running(context)) {
        Options options = context.options;
        options.is_all = true;
        return unit_names({options, context.verb, context.operands});
    }
    std::vector<std::string> names;
    for (const std::string& operand : context.operands) {
        const std::string name = unit_name(operand, ".service", context.options);
        if (!is_pattern(name)) {
            names.push_back(name);
            continue;
        }
        for (const std::string& known : index.names())
            if (matches(name, known))
                names.push_back(known);
    }
    return names;
}

bool print_unit(const unit::LoadedUnit& unit, const install::Installer& installer) {
    if (unit.state == LoadState::masked) {
        std::cout << "# Unit " << unit.id.text() << " is masked.\n";
        return true;
    }
    if (unit.fragment_path.empty()) {
        std::cerr << "No files found for " << unit.id.text() << ".\n";
        return false;
    }
    print_file(installer, unit.fragment_path);
    for (const std::string& path : unit.drop_in_paths) {
        std::cout << '\n';
        print_file(installer, path);
    }
    return true;
}

/// Every command of a unit.
std::vector<const unit::Command*> commands_of(const unit::Settings& settings) {
    const unit::ServiceSettings& service = settings.service;
    const unit::SocketSettings& socket = settings.socket;
    std::vector<const unit::Command*> all;
    for (const unit::Commands* const commands :
         {&service.exec_condition, &service.exec_start_pre, &service.exec_start,
          &service.exec_start_post, &service.exec_reload, &service.exec_stop,
          &service.exec_stop_post, &socket.exec_start_pre, &socket.exec_start_post,
          &socket.exec_stop_pre, &socket.exec_stop_post})
        for (const unit::Command& command : *commands)
            all.push_back(&command);
    return all;
}

/// Whether there is such a program, in the search path where it is only a name.
bool can_be_run(const unit::Command& command, const unit::ExecSettings& exec,
                const install::RootSource& files) {
    std::vector<std::string> paths;
    if (unit::is_absolute(command.path))
        paths.push_back(command.path);
    else if (!exec.exec_search_path.empty())
        for (const std::string& directory : exec.exec_search_path)
            paths.push_back(concat(directory, '/', command.path));
    else
        for (const char* const directory :
             {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
            paths.push_back(concat(directory, '/', command.path));
    return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
        const std::string real = files.shown(files.resolve(path));
        return files.kind(path) == unit::FileKind::regular && ::access(real.c_str(), X_OK) == 0;
    });
}

/// Says what is wrong, and returns whether the unit could be started.
bool verify_unit(const unit::LoadedUnit& unit, unit::Messages& messages,
                 const install::RootSource& files) {
    const unit::Place place{unit.fragment_path};
    if (unit.state == LoadState::not_found)
        messages.fail({unit.id.text()}, "There is no unit file of this name.");
    if (unit.state == LoadState::masked)
        messages.fail(place, "This unit is masked: it cannot be started.");
    if (unit.state != LoadState::loaded)
        return false;
    bool is_good = true;
    for (const unit::Command* const command : commands_of(unit.settings))
        if (!command->ignores_failure && !can_be_run(*command, unit.settings.exec, files)) {
            messages.fail(place, concat(command->path, " is no program that can be run."));
            is_good = false;
        }
    return is_good;
}

/// Directories of files that are given by their paths go before the load path.
std::vector<std::string> load_path_with(const std::vector<std::string>& operands,
                                        std::vector<std::string> load_path) {
    for (const std::string& operand : operands) {
        const std::string directory(unit::directory_name(operand));
        if (unit::is_absolute(operand)
            && std::find(load_path.begin(), load_path.end(), directory) == load_path.end())
            load_path.insert(load_path.begin(), directory);
    }
    return load_path;
}

}  // namespace

int print_files(const Context& context) {
    const install::Installer installer = make_installer(context.options);
    unit::Messages messages;
    const unit::UnitIndex index(installer.source(), installer.lookup().directories().load_path,
                                messages);
    const unit::Facts facts;
    bool is_first = true;
    int status = 0;
    for (const std::string& operand : names_of(context, index)) {
        const auto name = UnitName::parse(operand);
        if (!name)
            throw Failure(concat("Unit name ", operand, " is not valid."));
        const unit::LoadedUnit unit = unit::load(*name, index, facts, messages);
        if (!is_first && !unit.fragment_path.empty())
            std::cout << '\n';
        if (print_unit(unit, installer))
            is_first = false;
        else
            status = status_failure;
        std::cout.flush();
    }
    return status;
}

int verify_files(const Context& context) {
    const install::Installer installer = make_installer(context.options);
    const install::RootSource& files = installer.files();
    const std::vector<std::string> operands = file_names(context, "to verify");
    unit::Messages index_messages;
    const unit::UnitIndex index(
        installer.source(), load_path_with(operands, installer.lookup().directories().load_path),
        index_messages);
    const unit::Facts facts = init::gather_facts();
    int status = 0;
    for (const std::string& operand : operands) {
        auto name = UnitName::parse(unit::file_name(operand));
        if (name && name->kind() == unit::NameKind::template_unit)
            name = name->with_instance("i");
        if (!name)
            throw Failure(concat(operand,
                                 " has no name that a unit may have: its end says which "
                                 "type it is of, as in foo.service."));
        unit::Messages messages;
        const unit::LoadedUnit unit = unit::load(*name, index, facts, messages);
        if (!verify_unit(unit, messages, files))
            status = status_failure;
        for (const unit::Message& message : messages.all())
            std::cerr << to_string(message) << '\n';
    }
    return status;
}

}  // namespace notifybridge::ctl
