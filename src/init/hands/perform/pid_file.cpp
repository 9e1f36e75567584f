#include "init/hands/perform/pid_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"

namespace notifybridge::perform {
namespace {

using system::UniqueFd;
using util::concat;

constexpr int most_links = 32;

class Chaser {
public:
    explicit Chaser(std::string path) : rest_(std::move(path)) {}

    Chased chase();

private:
    bool step();
    bool follow(const UniqueFd& link);
    bool enter(UniqueFd next);
    bool restart();
    bool fail(int error) {
        chased_.error = error;
        return false;
    }

    std::string rest_;
    int links_ = 0;
    uid_t owner_ = 0;
    Chased chased_;
};

/// Enters a file or directory. A directory of root may lead to any file. A directory of another
/// user is only safe if it leads to files of this user.
bool Chaser::enter(UniqueFd next) {
    struct stat status;
    if (::fstat(next.get(), &status) < 0)
        return fail(errno);
    chased_.is_unsafe |= owner_ != 0 && owner_ != status.st_uid;
    owner_ = status.st_uid;
    chased_.handle = std::move(next);
    return true;
}

bool Chaser::restart() {
    UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root ? enter(std::move(root)) : fail(errno);
}

bool Chaser::follow(const UniqueFd& link) {
    if (++links_ > most_links)
        return fail(ELOOP);
    char target[PATH_MAX];
    const ssize_t size = ::readlinkat(link.get(), "", target, sizeof target);
    struct stat status;
    if (size < 0 || ::fstat(link.get(), &status) < 0)
        return fail(errno);
    chased_.is_unsafe |= owner_ != 0 && owner_ != status.st_uid;
    rest_ = concat(std::string_view(target, static_cast<std::size_t>(size)), '/', rest_);
    if (!rest_.starts_with('/'))
        return true;
    // The path starts again at "/", which usually belongs to root. The owner of the link decides
    // where the path leads from there. Therefore, only root and the owner of "/" are trusted.
    const bool restarted = restart();
    chased_.is_unsafe |= status.st_uid != 0 && status.st_uid != owner_;
    return restarted;
}

bool Chaser::step() {
    const std::size_t begin = rest_.find_first_not_of('/');
    if (begin == rest_.npos) {
        rest_.clear();
        return true;
    }
    const std::string name = rest_.substr(begin, rest_.find('/', begin) - begin);
    rest_.erase(0, begin + name.size());
    UniqueFd next(::openat(chased_.handle.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status;
    if (!next || ::fstat(next.get(), &status) < 0)
        return fail(errno);
    return S_ISLNK(status.st_mode) ? follow(next) : enter(std::move(next));
}

Chased Chaser::chase() {
    bool goes_on = restart();
    while (goes_on && !rest_.empty())
        goes_on = step();
    if (!goes_on)
        chased_.handle.reset();
    return std::move(chased_);
}

/// Returns the pid in the first line of the file. Sets `fault` and returns nullopt if there is no
/// valid pid.
std::optional<pid_t> read_pid(const UniqueFd& handle, std::string& fault) {
    struct stat status;
    if (::fstat(handle.get(), &status) < 0 || !S_ISREG(status.st_mode)) {
        fault = "it is not a regular file";
        return std::nullopt;
    }
    const auto text = system::read_text(system::proc_path(handle), 4096);
    if (!text) {
        fault = system::describe(text.error().value());
        return std::nullopt;
    }
    const auto number = util::parse_lenient_unsigned(text->substr(0, text->find('\n')));
    if (number && *number > 0 && *number <= INT_MAX)
        return static_cast<pid_t>(*number);
    fault = "its first line is not a pid";
    return std::nullopt;
}

std::string why_not_suitable(pid_t pid, pid_t control) {
    if (pid == ::getpid() || pid == 1)
        return concat("process ", pid, " is the manager");
    if (pid == control)
        return concat("process ", pid, " is the control process");
    const auto process = find_process(pid);
    if (!process || process->is_zombie)
        return concat("process ", pid, " does not exist or is a zombie");
    return {};
}

}  // namespace

Chased chase(const std::string& path) {
    return Chaser(path).chase();
}

PidFileContent read_content(const std::string& path) {
    const Chased chased = chase(path);
    if (!chased.handle)
        return {.fault = system::describe(chased.error)};
    PidFileContent content;
    content.pid = read_pid(chased.handle, content.fault).value_or(0);
    struct stat status;
    content.is_roots =
        !chased.is_unsafe && ::fstat(chased.handle.get(), &status) == 0 && status.st_uid == 0;
    return content;
}

PidFile judge(UnitProcesses& processes, const std::string& unit, const PidFileContent& content,
              pid_t control) {
    if (content.pid == 0)
        return {0, content.fault};
    const std::string why_not = why_not_suitable(content.pid, control);
    if (!why_not.empty())
        return {0, why_not};
    if (content.is_roots || processes.unit_of(content.pid) == unit)
        return {content.pid, {}};
    return {0, concat("process ", content.pid,
                      " does not belong to the unit, and users other than root may have written "
                      "the file")};
}

PidFile read_pid_file(UnitProcesses& processes, const std::string& unit, const std::string& path,
                      pid_t control) {
    return judge(processes, unit, read_content(path), control);
}

pid_t guess_main_pid(UnitProcesses& processes, const std::string& unit) {
    const auto children = processes.children(unit);
    return children.size() == 1 ? children.front() : 0;
}

}  // namespace notifybridge::perform
