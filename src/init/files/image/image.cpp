#include "init/files/image/image.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/file.hpp"
#include "base/system/in_root.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/files/unit/path.hpp"

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

bool exists(system::Fd directory, const std::string& name) {
    struct stat status {};
    return directory && ::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

void rename_in(system::Fd directory, const std::string& from, const std::string& to,
               const std::string& shown) {
    if (::renameat(directory.get(), from.c_str(), directory.get(), to.c_str()) < 0)
        system::throw_errno("rename", shown);
}

bool is_our_link(system::Fd directory, const std::string& name) {
    std::array<char, 64> target{};
    const ssize_t length =
        directory ? ::readlinkat(directory.get(), name.c_str(), target.data(), target.size()) : -1;
    return length >= 0
           && std::string_view(target.data(), static_cast<std::size_t>(length)) == executable_path;
}

/// Returns the path of an open file.
std::string path_of(system::Fd file) {
    const auto path = system::read_link(system::proc_path(file));
    return path ? *path : std::string();
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
      root_(::open(files_.shown("/").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      has_dpkg_(files_.status("/usr/bin/dpkg").kind != load::FileKind::missing) {}

std::vector<std::string> Image::install() {
    require_dpkg_divert();
    find_dpkg_directory();
    copy_executable();
    for (const Taken& each : taken) {
        const auto places = places_of(each.path, each.packaged);
        if (places.empty())
            continue;
        for (const char* const name : each.packaged)
            divert(name, true);
        for (const Place& place : places)
            make_link(place);
    }
    note_policy();
    note_tmpfiles();
    return std::exchange(done_, {});
}

std::vector<std::string> Image::uninstall() {
    require_dpkg_divert();
    find_dpkg_directory();
    for (const Taken& each : taken) {
        for (const Place& place : places_of(each.path, each.packaged))
            remove_link(place);
        for (const char* const name : each.packaged)
            divert(name, false);
    }
    if (done_.empty())
        done_.push_back(concat("found no links to notifybridge below ", files_.shown("/")));
    return std::exchange(done_, {});
}

/// Finds a file by its path in the image. Resolves links in the path of the file's directory.
Image::Place Image::place_of(const std::string& path) const {
    const std::string directory(unit::directory_name(path));
    const std::string name(unit::file_name(path));
    auto opened = system::open_handle_in_root(root_, directory);
    return {opened ? std::move(*opened) : system::UniqueFd(), name,
            files_.shown(concat(files_.resolve(directory), '/', name))};
}

/// Returns the places of the links that replace a program. If `path` is not null, returns only the
/// place of `path`. Otherwise, returns the places of the files in `packaged` that exist or that
/// `install` has renamed.
std::vector<Image::Place> Image::places_of(const char* path,
                                           std::span<const char* const> packaged) const {
    std::vector<Place> places;
    if (path)
        places.push_back(place_of(path));
    else
        for (const char* const name : packaged) {
            Place place = place_of(name);
            if ((exists(place.directory, place.name)
                 || exists(place.directory, concat(place.name, kept_ending)))
                && std::ranges::find(places, place.path, &Place::path) == places.end())
                places.push_back(std::move(place));
        }
    return places;
}

/// Throws std::runtime_error if dpkg-divert is missing. Must be called before any file is changed.
void Image::require_dpkg_divert() const {
    if (has_dpkg_ && run({"dpkg-divert", "--quiet", "--list", "/nothing"}) == status_not_found)
        throw std::runtime_error(
            concat("the image at ", files_.shown("/"),
                   " has dpkg, but dpkg-divert is missing here; run this command in the image"));
}

/// Finds dpkg's data. dpkg-divert(1) would follow links out of the image. Throws
/// std::runtime_error if it would write to such a link.
void Image::find_dpkg_directory() {
    if (!has_dpkg_)
        return;
    const char* const usual = "/var/lib/dpkg";
    const auto opened = system::open_handle_in_root(root_, usual);
    if (!opened)
        throw std::runtime_error(concat("cannot open ", files_.shown(usual), " in the image: ",
                                        system::describe(opened.error().value())));
    for (const char* const name : {"diversions", "diversions-new", "diversions-old"})
        if (const auto file = system::open_regular(*opened, name, O_RDONLY);
            !file && file.error().value() != ENOENT)
            throw std::runtime_error(
                concat("refusing ", files_.shown(usual), '/', name, ": ",
                       system::describe_open_error(file.error()),
                       "; dpkg-divert would use another file; remove it from the image"));
    // dpkg-divert writes this file before it renames it. Others have further links after a backup.
    struct stat status {};
    if (::fstatat(opened->get(), "diversions-new", &status, AT_SYMLINK_NOFOLLOW) == 0
        && status.st_nlink > 1)
        throw std::runtime_error(concat("refusing ", files_.shown(usual),
                                        "/diversions-new: it has another name, whose file "
                                        "dpkg-divert would change; remove it from the image"));
    dpkg_directory_ = path_of(*opened);
}

void Image::copy_executable() {
    const Place place = place_of(executable_path);
    auto content = system::read_text("/proc/self/exe", longest_executable);
    if (!content)
        throw std::runtime_error(
            concat("cannot read /proc/self/exe: ", system::describe(content.error().value()),
                   "; mount /proc, or run this outside of the image with "
                   "--install=ROOT"));
    if (!place.directory)
        throw std::runtime_error(concat("cannot open the directory of ", place.path, "; is ",
                                        files_.shown("/"), " the root directory of an image?"));
    if (const auto there = system::open_regular(place.directory, place.name.c_str(), O_RDONLY))
        if (const auto text = system::read_text(*there, longest_executable);
            text && *text == *content) {
            done_.push_back(concat(place.path, " is up to date"));
            return;
        }
    const auto make_executable = [&](system::Fd file) -> system::Result<int> {
        if (::fchmod(file.get(), executable_mode) < 0)
            return system::last_error();
        return 0;
    };
    const auto written = system::replace_file(place.directory, place.name.c_str(),
                                              system::bytes_of(*content), make_executable);
    if (!written)
        throw std::runtime_error(
            concat("cannot write ", place.path, ": ", system::describe(written.error().value())));
    done_.push_back(concat("installed ", place.path));
}

void Image::make_link(const Place& place) {
    if (is_our_link(place.directory, place.name)) {
        done_.push_back(concat(place.path, " is already a link to notifybridge"));
        return;
    }
    const std::string kept = concat(place.name, kept_ending);
    const std::string temporary = concat(place.name, ".new");
    ::unlinkat(place.directory.get(), temporary.c_str(), 0);
    if (::symlinkat(executable_path, place.directory.get(), temporary.c_str()) < 0)
        system::throw_errno("symlink", concat(place.path, ".new"));
    const bool had_program = exists(place.directory, place.name);
    if (had_program)
        rename_in(place.directory, place.name, kept, place.path);
    rename_in(place.directory, temporary, place.name, place.path);
    done_.push_back(had_program ? concat("linked ", place.path, "; the previous program is now ",
                                         place.path, kept_ending)
                                : concat("linked ", place.path));
}

void Image::remove_link(const Place& place) {
    const std::string kept = concat(place.name, kept_ending);
    const bool is_missing = !exists(place.directory, place.name);
    const bool has_kept = exists(place.directory, kept);
    if (is_missing && !has_kept)
        return;
    if (!is_our_link(place.directory, place.name) && !is_missing) {
        done_.push_back(concat("keeping ", place.path, ": it is not a link to notifybridge"));
    } else if (has_kept) {
        rename_in(place.directory, kept, place.name, place.path);
        done_.push_back(concat("restored ", place.path));
    } else if (::unlinkat(place.directory.get(), place.name.c_str(), 0) < 0) {
        system::throw_errno("unlink", place.path);
    } else {
        done_.push_back(concat("removed ", place.path));
    }
}

/// Adds or removes a local diversion (dpkg-divert(1)). Changes nothing if the diversion to add
/// already exists, or if the diversion to remove does not exist.
void Image::divert(const std::string& name, bool adds) {
    if (!has_dpkg_)
        return;
    std::vector<std::string> words = {"dpkg-divert", "--quiet", "--local", "--no-rename"};
    if (!files_.root().empty())
        words.insert(words.end(), {"--root", files_.root(), "--admindir", dpkg_directory_});
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
    const Place place = place_of("/usr/sbin/policy-rc.d");
    if (exists(place.directory, place.name))
        done_.push_back(concat("note: ", place.path,
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
