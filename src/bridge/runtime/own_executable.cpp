#include "bridge/runtime/own_executable.hpp"

#include <fcntl.h>
#include <unistd.h>

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

}  // namespace

system::FileIdentity own_identity() {
    const auto identity = identity_of(own_file);
    if (!identity)
        throw Refusal(concat("cannot find ", own_file, ": ",
                             system::describe(identity.error().value()),
                             "; /proc has to be mounted"));
    return *identity;
}

std::string own_path() {
    const system::FileIdentity own = own_identity();
    const auto path = system::read_link(own_file);
    const auto named = path ? identity_of(path->c_str()) : path.error();
    if (!named || *named != own)
        throw Refusal(
            concat("the executable ", util::quote(path ? *path : own_file),
                   " was replaced or removed in the meantime; start the container again"));
    return *path;
}

}  // namespace notifybridge::runtime
