#include "init/files/install/installer.hpp"

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/install/cached_source.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using unit::UnitName;
using util::concat;
using Kind = Change::Kind;

constexpr const char* null_device = "/dev/null";
constexpr const char* vendors_directory = "/usr/lib/systemd/system";

Directories with_root(Directories directories, const RootSource& files) {
    directories.root = files.root();
    return directories;
}

}  // namespace

Installer::Installer(const std::string& root, Directories directories, const unit::Facts& facts)
    : files_(root),
      directories_(with_root(std::move(directories), files_)),
      facts_(facts),
      lookup_(source_, directories_, facts_) {}

/// Creates a link, unless an equivalent link exists. On failure, adds an error and returns false.
bool Installer::make(const Link& link, Outcome& outcome) {
    const std::string shown = directories_.shown(link.path);
    int error = make_link(files_, link.path, link.target);
    const auto existing = error == EEXIST ? files_.read_link(link.path) : std::nullopt;
    if (existing && are_equivalent(lookup_, link.path, *existing, link.target))
        return true;
    if (existing && link.replaces) {
        error = replace_link(files_, link.path, link.target);
        if (error == 0)
            outcome.add({Kind::removed, shown});
    }
    if (error != 0)
        return outcome.fail(error, shown, existing.value_or("")) == 0;
    outcome.add({Kind::made, shown, link.target});
    return true;
}

void Installer::perform(const Plan& plan, Outcome& outcome) {
    // The manager in another root directory may lack the built-in units of this program. In this
    // case, look only for files on the disk.
    const Lookup on_disk(files_, directories_, facts_);
    const Lookup& known = files_.root().empty() ? lookup_ : on_disk;
    std::size_t left_out = 0;
    for (const Step& step : plan.steps) {
        if (left_out != 0 && step.unit == left_out)
            continue;
        if (step.link && !make(*step.link, outcome) && step.link->is_of_file)
            left_out = step.unit;
        const bool is_reported =
            step.note
            && (step.note->kind != Kind::has_missing_unit || is_missing(known, step.note->path));
        if (is_reported)
            outcome.add(*step.note);
        if (is_reported && outcome.error == 0)
            outcome.error = step.note->error;
    }
}

/// Adds a unit to the request if its links may be changed. If not, adds an error and returns null.
UnitFile* Installer::discover(Request& request, const std::string& name, Outcome& outcome) const {
    UnitFile* unit = nullptr;
    if (const int error = request.discover(name, unit)) {
        outcome.fail(error, name);
        return nullptr;
    }
    if (const int error = may_be_changed(*unit)) {
        outcome.fail(error, directories_.shown(unit->path));
        return nullptr;
    }
    return unit;
}

void Installer::enable_into(Request& request, Manner manner, Outcome& outcome) {
    const Plan plan = links_of(request, directories_.for_links(manner.is_runtime), manner);
    outcome.has_install_section = plan.has_rules;
    perform(plan, outcome);
}

void Installer::enable_into(const Names& names, Manner manner, Outcome& outcome) {
    Request request(lookup_);
    for (const std::string& name : names)
        if (!discover(request, name, outcome))
            return;
    enable_into(request, manner, outcome);
}

Outcome Installer::enable(const Names& names, Manner manner) {
    Outcome outcome;
    enable_into(names, manner, outcome);
    return outcome;
}

Outcome Installer::add_dependency(const Names& names, const std::string& target, bool is_required,
                                  Manner manner) {
    Outcome outcome;
    Request about_target(lookup_, false);
    const UnitFile* const wanting = discover(about_target, target, outcome);
    Request request(lookup_, false);
    for (const std::string& name : names) {
        UnitFile* const unit = wanting ? discover(request, name, outcome) : nullptr;
        if (!unit)
            return outcome;
        (is_required ? unit->install.required_by : unit->install.wanted_by) = {wanting->name};
    }
    enable_into(request, manner, outcome);
    return outcome;
}

/// Returns the names whose links must be removed. Reports missing units, but also returns their
/// names.
Marks Installer::marks_for(const Names& names, Outcome& outcome) {
    Request request(lookup_);
    for (const std::string& name : names)
        if (!request.add(name, false)) {
            outcome.fail(problem::no_name, name);
            return {};
        }
    return marks_for(request, outcome);
}

Marks Installer::marks_for(Request& request, Outcome& outcome) {
    Marks marks;
    while (UnitFile* const unit = request.take()) {
        UnitFile* found = nullptr;
        const int error = request.traverse(*unit, found);
        const std::string shown = unit->path.empty() ? unit->name : directories_.shown(unit->path);
        if (error == problem::dangling)
            outcome.add({Kind::is_dangling, shown});
        else if (error != 0 && !(error == problem::missing && unit->is_from_also))
            outcome.add({Kind::failed, shown, {}, error});
        else if (error == 0 && unit->mode == UnitFile::Mode::masked)
            outcome.add({Kind::is_masked, shown});
        if (error != 0 || unit->mode == UnitFile::Mode::regular)
            marks.insert(unit->name);
    }
    return marks;
}

void Installer::remove_links(const Marks& marks, const std::string& directory, Outcome& outcome) {
    for (const std::string& path : links_to_remove(files_, directory, marks))
        if (const int error = remove_link(files_, path, directory))
            outcome.fail(error, directories_.shown(path));
        else
            outcome.add({Kind::removed, directories_.shown(path)});
}

void Installer::disable_into(Request& request, Manner manner, Outcome& outcome) {
    remove_links(marks_for(request, outcome), directories_.for_links(manner.is_runtime), outcome);
}

void Installer::disable_into(const Names& names, Manner manner, Outcome& outcome) {
    const Marks marks = marks_for(names, outcome);
    remove_links(marks, directories_.for_links(manner.is_runtime), outcome);
}

Outcome Installer::disable(const Names& names, Manner manner) {
    Outcome outcome;
    disable_into(names, manner, outcome);
    return outcome;
}

Names Installer::links_of_unit(const std::string& name, Manner manner) {
    Outcome outcome;
    return links_to_remove(files_, directories_.for_links(manner.is_runtime),
                           marks_for({name}, outcome));
}

Outcome Installer::reenable(const Names& names, Manner manner) {
    Names plain, files;
    for (const std::string& name : names) {
        const auto parsed = UnitName::parse(name);
        Request request(lookup_);
        UnitFile* unit = nullptr;
        const bool is_looked_up = parsed && parsed->kind() != unit::NameKind::instance;
        // `disable_into` removes the link that leads to the unit. Therefore, a file outside the
        // load path must be enabled by its path, without its drop-ins. Other units are enabled by
        // their names.
        const bool is_found = is_looked_up && request.discover(name, unit) == 0;
        plain.emplace_back(unit::file_name(name));
        files.push_back(!is_found ? name : directories_.has(unit->path) ? unit->name : unit->path);
    }
    Outcome outcome;
    disable_into(plain, manner, outcome);
    if (outcome.error == 0)
        enable_into(files, manner, outcome);
    return outcome;
}

Outcome Installer::mask(const Names& names, Manner manner) {
    Outcome outcome;
    for (const std::string& name : names)
        if (UnitName::parse(name))
            make({concat(directories_.for_links(manner.is_runtime), '/', name), null_device,
                  manner.replaces},
                 outcome);
        else if (outcome.error == 0)
            outcome.error = EINVAL;
    return outcome;
}

Outcome Installer::unmask(const Names& names, Manner manner) {
    Outcome outcome;
    const std::string& directory = directories_.for_links(manner.is_runtime);
    Marks marks;
    for (const std::string& name : names)
        if (!UnitName::parse(name)) {
            outcome.error = EINVAL;
            return outcome;
        }
    for (const std::string& name : names) {
        const std::string path = concat(directory, '/', name);
        if (files_.kind(path) != load::FileKind::null || marks.contains(path))
            continue;
        if (const int error = remove_tree(files_, path)) {
            outcome.fail(error, directories_.shown(path));
            continue;
        }
        outcome.add({Kind::removed, directories_.shown(path)});
        marks.insert(path);
    }
    remove_links(marks, directory, outcome);
    return outcome;
}

/// Returns 0 if the file at `path` may be linked, and a problem if not.
int Installer::check_linked(const std::string& path) const {
    if (!unit::is_absolute(path))
        return EINVAL;
    if (!UnitName::parse(unit::file_name(path)))
        return problem::no_name;
    const auto kind = files_.kind(path);
    if (files_.read_link(path))
        return problem::linked;
    if (kind == load::FileKind::missing)
        return problem::missing;
    if (kind == load::FileKind::directory)
        return EISDIR;
    if (!directories_.has(path) && directories_.has_below(path))
        return problem::in_load_path;
    return kind == load::FileKind::other ? EBADFD : 0;
}

Outcome Installer::link(const Names& paths, Manner manner) {
    Outcome outcome;
    for (const std::string& path : paths)
        if (const int error = check_linked(path)) {
            outcome.fail(error, path);
            return outcome;
        }
    for (const std::string& path : paths)
        if (!directories_.has(path))
            make({concat(directories_.for_links(manner.is_runtime), '/', unit::file_name(path)),
                  path, manner.replaces},
                 outcome);
    return outcome;
}

Outcome Installer::revert(const Names& names) {
    Outcome outcome;
    Names todo;
    for (const std::string& name : names) {
        if (!UnitName::parse(name)) {
            outcome.error = EINVAL;
            return outcome;
        }
        for (std::string& path : files_to_revert(lookup_, name))
            util::add_once(todo, std::move(path));
    }
    Marks marks;
    for (const std::string& path : todo) {
        const bool is_link = files_.read_link(path).has_value();
        const auto inside = is_link ? std::vector<load::Entry>() : files_.list(path);
        if (const int error = remove_tree(files_, path)) {
            outcome.fail(error, directories_.shown(path));
            continue;
        }
        for (const load::Entry& entry : inside)
            outcome.add({Kind::removed, directories_.shown(concat(path, '/', entry.name))});
        outcome.add({Kind::removed, directories_.shown(path)});
        marks.insert(path);
    }
    remove_links(marks, directories_.runtime, outcome);
    remove_links(marks, directories_.persistent, outcome);
    return outcome;
}

Outcome Installer::set_default(const std::string& name) {
    Outcome outcome;
    const auto parsed = UnitName::parse(name);
    if (!parsed || parsed->type() != unit::UnitType::target || name == "default.target") {
        outcome.error = EINVAL;
        return outcome;
    }
    Request request(lookup_, false);
    UnitFile* unit = nullptr;
    int error = request.traverse(*request.add(name, false), unit, false);
    if (error != 0) {
        outcome.fail(error, name);
        return outcome;
    }
    error = may_be_changed(*unit);
    // A built-in target has no file. Use the path of the file in systemd's package as the target of
    // the link.
    const bool is_built_in = unit::directory_name(unit->path) == load::built_in_directory;
    const std::string target =
        is_built_in ? concat(vendors_directory, '/', unit->name) : unit->path;
    if (error != 0)
        outcome.fail(error, directories_.shown(unit->path));
    else
        make({concat(directories_.persistent, "/default.target"), target, true}, outcome);
    return outcome;
}

int Installer::get_default(std::string& name) const {
    Request request(lookup_, false);
    UnitFile* unit = nullptr;
    if (const int error = request.discover("default.target", unit))
        return error;
    name = unit->name;
    return may_be_changed(*unit);
}

ListedFiles Installer::all(util::FunctionRef<bool(const std::string&)> is_wanted) const {
    const CachedSource source(source_);
    const Lookup lookup(source, directories_, facts_);
    const LinkIndex links(lookup);
    ListedFiles files;
    for (const std::string& directory : directories_.load_path)
        for (const load::Entry& entry : source.list(directory)) {
            const bool is_file =
                entry.kind == load::EntryKind::file || entry.kind == load::EntryKind::link;
            if (!is_file || files.contains(entry.name) || !UnitName::parse(entry.name)
                || (is_wanted && !is_wanted(entry.name)))
                continue;
            State state = State::bad;
            if (state_of(lookup, links, entry.name, state) != 0)
                state = State::bad;
            files.emplace(entry.name, ListedFile{concat(directory, '/', entry.name), state});
        }
    return files;
}

}  // namespace notifybridge::install
