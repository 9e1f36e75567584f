#include "bridge/diagnosis/unit_search.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <ranges>

#include "base/process/cgroup_unit.hpp"
#include "base/process/environment.hpp"
#include "base/process/proc.hpp"
#include "base/process/spawn.hpp"
#include "base/system/accounts.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/unit_text.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// How long to wait for output of a program. A service manager has this time for its whole answer.
constexpr std::chrono::milliseconds answer_patience(5000);
/// A directory with the $XDG_RUNTIME_DIR of each user who has a service manager (pam_systemd(8)).
constexpr std::string_view user_places = "/run/user/";
constexpr std::size_t longest_answer = 4 * 1024 * 1024;

bool is_there(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

/// Returns the user's name. Returns an empty text if the user lingers (loginctl(1)).
std::string user_without_linger(uid_t uid) {
    const auto user = system::find_user(system::read_passwd(), concat(uid));
    return user && !is_there(concat("/var/lib/systemd/linger/", user->name)) ? user->name
                                                                             : std::string();
}

/// Asks the system's manager with `systemctl`. In a container with our `init`, this is the only way
/// to get all properties.
std::vector<UnitFacts> ask_systemctl(const std::string& which) {
    return read_units(answer_of({"systemctl", "--system", "show", "--", which}));
}

/// Asks the service manager of `user` about units, or the manager of the system if `user` is
/// nullopt. `which` is the name of one unit, or "*.service" for all loaded services.
std::vector<UnitFacts> show_units(Manager user, const std::string& which) {
    auto answer = ask_manager(user, which, answer_patience);
    if (!answer && !user)
        answer = ask_systemctl(which);
    std::vector<UnitFacts> units = answer ? std::move(*answer) : std::vector<UnitFacts>();
    for (UnitFacts& unit : units) {
        unit.user = user;
        unit.user_without_linger = user ? user_without_linger(*user) : std::string();
    }
    return units;
}

bool is_booted() {
    return is_there("/run/systemd/system/");  // sd_booted(3) checks the same directory.
}

}  // namespace

std::vector<UnitFacts> query_units(const UnitFacts& unit, const std::vector<std::string>& names) {
    constexpr std::size_t most_units = 32;
    std::vector<UnitFacts> units;
    for (const std::string& name : names | std::views::take(most_units)) {
        auto more = show_units(unit.user, name);
        // A manager also answers if it does not know the unit, so this manager hangs.
        if (more.empty())
            break;
        std::ranges::move(more, std::back_inserter(units));
    }
    return units;
}

std::optional<UnitFacts> unit_of_process(pid_t pid) {
    const auto found = process::unit_of_process(concat(pid));
    if (!found.is_service() || !is_booted())
        return std::nullopt;
    UnitFacts unit;
    unit.name = found.name;
    unit.user = found.user;
    auto units = show_units(unit.user, unit.name);
    return units.empty() ? std::move(unit) : std::move(units.front());
}

std::vector<UnitFacts> units_for_directory(const std::string& path) {
    if (!is_booted())
        return {};
    std::vector<UnitFacts> units = show_units(std::nullopt, "*.service");
    std::optional<uid_t> user = user_of_place(path);
    if (!user && ::geteuid() != 0)
        user = ::geteuid();
    if (user) {
        auto more = show_units(user, "*.service");
        std::ranges::move(more, std::back_inserter(units));
    }
    std::erase_if(units, [&](const UnitFacts& unit) { return !names_directory(unit, path); });
    return units;
}

int rank_of(Manager manager, uid_t viewer) {
    const bool prefers_system = viewer == 0;
    if (!manager)
        return prefers_system ? 0 : 1;
    if (*manager == viewer)
        return prefers_system ? 1 : 0;
    return 2;
}

UnitSearch search_managers(
    const std::string& service, const std::vector<Manager>& managers,
    util::FunctionRef<std::vector<UnitFacts>(Manager, const std::string&)> ask) {
    UnitSearch search;
    const bool is_template = service.ends_with("@.service");
    search.why_not =
        is_template ? concat(util::escape(service), " is a template; name one of its instances")
                    : "the service manager does not answer this user";
    for (const Manager manager : managers)
        for (UnitFacts& unit : ask(manager, service)) {
            // A manager shows properties even of an unknown unit, so this manager has answered.
            if (!manager && !is_template)
                search.why_not = concat("no unit is named ", util::escape(service));
            if (unit.load_state.empty() || unit.load_state == "not-found")
                continue;
            const bool is_masked = unit.load_state == "masked";
            if (!is_masked || !search.unit)
                search.unit = std::move(unit);
            if (!is_masked)
                return search;
        }
    return search;
}

UnitSearch find_unit(const std::string& service, int end) {
    if (!is_booted())
        return {};
    const uid_t viewer = ::geteuid();
    std::vector<Manager> managers = {std::nullopt, viewer};
    if (viewer == 0)
        for (const int user : process::numbers_in(std::string(user_places)))
            if (user != 0)
                managers.emplace_back(static_cast<uid_t>(user));
    const auto rank = [&](Manager manager) { return rank_of(manager, viewer); };
    std::erase_if(managers, [&](Manager manager) { return rank(manager) >= end; });
    std::ranges::stable_sort(managers, {}, rank);
    return search_managers(service, managers, show_units);
}

UnitSearch find_unit_of(uid_t user, const std::string& service) {
    UnitSearch search = search_managers(service, {user}, show_units);
    if (!search.unit)
        search.why_not = concat("no unit of this user is named ", util::escape(service));
    return search;
}

std::optional<uid_t> user_of_place(std::string_view path) {
    // A path with ".." may lead out of the user's directory.
    if (!path.starts_with(user_places) || concat(path, '/').find("/../") != std::string::npos)
        return std::nullopt;
    path.remove_prefix(user_places.size());
    return util::parse_number<uid_t>(util::take_until(path, '/'));
}

std::string why_user_is_absent(const std::string& path) {
    const auto uid = user_of_place(process::absolute_path(path));
    if (!uid || !is_booted() || is_there(concat(user_places, *uid)))
        return {};
    const std::string user_name = user_without_linger(*uid);
    const std::string name = util::escape(user_name);
    if (name.empty())
        return {};
    return concat(name, " is not logged in, so no unit of ", name,
                  " runs: `loginctl enable-linger ", util::shell_word(user_name),
                  "` lets them start at boot");
}

std::string answer_of(std::vector<std::string> words) {
    system::Pipe answer = system::make_pipe();
    process::Command command;
    command.arguments = std::move(words);
    command.environment = process::Environment::inherited();
    command.output = answer.writing;
    const system::UniqueFd nothing = system::open_null();
    command.input = nothing;
    command.error = nothing;
    std::string text;
    try {
        const process::Child child = process::spawn(command);
        answer.writing.reset();
        std::array<char, 4096> buffer;
        pollfd readable{answer.reading.get(), POLLIN, 0};
        while (text.size() < longest_answer
               && ::poll(&readable, 1, static_cast<int>(answer_patience.count())) > 0) {
            const ssize_t size = ::read(answer.reading.get(), buffer.data(), buffer.size());
            if (size <= 0)
                break;
            text.append(buffer.data(), static_cast<std::size_t>(size));
        }
        ::kill(child.pid, SIGKILL);
        ::waitpid(child.pid, nullptr, 0);
    } catch (const std::system_error&) {
        return {};
    }
    return text;
}

}  // namespace notifybridge::diagnosis
