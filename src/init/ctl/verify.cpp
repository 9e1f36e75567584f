#include <algorithm>

#include "base/process/environment.hpp"
#include "base/system/executable.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/renamed_source.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/facts/facts.hpp"
#include "init/files/load/load.hpp"
#include "init/files/unit/path.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/manager/unsupported_unit.hpp"

/// Implements `verify`: checks unit files as `systemd-analyze verify` does, with our own messages.
namespace notifybridge::ctl {
namespace {

using unit::LoadState;
using unit::UnitName;
using unit::UnitType;
using util::concat;

/// Returns all commands of a unit.
std::vector<const unit::Command*> commands_of(const unit::Settings& settings) {
    const unit::ServiceSettings& service = settings.service;
    const unit::SocketSettings& socket = settings.socket;
    std::vector<const unit::Command*> all;
    for (const unit::Commands* const commands :
         {&*service.exec_condition, &*service.exec_start_pre, &*service.exec_start,
          &*service.exec_start_post, &*service.exec_reload, &*service.exec_stop,
          &*service.exec_stop_post, &socket.exec_start_pre, &socket.exec_start_post,
          &socket.exec_stop_pre, &socket.exec_stop_post})
        for (const unit::Command& command : *commands)
            all.push_back(&command);
    return all;
}

/// Returns whether the command's program exists. Searches for a plain name in ExecSearchPath= or
/// the default path.
bool can_be_run(const unit::Command& command, const unit::ExecSettings& exec,
                const install::RootSource& files) {
    std::vector<std::string> paths;
    if (unit::is_absolute(command.path))
        paths.push_back(command.path);
    else if (!exec.exec_search_path->empty())
        for (const std::string& directory : *exec.exec_search_path)
            paths.push_back(concat(directory, '/', command.path));
    else
        for (std::string_view rest = system::default_search_path; !rest.empty();)
            paths.push_back(concat(util::take_until(rest, ':'), '/', command.path));
    return std::ranges::any_of(paths, [&](const std::string& path) {
        return system::is_executable(files.shown(files.resolve(path)));
    });
}

/// Returns the load path, preceded by the directories of the files in `operands`.
std::vector<std::string> load_path_with(const std::vector<std::string>& operands,
                                        std::vector<std::string> load_path) {
    for (const std::string& operand : operands) {
        const std::string directory(unit::directory_name(operand));
        if (unit::is_absolute(operand) && !util::contains(load_path, directory))
            load_path.insert(load_path.begin(), directory);
    }
    return load_path;
}

/// Splits an operand such as "/a/foo.service:bar.service". This operand means that foo.service is
/// read as if it were installed as bar.service.
void read_under_other_name(std::string& operand, RenamedSource& source) {
    const std::size_t colon = operand.rfind(':');
    if (colon == operand.npos || !UnitName::parse(unit::file_name(operand.substr(0, colon))))
        return;
    const std::string path = operand.substr(0, colon);
    const std::string other = operand.substr(colon + 1);
    if (!UnitName::parse(other))
        throw Failure(concat(other, " is not a valid unit name."));
    operand = concat(unit::directory_name(path), '/', other);
    source.rename(path, operand);
}

/// Returns whether the unit exists without a file. systemd creates slices on demand, the kernel
/// provides devices, and the mount at / always exists.
bool needs_no_file(const UnitName& name) {
    return name.type() == UnitType::slice || name.type() == UnitType::device
           || name.text() == "-.mount";
}

/// Implements manager::Surroundings for the engine. Prints the warnings of the engine, such as a
/// cycle in the order of jobs.
class ProblemReporter final : public manager::Surroundings {
public:
    system::Moment now() const override { return {}; }
    bool can_test(const manager::Unit&) override { return true; }
    bool holds(const manager::Unit&, const std::vector<unit::Condition>&,
               unit::UnmetConditions&) override {
        return true;
    }
    bool is_mount_point(const std::string&) override { return false; }
    bool has_processes(const manager::Unit&) override { return false; }
    void end(unit::EmergencyAction, int) override {}
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text) override {
        if (severity <= util::Severity::warning)
            system::err() << (unit ? unit->id() : std::string()) << (unit ? ": " : "") << text
                          << '\n';
    }
};

class Verifier {
public:
    Verifier(const install::Installer& installer, const load::FileSource& source,
             const std::vector<std::string>& operands)
        : files_(installer.files()),
          index_(source, load_path_with(operands, installer.lookup().directories().load_path),
                 of_index_) {}

    /// Reports the problems of a unit. Returns whether the unit could be started.
    bool verify(const UnitName& name);

private:
    load::LoadedUnit load_other(const UnitName& name) const;
    bool has_jobs(const load::LoadedUnit& unit, unit::Messages& messages);
    bool has_service(const load::LoadedUnit& unit, unit::Messages& messages);
    bool has_programs(const load::LoadedUnit& unit, unit::Messages& messages) const;

    const install::RootSource& files_;
    const unit::Facts facts_ = facts::gather_facts();
    unit::Messages of_index_;
    load::UnitIndex index_;
    ProblemReporter reporter_;
    manager::Engine engine_{
        reporter_, [this](const UnitName& name) { return load_other(name); },
        [](manager::Engine& engine, load::LoadedUnit unit) -> std::unique_ptr<manager::Unit> {
            return std::make_unique<manager::UnsupportedUnit>(engine, std::move(unit));
        }};
};

bool Verifier::verify(const UnitName& name) {
    unit::Messages messages;
    const load::LoadedUnit unit = load::load(name, index_, facts_, messages);
    if (unit.state == LoadState::not_found)
        messages.fail({name.text()},
                      "no unit file has this name; check the name, or give the path of the file.");
    if (unit.state == LoadState::masked)
        messages.fail({unit.fragment_path}, "this unit is masked and cannot start.");
    bool is_good = unit.state == LoadState::loaded;
    if (is_good)
        for (const bool holds :
             {has_jobs(unit, messages), has_service(unit, messages), has_programs(unit, messages)})
            is_good = is_good && holds;
    for (const unit::Message& message : messages.all())
        if (message.severity != util::Severity::debug)
            system::err() << to_string(message) << '\n';
    return is_good;
}

/// Loads another unit. Discards the messages about its files, because only the messages about the
/// verified unit are printed.
load::LoadedUnit Verifier::load_other(const UnitName& name) const {
    unit::Messages unread;
    load::LoadedUnit unit = load::load(name, index_, facts_, unread);
    if (unit.state == LoadState::not_found && needs_no_file(name))
        unit.state = LoadState::loaded;
    return unit;
}

/// Returns whether the manager would accept a start of the unit and of all units that it pulls in.
/// Creates no job, so that a job of this unit cannot conflict with the jobs of the next unit.
bool Verifier::has_jobs(const load::LoadedUnit& unit, unit::Messages& messages) {
    const auto refusal =
        engine_.try_job(manager::JobType::start, engine_.unit(unit.id), unit::JobMode::replace);
    if (refusal)
        messages.fail({unit.fragment_path}, concat("cannot start this unit: ", refusal->text));
    return !refusal;
}

/// Returns whether the service of a socket exists. If each connection gets its own service, checks
/// one instance.
bool Verifier::has_service(const load::LoadedUnit& unit, unit::Messages& messages) {
    if (unit.id.type() != UnitType::socket)
        return true;
    const unit::SocketSettings& socket = unit.settings.socket;
    const auto name =
        UnitName::parse(socket.accept ? concat(unit.id.prefix(), "@0.service") : socket.service);
    if (name && engine_.unit(*name).loaded().state == LoadState::loaded)
        return true;
    messages.fail({unit.fragment_path},
                  concat("cannot start this socket: its service ",
                         name ? name->text() : socket.service, " cannot be loaded."));
    return false;
}

bool Verifier::has_programs(const load::LoadedUnit& unit, unit::Messages& messages) const {
    bool is_good = true;
    for (const unit::Command* const command : commands_of(unit.settings))
        if (!command->ignores_failure && !can_be_run(*command, unit.settings.exec, files_)) {
            messages.fail({unit.fragment_path},
                          concat(command->path, " does not exist or is not executable."));
            is_good = false;
        }
    return is_good;
}

}  // namespace

int verify_files(const Context& context) {
    const install::Installer installer = make_installer(context.options);
    std::vector<std::string> operands = file_names(context, "to verify");
    // Like systemd-analyze, look for a plain name in the current directory before the load path.
    RenamedSource source(installer.source());
    for (std::string& operand : operands) {
        if (!unit::is_absolute(operand))
            operand = process::absolute_path(operand);
        read_under_other_name(operand, source);
    }
    Verifier verifier(installer, source, operands);
    int status = 0;
    for (const std::string& operand : operands) {
        auto name = UnitName::parse(unit::file_name(operand));
        if (name && name->kind() == unit::NameKind::template_unit)
            name = name->with_instance("i");
        if (!name)
            throw Failure(
                concat(operand, " does not have a valid unit name, such as foo.service."));
        if (!verifier.verify(*name))
            status = status_failure;
    }
    return status;
}

}  // namespace notifybridge::ctl
