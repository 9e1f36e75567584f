#include <arpa/inet.h>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "init/files/directive/check.hpp"
#include "init/files/directive/keep.hpp"
#include "init/files/directive/keep_value.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/directive/property_text.hpp"
#include "init/files/unit/value.hpp"

/// Parses and stores the directives of systemd.resource-control(5).
namespace notifybridge::directive::keep {
namespace {

using util::concat;

/// Returns whether the text is zero. The text may have a "%".
bool is_none(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0.%") == text.npos;
}

/// Returns whether `text` is a percentage up to `most`, with at most two decimals.
bool is_percentage(std::string_view text, unsigned most = 100) {
    if (!text.ends_with('%'))
        return false;
    text.remove_suffix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto whole = util::parse_lenient_unsigned(text.substr(0, point));
    const std::string_view rest = text.substr(std::min(point + 1, text.size()));
    const bool has_digits = point == text.size() || (!rest.empty() && rest.size() <= 2);
    const bool is_above = whole == most && rest.find_first_not_of('0') != rest.npos;
    return whole && *whole <= most && !is_above && has_digits
           && rest.find_first_not_of("0123456789") == rest.npos;
}

/// Reads a weight from `least` to `most`, or `word`. If `word` is empty, the weight must be a
/// number. An empty value restores the default.
void weight(unit::Line& line, std::uint64_t least, std::uint64_t most, std::string_view word) {
    const std::string_view value = line.value();
    const auto number = util::parse_lenient_unsigned(value);
    if (value.empty())
        unset(line);
    else if (!word.empty() && value == word)
        store(line, word);
    else if (number && *number >= least && *number <= most)
        store(line, concat(*number));
    else
        line.ignore(concat("it is not a weight from ", least, " to ", most));
}

/// Returns the network for a text of the form IPV4, IPV4/BITS, IPV6 or IPV6/BITS. The bits behind
/// the prefix are set to zero. Returns an empty text if `text` has none of these forms.
std::string network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    unsigned char bytes[16];
    const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes) == 1;
    if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes) != 1)
        return {};
    const unsigned most = is_v4 ? 32 : 128;
    const auto bits =
        slash == text.npos ? std::optional(most) : unit::parse_unsigned(text.substr(slash + 1));
    if (!bits || *bits > most)
        return {};
    for (unsigned bit = *bits; bit < most; ++bit)
        bytes[bit / 8] &= static_cast<unsigned char>(~(0x80 >> bit % 8));
    char masked[INET6_ADDRSTRLEN];
    ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, masked, sizeof masked);
    return concat(std::string_view(masked), '/', *bits);
}

/// Returns the networks for a word of IPAddressAllow=, separated by spaces. Returns an empty text
/// if `word` is not a network.
std::string networks(std::string_view word) {
    if (word == "any")
        return "0.0.0.0/0 ::/0";
    if (word == "localhost")
        return "127.0.0.0/8 ::1/128";
    if (word == "link-local")
        return "169.254.0.0/16 fe80::/64";
    if (word == "multicast")
        return "224.0.0.0/4 ff00::/8";
    return network(word);
}

constexpr std::string_view all_controllers =
    "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall bpf-devices bpf-foreign "
    "bpf-socket-bind bpf-restrict-network-interfaces";

void add_controllers(unit::Line& line, std::string_view property) {
    Words all = words_of(line.value().empty() ? "" : current(line, property).value_or(""));
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        if (util::has_word(all_controllers, word))
            all.emplace(word);
        else
            line.ignore_word(word, "it is not a controller, such as \"memory\"");
    });
    store(line, property, in_order(all_controllers, all));
}

}  // namespace

std::uint64_t hundredths(std::string_view text) {
    text.remove_suffix(1);
    const std::uint64_t whole = *util::parse_lenient_unsigned(util::take_until(text, '.'));
    std::string decimals(text);
    decimals.resize(2, '0');
    return whole * 100 + *util::parse_number<unsigned>(decimals);
}

void slice(unit::Line& line) {
    const auto expanded = line.expand(line.value());
    const auto name = expanded ? unit::UnitName::parse(*expanded) : std::nullopt;
    if (expanded && (!name || name->type() != unit::UnitType::slice))
        line.ignore("it is not a slice, such as \"system.slice\"");
    else if (name)
        store(line, name->text());
}

void controllers(unit::Line& line) {
    add_controllers(line, line.key());
}

void delegate(unit::Line& line) {
    constexpr std::string_view property = "DelegateControllers";
    // The controllers of control groups, version 2.
    constexpr std::string_view delegated = "cpu cpuset io memory pids";
    const auto boolean = unit::parse_boolean(line.value());
    line.settings().exec.edit().delegate = boolean.value_or(true);
    if (!is_service(line))
        return;
    store(line, to_property(boolean.value_or(true)));
    if (boolean)
        store(line, property, *boolean ? delegated : "");
    else
        add_controllers(line, property);
}

void memory(unit::Line& line) {
    const std::string_view value = line.value();
    const bool may_be_none = !line.key().ends_with("MemoryMax")
                             && !line.key().ends_with("MemoryHigh") && line.key() != "MemoryLimit";
    const auto bytes = unit::parse_size(value);
    if (value.empty())
        unset(line);
    else if (value != "infinity"
             && ((!is_percentage(value) && !bytes) || (is_none(value) && !may_be_none)))
        line.ignore("it is not an amount of memory, such as \"64M\", \"10%\" or \"infinity\"");
    else if (value == "infinity" && line.key() == "MemoryMin")
        store(line, "18446744073709551615");  // systemctl prints this limit as a number.
    else
        store(line, bytes ? concat(*bytes) : std::string(value));
}

void tasks(unit::Line& line) {
    const std::string_view value = line.value();
    const auto count = util::parse_lenient_unsigned(value);
    if (value.empty())
        unset(line);
    else if (value != "infinity" && !is_percentage(value) && !(count && *count > 0))
        line.ignore("it is not a number of tasks, such as \"100\", \"10%\" or \"infinity\"");
    else
        store(line, count ? concat(*count) : std::string(value));
}

void cpu_weight(unit::Line& line) {
    weight(line, 1, 10000, "idle");
}

void io_weight(unit::Line& line) {
    weight(line, 1, 10000, {});
}

void cpu_quota(unit::Line& line) {
    constexpr unsigned most = 10'000'000;
    // systemd shows the time that the unit may use in each second.
    constexpr std::string_view property = "CPUQuotaPerSecUSec";
    if (line.value().empty())
        unset(line, property);
    else if (!is_percentage(line.value(), most) || is_none(line.value()))
        line.ignore("it is not a share of a CPU, such as \"20%\"");
    else
        store(
            line, property,
            to_property(util::TimeSpan(static_cast<std::int64_t>(hundredths(line.value()) * 100))));
}

void pressure_mode(unit::Line& line) {
    if (check::word(line, "auto kill") && is_service(line))
        store(line, line.value());
}

void pressure_limit(unit::Line& line) {
    // systemd shows the percentage as a fraction of this number.
    constexpr std::uint64_t whole = 0xffffffff;
    if (line.value().empty())
        unset(line);
    else if (!is_percentage(line.value()))
        line.ignore("it is not a percentage, such as \"60%\"");
    else if (is_service(line))
        store(line, concat((hundredths(line.value()) * whole + 5000) / 10000));
}

void addresses(unit::Line& line) {
    const std::string property(line.key());
    if (line.value().empty())
        unset(line, property);
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const std::string found = networks(word);
        if (found.empty())
            line.ignore_word(word, "it is not a network, such as \"10.0.0.0/8\"");
        else
            append(line, property, found);
    });
}

void devices(unit::Line& line) {
    if (line.value().empty()) {
        unset(line);
        return;
    }
    util::WordReader words(line.value());
    std::string path, access;
    words.next(path);
    words.next(access);
    const auto expanded = line.expand(path);
    if (!expanded)
        return;
    const bool is_device = expanded->starts_with("/dev/") || expanded->starts_with("/run/systemd/")
                           || expanded->starts_with("block-") || expanded->starts_with("char-");
    if (!is_device) {
        line.ignore("it is not a device, such as \"/dev/null\" or \"char-pts\"");
    } else if (access.find_first_not_of("rwm") != access.npos) {
        line.ignore("only \"r\", \"w\" and \"m\" may follow the device");
    } else {
        std::string device = concat(*expanded, ' ');
        for (const char each : {'r', 'w', 'm'})
            if (access.empty() || access.find(each) != access.npos)
                device += each;
        prepend(line, device);
    }
}

void network_interfaces(unit::Line& line) {
    constexpr auto name = [](std::string_view word) {
        return unit::is_interface_name(word) ? word : std::string_view();
    };
    change_filter(line, name, "it is not the name of a network interface");
}

void legacy_memory(unit::Line& line) {
    line.remark("deprecated; use MemoryMax= instead");
    memory(line);
}

void legacy_cpu(unit::Line& line) {
    line.remark("deprecated; use CPUWeight= instead");
    weight(line, 2, 262144, {});
}

void legacy_io(unit::Line& line) {
    weight(line, 10, 1000, {});
}

}  // namespace notifybridge::directive::keep
