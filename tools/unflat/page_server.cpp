// SPDX-License-Identifier: MIT
#include "page_server.h"

#include "unflat/error.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace unflat::program {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTick = 200;                         // between two questions whether it is over [ms]
constexpr std::chrono::seconds kPatience{30};      // with a connection that says or takes nothing
constexpr std::size_t kMaxHead = 16384;            // of a request [bytes]
constexpr std::size_t kMaxConnections = 64;        // a browser opens six
constexpr std::string_view kWatchPath = "/alive";  // held open by pages

struct Connection {
    int socket = -1;
    std::string in;
    std::string head;                   // of the answer
    const std::string* body = nullptr;  // after it; null: none
    std::size_t sent = 0;
    bool is_watch = false;  // stays open after its answer
    Clock::time_point seen;

    bool has_answer() const { return !head.empty(); }
    std::size_t size() const { return head.size() + (body ? body->size() : 0); }
    bool is_done() const { return has_answer() && sent == size(); }
};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct Request {
    std::string_view method, path, host;
};

// The head of an HTTP request; nothing if it is none, or if it names no host or two
std::optional<Request> parse(std::string_view head) {
    Request request;
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.substr(last, 8) != " HTTP/1.")
        return std::nullopt;
    request.method = line.substr(0, first);
    request.path = line.substr(first + 1, last - first - 1);
    request.path = request.path.substr(0, request.path.find_first_of("?#"));
    int hosts = 0;
    for (std::size_t at = line.size() + 2; at < head.size();) {
        const std::size_t end = std::min(head.find("\r\n", at), head.size());
        const std::string_view field = head.substr(at, end - at);
        const std::size_t colon = field.find(':');
        if (colon != std::string_view::npos && lower(field.substr(0, colon)) == "host") {
            request.host = trim(field.substr(colon + 1));
            ++hosts;
        }
        at = end + 2;
    }
    return hosts == 1 ? std::optional(request) : std::nullopt;
}

std::string answer_head(std::string_view status, std::string_view type, std::size_t size) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(size) +
           "\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
           "\r\nCross-Origin-Resource-Policy: same-origin\r\n\r\n";
}

}  // namespace

struct PageServer::Impl {
    std::vector<ServedPage> pages;
    int listener = -1;
    int port = 0;
    std::vector<Connection> connections;

    ~Impl() {
        for (const Connection& connection : connections)
            ::close(connection.socket);
        if (listener >= 0)
            ::close(listener);
    }

    void listen();
    void accept();
    void receive(Connection& connection) const;
    void answer(Connection& connection) const;
    static void send(Connection& connection);
    static void drop(Connection& connection) {
        ::close(connection.socket);
        connection.socket = -1;
    }
    void step();
};

void PageServer::Impl::listen() {
    const auto check = [](bool succeeded) {
        if (!succeeded)
            throw Error(ErrorKind::Unsupported,
                        "cannot serve pages on this machine: " + std::string(std::strerror(errno)));
    };
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    check(listener >= 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&name);
    socklen_t size = sizeof name;
    check(::bind(listener, address, size) == 0 && ::listen(listener, SOMAXCONN) == 0);
    check(::getsockname(listener, address, &size) == 0);
    port = ntohs(name.sin_port);
}

void PageServer::Impl::accept() {
    while (true) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0)
            return;
        connections.push_back({.socket = socket, .seen = Clock::now()});
    }
}

void PageServer::Impl::receive(Connection& connection) const {
    char buffer[4096];
    const ssize_t count = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(connection);
        return;
    }
    if (count < 0 || connection.has_answer())
        return;  // nothing more is expected
    connection.seen = Clock::now();
    connection.in.append(buffer, static_cast<std::size_t>(count));
    if (connection.in.find("\r\n\r\n") != std::string::npos)
        answer(connection);
    else if (connection.in.size() > kMaxHead)
        connection.head = answer_head("431 Request Header Fields Too Large", "text/plain", 0);
}

void PageServer::Impl::answer(Connection& connection) const {
    const std::string_view in = connection.in;
    const auto request = parse(in.substr(0, in.find("\r\n\r\n")));
    const std::string own = ":" + std::to_string(port);
    const auto refuse = [&](std::string_view status) {
        connection.head = answer_head(status, "text/plain", 0);
    };
    if (!request)
        return refuse("400 Bad Request");
    if (request->host != "127.0.0.1" + own && lower(request->host) != "localhost" + own)
        return refuse("403 Forbidden");
    if (request->method != "GET" && request->method != "HEAD")
        return refuse("405 Method Not Allowed");
    if (request->path == kWatchPath) {
        connection.is_watch = true;
        connection.head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";
        return;
    }
    const auto page = std::find_if(pages.begin(), pages.end(), [&](const ServedPage& candidate) {
        return candidate.path == request->path;
    });
    if (page == pages.end())
        return refuse("404 Not Found");
    connection.head = answer_head("200 OK", page->type, page->body.size());
    if (request->method == "GET")
        connection.body = &page->body;
}

void PageServer::Impl::send(Connection& connection) {
    const bool in_head = connection.sent < connection.head.size();
    const std::string_view rest =
        in_head
            ? std::string_view(connection.head).substr(connection.sent)
            : std::string_view(*connection.body).substr(connection.sent - connection.head.size());
    const ssize_t count = ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        return drop(connection);
    if (count > 0) {
        connection.sent += static_cast<std::size_t>(count);
        connection.seen = Clock::now();
    }
    if (connection.is_done() && !connection.is_watch) {
        ::shutdown(connection.socket, SHUT_WR);
        drop(connection);
    }
}

// Waits for something to do, for a tick at most, and does it
void PageServer::Impl::step() {
    std::vector<pollfd> polled;
    for (const Connection& connection : connections) {
        const bool sends = connection.has_answer() && !connection.is_done();
        polled.push_back(
            {connection.socket, static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN), 0});
    }
    if (connections.size() < kMaxConnections)
        polled.push_back({listener, POLLIN, 0});
    const std::size_t count = connections.size();
    if (::poll(polled.data(), polled.size(), kTick) < 0)
        return;
    if (polled.size() > count && (polled[count].revents & POLLIN))
        accept();
    const Clock::time_point now = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        Connection& connection = connections[i];
        if (polled[i].revents & (POLLIN | POLLERR | POLLHUP))
            receive(connection);
        if (connection.socket >= 0 && connection.has_answer() && !connection.is_done())
            send(connection);
        const bool is_idle = !connection.is_watch && now - connection.seen > kPatience;
        if (connection.socket >= 0 && is_idle)
            drop(connection);
    }
    std::erase_if(connections, [](const Connection& connection) { return connection.socket < 0; });
}

PageServer::PageServer(std::vector<ServedPage> pages) : impl_(std::make_unique<Impl>()) {
    impl_->pages = std::move(pages);
    impl_->listen();
}

PageServer::~PageServer() = default;

std::string PageServer::address() const {
    return "http://127.0.0.1:" + std::to_string(impl_->port) + impl_->pages.front().path;
}

void PageServer::serve(const std::function<bool(bool)>& is_over) {
    const auto is_watched = [&] {
        return std::any_of(impl_->connections.begin(), impl_->connections.end(),
                           [](const Connection& connection) { return connection.is_watch; });
    };
    while (!is_over(is_watched()))
        impl_->step();
}

}  // namespace unflat::program
