#include "bridge/probe/http_probe.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "bridge/probe/connect_probe.hpp"
#include "bridge/probe/http_answer.hpp"

namespace notifybridge::probe {

using util::concat;

HttpProbe::HttpProbe(event::Loop& loop, std::string description, Request request,
                     std::chrono::microseconds limit)
    : Probe(std::move(description)),
      request_(std::move(request)),
      text_(concat("GET ", request_.path, " HTTP/1.1\r\nHost: ", request_.host,
                   "\r\nUser-Agent: notifybridge\r\nAccept: */*\r\nConnection: close\r\n\r\n")),
      limit_(limit),
      connection_(loop) {}

event::Awaitable<Finding> HttpProbe::check() {
    Finding finding;
    connection_.limit(limit_);
    for (const system::SocketAddress& address : request_.addresses) {
        const auto connected = co_await connection_.connect(address, SOCK_STREAM);
        if (connected) {
            finding = co_await ask();
            break;
        }
        if (finding.reason.empty())
            finding.reason = reason_of(connected.error());
    }
    connection_.close();
    co_return finding;
}

event::Awaitable<Finding> HttpProbe::ask() {
    Finding finding;
    const auto sent = co_await connection_.send(system::bytes_of(text_));
    if (sent)
        finding = co_await read_answer();
    else
        finding.reason = reason_of(sent.error());
    co_return finding;
}

event::Awaitable<Finding> HttpProbe::read_answer() {
    HttpAnswer answer;
    Finding finding;
    // What the parser has not taken yet stands at the beginning: it takes a header as a whole.
    std::vector<std::byte> buffer(HttpAnswer::longest_header);
    std::size_t size = 0;
    for (;;) {
        const auto received = co_await connection_.receive(std::span(buffer).subspan(size));
        if (!received) {
            finding.reason = reason_of(received.error());
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
    const auto& wanted = request_.statuses;
    const bool holds = wanted.empty()
                           ? status >= 200 && status < 400
                           : std::find(wanted.begin(), wanted.end(), status) != wanted.end();
    return {holds, holds ? std::string() : concat("status ", status)};
}

}  // namespace notifybridge::probe
