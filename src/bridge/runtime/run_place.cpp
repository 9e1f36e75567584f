#include "bridge/runtime/run_place.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/remove_tree.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/siphash.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/peer.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/runtime/bounded_mount.hpp"
#include "bridge/runtime/place_keeper.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

constexpr const char* place_of_all = "/notifybridge";
constexpr const char* shared_name = "shared";
/// The names of files in the place of a `run`. A directory that contains anything else does not
/// count as abandoned (is_abandoned).
constexpr auto own_names =
    std::to_array<std::string_view>({"shared", "crun", "runc", "hooks.d", cidfile_name});

system::UniqueFd open_own_directory(const std::string& path) {
    return system::UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Refuses a place that could not be made (errno).
[[noreturn]] void refuse_place(const std::string& path) {
    const int error = errno;
    const std::string_view full = channel::advice_if_full(error);
    throw Refusal(concat("cannot make ", util::quote(path), ": ", system::describe(error), "; ",
                         full.empty() ? "give a directory with --shared-dir" : full));
}

system::UniqueFd make_directory(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) < 0 && errno != EEXIST)
        refuse_place(path);
    auto directory = open_own_directory(path);
    struct stat status {};
    if (!directory || ::fstat(directory.get(), &status) < 0 || status.st_uid != ::geteuid())
        throw Refusal(concat(
            util::quote(path),
            " is not a directory of this user; remove it, or choose another with --shared-dir"));
    if ((status.st_mode & 07777) != mode && ::fchmod(directory.get(), mode) < 0)
        throw Refusal(
            concat("cannot set the mode of ", util::quote(path), ": ", system::describe(errno)));
    return directory;
}

/// Takes the lock that is needed to create and remove places. Other users cannot take the lock,
/// because they cannot open the directory.
system::UniqueFd lock_all(const std::string& all) {
    constexpr mode_t entered_by_name_only = 0711;
    system::UniqueFd directory = make_directory(all, entered_by_name_only);
    while (::flock(directory.get(), LOCK_EX) < 0 && errno == EINTR) {
    }
    return directory;
}

/// Returns whether a run may be alive in this shared directory, or a `wait` uses the directory. A
/// run with a beat (channel::Peer) counts as alive until its journal contains its end.
bool is_shared_in_use(system::Fd directory) {
    if (!system::take_directory_lock(directory))
        return true;
    channel::JournalFault fault;
    const auto reader = channel::JournalReader::open(directory, fault);
    if (!reader)
        return fault.passing;
    return channel::Peer(directory).goes_on(*reader);
}

bool is_place_in_use(system::Fd place, const std::string& path) {
    if (!system::take_directory_lock(place))
        return true;
    const auto shared = open_own_directory(concat(path, '/', shared_name));
    return shared && is_shared_in_use(shared);
}

bool is_vacant(const std::string& path) {
    const auto place = open_own_directory(path);
    return place && !is_place_in_use(place, path);
}

/// Removes the place. Returns whether the place is gone.
bool discard(const std::string& path) {
    if (has_own_mount(path))
        unmount(path);
    if (const auto place = open_own_directory(path))
        system::remove_content(place);
    return ::rmdir(path.c_str()) == 0 || errno == ENOENT;
}

/// Waits until a file in the directory is closed, because a `wrap` closes its journal when its run
/// ends. Waits at most a minute. Returns false if the directory is gone.
bool await_change(const std::string& shared) {
    // Limit the wait, because another process that uses the place may end without an event.
    constexpr int longest_ms = 60'000;
    constexpr timespec pause{0, 100'000'000};
    const system::UniqueFd changes(::inotify_init1(IN_CLOEXEC));
    if (::inotify_add_watch(changes.get(), shared.c_str(), IN_CLOSE_WRITE | IN_ONLYDIR) < 0)
        return false;
    pollfd change{changes.get(), POLLIN, 0};
    ::poll(&change, 1, longest_ms);
    // Limit the rate of events, so that a busy writer does not keep us busy.
    ::nanosleep(&pause, nullptr);
    return true;
}

/// Returns whether `run` has created this place and nobody needs it any more.
bool is_abandoned(const std::string& path) {
    const auto place = open_own_directory(path);
    struct stat status;
    if (!place || ::fstat(place.get(), &status) < 0 || status.st_uid != ::geteuid()
        || (status.st_mode & 07777) != 0700)
        return false;
    // Each start of a unit looks at the places of all units, and most of them are locked.
    if (!system::take_directory_lock(place))
        return false;
    const auto entries = system::list_directory(path);
    if (!entries)
        return false;
    for (const system::DirectoryEntry& entry : *entries)
        if (!util::contains(own_names, entry.name)
            && !entry.name.starts_with(system::removed_prefix))
            return false;
    return (!entries->empty() || has_own_mount(path)) && !is_place_in_use(place, path);
}

/// Removes the place after a `run` has ended, unless the place is still in use. `in_use` is the
/// directory of the place, which the ended `run` has locked. If `waits_for_run` is set, waits until
/// the place is not in use.
void clean_up(const std::string& all, const std::string& path, system::Fd in_use,
              bool waits_for_run) {
    for (;;) {
        {
            const auto lock = all.empty() ? system::UniqueFd() : lock_all(all);
            if (!is_place_in_use(in_use, path)) {
                discard(path);
                return;
            }
        }
        if (!waits_for_run || !await_change(concat(path, '/', shared_name)))
            return;
    }
}

/// Removes the places of services that were killed together with their keepers and have not started
/// again.
void discard_abandoned(const std::string& all) {
    const auto entries = system::list_directory(all);
    if (!entries)
        return;
    for (const system::DirectoryEntry& entry : *entries)
        if (const std::string path = concat(all, '/', entry.name); is_abandoned(path))
            discard(path);
}

}  // namespace

std::string service_place(const std::string& above, std::string_view service) {
    const std::string all = concat(above, place_of_all);
    const std::string longest = concat(all, '/', service, "/shared/", channel::socket_name);
    return longest.size() + 1 > system::longest_socket_path
               ? concat(all, '/', util::siphash(service, {}))
               : concat(all, '/', service);
}

std::string temporary_place(const std::string& above) {
    // All users may write to /tmp, so another user could create /tmp/notifybridge first.
    return concat(above, above == "/tmp" ? "/notifybridge-run.XXXXXX" : "/notifybridge/run.XXXXXX");
}

std::string service_of_place(std::string_view directory) {
    constexpr std::string_view of_all = "/notifybridge/";
    constexpr std::string_view end = "/shared";
    const std::size_t at = directory.rfind(of_all);
    if (at == directory.npos || !directory.ends_with(end))
        return {};
    const std::size_t start = at + of_all.size();
    const std::string name(directory.substr(start, directory.size() - end.size() - start));
    return name.ends_with(".service") && name.find('/') == name.npos ? name : std::string();
}

std::string link_directory(const std::string& place) {
    const std::string all = place.substr(0, place.rfind('/'));
    return all.ends_with(place_of_all) ? all : place;
}

/// Keeps a place in which a run is still alive, because the name of the place shows that the run
/// belongs to the service. `wait` then ends the run.
RunPlace RunPlace::of_service(const std::string& above, std::string_view service) {
    const std::string all = concat(above, place_of_all);
    const system::UniqueFd lock = lock_all(all);
    discard_abandoned(all);
    RunPlace place(service_place(above, service));
    if (is_vacant(place.path_))
        discard(place.path_);
    place.fill();
    place.keep(all, false);
    return place;
}

RunPlace RunPlace::temporary(const std::string& above) {
    RunPlace place(temporary_place(above));
    const std::string all = place.path_.substr(0, place.path_.rfind('/'));
    const bool is_ours = all != above;
    const system::UniqueFd lock = is_ours ? lock_all(all) : system::UniqueFd();
    if (is_ours)
        discard_abandoned(all);
    if (!::mkdtemp(place.path_.data()))
        refuse_place(place.path_);
    place.fill();
    place.keep(is_ours ? all : std::string(), true);
    return place;
}

void RunPlace::fill() {
    make_directory(path_, 0700);
    // A user's place does not need a separate limit, because $XDG_RUNTIME_DIR belongs to the user
    // and has a limit.
    if (::geteuid() == 0 && !has_own_mount(path_))
        why_unbounded_ = mount_bounded(path_);
    in_use_ = make_directory(path_, 0700);
    ::flock(in_use_.get(), LOCK_SH | LOCK_NB);
}

void RunPlace::keep(const std::string& all, bool waits_for_run) {
    const auto act = [all, path = path_, waits_for_run](system::Fd in_use) {
        clean_up(all, path, in_use, waits_for_run);
    };
    keeper_ = start_keeper(concat("notifybridge: removes ", path_, " at the end"), in_use_, act);
}

void RunPlace::finish() {
    if (keeper_)
        ask_keeper(keeper_);
    keeper_.reset();
}

}  // namespace notifybridge::runtime
