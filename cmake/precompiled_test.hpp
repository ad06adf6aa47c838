// Precompiled for the tests.
#pragma once

#include "precompiled.hpp"

#include <doctest/doctest.h>
