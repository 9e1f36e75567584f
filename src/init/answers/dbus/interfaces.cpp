#include "init/answers/dbus/interfaces.hpp"

#include <algorithm>

#include "base/bus/property.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/answers/dbus/interface_table.hpp"

namespace notifybridge::dbus {
namespace {

using util::concat;

/// Returns the interface for a unit type: "org.freedesktop.systemd1.Service" for "service".
std::string type_interface(unit::UnitType type) {
    std::string name = concat("org.freedesktop.systemd1.", to_string(type));
    char& first = name[name.rfind('.') + 1];
    first = static_cast<char>(first - 'a' + 'A');
    return name;
}

void add_arguments(std::string& text, std::string_view types, std::string_view direction) {
    while (!types.empty()) {
        const std::size_t size = bus::size_of_type(types);
        text += concat("   <arg type=\"", types.substr(0, size), '"', direction, "/>\n");
        types.remove_prefix(size);
    }
}

void add_interface(std::string& text, const Interface& interface) {
    text += concat(" <interface name=\"", interface.name.view(), "\">\n");
    for_each_member(interface.methods, [&](const Member& method) {
        text += concat("  <method name=\"", method.name, "\">\n");
        add_arguments(text, method.type, " direction=\"in\"");
        add_arguments(text, method.answer, " direction=\"out\"");
        text += "  </method>\n";
    });
    for_each_property(interface, [&](const Member& property) {
        text += concat("  <property name=\"", property.name, "\" type=\"", property.type,
                       "\" access=\"read\"/>\n");
    });
    for_each_member(interface.signals, [&](const Member& signal) {
        text += concat("  <signal name=\"", signal.name, "\">\n");
        add_arguments(text, signal.type, "");
        text += "  </signal>\n";
    });
    text += " </interface>\n";
}

}  // namespace

Member take_member(std::string_view& list) {
    std::string_view line = util::take_until(list, '\n');
    const auto types = [&] {
        const std::string_view word = util::take_until(line, ' ');
        return word == "-" ? std::string_view() : word;
    };
    Member member{.name = util::take_until(line, ' '), .type = types(), .answer = {}};
    member.answer = types();
    return member;
}

std::optional<Member> find_member(std::string_view list, std::string_view name) {
    while (!list.empty())
        if (const Member member = take_member(list); member.name == name)
            return member;
    return std::nullopt;
}

std::optional<Member> find_property(const Interface& interface, std::string_view name) {
    const auto property = find_member(interface.properties, name);
    return property ? property : find_member(interface.process_properties, name);
}

const Interface& find_interface(std::string_view name) {
    return *std::ranges::find(interface_table(), name, &Interface::name);
}

const Interface* interface_of(unit::UnitType type) {
    const std::string name = type_interface(type);
    const std::span<const Interface> all = interface_table();
    const auto found = std::ranges::find(all, std::string_view(name), &Interface::name);
    return found == all.end() ? nullptr : &*found;
}

std::vector<const Interface*> interfaces_of(const Object& object, unit::UnitType type) {
    std::vector found = {&find_interface(peer_interface), &find_interface(introspection_interface)};
    using Kind = Object::Kind;
    if (object.kind == Kind::parent || object.kind == Kind::none)
        return found;
    found.push_back(&find_interface(properties_interface));
    if (object.kind == Kind::manager) {
        found.push_back(&find_interface(manager_interface));
    } else if (object.kind == Kind::job) {
        found.push_back(&find_interface(job_interface));
    } else {
        found.push_back(&find_interface(unit_interface));
        if (const Interface* const of_type = interface_of(type))
            found.push_back(of_type);
    }
    return found;
}

std::string introspect(std::span<const Interface* const> interfaces_of_object,
                       const std::vector<std::string>& children) {
    std::string text =
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
        "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
        "<node>\n";
    for (const Interface* const each : interfaces_of_object)
        add_interface(text, *each);
    for (const std::string& child : children)
        text += concat(" <node name=\"", child, "\"/>\n");
    return text + "</node>\n";
}

}  // namespace notifybridge::dbus
