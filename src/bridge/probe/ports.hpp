#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::probe {

/// Port numbers from 1 to 65535, in ascending order, each only once.
using Ports = std::vector<std::uint16_t>;

/// Parses a list of ports and ranges: "80,2000-2010". Returns nullopt if it is malformed or empty.
std::optional<Ports> parse_ports(std::string_view text);

/// Returns the ports for a sentence: "port 80", or "ports 80 and 443". Counts the ranges that would
/// make the sentence too long: "ports 1, 3, 5, 7, 9, 11, 13 and 25 more".
std::string describe(const Ports& ports);

}  // namespace notifybridge::probe
