#include "status_subjects.hpp"

#include <cerrno>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/bridges.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/unit.hpp"

namespace notifybridge::status_command {
namespace {

using util::concat;

/// The same command is typed in the container and on the host.
std::string default_path() {
    const auto directory = system::open_directory("/shared");
    const bool has_run = directory && system::identity(*directory, channel::journal_name);
    return has_run ? "/shared" : "/tmp/container-notify";
}

/// Where a unit's name was given, and not its directory.
std::string where_unit_has_it(const std::string& name) {
    for (const status::Bridge& bridge : status::find_bridges()) {
        const std::string& unit = bridge.owner.unit;
        if (!unit.empty() && (unit == name || unit == concat(name, ".service")))
            return concat("that of ", unit, " is ", util::quote(bridge.path));
    }
    return {};
}

}  // namespace

void Subject::complain(std::string_view what) const {
    cli::write_error_line(concat(invoked_as, ": shared directory ", util::quote(path), ": ", what));
}

std::string read_status_path(const cli::Arguments& arguments) {
    const auto& operands = arguments.operands();
    if (arguments.has("all") && (!operands.empty() || arguments.has("shared-dir")))
        throw cli::UsageError("--all takes no directory; leave one of them out");
    const std::size_t most_operands = arguments.has("shared-dir") ? 0 : 1;
    if (operands.size() > most_operands)
        throw cli::UsageError(concat(util::quote(operands[most_operands]),
                                     " is one too many: give one "
                                     "directory, after the options"));
    if (!operands.empty() && operands.front().empty())
        throw cli::UsageError(
            "the directory that is given has an empty name; leave it out for "
            "SHARED_DIR's");
    if (!operands.empty())
        return operands.front();
    if (auto path = arguments.value("shared-dir"))
        return std::move(*path);
    if (auto path = cli::variable("SHARED_DIR"))
        return std::move(*path);
    return default_path();
}

Subjects find_subjects(const std::string& invoked_as) {
    Subjects subjects;
    for (status::Bridge& bridge : status::find_bridges())
        subjects.push_back(
            {{}, bridge.owner, bridge.path, std::move(bridge.directory), invoked_as, true});
    return subjects;
}

system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as) {
    auto whole = system::open_directory(path);
    if (!whole)
        return whole.error();
    Subjects subjects;
    for (const std::string& name : status::member_names(path)) {
        const std::string member = concat(path, path.ends_with('/') ? "" : "/", name);
        // One that is gone by now is none any more.
        if (auto directory = system::open_directory(member))
            subjects.push_back({name, {}, member, std::move(*directory), invoked_as});
    }
    if (subjects.empty())
        subjects.push_back({{}, {}, path, std::move(*whole), invoked_as});
    return subjects;
}

std::string why_not_open(const std::string& path, const boost::system::error_code& error) {
    const std::string what = system::describe(error.value());
    if (error.value() == EACCES)
        return concat(what, "; ask as root, or as the user whose directory it is");
    if (error.value() != ENOENT && error.value() != ENOTDIR)
        return what;
    std::string advice = status::why_user_is_absent(path);
    if (advice.empty())
        advice = where_unit_has_it(path);
    if (advice.empty())
        advice =
            "give the directory of `wrap` and `wait` (`notifybridge status --all` lists them) or "
            "set SHARED_DIR; a container has it where it is mounted, as by "
            "`-v /tmp/container-notify:/shared`";
    return concat(what, "; ", advice);
}

}  // namespace notifybridge::status_command
