#include "init/files/directive/directive_entry.hpp"

/// The directives of [Unit] for conditions and asserts, and the directives of [Install]
/// (systemd.unit(5)).
namespace notifybridge::directive {
namespace condition_rows {

using I = unit::InstallSettings;
using U = unit::UnitSettings;

constexpr Field condition = field<&unit::Settings::unit, &U::conditions, by_type, unseen>;
constexpr Field assertion = field<&unit::Settings::unit, &U::asserts, by_type, unseen>;

template <auto Member, auto Read = parse::install_names>
constexpr Field to = field<&unit::Settings::install, Member, Read, unseen>;

std::span<const Row> condition_table() {
    static const Row rows[] = {
        // clang-format off
        {"ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory "
         "ConditionPathIsSymbolicLink ConditionPathIsMountPoint ConditionPathIsReadWrite "
         "ConditionPathIsEncrypted ConditionDirectoryNotEmpty ConditionFileNotEmpty "
         "ConditionFileIsExecutable ConditionNeedsUpdate ConditionFirstBoot ConditionArchitecture "
         "ConditionFirmware ConditionVirtualization ConditionHost ConditionKernelCommandLine "
         "ConditionKernelVersion ConditionCredential ConditionSecurity ConditionCapability "
         "ConditionACPower ConditionMemory ConditionCPUFeature ConditionCPUs ConditionEnvironment "
         "ConditionUser ConditionGroup ConditionControlGroupController ConditionOSRelease "
         "ConditionMemoryPressure ConditionCPUPressure ConditionIOPressure", honoured, condition},
        {"AssertPathExists AssertPathExistsGlob AssertPathIsDirectory AssertPathIsSymbolicLink "
         "AssertPathIsMountPoint AssertPathIsReadWrite AssertPathIsEncrypted "
         "AssertDirectoryNotEmpty AssertFileNotEmpty AssertFileIsExecutable AssertNeedsUpdate "
         "AssertFirstBoot AssertArchitecture AssertVirtualization AssertHost "
         "AssertKernelCommandLine AssertKernelVersion AssertCredential AssertSecurity "
         "AssertCapability AssertACPower AssertMemory AssertCPUFeature AssertCPUs "
         "AssertEnvironment AssertUser "
         "AssertGroup AssertControlGroupController AssertOSRelease AssertMemoryPressure "
         "AssertCPUPressure AssertIOPressure", honoured, assertion},
        // clang-format on
    };
    return rows;
}

// The last four rows came with systemd 258 to 261.
std::span<const Row> other_condition_table() {
    static const Row rows[] = {
        // clang-format off
        {"AssertFirmware", honoured, assertion},
        {"ConditionKernelModuleLoaded ConditionPathIsSocket ConditionVersion", honoured, condition},
        {"AssertKernelModuleLoaded AssertPathIsSocket AssertVersion", honoured, assertion},
        {"ConditionFraction ConditionMachineTag", unsupported},
        {"AssertFraction AssertMachineTag", unsupported},
        // clang-format on
    };
    return rows;
}

std::span<const Row> install_table() {
    static const Row rows[] = {
        // clang-format off
        {"Alias", honoured, to<&I::alias>},
        {"WantedBy", honoured, to<&I::wanted_by>},
        {"RequiredBy", honoured, to<&I::required_by>},
        {"Also", honoured, to<&I::also>},
        {"DefaultInstance", honoured, to<&I::default_instance, parse::default_instance>},
        // clang-format on
    };
    return rows;
}

// This directive came with systemd 254.
std::span<const Row> newer_install_table() {
    static const Row rows[] = {
        {"UpheldBy", honoured, to<&I::upheld_by>},
    };
    return rows;
}

}  // namespace condition_rows

std::span<const Row> condition_directives() {
    return condition_rows::condition_table();
}
std::span<const Row> other_condition_directives() {
    return condition_rows::other_condition_table();
}
std::span<const Row> install_directives() {
    return condition_rows::install_table();
}
std::span<const Row> newer_install_directives() {
    return condition_rows::newer_install_table();
}

}  // namespace notifybridge::directive
