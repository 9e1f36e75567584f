#include "bridge/runtime/own_executable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

constexpr const char* own_file = "/proc/self/exe";

system::Result<system::FileIdentity> identity_of(const char* path) {
    const system::UniqueFd file(::open(path, O_PATH | O_CLOEXEC));
    return file ? system::identity(file) : system::last_error();
}

[[noreturn]] void refuse(std::string_view what, std::string_view path, int error) {
    const bool lacks_proc = path == own_file && error == ENOENT;
    throw Refusal(concat("cannot ", what, ' ', path, ": ", system::describe(error),
                         lacks_proc ? "; /proc has to be mounted" : ""));
}

}  // namespace

system::FileIdentity own_identity() {
    const auto identity = identity_of(own_file);
    if (!identity)
        refuse("find", own_file, identity.error().value());
    return *identity;
}

std::string own_path() {
    const system::FileIdentity own = own_identity();
    const auto path = system::read_link(own_file);
    if (!path)
        refuse("read", own_file, path.error().value());
    const auto named = identity_of(path->c_str());
    if (!named && named.error().value() != ENOENT)
        refuse("find the executable", util::quote(*path), named.error().value());
    if (!named || *named != own)
        throw Refusal(
            concat("the executable ", util::quote(*path),
                   " was replaced or removed in the meantime; start the container again"));
    return *path;
}

}  // namespace notifybridge::runtime
