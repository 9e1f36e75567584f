#include "bridge/probe/factory.hpp"

#include "bridge/probe/exec_probe.hpp"
#include "bridge/probe/file_probe.hpp"
#include "bridge/probe/healthy_probe.hpp"
#include "bridge/probe/http_probe.hpp"
#include "bridge/probe/listen_probe.hpp"

namespace notifybridge::probe {
namespace {

struct Maker {
    const std::string& text;
    const Means& means;

    MadeProbe operator()(const HttpTarget& target) const {
        HttpProbe::Request request{target.addresses, target.host, target.path, means.http_statuses};
        auto made = std::make_unique<HttpProbe>(means.loop, text, std::move(request), means.limit);
        check_path_first(*made, target.addresses.front());
        return made;
    }
    MadeProbe operator()(const TcpTarget& target) const {
        return std::make_unique<ConnectProbe>(means.loop, text, target.addresses, means.limit);
    }
    MadeProbe operator()(const UnixTarget& target) const {
        auto made = std::make_unique<ConnectProbe>(
            means.loop, text, std::vector{target.address}, means.limit,
            std::vector<int>{SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM});
        check_path_first(*made, target.address);
        return made;
    }
    MadeProbe operator()(const ListenTarget& target) const {
        return std::make_unique<ListenProbe>(target.is_published ? describe(target.ports) : text,
                                             target, *means.listeners,
                                             target.is_published ? means.listen_plan : nullptr);
    }
    MadeProbe operator()(const ListenLocalTarget& target) const {
        std::unique_ptr<PathLook> place;
        if (!target.name.starts_with('@'))
            place =
                std::make_unique<PathLook>(means.loop, means.supervisor, target.name, means.limit);
        return std::make_unique<ListenLocalProbe>(text, target.name, *means.listeners,
                                                  std::move(place));
    }
    MadeProbe operator()(const FileTarget& target) const {
        return std::make_unique<FileProbe>(means.loop, means.supervisor, text, target.path,
                                           means.limit);
    }
    MadeProbe operator()(const ExecTarget& target) const {
        return std::make_unique<ExecProbe>(means.loop, means.supervisor, text, target.command,
                                           means.environment, means.limit);
    }
    MadeProbe operator()(const LogTarget& target) const {
        return std::make_unique<LogProbe>(text, target.pattern);
    }
    MadeProbe operator()(const DescriptorTarget& target) const {
        return std::make_unique<DescriptorProbe>(means.loop, text, target.number);
    }
    MadeProbe operator()(const SystemdTarget&) const { return told("it is not active"); }
    MadeProbe operator()(const HealthyTarget&) const {
        std::unique_ptr<ToldProbe> made =
            std::make_unique<HealthyProbe>(*means.health, means.purpose);
        return made;
    }
    MadeProbe operator()(const ExitTarget&) const {
        return told("the command has not exited with status 0");
    }
    MadeProbe operator()(const StartTarget&) const { return told("the command was not started"); }
    MadeProbe operator()(const NotifyTarget&) const {
        return told("the command has not sent READY=1");
    }
    /// Creates a probe that always succeeds, because liveness is checked only while the command
    /// runs.
    MadeProbe operator()(const ProcessTarget&) const {
        auto made = told({});
        made->tell();
        return made;
    }

    void check_path_first(ConnectProbe& probe, const system::SocketAddress& address) const {
        if (const std::string path = address.path(); !path.empty())
            probe.check_path_first(
                std::make_unique<PathLook>(means.loop, means.supervisor, path, means.limit));
    }

    std::unique_ptr<ToldProbe> told(std::string reason) const {
        return std::make_unique<ToldProbe>(text, std::move(reason));
    }
};

}  // namespace

MadeProbe make_probe(const Specification& specification, const Means& means) {
    return std::visit(Maker{specification.text, means}, specification.target);
}

}  // namespace notifybridge::probe
