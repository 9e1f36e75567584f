#include "init/files/install/below_root.hpp"

#include "init/files/unit/path.hpp"

namespace notifybridge::install {

BelowRoot::Place BelowRoot::place_of(const std::string& path) const {
    const std::string& root = inside_.root();
    if (has_root_ && path.starts_with(root) && path[root.size()] == '/')
        return {inside_, path.substr(root.size()), root};
    return {disk_, path, {}};
}

std::vector<load::Entry> BelowRoot::list(const std::string& directory) const {
    const Place place = place_of(directory);
    return place.files.list(place.path);
}

std::optional<std::string> BelowRoot::read_link(const std::string& path) const {
    const Place place = place_of(path);
    auto target = place.files.read_link(place.path);
    if (target && unit::is_absolute(*target))
        target->insert(0, place.root);
    return target;
}

std::string BelowRoot::resolve(const std::string& directory) const {
    const Place place = place_of(directory);
    return place.files.resolve(place.path).insert(0, place.root);
}

load::FileStatus BelowRoot::status(const std::string& path) const {
    const Place place = place_of(path);
    return place.files.status(place.path);
}

boost::system::result<std::string> BelowRoot::read(const std::string& path) const {
    const Place place = place_of(path);
    return place.files.read(place.path);
}

load::FileLook BelowRoot::look(const std::string& path) const {
    const Place place = place_of(path);
    return place.files.look(place.path);
}

}  // namespace notifybridge::install
