#include "init/files/install/request.hpp"

#include <algorithm>

#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using unit::NameKind;
using unit::UnitName;

constexpr int most_hops = 64;

bool is_link(const UnitFile& unit) {
    return unit.mode == UnitFile::Mode::alias || unit.mode == UnitFile::Mode::linked;
}

}  // namespace

UnitFile* Request::add(const std::string& name, bool is_from_also, const std::string& path) {
    if (!UnitName::parse(name))
        return nullptr;
    const auto found =
        std::ranges::find_if(units_, [&](const auto& unit) { return unit->name == name; });
    if (found != units_.end()) {
        (*found)->is_from_also = (*found)->is_from_also && is_from_also;
        return found->get();
    }
    units_.push_back(std::make_unique<UnitFile>(UnitFile{name, path}));
    units_.back()->is_from_also = is_from_also;
    return units_.back().get();
}

/// Adds the units in Also= of `unit`.
void Request::add_also(const UnitFile& unit) {
    for (const std::string& name : std::vector(unit.install.also))
        add(name, true);
}

int Request::discover(const std::string& name_or_path, UnitFile*& found) {
    const bool is_path = unit::is_absolute(name_or_path);
    const std::string name(unit::file_name(name_or_path));
    UnitFile* const start = add(is_path ? name : name_or_path, false, is_path ? name_or_path : "");
    return start ? traverse(*start, found) : EINVAL;
}

int Request::traverse(UnitFile& start, UnitFile*& found, bool follows_own_links) {
    UnitFile* unit = &start;
    // Even if the file has an invalid line, its earlier lines are valid. Add the units that these
    // lines name in Also=.
    if (const int error = lookup_.search(*unit, reads_)) {
        add_also(*unit);
        return error;
    }
    for (int hops = 0; is_link(*unit); ++hops) {
        const std::string directory(unit::directory_name(unit->path));
        const bool is_own = lookup_.directories().is_for_links(directory);
        if (hops > most_hops || (is_own && !follows_own_links))
            return problem::linked;
        int error = lookup_.follow(*unit, unit->mode == UnitFile::Mode::linked, reads_);
        if (error == problem::no_alias)
            error = next_of_alias(unit);
        add_also(*unit);
        if (error != 0)
            return error;
    }
    add_also(*unit);
    found = unit;
    return 0;
}

/// Changes `unit` to the unit that its link leads to, which has another name. If `unit` is an
/// instance and the target is a template, uses the same instance of the target.
int Request::next_of_alias(UnitFile*& unit) {
    std::string target(unit::file_name(unit->target));
    const auto name = UnitName::parse(unit->name);
    const auto target_name = UnitName::parse(target);
    if (target_name && name->kind() == NameKind::instance
        && target_name->kind() == NameKind::template_unit) {
        const auto instance = target_name->with_instance(name->instance());
        target = instance ? instance->text() : target;
        if (target == unit->name)
            return lookup_.follow(*unit, true, reads_);
    }
    UnitFile* const next = add(target, false);
    if (!next)
        return EINVAL;
    unit = next;
    const int error = lookup_.search(*unit, reads_);
    return error == problem::missing ? problem::dangling : error;
}

bool Request::has(const std::string& name) const {
    return std::ranges::any_of(units_, [&](const auto& unit) { return unit->name == name; });
}

UnitFile* Request::take() {
    return taken_ < units_.size() ? units_[taken_++].get() : nullptr;
}

bool is_missing(const Lookup& lookup, const std::string& name) {
    Request request(lookup, false);
    UnitFile* const start = request.add(name, false);
    UnitFile* found = nullptr;
    return start && request.traverse(*start, found, false) == problem::missing;
}

int may_be_changed(const UnitFile& unit) {
    if (unit.mode == UnitFile::Mode::masked)
        return problem::masked;
    return is_generated(unit.path) || is_transient(unit.path) ? problem::not_ours : 0;
}

}  // namespace notifybridge::install
