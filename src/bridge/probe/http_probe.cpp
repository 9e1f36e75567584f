#include "bridge/probe/http_probe.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "bridge/probe/http_answer.hpp"

namespace notifybridge::probe {

using util::concat;

HttpProbe::HttpProbe(event::Loop& loop, std::string description, Request request,
                     std::chrono::microseconds limit)
    : ConnectProbe(loop, std::move(description), std::move(request.addresses), limit),
      text_(concat("GET ", request.path, " HTTP/1.1\r\nHost: ", request.host,
                   "\r\nUser-Agent: notifybridge\r\nAccept: */*\r\nConnection: close\r\n\r\n")),
      statuses_(std::move(request.statuses)) {}

event::Awaitable<Finding> HttpProbe::ask(Connection& connection) {
    Finding finding;
    const auto sent = co_await connection.send(system::bytes_of(text_));
    if (sent)
        finding = co_await read_answer(connection);
    else
        finding = failure_of(sent.error());
    co_return finding;
}

event::Awaitable<Finding> HttpProbe::read_answer(Connection& connection) const {
    HttpAnswer answer;
    Finding finding;
    // Bytes that the parser has not read stay in the buffer, because the parser needs the complete
    // header.
    std::vector<std::byte> buffer(HttpAnswer::longest_header);
    std::size_t size = 0;
    for (;;) {
        const auto received = co_await connection.receive(std::span(buffer).subspan(size));
        if (!received) {
            finding = failure_of(received.error());
            break;
        }
        if (*received == 0) {
            finding.reason = "closed the connection without an answer";
            break;
        }
        size += *received;
        const std::size_t taken = answer.feed(system::as_text(std::span(buffer).first(size)));
        std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(taken),
                  buffer.begin() + static_cast<std::ptrdiff_t>(size), buffer.begin());
        size -= taken;
        if (const auto status = answer.status()) {
            finding = judge(*status);
            break;
        }
        if (!answer.fault().empty() || size == buffer.size()) {
            finding.reason = answer.fault().empty() ? "its header is too long" : answer.fault();
            break;
        }
    }
    co_return finding;
}

Finding HttpProbe::judge(unsigned status) const {
    const bool holds = statuses_.empty() ? status >= 200 && status < 400
                                         : std::ranges::count(statuses_, status) != 0;
    return {holds, holds ? std::string() : concat("status ", status)};
}

}  // namespace notifybridge::probe
