#pragma once

#include <cerrno>
#include <string>
#include <vector>

/// Describes the changes that `enable`, `mask` and similar commands make to unit files:
/// systemctl(1), UNIT FILE COMMANDS; systemd.unit(5), [INSTALL] SECTION OPTIONS.
///
/// Paths are relative to the root directory, and no link leads out of it. In a Change, most paths
/// include the root directory, because users see these paths.
namespace notifybridge::install {

/// The reasons for failures, as errno values. systemd gives some of these values special meanings.
namespace problem {
inline constexpr int missing = ENOENT;  ///< The unit does not exist.
inline constexpr int masked = ERFKILL;  ///< The unit is masked.
/// The unit is transient, or was written by a generator.
inline constexpr int not_ours = EADDRNOTAVAIL;
/// The unit is a link in a directory where commands create links.
inline constexpr int linked = ELOOP;
inline constexpr int exists = EEXIST;          ///< A file or another link already has this path.
inline constexpr int no_alias = EXDEV;         ///< An alias must be of the same kind as its unit.
inline constexpr int no_name = EUCLEAN;        ///< The name is not a unit name.
inline constexpr int no_template = EIDRM;      ///< A plain unit cannot depend on a template.
inline constexpr int in_load_path = ETXTBSY;   ///< The file is already in a directory of units.
inline constexpr int dangling = ENOLINK;       ///< The unit is an alias of a missing unit.
inline constexpr int bad_specifier = EBADSLT;  ///< A specifier has no value in this place.
}  // namespace problem

struct Change {
    enum class Kind {
        made,              ///< Created the link `path`, which points to `other`.
        removed,           ///< Removed the link, file or directory `path`.
        is_masked,         ///< `path` is masked and was left unchanged.
        is_dangling,       ///< The alias `path` leads to no file, and was left unchanged.
        has_missing_unit,  ///< A dependency on `other` was added to the unit `path`, which does not
                           ///< exist.
        no_also,           ///< The unit `path` of an Also= could not be enabled.
        failed,            ///< The change failed with `error` at `path`. `other` may have details.
    };

    Kind kind;
    std::string path;
    std::string other = {};
    int error = 0;
};

struct Outcome {
    std::vector<Change> changes;
    int error = 0;  ///< The first error, or 0.
    /// Whether one of the units has an [Install] section that is not empty.
    bool has_install_section = true;

    void add(Change change) { changes.push_back(std::move(change)); }
    /// Records an error, and returns the error.
    int fail(int why, std::string path, std::string other = {}) {
        changes.push_back({Change::Kind::failed, std::move(path), std::move(other), why});
        if (error == 0)
            error = why;
        return why;
    }
};

}  // namespace notifybridge::install
