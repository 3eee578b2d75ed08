#![no_main]

use tailwater_fuzz::fuzz_target;

fuzz_target!(|input: &[u8]| tailwater::fuzzing::framing(input));
