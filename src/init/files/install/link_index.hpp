#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/util/name_map.hpp"
#include "init/files/install/unit_file.hpp"

namespace notifybridge::install {

/// An index of the links in the directories of the load path, by the units that they are about. It
/// reads each directory and each link once. So the states of many units take time in proportion to
/// the number of links, and not to its product with the number of units.
class LinkIndex {
public:
    explicit LinkIndex(const Lookup& lookup);

    /// A link that is about a unit.
    struct Entry {
        enum class Kind {
            dependency,  ///< A link in a directory such as "NAME.wants", to the unit or an
                         ///< instance.
            alias,       ///< A link with another name that leads to the unit.
            own_name,    ///< A link with the unit's name that leads to another file name.
            same_name,   ///< A link with the unit's name that leads to a file with this name.
        };

        std::size_t directory;  ///< The number of the directory in the load path.
        Kind kind;
        std::string name;  ///< The name of the link.
    };

    /// Returns the links about the unit called `name`, in the order of the load path.
    std::span<const Entry> about(const std::string& name) const;

private:
    void add_directory(const Lookup& lookup, std::size_t number);
    void add_dependencies(std::size_t directory, const std::vector<load::Entry>& links);

    util::NameMap<std::vector<Entry>> entries_;
};

}  // namespace notifybridge::install
