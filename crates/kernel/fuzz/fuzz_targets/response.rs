//! Fuzz target: a response reads the same however its bytes arrive.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| perfwright_kernel::fuzzing::response(data));
