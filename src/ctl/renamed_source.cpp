#include "ctl/renamed_source.hpp"

#include "unit/path.hpp"

namespace notifybridge::ctl {

std::vector<unit::Entry> RenamedSource::list(const std::string& directory) const {
    std::vector<unit::Entry> entries = files_.list(directory);
    for (const auto& [other, path] : names_) {
        if (unit::directory_name(other) != directory)
            continue;
        const std::string name(unit::file_name(other));
        std::erase_if(entries, [&](const unit::Entry& entry) { return entry.name == name; });
        if (files_.kind(path) != unit::FileKind::missing)
            entries.push_back({name, unit::EntryKind::file});
    }
    return entries;
}

}  // namespace notifybridge::ctl
