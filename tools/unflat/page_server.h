// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace unflat::program {

/// What is answered to GET of a path.
struct ServedPage {
    std::string path;  ///< with its slash
    std::string type;  ///< such as "text/html"
    std::string body;
};

/// Serves some pages to the browsers of this machine, and nothing else to nobody else: it listens
/// on 127.0.0.1 alone, and refuses requests that name another host, as those of a web page would
/// that has its own name point here.
class PageServer {
public:
    /// Begins to listen on a free port.
    /// @throws Error{Unsupported} if it cannot.
    explicit PageServer(std::vector<ServedPage> pages);
    ~PageServer();
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    /// Of the first page.
    std::string address() const;

    /// Answers until `is_over` says so, which is asked some times a second. It is told whether a
    /// page holds on to GET /alive, which is never answered in full: that is how the server knows
    /// that a page is still open.
    void serve(const std::function<bool(bool is_watched)>& is_over);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace unflat::program
