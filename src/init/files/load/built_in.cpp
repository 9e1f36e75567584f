#include "init/files/load/built_in.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "base/util/literal.hpp"

namespace notifybridge::load {
namespace {

using util::concat;

struct File {
    util::Literal name;
    util::Literal description;
    util::Literal unit = {};  ///< More lines of the [Unit] section, and other sections.
    util::Literal link = {};  ///< If set, the file is a symbolic link to the file of this name.
};

constexpr util::Literal bare = "DefaultDependencies=no\n";

constexpr util::Literal ends_with_shutdown =
    "DefaultDependencies=no\n"
    "Requires=shutdown.target umount.target final.target\n"
    "After=shutdown.target umount.target final.target\n";

constexpr auto built_in_files = std::to_array<File>({
    // Units for boot.
    {"sysinit.target", "System Initialization"},
    {"basic.target", "Basic System",
     "Requires=sysinit.target\n"
     "Wants=sockets.target timers.target paths.target\n"
     "After=sysinit.target sockets.target paths.target\n"},
    {"multi-user.target", "Multi-User System",
     "Requires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n"},
    {"graphical.target", "Graphical Interface",
     "Requires=multi-user.target\nAfter=multi-user.target\nAllowIsolate=yes\n"},
    {"default.target", {}, {}, "multi-user.target"},
    {"sockets.target", "Socket Units"},
    {"timers.target", "Timer Units", "DefaultDependencies=no\nConflicts=shutdown.target\n"},
    {"paths.target", "Path Units"},
    {"getty.target", "Login Prompts"},

    // These targets only order other units. Everything that those units wait for exists in a
    // container from the start.
    {"local-fs-pre.target", "Preparation for Local File Systems", bare},
    {"local-fs.target", "Local File Systems",
     "DefaultDependencies=no\nAfter=local-fs-pre.target\nConflicts=shutdown.target\n"},
    {"remote-fs-pre.target", "Preparation for Remote File Systems", bare},
    {"remote-fs.target", "Remote File Systems",
     "DefaultDependencies=no\nAfter=remote-fs-pre.target\nConflicts=shutdown.target\n"},
    {"swap.target", "Swaps", bare},
    {"network-pre.target", "Preparation for Network", bare},
    {"network.target", "Network", "After=network-pre.target\n"},
    {"network-online.target", "Network is Online", "After=network.target\n"},
    {"nss-lookup.target", "Host and Network Name Lookups"},
    {"nss-user-lookup.target", "User and Group Name Lookups", bare},
    {"time-set.target", "System Time Set", bare},
    {"time-sync.target", "System Time Synchronized",
     "DefaultDependencies=no\nWants=time-set.target\nAfter=time-set.target\n"},
    {"rpcbind.target", "RPC Port Mapper"},

    // Syslog daemons require this socket. The socket unit is in systemd's package, which a slim
    // image does not have.
    {"syslog.socket", "Syslog Socket",
     "DefaultDependencies=no\nBefore=sockets.target\nConflicts=shutdown.target\n"
     "[Socket]\nListenDatagram=%t/systemd/journal/syslog\nSocketMode=0666\n"
     "PassCredentials=yes\nReceiveBuffer=8M\n"},

    // Units for shutdown.
    {"shutdown.target", "System Shutdown", "DefaultDependencies=no\nRefuseManualStart=yes\n"},
    {"umount.target", "Unmount All Filesystems", "DefaultDependencies=no\nRefuseManualStart=yes\n"},
    {"final.target", "Late Shutdown Services",
     "DefaultDependencies=no\nRefuseManualStart=yes\nAfter=shutdown.target umount.target\n"},
});

/// A unit of systemd's own package that is useless in a container, or that would fail there. A
/// drop-in adds a condition that does not hold, so that the unit is skipped. A drop-in of the image
/// can remove that condition.
struct Skipped {
    util::Literal unit;
    util::Literal reason;
    util::Literal instead = {};  ///< If set, the drop-in has these lines instead of the condition.
};

/// We skip journald, because it would split the log. Its journal would have the messages of
/// programs, and our log would have the output of units. Also, journald identifies the unit of a
/// sender only if each unit has a control group.
constexpr util::Literal replaces_journald =
    "It is part of journald. Here, systemctl logs UNIT shows output and messages of a unit.";

constexpr auto skipped = std::to_array<Skipped>({
    {"systemd-journald.service", replaces_journald},
    {"systemd-journald.socket", replaces_journald},
    {"systemd-journald-dev-log.socket", replaces_journald},
    {"systemd-journald-audit.socket", replaces_journald},
    {"systemd-journal-flush.service", replaces_journald},
    // systemd-update-utmp-runlevel.service has Requisite= for this unit, and would fail if this
    // unit were skipped.
    {"systemd-update-utmp.service",
     "It asks systemd over D-Bus for the time of the boot. Here it does nothing.",
     "[Service]\nExecStart=\nExecStart=-/bin/true\nExecStop=\n"},
    {"systemd-update-utmp-runlevel.service", "It asks systemd over D-Bus for the runlevel."},
    {"systemd-firstboot.service",
     "It asks for settings such as the password of root, and the boot would wait for the answers."},
    {"systemd-homed-firstboot.service",
     "It asks for a new user, and the boot would wait for the answers."},
    {"systemd-initctl.socket", "It passes requests for SysV's init to systemd over D-Bus."},
    {"systemd-initctl.service", "It passes requests for SysV's init to systemd over D-Bus."},
    {"user-runtime-dir@.service",
     "It removes a directory of a user. systemd's program refuses this if /run is not a tmpfs.",
     "[Service]\nExecStop=\nExecStop=-/bin/sh -c 'umount --lazy \"$$0\" 2>/dev/null; "
     "rm -rf --one-file-system \"$$0\"' %t/user/%i\n"},
    // If this unit stays inactive, logind asks for its state without end for a user who lingers.
    {"user@.service",
     "It starts the service manager of a user, and only the manager of the system runs here.",
     "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=\nExecStart=-/bin/true\n"},
});

constexpr std::string_view drop_in_file = "00-notifybridge.conf";

std::string directory_of(const Skipped& row) {
    return concat(row.unit, ".d");
}

std::string text_of_drop_in(const Skipped& row) {
    constexpr util::Literal condition = "[Unit]\nConditionPathExists=!%t/notifybridge\n";
    return concat("# ", row.reason, '\n', row.instead.empty() ? condition : row.instead);
}

/// A way to shut the system down: a target, and a service whose SuccessAction= ends the system
/// after all other units have stopped.
struct End {
    util::Literal name;
    util::Literal description;
    util::Literal action;
};

constexpr auto ends = std::to_array<End>({
    {"exit", "Exit the Container", "exit-force"},
    {"poweroff", "System Power Off", "poweroff-force"},
    {"reboot", "System Reboot", "reboot-force"},
    {"halt", "System Halt", "poweroff-force"},
});

std::string text_of(const File& file) {
    return concat("[Unit]\nDescription=", file.description, '\n', file.unit);
}

std::string text_of_target(const End& end) {
    return concat("[Unit]\nDescription=", end.description, "\nDefaultDependencies=no\n",
                  "Requires=systemd-", end.name, ".service\nAfter=systemd-", end.name,
                  ".service\nAllowIsolate=yes\nJobTimeoutSec=30min\nJobTimeoutAction=", end.action,
                  '\n');
}

std::string text_of_service(const End& end) {
    return concat("[Unit]\nDescription=", end.description, '\n', ends_with_shutdown,
                  "SuccessAction=", end.action, '\n');
}

std::string name_of_target(const End& end) {
    return concat(end.name, ".target");
}

std::string name_of_service(const End& end) {
    return concat("systemd-", end.name, ".service");
}

/// Returns the name of the built-in file at `path`. Returns an empty text if `path` is not in the
/// built-in directory.
std::string_view name_in(std::string_view path) {
    const std::string_view directory = built_in_directory;
    return path.starts_with(directory) && path.substr(directory.size()).starts_with('/')
               ? path.substr(directory.size() + 1)
               : std::string_view();
}

const File* find_file(std::string_view name) {
    const auto found = std::ranges::find(built_in_files, name, &File::name);
    return found == built_in_files.end() ? nullptr : &*found;
}

/// Returns the content of a built-in file. Follows links. Returns nullopt if the file does not
/// exist.
std::optional<std::string> content(std::string_view name) {
    if (const File* const file = find_file(name))
        return file->link.empty() ? std::optional(text_of(*file)) : content(file->link);
    for (const End& end : ends) {
        if (name == name_of_target(end))
            return text_of_target(end);
        if (name == name_of_service(end))
            return text_of_service(end);
    }
    for (const Skipped& row : skipped)
        if (name == concat(directory_of(row), '/', drop_in_file))
            return text_of_drop_in(row);
    return std::nullopt;
}

bool is_drop_in_directory(std::string_view name) {
    return std::ranges::any_of(skipped,
                               [name](const Skipped& row) { return name == directory_of(row); });
}

}  // namespace

std::vector<Entry> BuiltInSource::list(const std::string& directory) const {
    if (is_drop_in_directory(name_in(directory)))
        return {{std::string(drop_in_file), EntryKind::file}};
    if (directory != built_in_directory)
        return files_.list(directory);
    std::vector<Entry> entries;
    for (const File& file : built_in_files)
        entries.push_back(
            {std::string(file.name), file.link.empty() ? EntryKind::file : EntryKind::link});
    for (const End& end : ends) {
        entries.push_back({name_of_target(end), EntryKind::file});
        entries.push_back({name_of_service(end), EntryKind::file});
    }
    for (const Skipped& row : skipped)
        entries.push_back({directory_of(row), EntryKind::directory});
    return entries;
}

std::optional<std::string> BuiltInSource::read_link(const std::string& path) const {
    const std::string_view name = name_in(path);
    if (name.empty())
        return files_.read_link(path);
    const File* const file = find_file(name);
    return file && !file->link.empty() ? std::optional(std::string(file->link)) : std::nullopt;
}

std::string BuiltInSource::resolve(const std::string& directory) const {
    return directory.starts_with(built_in_directory) ? directory : files_.resolve(directory);
}

FileStatus BuiltInSource::status(const std::string& path) const {
    const std::string_view name = name_in(path);
    if (name.empty())
        return files_.status(path);
    return {content(name) ? FileKind::regular : FileKind::missing};
}

boost::system::result<std::string> BuiltInSource::read(const std::string& path) const {
    const std::string_view name = name_in(path);
    if (name.empty())
        return files_.read(path);
    if (auto text = content(name))
        return *std::move(text);
    return make_error_code(boost::system::errc::no_such_file_or_directory);
}

FileLook BuiltInSource::look(const std::string& path) const {
    return name_in(path).empty() ? files_.look(path) : FileSource::look(path);
}

}  // namespace notifybridge::load
