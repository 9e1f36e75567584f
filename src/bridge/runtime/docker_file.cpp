#include "bridge/runtime/docker_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/bundle.hpp"
#include "bridge/runtime/docker_context.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

/// Returns the target of `path` if `path` is a link. Otherwise, returns `path`.
std::string resolve_link(const std::string& path) {
    const std::unique_ptr<char, decltype(&::free)> found(::realpath(path.c_str(), nullptr), ::free);
    return found ? found.get() : path;
}

/// Sets the owner and mode of `file` to those of the file at `before`.
system::Result<int> copy_owner_and_mode(system::Fd file, const std::string& before) {
    struct stat status;
    if (::stat(before.c_str(), &status) == 0
        && (::fchown(file.get(), status.st_uid, status.st_gid) < 0
            || ::fchmod(file.get(), status.st_mode & 07777) < 0))
        return system::last_error();
    return 0;
}

}  // namespace

std::string docker_settings_of(DockerOwner owner) {
    if (owner == DockerOwner::machine)
        return docker_settings;
    const auto settings = cli::variable("XDG_CONFIG_HOME");
    return concat(settings ? *settings : concat(cli::variable("HOME").value_or(""), "/.config"),
                  "/docker/daemon.json");
}

std::optional<DockerOwner> find_unset_docker(Variables variables) {
    const DockerOwner owner = docker_owner(docker_address(variables));
    const std::string settings = system::text_of(docker_settings_of(owner), most_config);
    return docker_is_configured(settings) ? std::nullopt : std::optional(owner);
}

DockerFile::DockerFile()
    : path_(resolve_link(
        docker_settings_of(::geteuid() == 0 ? DockerOwner::machine : DockerOwner::user))) {
    const auto text = system::read_text(path_, most_config);
    exists_ = text.has_value();
    if (exists_)
        text_ = *text;
    else if (text.error().value() != ENOENT)
        throw Refusal(
            concat("cannot read ", quote(path_), ": ", system::describe(text.error().value())));
}

void DockerFile::write(const std::string& text) const {
    const std::size_t name = path_.find_last_of('/') + 1;
    const std::string above = path_.substr(0, name - 1);
    ::mkdir(above.substr(0, above.find_last_of('/')).c_str(), 0755);
    ::mkdir(above.c_str(), 0755);
    const auto directory = system::open_directory(above);
    boost::system::error_code failure = directory ? boost::system::error_code() : directory.error();
    if (!failure && text.empty()) {
        if (::unlink(path_.c_str()) < 0 && errno != ENOENT)
            failure = system::last_error();
    } else if (!failure) {
        const auto written =
            system::replace_file(*directory, path_.c_str() + name, system::bytes_of(text),
                                 [&](system::Fd file) { return copy_owner_and_mode(file, path_); });
        if (!written)
            failure = written.error();
    }
    if (failure)
        throw Refusal(
            concat("cannot write ", quote(path_), ": ", system::describe(failure.value())));
}

}  // namespace notifybridge::runtime
