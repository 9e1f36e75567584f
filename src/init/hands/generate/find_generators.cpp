#include "init/hands/generate/find_generators.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/system/file.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::generate {
namespace {

constexpr auto usual_directories = std::to_array<std::string_view>({
    "/run/systemd/system-generators",
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
    "/lib/systemd/system-generators",
});

// Most of these generators write units that mount or unlock file systems, or that continue the boot
// of a machine. `init` does not run mount and swap units. systemd-getty-generator would add a
// log-in prompt to the container's terminal, which shows our log.
constexpr auto without_meaning = std::to_array<std::string_view>({
    "systemd-bless-boot-generator",
    "systemd-cryptsetup-generator",
    "systemd-fstab-generator",
    "systemd-getty-generator",
    "systemd-gpt-auto-generator",
    "systemd-hibernate-resume-generator",
    "systemd-integritysetup-generator",
    "systemd-tpm2-generator",
    "systemd-veritysetup-generator",
});

constexpr mode_t executable = 0111;

/// Returns whether the directory belongs to the distribution. Only the distribution's generators
/// are skipped. An administrator's generator always runs, even if a generator of systemd has the
/// same name.
bool is_of_vendor(std::string_view directory) {
    return directory == "/usr/lib/systemd/system-generators"
           || directory == "/lib/systemd/system-generators";
}

/// Returns whether the file is hidden, or is a copy that an editor or package manager made. systemd
/// ignores these files, too.
bool is_ignored(std::string_view name) {
    constexpr auto endings = std::to_array<std::string_view>(
        {"~", ".rpmnew", ".rpmsave", ".rpmorig", ".dpkg-old", ".dpkg-new", ".dpkg-tmp",
         ".dpkg-dist", ".dpkg-bak", ".dpkg-backup", ".dpkg-remove", ".ucf-new", ".ucf-old",
         ".ucf-dist", ".swp", ".bak", ".old", ".new"});
    return name.starts_with('.') || std::ranges::any_of(endings, [&](std::string_view ending) {
               return name.ends_with(ending);
           });
}

bool is_mask(const struct stat& status) {
    return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)
           || (S_ISREG(status.st_mode) && status.st_size == 0);
}

/// Adds the generators of `directory` to `found`. Stores an empty path if the generator is skipped.
void add_generators(const std::string& directory, std::map<std::string, std::string>& found) {
    const auto entries = system::list_directory(directory);
    if (!entries)
        return;
    for (const system::DirectoryEntry& entry : *entries) {
        const std::string path = util::concat(directory, '/', entry.name);
        struct stat status {};
        if (is_ignored(entry.name) || found.contains(entry.name)
            || ::stat(path.c_str(), &status) < 0)
            continue;
        const bool has_no_meaning =
            is_of_vendor(directory) && util::contains(without_meaning, entry.name);
        if (is_mask(status) || has_no_meaning)
            found.emplace(entry.name, std::string());
        else if (S_ISREG(status.st_mode) && (status.st_mode & executable) != 0)
            found.emplace(entry.name, path);
    }
}

}  // namespace

std::vector<std::string> generator_directories(std::string_view path) {
    std::vector<std::string> directories;
    const bool adds_usual = path.empty() || path.ends_with(':');
    while (!path.empty())
        if (const std::string_view directory = util::take_until(path, ':');
            directory.starts_with('/'))
            directories.emplace_back(directory);
    if (adds_usual)
        directories.insert(directories.end(), usual_directories.begin(), usual_directories.end());
    return directories;
}

std::vector<std::string> find_generators(const std::vector<std::string>& directories) {
    std::map<std::string, std::string> found;
    for (const std::string& directory : directories)
        add_generators(directory, found);
    std::vector<std::string> paths;
    for (auto& [name, path] : found)
        if (!path.empty())
            paths.push_back(std::move(path));
    return paths;
}

}  // namespace notifybridge::generate
