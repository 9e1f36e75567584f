#include "bridge/runtime/place_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>

#include "base/system/fd.hpp"
#include "base/system/in_root.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/container_places.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;

std::string_view text_of_member(const json::value& value, std::string_view name) {
    const json::object* const object = value.if_object();
    const json::value* const member = object ? object->if_contains(name) : nullptr;
    const json::string* const text = member ? member->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

bool is_directory(system::Fd file) {
    struct stat status;
    return ::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Opens `path` below `root` as the container would see it. Returns an empty descriptor if the file
/// does not exist.
system::UniqueFd open_below(const std::string& root, const char* path) {
    const system::UniqueFd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return {};
    auto file = system::open_handle_in_root(directory, path);
    return file ? std::move(*file) : system::UniqueFd();
}

}  // namespace

void check_executable_place(const json::object& config, const std::string& bundle) {
    const std::string_view place = channel::executable_place;
    const json::value* const list = config.if_contains("mounts");
    if (list && list->is_array())
        for (const json::value& mount : list->get_array()) {
            const std::string_view destination = text_of_member(mount, "destination");
            const std::string source(text_of_member(mount, "source"));
            const bool is_there = destination == place;
            if (is_there
                && is_directory(system::UniqueFd(::open(source.c_str(), O_PATH | O_CLOEXEC))))
                throw Refusal(concat("a volume is mounted at ", util::quote(place),
                                     ", where notifybridge mounts its executable; mount the "
                                     "volume elsewhere, or remove the VOLUME from the image"));
            // This mount hides the image's file at this path, so that file needs no check.
            if (is_there || (!destination.empty() && place.starts_with(concat(destination, '/'))))
                return;
        }
    const json::value* const root = config.if_contains("root");
    std::string path(root ? text_of_member(*root, "path") : std::string_view());
    if (path.empty() || (!path.starts_with('/') && bundle.empty()))
        return;
    if (!path.starts_with('/'))
        path = concat(bundle, '/', path);
    if (const auto file = open_below(path, channel::executable_place); file && is_directory(file))
        throw Refusal(concat("the image has a directory ", util::quote(place),
                             ", where notifybridge mounts its executable; remove the directory "
                             "from the image"));
}

}  // namespace notifybridge::runtime
