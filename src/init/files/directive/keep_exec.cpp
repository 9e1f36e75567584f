#include <cstring>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/take_until.hpp"
#include "init/files/directive/check.hpp"
#include "init/files/directive/keep.hpp"
#include "init/files/directive/keep_value.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/directive/property_text.hpp"
#include "init/files/unit/value.hpp"

/// Keeps the directives of systemd.exec(5).
namespace notifybridge::directive::keep {
namespace {

using util::concat;

/// Returns the position of `word` in `words`, which are separated by spaces.
std::optional<std::size_t> position(std::string_view words, std::string_view word) {
    for (std::size_t at = 0; !words.empty(); ++at)
        if (util::take_until(words, ' ') == word)
            return at;
    return std::nullopt;
}

/// Returns the name that systemd shows for an address family. Returns an empty text if `word` is
/// not an address family.
std::string_view address_family(std::string_view word) {
    static constexpr std::string_view known =
        "LOCAL UNIX FILE INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet "
        "NETBEUI SECURITY KEY NETLINK ROUTE PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE "
        "LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM "
        "QIPCRTR SMC XDP MCTP";
    if (!word.starts_with("AF_") || !util::has_word(known, word.substr(3)))
        return {};
    if (word == "AF_LOCAL" || word == "AF_FILE")
        return "AF_UNIX";
    return word == "AF_ROUTE" ? "AF_NETLINK" : word;
}

/// Adds the numbers in `text`, such as "0-2,5 7". Returns false if `text` is invalid.
bool add_numbers(std::string_view text, std::set<unsigned>& numbers) {
    constexpr unsigned most = 8191;  // Kernels have at most 8192 CPUs (CONFIG_NR_CPUS).
    util::WordReader words(text, {.separators = " \t\n\r,", .unquote = true});
    std::string word;
    util::Extracted outcome;
    while ((outcome = words.next(word)) == util::Extracted::word) {
        std::string_view rest = word;
        const auto first = unit::parse_unsigned(util::take_until(rest, '-'));
        const auto last = word.find('-') == word.npos ? first : unit::parse_unsigned(rest);
        if (!first || !last || *last > most)
            return false;
        for (unsigned each = *first; each <= *last; ++each)
            numbers.insert(each);
    }
    return outcome == util::Extracted::end;
}

/// Returns numbers as text, such as "0-2 5".
std::string ranges(const std::set<unsigned>& numbers) {
    std::string text;
    for (auto at = numbers.begin(); at != numbers.end();) {
        const unsigned first = *at;
        unsigned last = first;
        while (++at != numbers.end() && *at == last + 1)
            last = *at;
        text += concat(text.empty() ? "" : " ", first);
        if (last != first)
            text += concat('-', last);
    }
    return text;
}

}  // namespace

void syslog_level(unit::Line& line) {
    static constexpr std::string_view levels = "emerg alert crit err warning notice info debug";
    const auto number = unit::parse_unsigned(line.value());
    if (number && *number <= 7)
        store(line, concat(*number));
    else if (check::word(line, levels))
        store(line, concat(*position(levels, line.value())));
}

void syslog_facility(unit::Line& line) {
    static constexpr std::string_view facilities =
        "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 "
        "local3 local4 local5 local6 local7";
    constexpr std::size_t first_local = 12, its_number = 16;
    const auto number = unit::parse_unsigned(line.value());
    if (number && *number <= 127) {
        store(line, concat(*number));
    } else if (check::word(line, facilities)) {
        const std::size_t at = *position(facilities, line.value());
        store(line, concat(at < first_local ? at : at - first_local + its_number));
    }
}

void error_number(unit::Line& line) {
    constexpr int most = 4095;
    const std::string value(line.value());
    if (value.empty() || value == "kill") {
        unset(line);
        return;
    }
    auto number = util::parse_lenient_int(value);
    for (int each = 1; each <= most && !number; ++each)
        if (const char* const name = ::strerrorname_np(each); name && value == name)
            number = each;
    if (number && *number > 0 && *number <= most)
        store(line, concat(*number));
    else
        line.ignore("it is not the name or number of an error, such as \"EPERM\"");
}

void address_families(unit::Line& line) {
    if (line.value() == "none")
        store(line, "");
    else
        change_filter(line, address_family, "it is not an address family, such as \"AF_INET\"");
}

void namespaces(unit::Line& line) {
    // systemd 257 also accepts "time", which systemd 252 does not show.
    static constexpr std::string_view kinds = "cgroup ipc net mnt pid user uts";
    std::string_view rest = line.value();
    const auto boolean = unit::parse_boolean(rest);
    if (rest.empty()) {
        unset(line);
        return;
    }
    if (boolean) {
        store(line, to_property(*boolean));
        return;
    }
    const bool is_inverted = rest.starts_with('~');
    rest.remove_prefix(is_inverted ? 1 : 0);
    util::WordReader words(rest);
    std::string word;
    util::Extracted outcome;
    Words named;
    while ((outcome = words.next(word)) == util::Extracted::word) {
        if (word != "time" && !util::has_word(kinds, word))
            break;
        named.insert(word);
    }
    if (outcome != util::Extracted::end) {
        line.ignore("each word has to be one of cgroup, ipc, net, mnt, pid, time, user and uts");
        return;
    }
    // The value lists the allowed namespaces. The first line sets the list, and later lines change
    // it.
    const auto before = current(line);
    Words allowed;
    if (before == "no" || (!before && is_inverted))
        allowed = words_of(kinds);
    else if (before && before != "yes")
        allowed = words_of(*before);
    for (const std::string& each : named)
        if (is_inverted)
            allowed.erase(each);
        else
            allowed.insert(each);
    const std::string text = in_order(kinds, allowed);
    store(line, text.empty() ? "yes" : text == kinds ? "no" : text);
}

void architectures(unit::Line& line) {
    static constexpr std::string_view known =
        "native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 mips-le mips64-le "
        "mips64-le-n32 parisc parisc64 ppc ppc64 ppc64-le riscv64 s390 s390x";
    Words all = words_of(line.value().empty() ? "" : current(line).value_or(""));
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        if (util::has_word(known, word))
            all.emplace(word);
        else
            line.ignore_word(word, "it is not an architecture, such as \"native\"");
    });
    store(line, text_of(all));
}

void cpu_set(unit::Line& line) {
    std::set<unsigned> numbers;
    if (line.value().empty())
        unset(line);
    else if (!add_numbers(line.value(), numbers))
        line.ignore("it is not a list of numbers, such as \"0-2,5\"");
    else if (add_numbers(current(line).value_or(""), numbers))
        store(line, ranges(numbers));
}

void cpu_affinity(unit::Line& line) {
    const bool is_numa = line.value() == "numa";
    store(line, "CPUAffinityFromNUMA", to_property(is_numa));
    if (is_numa)
        unset(line);
    else
        cpu_set(line);
}

void numa_mask(unit::Line& line) {
    if (line.value() == "all" || current(line) == hidden_value)
        store(line, hidden_value);
    else
        cpu_set(line);
}

}  // namespace notifybridge::directive::keep
