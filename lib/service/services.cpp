#include "service/services.hpp"

#include "service/context.hpp"

namespace smsauth::service {

bool services::takes_sends() const {
  return shared_.database.takes_new_work();
}

}  // namespace smsauth::service
