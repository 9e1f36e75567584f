#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/unit/name.hpp"

/// "%n" and other specifiers in the values of unit files: systemd.unit(5), SPECIFIERS.
namespace notifybridge::unit {

/// Values of specifiers that concern the system and the manager, not a unit. init/facts fills them
/// in; the defaults fit a system manager that runs as root.
struct Facts {
    std::string runtime_directory = "/run";              ///< %t
    std::string state_directory = "/var/lib";            ///< %S
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
    std::string architecture;               ///< %a, as ConditionArchitecture= takes it.
    std::optional<std::string> machine_id;  ///< %m
    std::optional<std::string> boot_id;     ///< %b
    std::string os_id;                      ///< %o, os-release(5)'s ID=
    std::string os_version_id;              ///< %w, VERSION_ID=
    std::string os_build_id;                ///< %B, BUILD_ID=
    std::string os_variant_id;              ///< %W, VARIANT_ID=
    std::string os_image_id;                ///< %M, IMAGE_ID=
    std::string os_image_version;           ///< %A, IMAGE_VERSION=
};

/// The unit whose files contain the specifiers.
struct SpecifierContext {
    const Facts& facts;
    const UnitName& name;
    std::string_view fragment_path;  ///< Empty if the unit has no file.
};

/// The place of specifiers, which decides about the allowed ones.
enum class SpecifierScope {
    any,    ///< Most values.
    names,  ///< Names of units: no paths, and of a unit's own name only %n, %N, %p, %i and %j.
};

/// A text with its specifiers replaced, or the reason why that fails.
struct Expanded {
    std::string text;
    std::string failure;  ///< Part of a sentence; empty if there is no failure.

    bool is_valid() const noexcept { return failure.empty(); }
};

/// Replaces specifiers. "%%" becomes "%". A "%" before anything but a letter or digit is kept.
Expanded expand_specifiers(std::string_view text, const SpecifierContext& context,
                           SpecifierScope scope = SpecifierScope::any);

}  // namespace notifybridge::unit
