#include "init/files/install/link_index.hpp"

#include "base/util/concat.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {

using util::concat;

LinkIndex::LinkIndex(const Lookup& lookup) {
    for (std::size_t number = 0; number < lookup.directories().load_path.size(); ++number)
        add_directory(lookup, number);
}

std::span<const LinkIndex::Entry> LinkIndex::about(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? std::span<const Entry>() : found->second;
}

void LinkIndex::add_directory(const Lookup& lookup, std::size_t number) {
    const load::FileSource& source = lookup.source();
    const std::string& directory = lookup.directories().load_path[number];
    for (const load::Entry& entry : source.list(directory)) {
        const std::string path = concat(directory, '/', entry.name);
        const bool is_dependencies = entry.name.ends_with(".wants")
                                     || entry.name.ends_with(".requires")
                                     || entry.name.ends_with(".upholds");
        if (entry.kind == load::EntryKind::directory && is_dependencies)
            add_dependencies(number, source.list(path));
        if (entry.kind != load::EntryKind::link)
            continue;
        const auto target = source.read_link(path);
        const std::string file(target ? unit::file_name(*target) : std::string_view());
        const bool has_same_name = file == entry.name;
        if (target && !has_same_name)
            entries_[file].push_back({number, Entry::Kind::alias, entry.name});
        entries_[entry.name].push_back(
            {number, has_same_name ? Entry::Kind::same_name : Entry::Kind::own_name, entry.name});
    }
}

void LinkIndex::add_dependencies(std::size_t directory, const std::vector<load::Entry>& links) {
    for (const load::Entry& link : links) {
        const auto name = unit::UnitName::parse(link.name);
        if (link.kind != load::EntryKind::link || !name)
            continue;
        entries_[link.name].push_back({directory, Entry::Kind::dependency, link.name});
        const auto shared = name->template_name();
        if (shared && shared->text() != link.name)
            entries_[shared->text()].push_back({directory, Entry::Kind::dependency, link.name});
    }
}

}  // namespace notifybridge::install
