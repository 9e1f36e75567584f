#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/literal.hpp"
#include "init/answers/dbus/object.hpp"
#include "init/files/unit/name.hpp"

/// The interfaces of the objects on the bus. They are systemd's interfaces, with the members that
/// we support.
namespace notifybridge::dbus {

inline constexpr std::string_view manager_interface = "org.freedesktop.systemd1.Manager";
inline constexpr std::string_view unit_interface = "org.freedesktop.systemd1.Unit";
inline constexpr std::string_view job_interface = "org.freedesktop.systemd1.Job";
inline constexpr std::string_view properties_interface = "org.freedesktop.DBus.Properties";
inline constexpr std::string_view introspection_interface = "org.freedesktop.DBus.Introspectable";
inline constexpr std::string_view peer_interface = "org.freedesktop.DBus.Peer";

/// An interface and its members, one per line. The line of a method has its name, the types of its
/// arguments, and the types of its answer ("-" if there are none). The line of a property or signal
/// has its name and its type.
struct Interface {
    util::Literal name;
    util::Literal methods;
    util::Literal properties;
    util::Literal signals;
    /// Properties that all units with processes have. Empty for the interfaces of other objects.
    util::Literal process_properties = {};
};

struct Member {
    std::string_view name;
    /// The signature of the property, or of a method's or signal's arguments.
    std::string_view type;
    std::string_view answer;  ///< The signature of a method's answer; empty for other members.
};

/// Calls `use` with each member of `list`, which is one of the lists in Interface.
template <typename Use>
void for_each_member(std::string_view list, const Use& use);
std::optional<Member> find_member(std::string_view list, std::string_view name);

/// Calls `use` with each property of the interface.
template <typename Use>
void for_each_property(const Interface& interface, const Use& use);
std::optional<Member> find_property(const Interface& interface, std::string_view name);

/// Returns the interfaces of an object. If the object is a unit, `type` is its type.
std::vector<const Interface*> interfaces_of(const Object& object, unit::UnitType type);
/// Returns the interface that only units of this type have, or null if there is none.
const Interface* interface_of(unit::UnitType type);
const Interface& find_interface(std::string_view name);

/// Returns the XML text that describes an object (D-Bus Specification, "Introspection Data
/// Format"). `children` are the names of the objects directly below the object.
std::string introspect(std::span<const Interface* const> interfaces,
                       const std::vector<std::string>& children);

/// Removes the first member from a list, and returns this member.
Member take_member(std::string_view& list);

template <typename Use>
void for_each_member(std::string_view list, const Use& use) {
    while (!list.empty())
        use(take_member(list));
}

template <typename Use>
void for_each_property(const Interface& interface, const Use& use) {
    for_each_member(interface.properties, use);
    for_each_member(interface.process_properties, use);
}

}  // namespace notifybridge::dbus
