// Which handler serves a request. The table is filled once at start and read by all I/O threads.
#pragma once

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smsauth::http {

/// Coroutine of an I/O thread: the concrete executor saves a type-erased call per resumption (0.15-0.3 us).
template <class T>
using awaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

/// Serves one request on the connection's I/O thread. The request outlives the call. May throw: then 500.
using handler = std::function<awaitable<response>(request&)>;

/// Turns a failure that happens outside a handler (413, 404, 405, 503 on a time-out, 500) into the dialect's own shape.
/// `status` is the HTTP status that fits; a dialect may answer another one.
using error_writer = std::function<response(int status, const core::failure& error, const request& where)>;

/// Adds the dialect's own fields (CORS, …) to every reply below its prefix, errors included. May be empty.
using response_filter = std::function<void(const request&, response&)>;

/// What the routes of one dialect share.
struct route_group {
  std::string_view name;              ///< "v4": dialect field of the log
  std::vector<std::string> prefixes;  ///< paths below these are this group's, also when no route matches: "/api/v4.0/"
  error_writer on_error;
  response_filter filter;
  /// Answers OPTIONS on any path below the prefixes. Empty: 204 with Allow where a route matches.
  std::function<response(const request&)> on_options;
};

struct route {
  std::string pattern;          ///< "/api/v4.0/sendsms/{mobile}"; one {…} at most, one whole segment
  std::vector<method> methods;  ///< HEAD and OPTIONS are not listed
  handler serve;
  bool safe = false;   ///< GET has no effect: HEAD is served too. Otherwise HEAD is 405 (HTTP-06)
  bool quiet = false;  ///< log at debug level only
  /// Asked before `serve`: false is 503 in the group's shape, at once. Empty: always true. Must not throw.
  std::function<bool()> admits;
};

struct match {
  enum class kind : std::uint8_t { found, no_path, wrong_method, bad_path } what = kind::no_path;
  const route* target = nullptr;       ///< found, wrong_method
  const route_group* group = nullptr;  ///< also set for no_path below a prefix; may be null
};

class router {
 public:
  router();
  ~router();
  router(const router&) = delete;
  router& operator=(const router&) = delete;

  /// Groups live as long as the router.
  const route_group& add_group(route_group group);
  /// Precondition: `group` came from add_group; no two routes of one pattern (else std::invalid_argument, also for a
  /// pattern that is none).
  void add(const route_group& group, route entry);

  /// Decodes the path parameter into `target.path_parameter`. bad_path: encoded slash, dot segment, control character,
  /// bad UTF-8 or broken percent-encoding in the parameter (HTTP-12). HEAD is found where GET is and the route is safe;
  /// OPTIONS is wrong_method: the edge answers it.
  match find(request& target) const;

  /// "GET, POST, OPTIONS" of the route, for Allow.
  static std::string allowed(const route& entry);

 private:
  struct entry;
  const route_group* group_of(std::string_view path) const noexcept;
  const entry* find_with_parameter(std::string_view path, std::string_view& parameter) const noexcept;

  std::vector<std::unique_ptr<route_group>> groups_;
  std::vector<std::unique_ptr<entry>> entries_;
  std::unordered_map<std::string_view, const entry*> exact_;  ///< keys view into entries_
  std::vector<const entry*> with_parameter_;
};

}  // namespace smsauth::http
