#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "init/files/install/root_source.hpp"

/// Prepares an image for `init`, and restores an image.
namespace notifybridge::image {

/// The path of the executable in a prepared image.
inline constexpr const char* executable_path = "/usr/bin/notifybridge";

/// The root directory of an image. Each function may be called repeatedly, and skips the steps that
/// are already done.
class Image {
public:
    /// Works on the files below `root`, an absolute path. An empty `root` means this system's root
    /// directory.
    explicit Image(std::string root);

    /// Copies the running executable to `executable_path`, and makes links to it: systemctl,
    /// /sbin/init and the programs of SysV init. If the image has systemd, also replaces its
    /// executable with a link. Appends ".systemd" to the names of existing programs. If the image
    /// has dpkg, diverts these names, so that packages do not restore the programs. Returns a
    /// report, one line for each change. Throws std::runtime_error or std::system_error on failure.
    std::vector<std::string> install();

    /// Removes the links and restores the original programs. Keeps the executable. Throws like
    /// `install`.
    std::vector<std::string> uninstall();

private:
    /// A file of the image. Its directory is open, so that nobody can lead us out of the image.
    struct Place {
        system::UniqueFd directory;  ///< Empty if the directory does not exist.
        std::string name;
        std::string path;  ///< For messages: the path with the root directory in front.
    };

    Place place_of(const std::string& path) const;
    void require_dpkg_divert() const;
    void copy_executable();
    std::vector<Place> places_of(const char* path, std::span<const char* const> packaged) const;
    void make_link(const Place& place);
    void remove_link(const Place& place);
    void find_dpkg_directory();
    void divert(const std::string& name, bool adds);
    void note_policy();
    void note_tmpfiles();

    install::RootSource files_;
    system::UniqueFd root_;
    bool has_dpkg_;
    std::string dpkg_directory_;  ///< The real path of dpkg's data.
    std::vector<std::string> done_;
};

}  // namespace notifybridge::image
