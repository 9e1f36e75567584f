#include "bridge/status/subjects.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/runtime/run_place.hpp"
#include "bridge/status/bridges.hpp"
#include "bridge/status/named_unit.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

constexpr const char* usual_place = "/shared";

bool has_file_of_ours(system::Fd directory) {
    return system::identity(directory, channel::journal_name)
           || system::identity(directory, channel::host_name);
}

/// Returns whether a run or a `wait` has ever used the directory, or the directory has members.
bool has_files_of_ours(const Subjects& subjects) {
    return std::ranges::any_of(subjects, [](const Subject& subject) {
        return !subject.name.empty() || has_file_of_ours(subject.directory);
    });
}

/// Adds the directory of a `wait`, or the directories of its members.
void add_subjects(Subjects& subjects, Bridge bridge, const std::string& invoked_as) {
    auto members = bridge.owner.mounts == 0 ? open_subjects(bridge.path, invoked_as)
                                            : system::Result<Subjects>(system::error_of(ENOENT));
    if (!members || members->front().name.empty()) {
        subjects.push_back(
            {{}, bridge.owner, bridge.path, std::move(bridge.directory), invoked_as});
        return;
    }
    std::ranges::move(*members, std::back_inserter(subjects));
}

}  // namespace

void Subject::complain(std::string_view what) const {
    cli::write_error_line(concat(invoked_as, ": shared directory ", util::quote(path), ": ", what));
}

bool has_usual_run() {
    const auto directory = system::open_directory(usual_place);
    return directory && system::identity(*directory, channel::journal_name);
}

std::string default_path() {
    return has_usual_run() ? usual_place : "/tmp/container-notify";
}

Subjects find_subjects(const std::string& invoked_as) {
    Subjects subjects;
    for (Bridge& bridge : find_bridges())
        subjects.push_back(
            {{}, bridge.owner, bridge.path, std::move(bridge.directory), invoked_as, true});
    return subjects;
}

system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as) {
    auto whole = system::open_directory(path);
    if (!whole)
        return whole.error();
    Subjects subjects;
    for (const std::string& name : member_names(path)) {
        const std::string member = concat(path, path.ends_with('/') ? "" : "/", name);
        // Leave out a member whose directory was removed in the meantime.
        if (auto directory = system::open_directory(member))
            subjects.push_back({name, {}, member, std::move(*directory), invoked_as});
    }
    if (subjects.empty())
        subjects.push_back({{}, {}, path, std::move(*whole), invoked_as});
    return subjects;
}

NamedUnit find_named_unit(const std::string& name, const std::string& invoked_as, bool is_of_user) {
    NamedUnit found;
    std::string service = service_name(name);
    const auto there = open_subjects(name, invoked_as);
    if (service.empty() || (there && has_files_of_ours(*there)))
        return found;
    const uid_t viewer = ::geteuid();
    const auto search_for = [&](const std::string& unit) {
        return is_of_user ? diagnosis::find_unit_of(viewer, unit) : diagnosis::find_unit(unit);
    };
    if (is_trigger(name)) {
        const diagnosis::UnitSearch trigger = search_for(name);
        found.why_not = trigger.why_not;
        if (!trigger.unit || trigger.unit->triggers.size() != 1
            || service_name(trigger.unit->triggers.front()) != trigger.unit->triggers.front())
            return found;
        service = trigger.unit->triggers.front();
    }
    auto all = find_bridges();
    if (is_of_user)
        std::erase_if(all, [&](const Bridge& bridge) { return bridge.owner.manager != viewer; });
    auto bridges = bridges_of_service(std::move(all), service, viewer);
    diagnosis::UnitSearch search;
    if (bridges.empty())
        search = search_for(service);
    else if (!is_of_user)
        // A unit of a preferred manager counts even if it is not running.
        search = diagnosis::find_unit(service,
                                      diagnosis::rank_of(bridges.front().owner.manager, viewer));
    if (!bridges.empty() && (!search.unit || search.unit->load_state == "masked")) {
        for (Bridge& bridge : bridges)
            add_subjects(found.subjects, std::move(bridge), invoked_as);
        return found;
    }
    found.unit = std::move(search.unit);
    found.why_not = std::move(search.why_not);
    if (!found.unit)
        return found;
    const std::string own_place = cli::variable("XDG_RUNTIME_DIR").value_or("");
    for (const std::string& place : places_of_unit(*found.unit, own_place)) {
        auto subjects = open_subjects(place, invoked_as);
        if (subjects && has_files_of_ours(*subjects)) {
            found.subjects = std::move(*subjects);
            break;
        }
    }
    return found;
}

std::string why_not_open(const std::string& path, const boost::system::error_code& error,
                         std::string_view why_no_unit) {
    const std::string what = system::describe(error.value());
    if (error.value() == EACCES)
        return concat(what, "; run this as root, or as the owner of the directory");
    if (error.value() != ENOENT && error.value() != ENOTDIR)
        return what;
    std::string advice = diagnosis::why_user_is_absent(path);
    if (advice.empty() && !why_no_unit.empty())
        advice = concat(why_no_unit, "; `notifybridge status --all` lists the directories in use");
    if (const std::string service = service_name(runtime::service_of_place(path));
        advice.empty() && !service.empty())
        advice = concat("the directory exists only while the unit runs; `notifybridge status ",
                        util::join_shell_words(std::array{service}), "` shows what systemd knows");
    if (advice.empty())
        advice =
            "name the shared directory (`notifybridge status --all` lists those in use), or set "
            "SHARED_DIR; in a container, name the mount point, such as /shared for "
            "`-v /tmp/container-notify:/shared`";
    return concat(what, "; ", advice);
}

}  // namespace notifybridge::status
