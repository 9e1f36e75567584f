#include "execute/exec_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "execute/file_tree.hpp"
#include "system/fd.hpp"
#include "util/concat.hpp"

namespace notifybridge::execute {
namespace {

constexpr mode_t parents_mode = 0755;

std::string full_path(const ExecDirectoryKind& kind, const unit::Facts& facts,
                      std::string_view path) {
    return util::concat(facts.*kind.base, '/', path);
}

int set_mode(const std::string& path, mode_t mode) {
    const system::UniqueFd directory(
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return directory && ::fchmod(directory.get(), mode) == 0 ? 0 : errno;
}

int make_directory(const ExecDirectoryKind& kind, const std::string& path, mode_t mode,
                   const Identity& identity) {
    if (const int error = make_parents(path, parents_mode))
        return error;
    if (::mkdir(path.c_str(), mode) < 0) {
        if (errno != EEXIST)
            return errno;
        if (kind.stays_roots)
            return 0;
    }
    if (const int error = set_mode(path, mode))
        return error;
    return give_tree(path, identity.uid, identity.gid);
}

/// From `link` to `target`, both absolute: "../a" for "/run/d/link" and "/run/a".
std::string relative_to(std::string_view link, std::string_view target) {
    std::size_t common = 0;
    for (std::size_t at = 0; at < std::min(link.size(), target.size()) && link[at] == target[at];
         ++at)
        if (link[at] == '/')
            common = at + 1;
    std::string out;
    for (const char byte : link.substr(common))
        if (byte == '/')
            out += "../";
    return out += target.substr(common);
}

int make_links(const ExecDirectoryKind& kind, const unit::Facts& facts,
               const unit::ExecDirectory& directory) {
    const std::string target = full_path(kind, facts, directory.path);
    for (const std::string& name : directory.symlinks) {
        const std::string link = full_path(kind, facts, name);
        if (const int error = make_parents(link, parents_mode))
            return error;
        if (const int error = put_link(relative_to(link, target), link))
            return error;
    }
    return 0;
}

int make_kind(const ExecDirectoryKind& kind, const unit::ExecDirectories& wanted,
              const unit::Facts& facts, const Identity& identity) {
    for (const unit::ExecDirectory& directory : wanted.directories) {
        const std::string path = full_path(kind, facts, directory.path);
        if (const int error = make_directory(kind, path, wanted.mode, identity))
            return error;
        if (const int error = make_links(kind, facts, directory))
            return error;
    }
    return 0;
}

/// No mode of ours to be masked.
class NoUmask {
public:
    NoUmask() : before_(::umask(0)) {}
    NoUmask(const NoUmask&) = delete;
    NoUmask& operator=(const NoUmask&) = delete;
    ~NoUmask() { ::umask(before_); }

private:
    mode_t before_;
};

}  // namespace

std::vector<std::string> directory_paths(const ExecDirectoryKind& kind,
                                         const unit::ExecSettings& exec, const unit::Facts& facts) {
    std::vector<std::string> paths;
    for (const unit::ExecDirectory& directory : (exec.*kind.directories)->directories)
        paths.push_back(full_path(kind, facts, directory.path));
    return paths;
}

Failure make_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                         const Identity& identity) {
    const NoUmask none;
    for (const ExecDirectoryKind& kind : exec_directory_kinds)
        if (const int error = make_kind(kind, exec.*kind.directories, facts, identity))
            return {kind.step, error};
    return {};
}

void remove_runtime_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                                bool will_restart) {
    const unit::PreserveMode mode = exec.runtime_directory_preserve;
    if (mode == unit::PreserveMode::yes || (mode == unit::PreserveMode::restart && will_restart))
        return;
    const ExecDirectoryKind& kind = exec_directory_kinds[0];
    for (const unit::ExecDirectory& directory : exec.runtime_directory->directories) {
        remove_tree(full_path(kind, facts, directory.path));
        for (const std::string& link : directory.symlinks)
            remove_tree(full_path(kind, facts, link));
    }
}

}  // namespace notifybridge::execute
