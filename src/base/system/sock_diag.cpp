#include "base/system/sock_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/system/socket_address.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::system {
namespace {

/// A record of an answer, without its header.
using Record = std::span<const std::byte>;
using TakeRecord = util::FunctionRef<void(Record record)>;

/// The header of a question, and the question.
template <typename Question>
struct Request {
    nlmsghdr header;
    Question question;
};

/// Copies the `Type` at the beginning of `record`. Returns zeros if `record` is too short.
template <typename Type>
Type head_of(Record record) {
    Type head{};
    if (record.size() >= sizeof head)
        std::memcpy(&head, record.data(), sizeof head);
    return head;
}

/// Calls `take` with each attribute behind the first `size` bytes of `record`.
void for_each_attribute(Record record, std::size_t size,
                        util::FunctionRef<void(unsigned type, Record value)> take) {
    record = record.subspan(std::min(RTA_ALIGN(size), record.size()));
    while (record.size() >= sizeof(rtattr)) {
        const auto attribute = head_of<rtattr>(record);
        if (attribute.rta_len < sizeof(rtattr) || attribute.rta_len > record.size())
            return;
        take(attribute.rta_type, record.subspan(RTA_LENGTH(0), attribute.rta_len - RTA_LENGTH(0)));
        record = record.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), record.size()));
    }
}

/// Handles the messages of one datagram. Sets `is_over` after the last message of the answer.
/// Returns an error number, or 0.
int take_messages(Record messages, TakeRecord take, bool& is_over) {
    while (!is_over && messages.size() >= sizeof(nlmsghdr)) {
        const auto header = head_of<nlmsghdr>(messages);
        if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > messages.size())
            return EBADMSG;
        const Record record = messages.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        if (header.nlmsg_type == NLMSG_ERROR)
            return -head_of<nlmsgerr>(record).error;
        if (header.nlmsg_type == NLMSG_DONE)
            is_over = true;
        else
            take(record);
        const std::size_t whole = NLMSG_ALIGN(header.nlmsg_len);
        messages = messages.subspan(std::min(whole, messages.size()));
    }
    return 0;
}

/// Asks `question` of the netlink type `type` about all sockets, and calls `take` with each record
/// of the answer. Opens `socket` if it is not open. Returns an error number, or 0.
template <typename Question>
int ask(UniqueFd& socket, std::uint16_t type, const Question& question, TakeRecord take) {
    if (!socket)
        socket.reset(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    Request<Question> request{};
    request.header = {sizeof request, type, NLM_F_REQUEST | NLM_F_DUMP, 0, 0};
    request.question = question;
    if (::send(socket.get(), &request, sizeof request, 0) < 0)
        return errno;
    // The kernel fills at most 32 KiB of the buffer (Linux, netlink_recvmsg).
    alignas(nlmsghdr) std::array<std::byte, 32 * 1024> buffer;
    bool is_over = false;
    while (!is_over) {
        // The kernel has the answer when send(2) returns.
        const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0)
            return size < 0 ? errno : EBADMSG;
        const auto messages = Record(buffer).first(static_cast<std::size_t>(size));
        if (const int error = take_messages(messages, take, is_over))
            return error;
    }
    return 0;
}

/// Asks about TCP. The older form of the question is about IPv4 and IPv6 at once. A search of the
/// kernel's table of listeners, which has a bucket for each 2 MB of memory, takes most of the time.
int ask_tcp(UniqueFd& socket, std::uint16_t port, TakeRecord take) {
    inet_diag_req question{};
    question.idiag_states = 1U << TCP_LISTEN;
    question.id.idiag_sport = htons(port);
    return ask(socket, TCPDIAG_GETSOCK, question, take);
}

int ask_udp(UniqueFd& socket, std::uint16_t port, TakeRecord take) {
    int error = 0;
    for (const std::uint8_t family : {AF_INET, AF_INET6}) {
        inet_diag_req_v2 question{};
        question.sdiag_family = family;
        question.sdiag_protocol = IPPROTO_UDP;
        question.idiag_states = 1U << TCP_CLOSE;
        question.id.idiag_sport = htons(port);
        if (error == 0)
            error = ask(socket, SOCK_DIAG_BY_FAMILY, question, take);
    }
    return error;
}

Listener read_listener(Record record) {
    const auto socket = head_of<inet_diag_msg>(record);
    Listener listener{literal_address(socket.idiag_family, socket.id.idiag_src),
                      ntohs(socket.id.idiag_sport), socket.idiag_inode};
    for_each_attribute(record, sizeof socket, [&](unsigned type, Record value) {
        if (type == INET_DIAG_SKV6ONLY)
            listener.is_v6_only = head_of<std::uint8_t>(value) != 0;
    });
    return listener;
}

LocalListener read_local_listener(Record record) {
    const auto socket = head_of<unix_diag_msg>(record);
    LocalListener listener{{}, socket.udiag_ino};
    for_each_attribute(record, sizeof socket, [&](unsigned type, Record value) {
        if (type != UNIX_DIAG_NAME || value.empty())
            return;
        const std::string_view name(reinterpret_cast<const char*>(value.data()), value.size());
        // An abstract name begins with a NUL. A path may end with one.
        listener.name = name.starts_with('\0') ? "@" + std::string(name.substr(1))
                                               : std::string(name.substr(0, name.find('\0')));
    });
    return listener;
}

}  // namespace

std::vector<Listener> SockDiag::listeners(Transport transport, std::uint16_t port) {
    const bool is_tcp = transport == Transport::tcp;
    const Kind kind = is_tcp ? Kind::tcp : Kind::udp;
    std::vector<Listener> found;
    const auto take = [&](Record record) { found.push_back(read_listener(record)); };
    if (!is_refused(kind) && (is_tcp ? ask_tcp : ask_udp)(socket_, port, take) != 0)
        refuse(kind);
    if (is_refused(kind))
        found = listeners_in_proc(transport);
    if (port != 0)
        std::erase_if(found, [&](const Listener& listener) { return listener.port != port; });
    return found;
}

std::vector<LocalListener> SockDiag::local_listeners() {
    std::vector<LocalListener> found;
    unix_diag_req question{};
    question.sdiag_family = AF_UNIX;
    // Sockets of these states are not connected. Without a name, they are not bound either.
    question.udiag_states = 1U << TCP_LISTEN | 1U << TCP_CLOSE;
    question.udiag_show = UDIAG_SHOW_NAME;
    const auto take = [&](Record record) {
        const auto socket = head_of<unix_diag_msg>(record);
        if (socket.udiag_state == TCP_LISTEN || socket.udiag_type == SOCK_DGRAM)
            found.push_back(read_local_listener(record));
    };
    if (!is_refused(Kind::local) && ask(socket_, SOCK_DIAG_BY_FAMILY, question, take) != 0)
        refuse(Kind::local);
    if (is_refused(Kind::local))
        found = local_listeners_in_proc();
    std::erase_if(found, [](const LocalListener& listener) { return listener.name.empty(); });
    return found;
}

void SockDiag::refuse(Kind kind) {
    refused_ |= 1U << static_cast<unsigned>(kind);
    socket_.reset();  // The rest of an answer may be in its queue.
}

}  // namespace notifybridge::system
