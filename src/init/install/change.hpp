#pragma once

#include <cerrno>
#include <string>
#include <vector>

/// What `enable`, `mask` and their like do with the files of units: systemctl(1), UNIT FILE
/// COMMANDS; systemd.unit(5), [INSTALL] SECTION OPTIONS. Paths are those below the root directory,
/// and no link leads out of it.
namespace notifybridge::install {

/// Why something cannot be done, as an errno value: systemd has a meaning of its own for some.
namespace problem {
inline constexpr int missing = ENOENT;          ///< There is no such unit.
inline constexpr int masked = ERFKILL;          ///< It is masked.
inline constexpr int not_ours = EADDRNOTAVAIL;  ///< It is transient or generated.
inline constexpr int linked = ELOOP;            ///< It is a link in a directory for links.
inline constexpr int exists = EEXIST;           ///< A file or another link is in the way.
inline constexpr int no_alias = EXDEV;          ///< A unit of another kind cannot be an alias.
inline constexpr int no_name = EUCLEAN;         ///< This is no unit's name.
inline constexpr int no_template = EIDRM;       ///< A template cannot be wanted by a plain unit.
inline constexpr int in_load_path = ETXTBSY;    ///< It is below a directory of units already.
inline constexpr int dangling = ENOLINK;        ///< It is an alias of a unit that is not there.
inline constexpr int bad_specifier = EBADSLT;   ///< A specifier has no value here.
}  // namespace problem

struct Change {
    enum class Kind {
        made,         ///< The link `path` that points to `other`.
        removed,      ///< The link, file or directory `path`.
        is_masked,    ///< `path` was left alone.
        is_dangling,  ///< The alias `path` leads nowhere, and was left alone.
        is_lonely,  ///< The unit `path`, to which a dependency on `other` was added, is not there.
        no_also,    ///< The unit `path` of an Also= could not be enabled.
        failed,     ///< `error`, with `path` and, where it is known, `other`.
    };

    Kind kind;
    std::string path;
    std::string other = {};
    int error = 0;
};

struct Outcome {
    std::vector<Change> changes;
    int error = 0;  ///< The first that was met; 0: none.
    /// Whether one of the units has anything in [Install].
    bool has_install_section = true;

    void add(Change change) { changes.push_back(std::move(change)); }
    /// Notes an error, and returns it.
    int fail(int why, std::string path, std::string other = {}) {
        changes.push_back({Change::Kind::failed, std::move(path), std::move(other), why});
        if (error == 0)
            error = why;
        return why;
    }
};

}  // namespace notifybridge::install
