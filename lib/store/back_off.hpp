// The pause before a unit of work is tried again.
#pragma once

namespace smsauth::store {

/// Blocks for 1-30 ms, at random: units that deadlocked with each other come back at different moments.
void back_off();

}  // namespace smsauth::store
