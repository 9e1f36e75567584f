#pragma once

#include <string>
#include <vector>

#include "init/install/root_source.hpp"

/// Prepares an image for `init`, and restores it.
namespace notifybridge::image {

/// The path of the executable in a prepared image.
inline constexpr const char* executable_path = "/usr/bin/notifybridge";

/// The root directory of an image. All functions may be called again: they skip the steps that are
/// done already.
class Image {
public:
    /// Works below `root`, an absolute path. An empty `root` means this system's root directory.
    explicit Image(std::string root);

    /// Copies the running executable to `executable_path`, and makes links to it: systemctl,
    /// /sbin/init and the programs of SysV init. Renames existing programs: appends ".systemd". If
    /// the image has dpkg, diverts their names, so that packages do not restore them. Returns a
    /// report, one line for each change. Throws std::runtime_error and std::system_error.
    std::vector<std::string> install();

    /// Removes the links, restores the original programs, and keeps the executable. Throws like
    /// `install`.
    std::vector<std::string> uninstall();

private:
    std::string place_of(const std::string& path) const;
    void require_dpkg_divert() const;
    void copy_executable();
    void make_link(const std::string& path);
    void remove_link(const std::string& path);
    void divert(const std::string& name, bool adds);
    bool is_our_link(const std::string& path) const;
    void note_policy();

    install::RootSource files_;
    bool has_dpkg_;
    std::vector<std::string> done_;
};

}  // namespace notifybridge::image
