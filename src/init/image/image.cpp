#include "init/image/image.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"
#include "init/unit/path.hpp"

namespace notifybridge::image {
namespace {

using util::concat;

/// A file that programs and users run, and the paths that a package may use for this file. On a
/// system with a merged /usr, /bin, /sbin and /lib are links to directories in /usr, so a package
/// may use either path.
struct Taken {
    const char* path;  ///< The path of the link. Null if a link only replaces a file that exists.
    std::array<const char*, 2> packaged;
};
constexpr auto taken = std::to_array<Taken>({
    {"/usr/bin/systemctl", {"/usr/bin/systemctl", "/bin/systemctl"}},
    {"/usr/bin/systemd-run", {"/usr/bin/systemd-run", "/bin/systemd-run"}},
    {"/sbin/init", {"/sbin/init", "/usr/sbin/init"}},
    {"/sbin/halt", {"/sbin/halt", "/usr/sbin/halt"}},
    {"/sbin/poweroff", {"/sbin/poweroff", "/usr/sbin/poweroff"}},
    {"/sbin/reboot", {"/sbin/reboot", "/usr/sbin/reboot"}},
    {"/sbin/runlevel", {"/sbin/runlevel", "/usr/sbin/runlevel"}},
    {"/sbin/shutdown", {"/sbin/shutdown", "/usr/sbin/shutdown"}},
    {"/sbin/telinit", {"/sbin/telinit", "/usr/sbin/telinit"}},
    // Many images that were made for systemd have this command.
    {nullptr, {"/usr/lib/systemd/systemd", "/lib/systemd/systemd"}},
});

constexpr std::string_view kept_ending = ".systemd";
constexpr std::size_t longest_executable = 256 * 1024 * 1024;
constexpr mode_t executable_mode = 0755;
constexpr int status_not_found = 127;

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

void rename_file(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) < 0)
        system::throw_errno("rename", concat(from, " to ", to));
}

/// Runs a program and waits for its end. Returns the program's exit status, `status_not_found` if
/// the program does not exist, or 1 on any other failure.
int run(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    if (const int error =
            ::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ))
        return error == ENOENT ? status_not_found : 1;
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            system::throw_errno("waitpid", words.front());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

Image::Image(std::string root)
    : files_(std::move(root)),
      has_dpkg_(files_.status("/usr/bin/dpkg").kind != load::FileKind::missing) {}

std::vector<std::string> Image::install() {
    require_dpkg_divert();
    copy_executable();
    for (const Taken& each : taken) {
        const auto places = places_of(each.path, each.packaged);
        if (places.empty())
            continue;
        for (const char* const name : each.packaged)
            divert(name, true);
        for (const std::string& place : places)
            make_link(place);
    }
    note_policy();
    note_tmpfiles();
    return std::exchange(done_, {});
}

std::vector<std::string> Image::uninstall() {
    require_dpkg_divert();
    for (const Taken& each : taken) {
        for (const std::string& place : places_of(each.path, each.packaged))
            remove_link(place);
        for (const char* const name : each.packaged)
            divert(name, false);
    }
    if (done_.empty())
        done_.push_back(concat("found no links to notifybridge below ", files_.shown("/")));
    return std::exchange(done_, {});
}

/// Returns the real path of a file on this system. Resolves links in the path of the file's
/// directory.
std::string Image::place_of(const std::string& path) const {
    const std::string directory = files_.resolve(std::string(unit::directory_name(path)));
    return files_.shown(concat(directory, '/', unit::file_name(path)));
}

/// Returns the real paths of the links that replace a program. If `path` is not null, returns only
/// the real path of `path`. Otherwise, returns the real paths of the files in `packaged` that exist
/// or that `install` has renamed.
std::vector<std::string> Image::places_of(const char* path,
                                          std::span<const char* const> packaged) const {
    if (path)
        return {place_of(path)};
    std::vector<std::string> places;
    for (const char* const name : packaged)
        if (const std::string place = place_of(name);
            exists(place) || exists(concat(place, kept_ending)))
            util::add_once(places, place);
    return places;
}

/// Throws std::runtime_error if dpkg-divert is missing. Must be called before any file is changed.
void Image::require_dpkg_divert() const {
    if (has_dpkg_ && run({"dpkg-divert", "--quiet", "--list", "/nothing"}) == status_not_found)
        throw std::runtime_error(
            concat("the image at ", files_.shown("/"),
                   " has dpkg, but dpkg-divert is missing here; run this command in the image"));
}

void Image::copy_executable() {
    const std::string path = place_of(executable_path);
    auto content = system::read_text("/proc/self/exe", longest_executable);
    if (!content)
        throw std::runtime_error(
            concat("cannot read /proc/self/exe: ", system::describe(content.error().value()),
                   "; mount /proc, or run this outside of the image with "
                   "--install=ROOT"));
    if (const auto there = system::read_text(path, longest_executable);
        there && *there == *content) {
        done_.push_back(concat(path, " is up to date"));
        return;
    }
    const std::string directory(unit::directory_name(path));
    const auto opened = system::open_directory(directory);
    if (!opened)
        throw std::runtime_error(concat("cannot open ", directory, ": ",
                                        system::describe(opened.error().value()), "; is ",
                                        files_.shown("/"), " the root directory of an image?"));
    const std::string name(unit::file_name(path));
    const auto make_executable = [&](system::Fd file) -> system::Result<int> {
        if (::fchmod(file.get(), executable_mode) < 0)
            return system::last_error();
        return 0;
    };
    const auto written =
        system::replace_file(*opened, name.c_str(), system::bytes_of(*content), make_executable);
    if (!written)
        throw std::runtime_error(
            concat("cannot write ", path, ": ", system::describe(written.error().value())));
    done_.push_back(concat("installed ", path));
}

bool Image::is_our_link(const std::string& path) const {
    const auto target = system::read_link(path);
    return target && *target == executable_path;
}

void Image::make_link(const std::string& place) {
    if (is_our_link(place)) {
        done_.push_back(concat(place, " is already a link to notifybridge"));
        return;
    }
    const std::string kept = concat(place, kept_ending);
    const std::string temporary = concat(place, ".new");
    ::unlink(temporary.c_str());
    if (::symlink(executable_path, temporary.c_str()) < 0)
        system::throw_errno("symlink", temporary);
    const bool had_program = exists(place);
    if (had_program)
        rename_file(place, kept);
    rename_file(temporary, place);
    done_.push_back(had_program ? concat("linked ", place, "; the previous program is now ", kept)
                                : concat("linked ", place));
}

void Image::remove_link(const std::string& place) {
    const std::string kept = concat(place, kept_ending);
    const bool is_missing = !exists(place);
    if (is_missing && !exists(kept))
        return;
    if (!is_our_link(place) && !is_missing) {
        done_.push_back(concat("keeping ", place, ": it is not a link to notifybridge"));
    } else if (exists(kept)) {
        rename_file(kept, place);
        done_.push_back(concat("restored ", place));
    } else if (::unlink(place.c_str()) < 0) {
        system::throw_errno("unlink", place);
    } else {
        done_.push_back(concat("removed ", place));
    }
}

/// Adds or removes a local diversion (dpkg-divert(1)). Changes nothing if the diversion to add
/// already exists, or if the diversion to remove does not exist.
void Image::divert(const std::string& name, bool adds) {
    if (!has_dpkg_)
        return;
    std::vector<std::string> words = {"dpkg-divert", "--quiet", "--local", "--no-rename"};
    if (!files_.root().empty())
        words.insert(words.end(), {"--root", files_.root()});
    if (adds)
        words.insert(words.end(), {"--divert", concat(name, kept_ending), "--add", name});
    else
        words.insert(words.end(), {"--remove", name});
    if (run(words) != 0)
        throw std::runtime_error(concat("dpkg-divert could not ", adds ? "divert " : "restore ",
                                        name, "; see its message above"));
}

/// Adds a note about policy-rc.d, because Debian's container images use this file to prevent
/// packages from starting their services.
void Image::note_policy() {
    const std::string path = place_of("/usr/sbin/policy-rc.d");
    if (exists(path))
        done_.push_back(concat("note: ", path,
                               " may prevent packages from starting their services; remove this "
                               "file if `apt install` should start services"));
}

/// Adds a note if systemd-tmpfiles(8) is missing. Looks only for the program: packages with files
/// for tmpfiles.d(5) are often installed after this step.
void Image::note_tmpfiles() {
    std::string_view directories = system::default_search_path;
    while (!directories.empty())
        if (files_.kind(concat(util::take_until(directories, ':'), "/systemd-tmpfiles"))
            != load::FileKind::missing)
            return;
    done_.push_back(
        "note: systemd-tmpfiles is missing, so daemons such as mariadb lack their directories in "
        "/run; if you need such a daemon, install the package systemd, or the package "
        "systemd-standalone-tmpfiles with the unit in notifybridge-examples(7)");
}

}  // namespace notifybridge::image
