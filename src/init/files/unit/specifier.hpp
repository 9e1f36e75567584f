#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/files/unit/name.hpp"

/// Replaces "%n" and other specifiers in the values of unit files: systemd.unit(5), SPECIFIERS.
namespace notifybridge::unit {

/// The values of specifiers that concern the system and the manager, and not the unit.
/// init/files/facts sets these values. The defaults fit a system manager that runs as root.
struct Facts {
    std::string runtime_directory = "/run";              ///< %t
    std::string state_directory = "/var/lib";            ///< %S
    std::string data_directory = "/usr/share";           ///< %D, since systemd 257
    std::string cache_directory = "/var/cache";          ///< %C
    std::string logs_directory = "/var/log";             ///< %L
    std::string configuration_directory = "/etc";        ///< %E
    std::string temporary_directory = "/tmp";            ///< %T
    std::string large_temporary_directory = "/var/tmp";  ///< %V
    std::string user = "root";                           ///< %u
    std::string user_id = "0";                           ///< %U
    std::string group = "root";                          ///< %g
    std::string group_id = "0";                          ///< %G
    std::string home = "/root";                          ///< %h
    std::string shell = "/bin/sh";                       ///< %s
    std::string host_name;                               ///< %H
    std::string short_host_name;                         ///< %l
    std::string pretty_host_name;                        ///< %q
    std::string kernel_release;                          ///< %v
    std::string architecture;               ///< %a, by the names of ConditionArchitecture=.
    std::optional<std::string> machine_id;  ///< %m
    std::optional<std::string> boot_id;     ///< %b
    std::string os_id;                      ///< %o, ID= of os-release(5).
    std::string os_version_id;              ///< %w, VERSION_ID=
    std::string os_build_id;                ///< %B, BUILD_ID=
    std::string os_variant_id;              ///< %W, VARIANT_ID=
    std::string os_image_id;                ///< %M, IMAGE_ID=
    std::string os_image_version;           ///< %A, IMAGE_VERSION=
    /// Whether scripts can see which program a process of another user runs (CAP_SYS_PTRACE).
    bool can_see_programs = true;
};

/// The unit whose files contain the specifiers.
struct SpecifierContext {
    const Facts& facts;
    const UnitName& name;
    std::string_view fragment_path;  ///< The path of the unit's file. Empty if there is no file.
};

/// The kind of text that contains specifiers. It decides which specifiers are allowed.
enum class SpecifierScope {
    any,    ///< A value, which may contain all specifiers.
    names,  ///< A unit name, which may contain neither paths nor the unescaped %I, %J and %P.
};

/// A text with its specifiers replaced, or the reason for a failure.
struct Expanded {
    std::string text;
    std::string failure;  ///< A part of a sentence. Empty if there is no failure.

    bool is_valid() const noexcept { return failure.empty(); }
};

/// Replaces specifiers. "%%" becomes "%". Keeps a "%" that no letter or digit follows.
Expanded expand_specifiers(std::string_view text, const SpecifierContext& context,
                           SpecifierScope scope = SpecifierScope::any);

}  // namespace notifybridge::unit
