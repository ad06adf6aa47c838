// Asio and Beast compiled once, instead of in every file that includes them (half a minute and 1.4 GB each with
// sanitizers).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
