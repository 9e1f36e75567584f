#include "init/ctl/renamed_source.hpp"

#include "init/files/unit/path.hpp"

namespace notifybridge::ctl {

std::vector<load::Entry> RenamedSource::list(const std::string& directory) const {
    std::vector<load::Entry> entries = files_.list(directory);
    for (const auto& [other, path] : names_) {
        if (unit::directory_name(other) != directory)
            continue;
        const std::string name(unit::file_name(other));
        std::erase_if(entries, [&](const load::Entry& entry) { return entry.name == name; });
        if (files_.kind(path) != load::FileKind::missing)
            entries.push_back({name, load::EntryKind::file});
    }
    return entries;
}

}  // namespace notifybridge::ctl
