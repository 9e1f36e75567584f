#include "init/directive/check.hpp"

#include <arpa/inet.h>

#include <utility>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/take_until.hpp"
#include "init/directive/parse.hpp"
#include "init/unit/value.hpp"

namespace notifybridge::directive::check {
namespace {

using util::concat;

/// Warns of each word that is not in `words`. `why` is the reason why the word is ignored.
void each_word(unit::Line& line, std::string_view words, std::string_view why) {
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        if (!util::has_word(words, word))
            line.ignore_word(word, why);
    });
}

/// Returns whether `text` is zero, or zero percent.
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

void weight(unit::Line& line, std::string_view word) {
    const auto number = util::parse_lenient_unsigned(line.value());
    const bool is_weight = number && *number >= 1 && *number <= 10000;
    if (!is_weight && !line.value().empty() && (word.empty() || line.value() != word))
        line.ignore("it is not a weight from 1 to 10000");
}

/// Returns whether `text` is IPV4, IPV4/BITS, IPV6 or IPV6/BITS.
bool is_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    unsigned char bytes[16];
    const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes) == 1;
    if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes) != 1)
        return false;
    const auto bits = slash == text.npos ? std::optional<unsigned>(0)
                                         : unit::parse_unsigned(text.substr(slash + 1));
    return bits && *bits <= (is_v4 ? 32 : 128);
}

}  // namespace

void strict_text(unit::Line& line) {
    if (const auto expanded = unit::expand_specifiers(line.value(), line.context());
        !expanded.is_valid())
        line.refuse(expanded.failure);
}

void strict_path(unit::Line& line) {
    std::string unused;
    parse::strict_path(line, unused);
}

void paths(unit::Line& line) {
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (!expanded)
            return;
        for (const char prefix : {'-', '+'})
            if (expanded->starts_with(prefix))
                expanded->erase(0, 1);
        parse::absolute_path(line, *expanded);
    });
}

void word(unit::Line& line, std::string_view words) {
    if (util::has_word(words, line.value()))
        return;
    if (!words.starts_with("yes no") || !unit::parse_boolean(line.value()))
        line.ignore(concat("it is not one of ", words));
}

void syslog_level(unit::Line& line) {
    const auto number = unit::parse_unsigned(line.value());
    if (!number || *number > 7)
        word(line, "emerg alert crit err warning notice info debug");
}

void syslog_facility(unit::Line& line) {
    const auto number = unit::parse_unsigned(line.value());
    if (!number || *number > 127)
        word(line,
             "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 "
             "local2 local3 local4 local5 local6 local7");
}

void address_families(unit::Line& line) {
    static constexpr std::string_view known =
        "LOCAL UNIX FILE INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet "
        "NETBEUI SECURITY KEY NETLINK ROUTE PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE "
        "LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM "
        "QIPCRTR SMC XDP MCTP";
    if (line.value() == "none")
        return;
    bool is_first = true;
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        if (std::exchange(is_first, false) && word.starts_with('~'))
            word.remove_prefix(1);
        if (!word.empty() && !(word.starts_with("AF_") && util::has_word(known, word.substr(3))))
            line.ignore_word(word, "it is not an address family, such as \"AF_INET\"");
    });
}

void namespaces(unit::Line& line) {
    std::string_view rest = line.value();
    if (rest.empty() || unit::parse_boolean(rest))
        return;
    rest.remove_prefix(rest.starts_with('~') ? 1 : 0);
    util::WordReader words(rest);
    std::string word;
    util::Extracted outcome;
    while ((outcome = words.next(word)) == util::Extracted::word)
        if (!util::has_word("cgroup ipc net mnt pid time user uts", word))
            break;
    if (outcome != util::Extracted::end)
        line.ignore("each word has to be one of cgroup, ipc, net, mnt, pid, time, user and uts");
}

void controllers(unit::Line& line) {
    if (!unit::parse_boolean(line.value()))
        each_word(line,
                  "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall bpf-devices "
                  "bpf-foreign bpf-socket-bind bpf-restrict-network-interfaces",
                  "it is not a controller, such as \"memory\"");
}

void slice(unit::Line& line) {
    const auto expanded = line.expand(line.value());
    const auto name = expanded ? unit::UnitName::parse(*expanded) : std::nullopt;
    if (expanded && (!name || name->type() != unit::UnitType::slice))
        line.ignore("it is not a slice, such as \"system.slice\"");
}

void architectures(unit::Line& line) {
    each_word(line,
              "native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 mips-le "
              "mips64-le mips64-le-n32 parisc parisc64 ppc ppc64 ppc64-le riscv64 s390 s390x",
              "it is not an architecture, such as \"native\"");
}

void memory(unit::Line& line) {
    const std::string_view value = line.value();
    const bool may_be_none =
        !line.key().ends_with("MemoryMax") && !line.key().ends_with("MemoryHigh");
    if (value.empty() || value == "infinity")
        return;
    if ((!is_percentage(value) && !unit::parse_size(value)) || (is_none(value) && !may_be_none))
        line.ignore("it is not an amount of memory, such as \"64M\", \"10%\" or \"infinity\"");
}

void tasks(unit::Line& line) {
    const std::string_view value = line.value();
    const auto count = util::parse_lenient_unsigned(value);
    if (!value.empty() && value != "infinity" && !is_percentage(value) && !(count && *count > 0))
        line.ignore("it is not a number of tasks, such as \"100\", \"10%\" or \"infinity\"");
}

void cpu_weight(unit::Line& line) {
    weight(line, "idle");
}

void io_weight(unit::Line& line) {
    weight(line, {});
}

void cpu_quota(unit::Line& line) {
    constexpr unsigned most = 10'000'000;
    if (!line.value().empty() && (!is_percentage(line.value(), most) || is_none(line.value())))
        line.ignore("it is not a share of a CPU, such as \"20%\"");
}

void addresses(unit::Line& line) {
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        if (!util::has_word("any localhost link-local multicast", word) && !is_network(word))
            line.ignore_word(word, "it is not a network, such as \"10.0.0.0/8\"");
    });
}

void devices(unit::Line& line) {
    if (line.value().empty())
        return;
    util::WordReader words(line.value());
    std::string path, access;
    words.next(path);
    words.next(access);
    const auto expanded = line.expand(path);
    if (!expanded)
        return;
    const bool is_device = expanded->starts_with("/dev/") || expanded->starts_with("/run/systemd/")
                           || expanded->starts_with("block-") || expanded->starts_with("char-");
    if (!is_device)
        line.ignore("it is not a device, such as \"/dev/null\" or \"char-pts\"");
    else if (access.find_first_not_of("rwm") != access.npos)
        line.ignore("after the device, only \"r\", \"w\" and \"m\" are allowed");
}

void legacy_memory(unit::Line& line) {
    line.remark("its new name is MemoryMax=");
}

void legacy_cpu(unit::Line& line) {
    line.remark("its new name is CPUWeight=");
}

}  // namespace notifybridge::directive::check
