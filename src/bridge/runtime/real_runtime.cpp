#include "bridge/runtime/real_runtime.hpp"

#include "base/process/environment.hpp"
#include "base/system/executable.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/podman_settings.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

std::string text_of(system::FileIdentity file) {
    return concat(file.device, ':', file.inode, ',');
}

}  // namespace

std::string search_path() {
    return process::environment_variable("PATH").value_or(std::string(system::default_search_path));
}

RealRuntime::RealRuntime(system::FileIdentity self, std::string_view through) : through_(through) {
    if (has_run(self))
        throw Refusal(
            "notifybridge would call itself as the OCI runtime; name the real runtime with "
            "--runtime=PATH");
    through_ += text_of(self);
}

bool RealRuntime::has_run(system::FileIdentity executable) const {
    return concat(',', through_).find(concat(',', text_of(executable))) != std::string::npos;
}

bool RealRuntime::is_us(const std::string& path) const {
    const auto executable = system::identity(path);
    return executable && has_run(*executable);
}

bool RealRuntime::is_usable(const std::string& candidate) const {
    return candidate.starts_with('/') && system::is_executable(candidate) && !is_us(candidate);
}

std::string RealRuntime::find_in(std::string_view path, std::string_view name) const {
    for (bool is_last = false; !is_last;) {
        const std::size_t end = path.find(':');
        is_last = end == path.npos;
        const std::string candidate = concat(path.substr(0, end), '/', name);
        if (is_usable(candidate))
            return candidate;
        path.remove_prefix(is_last ? path.size() : end + 1);
    }
    return {};
}

std::string RealRuntime::find_as_podman(std::string_view name, Variables variables) const {
    for (const std::string& candidate : runtime_paths(read_podman_settings(variables), name))
        if (is_usable(candidate))
            return candidate;
    return {};
}

std::string RealRuntime::find(std::string_view wanted, std::string_view called_as,
                              std::string_view path, Variables variables) const {
    // Each call of the runtime comes here, so podman's settings are read only if PATH does not
    // help.
    const auto find_named = [&](std::string_view name) {
        std::string found = find_in(path, name);
        return found.empty() ? find_as_podman(name, variables) : found;
    };
    if (!wanted.empty()) {
        const bool is_path = wanted.find('/') != wanted.npos;
        std::string found = is_path ? std::string(wanted) : find_named(wanted);
        if (found.empty() || !system::is_executable(found))
            throw Refusal(concat(
                "the OCI runtime ", quote(wanted),
                is_path ? " cannot be executed" : " is not in PATH and not in podman's settings",
                " (--runtime); install it, or name another"));
        if (is_us(found))
            throw Refusal(concat("--runtime=", quote(wanted),
                                 " is notifybridge itself; name the real OCI runtime"));
        return found;
    }
    std::string found = called_as.empty() ? std::string() : find_named(called_as);
    for (const std::string_view name : known_runtimes)
        if (found.empty())
            found = find_in(path, name);
    for (const std::string_view name : known_runtimes)
        if (found.empty())
            found = find_as_podman(name, variables);
    if (found.empty())
        throw Refusal(concat(
            "no OCI runtime is in PATH (", quote(path),
            ") or in podman's settings; install crun or runc, or name one with --runtime=PATH"));
    return found;
}

}  // namespace notifybridge::runtime
