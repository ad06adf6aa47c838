// Builds the form fuzz target into the tests; fuzz_test.cpp runs it.
#define LLVMFuzzerTestOneInput http_form_fuzz
#include "fuzz/http_form_fuzz.cpp"
