#include "init/ctl/json_text.hpp"

#include <boost/json/serialize.hpp>

#include "base/util/pretty_json.hpp"

namespace notifybridge::ctl {

std::string json_text(const boost::json::value& value, bool is_pretty) {
    constexpr util::JsonStyle as_systemd_prints = {"\t", " : "};
    return (is_pretty ? util::pretty_json(value, as_systemd_prints) : boost::json::serialize(value))
           + '\n';
}

}  // namespace notifybridge::ctl
