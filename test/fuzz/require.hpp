// What a fuzz target says about a property.
#pragma once

#include <cstdlib>

namespace smsauth::test {

/// Ends the program when a property is broken, in every kind of build; libFuzzer then keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace smsauth::test
