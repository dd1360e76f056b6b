//! Fuzz target: no Set-Cookie breaks the jar or the Cookie header.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| perfwright_kernel::fuzzing::cookies(data));
