#include "init/files/install/links.hpp"

#include "base/util/concat.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using unit::NameKind;
using unit::UnitName;
using util::concat;

/// A planner for the links of several units. It processes one unit after the other.
class Planner {
public:
    Planner(Plan& plan, const Lookup& lookup, const std::string& directory, Manner manner)
        : plan_(plan), lookup_(lookup), directory_(directory), manner_(manner) {}

    void begin_unit() { ++units_; }
    void add_unit(const UnitFile& unit);
    void note(Change::Kind kind, std::string path, std::string other = {}, int error = 0) {
        plan_.steps.push_back({{}, Change{kind, std::move(path), std::move(other), error}, units_});
    }
    void fail(int error, std::string path, std::string other = {}) {
        note(Change::Kind::failed, std::move(path), std::move(other), error);
    }

private:
    void add_alias(const UnitFile& unit, const std::string& word);
    void add_dependencies(const UnitFile& unit, const std::vector<std::string>& words,
                          std::string_view suffix);
    void add_dependency(const UnitFile& unit, const std::string& linked,
                        const std::string& dependent, std::string_view suffix);
    std::optional<std::string> linked_name(const UnitFile& unit);
    void link(std::string path, const UnitFile& unit, bool replaces, bool is_of_file = false) {
        plan_.steps.push_back({Link{std::move(path), unit.path, replaces, is_of_file}, {}, units_});
    }

    Plan& plan_;
    const Lookup& lookup_;
    const std::string& directory_;
    Manner manner_;
    std::size_t units_ = 0;
};

void Planner::add_unit(const UnitFile& unit) {
    if (!lookup_.directories().has(unit.path))
        link(concat(directory_, '/', unit.name), unit, manner_.replaces, true);
    for (const std::string& word : unit.install.alias)
        add_alias(unit, word);
    add_dependencies(unit, unit.install.wanted_by, ".wants");
    add_dependencies(unit, unit.install.required_by, ".requires");
    add_dependencies(unit, unit.install.upheld_by, ".upholds");
}

/// Returns whether a link with this name, in a directory of dependencies, counts as a link to the
/// unit. If the directory belongs to a template, links to the unit's template and to all its
/// instances count.
bool may_be_in_directory(const std::string& link, const UnitFile& unit, bool is_of_template) {
    const auto name = UnitName::parse(link);
    const auto own = UnitName::parse(unit.name);
    if (!name)
        return false;
    if (*name == *own && name->kind() != NameKind::template_unit)
        return true;
    const auto shared = name->template_name();
    const bool is_instance = name->kind() == NameKind::instance;
    return shared
           && ((is_instance && *shared == *own)
               || (is_of_template && shared == own->template_name()));
}

/// Returns the path of an alias: "NAME", or "TARGET.wants/NAME", which Alias= still allows. Returns
/// nullopt if the alias is the unit's own name. If the alias is invalid, sets `error`.
std::optional<std::string> alias_path(const UnitFile& unit, const std::string& alias, int& error) {
    const std::size_t slash = alias.rfind('/');
    if (slash != std::string::npos) {
        const std::string directory = alias.substr(0, slash);
        const auto of = UnitName::parse(directory.substr(0, directory.rfind('.')));
        const bool is_one = directory.ends_with(".wants") || directory.ends_with(".requires");
        const bool is_of_template = of && of->kind() == NameKind::template_unit;
        if (!is_one || !of || !may_be_in_directory(alias.substr(slash + 1), unit, is_of_template))
            error = problem::no_alias;
        return alias;
    }
    auto name = UnitName::parse(alias);
    const auto own = UnitName::parse(unit.name);
    if (name && name->kind() == NameKind::template_unit && own->kind() == NameKind::instance)
        name = name->with_instance(own->instance());
    if (name && *name == *own)
        return std::nullopt;
    if (!name || !may_be_alias(*name, *own))
        error = problem::no_alias;
    return name ? name->text() : alias;
}

void Planner::add_alias(const UnitFile& unit, const std::string& word) {
    const auto alias = lookup_.expand(unit, word);
    if (!alias)
        return fail(problem::bad_specifier, word);
    int error = 0;
    const auto path = alias_path(unit, *alias, error);
    if (!path)
        return;
    if (error != 0)
        return fail(error, *path, unit.name);
    plan_.has_rules = true;
    link(concat(directory_, '/', *path), unit, manner_.replaces);
}

/// Returns the unit's name, or the name of the default instance if the unit is a template. Returns
/// nullopt if the instance does not exist or is masked.
std::optional<std::string> Planner::linked_name(const UnitFile& unit) {
    const auto name = UnitName::parse(unit.name);
    if (name->kind() != NameKind::template_unit || unit.install.default_instance.empty())
        return unit.name;
    const auto instance = name->with_instance(unit.install.default_instance);
    UnitFile found{instance ? instance->text() : unit.name};
    if (const int error = lookup_.search(found, false)) {
        fail(error, found.name);
        return std::nullopt;
    }
    if (found.mode == UnitFile::Mode::masked) {
        fail(problem::masked, lookup_.directories().shown(found.path));
        return std::nullopt;
    }
    return found.name;
}

void Planner::add_dependencies(const UnitFile& unit, const std::vector<std::string>& words,
                               std::string_view suffix) {
    if (words.empty())
        return;
    const auto linked = linked_name(unit);
    if (!linked)
        return;
    for (const std::string& word : words)
        if (const auto dependent = lookup_.expand(unit, word))
            add_dependency(unit, *linked, *dependent, suffix);
        else
            fail(problem::bad_specifier, word);
}

void Planner::add_dependency(const UnitFile& unit, const std::string& linked,
                             const std::string& dependent, std::string_view suffix) {
    const auto name = UnitName::parse(dependent);
    const bool is_template = UnitName::parse(linked)->kind() == NameKind::template_unit;
    const int error = !name                                            ? problem::no_name
                      : is_template && name->kind() == NameKind::plain ? problem::no_template
                                                                       : 0;
    if (error != 0 && manner_.is_lenient)
        return;
    if (error != 0)
        return fail(error, dependent, name ? linked : std::string());
    plan_.has_rules = true;
    link(concat(directory_, '/', dependent, suffix, '/', linked), unit, true);
    note(Change::Kind::has_missing_unit, dependent, lookup_.directories().shown(unit.path));
}

}  // namespace

Plan links_of(Request& request, const std::string& directory, Manner manner) {
    Plan plan;
    const Directories& directories = request.lookup().directories();
    Planner planner(plan, request.lookup(), directory, manner);
    while (UnitFile* const unit = request.take()) {
        UnitFile* found = nullptr;
        planner.begin_unit();
        const int error = request.traverse(*unit, found, false);
        if (error != 0 && unit->is_from_also) {
            planner.note(Change::Kind::no_also, unit->name);
        } else if (error != 0) {
            planner.fail(error, unit->name);
            break;
        } else if (unit->mode == UnitFile::Mode::masked) {
            // A masked unit can only be here because an Also= names it. Report this unit, but do
            // not also report that there are no rules.
            planner.note(Change::Kind::is_masked, directories.shown(unit->path));
            plan.has_rules = true;
        } else if (unit->mode == UnitFile::Mode::regular) {
            planner.add_unit(*unit);
        }
    }
    return plan;
}

bool are_equivalent(const Lookup& lookup, const std::string& link, const std::string& one,
                    const std::string& other) {
    const auto absolute = [&](const std::string& target) {
        return unit::simplify_path(
            unit::is_absolute(target) ? target : concat(unit::directory_name(link), '/', target));
    };
    const std::string a = absolute(one);
    const std::string b = absolute(other);
    const bool is_same = lookup.source().kind(a) != load::FileKind::missing
                         && lookup.source().resolve(a) == lookup.source().resolve(b);
    const Directories& directories = lookup.directories();
    return a == b || is_same
           || (unit::file_name(a) == unit::file_name(b) && directories.has_below(a)
               && directories.has_below(b));
}

}  // namespace notifybridge::install
