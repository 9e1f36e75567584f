#include "bridge/probe/http_answer.hpp"

#include <boost/beast/http/basic_parser.hpp>

namespace notifybridge::probe {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr unsigned first_final_status = 200;
constexpr unsigned switching_protocols = 101;

}  // namespace

/// A parser of Beast that keeps only the status.
class HttpAnswer::Parser final : public http::basic_parser<false> {
public:
    Parser() {
        skip(true);  // The parser does not read the body.
        header_limit(longest_header);
    }

    unsigned code = 0;

private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view, int, error_code&) override {
        code = static_cast<unsigned>(status);
    }
    void on_field_impl(http::field, string_view, string_view, error_code&) override {}
    // Boost has this function since 1.92, so `override` would fail with older versions.
    void on_trailer_field_impl(http::field, string_view, string_view, error_code&) {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        return body.size();
    }
    void on_finish_impl(error_code&) override {}
};

HttpAnswer::HttpAnswer() : parser_(std::make_unique<Parser>()) {}

HttpAnswer::~HttpAnswer() = default;

std::size_t HttpAnswer::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && fault_.empty() && !status()) {
        if (parser_->is_header_done())
            parser_ = std::make_unique<Parser>();
        error_code error;
        const std::string_view rest = bytes.substr(taken);
        const std::size_t parsed =
            parser_->put(boost::asio::buffer(rest.data(), rest.size()), error);
        taken += parsed;
        if (error == http::error::need_more)
            break;
        if (error == http::error::header_limit)
            fault_ = "its header is too long";
        else if (error)
            fault_ = "its answer is not HTTP";
    }
    return taken;
}

std::optional<unsigned> HttpAnswer::status() const {
    if (!parser_->is_header_done()
        || (parser_->code < first_final_status && parser_->code != switching_protocols))
        return std::nullopt;
    return parser_->code;
}

}  // namespace notifybridge::probe
