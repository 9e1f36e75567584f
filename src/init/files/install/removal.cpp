#include "init/files/install/removal.hpp"

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using load::EntryKind;
using unit::UnitName;
using util::concat;

class Search {
public:
    Search(const load::FileSource& source, Marks& marks) : source_(source), marks_(marks) {}

    void look_into(const std::string& directory);

    std::vector<std::string> found;

private:
    bool is_marked(const UnitName& name, const std::string& path) const;
    std::string end_of(std::string path) const;

    const load::FileSource& source_;
    Marks& marks_;
};

void Search::look_into(const std::string& directory) {
    for (const load::Entry& entry : source_.list(directory)) {
        const std::string path = concat(directory, '/', entry.name);
        if (entry.kind == EntryKind::directory)
            look_into(path);
        const auto name = UnitName::parse(entry.name);
        const bool is_found = util::contains(found, path);
        if (entry.kind != EntryKind::link || !name || is_found || !is_marked(*name, path))
            continue;
        found.push_back(path);
        marks_.insert(path);
    }
}

bool Search::is_marked(const UnitName& name, const std::string& path) const {
    const auto shared = name.template_name();
    if (marks_.contains(name.text()) || (shared && marks_.contains(shared->text())))
        return true;
    const std::string end = end_of(path);
    return marks_.contains(end) || marks_.contains(unit::file_name(end));
}

/// Follows a link. Returns the final target of the link, or the first marked path on the way to the
/// target.
std::string Search::end_of(std::string path) const {
    for (int hops = 0; hops < load::most_links && !marks_.contains(path); ++hops) {
        const auto target = source_.read_link(path);
        if (!target)
            break;
        const std::string full =
            unit::is_absolute(*target) ? *target : concat(unit::directory_name(path), '/', *target);
        const std::string directory = source_.resolve(std::string(unit::directory_name(full)));
        path = concat(directory == "/" ? "" : directory, '/', unit::file_name(full));
    }
    return path;
}

bool is_reverted(const Directories& directories, const std::string& path) {
    return directories.is_for_links(unit::directory_name(path)) || is_control(path)
           || is_transient(path);
}

}  // namespace

std::vector<std::string> links_to_remove(const load::FileSource& source,
                                         const std::string& directory, Marks marks) {
    Search search(source, marks);
    if (marks.empty())
        return {};
    for (std::size_t before = 1; before != search.found.size();) {
        before = search.found.size();
        search.look_into(directory);
    }
    return search.found;
}

std::vector<std::string> files_to_revert(const Lookup& lookup, const std::string& name) {
    const Directories& directories = lookup.directories();
    const load::FileSource& source = lookup.source();
    std::vector<std::string> files;
    bool has_vendors = false;
    for (const std::string& directory : directories.load_path) {
        const std::string path = concat(directory, '/', name);
        const std::string drop_ins = path + ".d";
        const auto kind = source.kind(path);
        const bool is_file = !source.read_link(path)
                             && (kind == load::FileKind::regular || kind == load::FileKind::null);
        has_vendors = has_vendors || (is_file && is_vendors(path));
        const bool is_directory =
            !source.read_link(drop_ins) && source.kind(drop_ins) == load::FileKind::directory;
        if (is_directory && is_reverted(directories, drop_ins))
            files.push_back(drop_ins);
    }
    if (!has_vendors)
        return files;
    for (const std::string& directory : {directories.persistent, directories.runtime}) {
        const std::string path = concat(directory, '/', name);
        const auto kind = source.kind(path);
        if (source.read_link(path)
            || (kind == load::FileKind::regular || kind == load::FileKind::null))
            files.push_back(path);
    }
    return files;
}

}  // namespace notifybridge::install
