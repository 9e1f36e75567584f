// Contains only the parts of <boost/asio/impl/src.hpp> that a loop, a timer and a descriptor need.
// The other parts use getaddrinfo(3), which does not work in a static executable.

#include <boost/asio/impl/any_io_executor.ipp>
#include <boost/asio/impl/cancellation_signal.ipp>
#include <boost/asio/impl/error.ipp>
#include <boost/asio/impl/execution_context.ipp>
#include <boost/asio/impl/io_context.ipp>

#include <boost/asio/detail/impl/descriptor_ops.ipp>
#include <boost/asio/detail/impl/epoll_reactor.ipp>
#include <boost/asio/detail/impl/eventfd_select_interrupter.ipp>
#include <boost/asio/detail/impl/null_event.ipp>
#include <boost/asio/detail/impl/reactive_descriptor_service.ipp>
#include <boost/asio/detail/impl/scheduler.ipp>
#include <boost/asio/detail/impl/service_registry.ipp>
#include <boost/asio/detail/impl/thread_context.ipp>
#include <boost/asio/detail/impl/throw_error.ipp>
#include <boost/asio/detail/impl/timer_queue_set.ipp>
// These headers are in Boost 1.88, but not in 1.92.
#if __has_include(<boost/asio/impl/multiple_exceptions.ipp>)
#include <boost/asio/impl/multiple_exceptions.ipp>
#endif
#if __has_include(<boost/asio/execution/impl/bad_executor.ipp>)
#include <boost/asio/execution/impl/bad_executor.ipp>
#endif
// Boost 1.92 needs this header, 1.88 does not have it.
#if __has_include(<boost/asio/impl/awaitable.ipp>)
#include <boost/asio/impl/awaitable.ipp>
#endif
// Boost 1.88 needs this header, 1.83 does not have it.
#if __has_include(<boost/asio/impl/config.ipp>)
#include <boost/asio/impl/config.ipp>
#endif
