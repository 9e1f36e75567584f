#include "bridge/probe/factory.hpp"

#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/exec_probe.hpp"
#include "bridge/probe/file_probe.hpp"
#include "bridge/probe/healthy_probe.hpp"
#include "bridge/probe/http_probe.hpp"
#include "bridge/probe/log_probe.hpp"

namespace notifybridge::probe {
namespace {

using Made = std::unique_ptr<Probe>;

struct Maker {
    const std::string& text;
    const Means& means;

    Made operator()(const HttpTarget& target) const {
        HttpProbe::Request request{target.addresses, target.host, target.path, means.http_statuses};
        auto made = std::make_unique<HttpProbe>(means.loop, text, std::move(request), means.limit);
        look_first(*made, target.addresses.front());
        return made;
    }
    Made operator()(const TcpTarget& target) const {
        return std::make_unique<ConnectProbe>(means.loop, text, target.addresses, means.limit);
    }
    Made operator()(const UnixTarget& target) const {
        auto made = std::make_unique<ConnectProbe>(
            means.loop, text, std::vector{target.address}, means.limit,
            std::vector<int>{SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM});
        look_first(*made, target.address);
        return made;
    }
    Made operator()(const FileTarget& target) const {
        return std::make_unique<FileProbe>(means.loop, means.supervisor, text, target.path,
                                           means.limit);
    }
    Made operator()(const ExecTarget& target) const {
        return std::make_unique<ExecProbe>(means.loop, means.supervisor, text, target.command,
                                           means.environment, means.limit);
    }
    Made operator()(const LogTarget& target) const {
        return std::make_unique<LogProbe>(text, target.pattern);
    }
    Made operator()(const DescriptorTarget& target) const {
        return std::make_unique<DescriptorProbe>(means.loop, text, target.number);
    }
    Made operator()(const SystemdTarget&) const { return told("it is not active"); }
    Made operator()(const HealthyTarget&) const {
        return std::make_unique<HealthyProbe>(text, *means.health, means.purpose);
    }
    Made operator()(const ExitTarget&) const { return told("it runs"); }
    Made operator()(const StartTarget&) const { return told("it was not started"); }
    Made operator()(const NotifyTarget&) const { return told("it has not sent READY=1"); }
    Made operator()(const ProcessTarget&) const { return told("it has ended"); }

    void look_first(ConnectProbe& probe, const system::SocketAddress& address) const {
        if (const std::string path = address.path(); !path.empty())
            probe.look_first(
                std::make_unique<PathLook>(means.loop, means.supervisor, path, means.limit));
    }

    Made told(std::string reason) const {
        return std::make_unique<ToldProbe>(text, std::move(reason));
    }
};

}  // namespace

std::unique_ptr<Probe> make_probe(const Specification& specification, const Means& means) {
    return std::visit(Maker{specification.text, means}, specification.target);
}

}  // namespace notifybridge::probe
